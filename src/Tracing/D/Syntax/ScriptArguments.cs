using System.Globalization;

namespace Kennel.Tracing.D.Syntax;

/// <summary>What $1, $$1 and $target stand for.</summary>
/// <param name="values">The script's name, then its arguments.</param>
/// <param name="variables">The named ones, without the dollar sign: pid, uid, target.</param>
/// <param name="useDefaults">Whether a missing argument is 0 or "" (-x defaultargs).</param>
internal sealed class ScriptArguments(IReadOnlyList<string> values, IReadOnlyDictionary<string, long> variables, bool useDefaults)
{
    private readonly HashSet<int> _used = [0];

    /// <summary>-x defaultargs or the pragma.</summary>
    public bool UseDefaults { get; set; } = useDefaults;

    /// <summary>The first argument that was given and never used; null when there is none.</summary>
    public string? FirstUnused
    {
        get
        {
            int index = Enumerable.Range(0, values.Count).FirstOrDefault(i => !_used.Contains(i), -1);
            return index < 0 || UseDefaults ? null : $"extraneous argument '{values[index]}' (${index} is not referenced)";
        }
    }

    /// <summary>The text of a macro variable; null when it stands for the missing argument of a script with defaults.</summary>
    public string? Resolve(string name, int line)
    {
        if (!int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int index))
        {
            if (variables.TryGetValue(name, out long value)) return value.ToString(CultureInfo.InvariantCulture);
            throw new DCompileException("D_MACRO_UNDEF", line, $"macro variable ${name} is not defined");
        }
        _used.Add(index);
        if (index < values.Count) return values[index];
        return UseDefaults ? null : throw new DCompileException("D_MACRO_UNDEF", line, $"macro argument ${name} is not defined");
    }
}
