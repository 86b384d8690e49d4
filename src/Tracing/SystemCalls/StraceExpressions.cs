using System.Text.RegularExpressions;
using Kennel.Tracing.SystemCalls.Calls;
using Kennel.Tracing.SystemCalls.Tables;

namespace Kennel.Tracing.SystemCalls;

/// <summary>The expressions of -e (man 1 strace, Filtering and Tampering): which calls and signals are shown, and what is done to calls.</summary>
public sealed class StraceExpressions
{
    private const int MaxSignal = 64;

    private HashSet<int>? _calls;
    private HashSet<int>? _signals;
    private readonly List<InjectionRule> _rules = [];

    /// <summary>Whether -e abbrev=none asked for everything in full.</summary>
    public bool Verbose { get; private set; }

    /// <summary>Whether nothing but ends of processes is left out: -e quiet=attach, exit.</summary>
    public int Quiet { get; private set; }

    /// <summary>Only calls that succeed, or fail: -e status=.</summary>
    public bool? Succeeding { get; private set; }

    internal IReadOnlyList<InjectionRule> Rules => _rules;

    /// <summary>Whether a call is shown.</summary>
    public bool ShowsCall(int number) => _calls == null || _calls.Contains(number);

    /// <summary>Whether a signal is shown.</summary>
    public bool ShowsSignal(int signal) => _signals == null || _signals.Contains(signal);

    /// <summary>Adds an expression: <c>trace=%file</c>, <c>open,close</c>, <c>inject=read:error=EIO:when=3</c>.</summary>
    /// <exception cref="StraceUsageException">It is none.</exception>
    public void Add(string expression)
    {
        int equals = expression.IndexOf('=');
        string kind = equals < 0 ? "trace" : expression[..equals], value = equals < 0 ? expression : expression[(equals + 1)..];
        switch (kind)
        {
            case "trace" or "t": _calls = Calls(value); break;
            case "signal" or "signals" or "s": _signals = Signals(value); break;
            case "inject": _rules.Add(InjectionRule.Parse(value, isFault: false)); break;
            case "fault": _rules.Add(InjectionRule.Parse(value, isFault: true)); break;
            case "abbrev" or "a": Verbose = value == "none"; break;
            case "verbose" or "v": break; // structures are always read
            case "status": Succeeding = Status(value); break;
            case "quiet" or "silent" or "q": Quiet = value.Contains("exit", StringComparison.Ordinal) || value == "all" ? 2 : 1; break;
            default: throw new StraceUsageException($"invalid -e expression '{expression}': {kind} is not supported");
        }
    }

    /// <summary>A set of calls: names, numbers, %classes, /regular expressions, all, none; "!" in front turns it round.</summary>
    internal static HashSet<int> Calls(string text)
    {
        bool inverted = text.StartsWith('!');
        HashSet<int> set = [];
        foreach (string part in text[(inverted ? 1 : 0)..].Split(','))
        {
            if (part is "none" or "") continue;
            foreach (CallShape call in Matching(part)) set.Add(call.Number);
        }
        return inverted ? [.. CallTable.All.Select(c => c.Number).Where(n => !set.Contains(n))] : set;
    }

    private static IEnumerable<CallShape> Matching(string part)
    {
        if (part == "all") return CallTable.All;
        if (part.StartsWith('/')) return ByPattern(part[1..]);
        bool mayBeMissing = part.StartsWith('?');
        string name = mayBeMissing ? part[1..] : part;
        if (name.EndsWith("@64", StringComparison.Ordinal)) name = name[..^3];
        bool isClass = name.StartsWith('%');
        if (ClassOf(isClass ? name[1..] : name, isClass) is { } classes) return CallTable.All.Where(c => (c.Classes & classes) != 0);
        CallShape[] found = [.. CallTable.All.Where(c => c.Name == name || (int.TryParse(name, out int number) && c.Number == number))];
        if (found.Length == 0 && !mayBeMissing) throw new StraceUsageException($"invalid system call '{part}'");
        return found;
    }

    private static IEnumerable<CallShape> ByPattern(string pattern)
    {
        try
        {
            var regex = new Regex(pattern, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
            return [.. CallTable.All.Where(c => regex.IsMatch(c.Name))];
        }
        catch (ArgumentException e)
        {
            throw new StraceUsageException($"invalid system call '/{pattern}': {e.Message}");
        }
    }

    // The old names of classes go without "%", too.
    private static CallClass? ClassOf(string name, bool isClass) => name switch
    {
        "file" => CallClass.File,
        "process" => CallClass.Process,
        "network" or "net" => CallClass.Network,
        "signal" => CallClass.Signal,
        "ipc" => CallClass.Ipc,
        "desc" => CallClass.Desc,
        "memory" => CallClass.Memory,
        "creds" when isClass => CallClass.Creds,
        "stat" when isClass => CallClass.Stat,
        "lstat" when isClass => CallClass.LStat,
        "fstat" when isClass => CallClass.FStat,
        "%stat" when isClass => CallClass.Stat | CallClass.LStat | CallClass.FStat,
        "statfs" when isClass => CallClass.StatFs,
        "fstatfs" when isClass => CallClass.FStatFs,
        "%statfs" when isClass => CallClass.StatFs | CallClass.FStatFs,
        "clock" when isClass => CallClass.Clock,
        "pure" when isClass => CallClass.Pure,
        _ => isClass ? throw new StraceUsageException($"invalid system call '%{name}'") : null,
    };

    private static HashSet<int> Signals(string text)
    {
        bool inverted = text.StartsWith('!');
        HashSet<int> set = [];
        foreach (string part in text[(inverted ? 1 : 0)..].Split(','))
        {
            if (part is "none" or "") continue;
            if (part == "all") set.UnionWith(Enumerable.Range(1, MaxSignal));
            else if (SignalText.Find(part) is > 0 and var signal) set.Add(signal);
            else throw new StraceUsageException($"invalid signal '{part}'");
        }
        return inverted ? [.. Enumerable.Range(1, MaxSignal).Where(s => !set.Contains(s))] : set;
    }

    private static bool? Status(string value) => value switch
    {
        "successful" => true,
        "failed" => false,
        "all" => null,
        _ => throw new StraceUsageException($"invalid status '{value}'"),
    };
}
