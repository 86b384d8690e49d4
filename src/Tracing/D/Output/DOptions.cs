using System.Globalization;
using Kennel.Tracing.D.Syntax;

namespace Kennel.Tracing.D.Output;

/// <summary>The options of a session: -x, #pragma D option, setopt() and DTRACE_OPT_* of the environment.</summary>
internal sealed class DOptions
{
    private const string BadName = "Invalid option name", BadValue = "Invalid value for specified option", BadContext = "Option cannot be used from within a D program";
    private const string Active = "Operation illegal when tracing is active";

    private readonly Dictionary<string, string> _set = new(StringComparer.Ordinal);

    /// <summary>What an option takes.</summary>
    private enum Kind
    {
        Flag,
        Size,
        Number,
        Rate,
        Word,
        Text,
    }

    public bool Quiet { get; private set; }

    public bool FlowIndent { get; private set; }

    public bool Destructive { get; private set; }

    public int StringSize { get; private set; } = 256;

    public int StackFrames { get; private set; } = 20;

    public int UserStackFrames { get; private set; } = 100;

    public int StackIndent { get; private set; } = 14;

    public int Speculations { get; private set; } = 1;

    public bool SortByKey { get; private set; }

    public int SortKeyPosition { get; private set; }

    public int SortPosition { get; private set; }

    public bool SortReverse { get; private set; }

    public bool DefaultArguments { get; private set; }

    public bool AllowNoProbes { get; private set; }

    public bool AllowEmpty { get; private set; }

    public bool ErrorTags { get; private set; }

    public bool DropTags { get; private set; }

    public bool RawBytes { get; private set; }

    public bool Preprocess { get; private set; }

    public bool Disassemble { get; private set; }

    /// <summary>The least stability that a program may build on: name/data/class; null for any.</summary>
    public string? LeastAttributes { get; private set; }

    /// <summary>Arguments of the preprocessor that options give: -Dx, -Ux, -Idir.</summary>
    public List<string> PreprocessorWords { get; } = [];

    /// <summary>Whether an option was set by somebody.</summary>
    public bool IsSet(string name) => _set.ContainsKey(name);

    /// <summary>Sets an option; the answer is what is wrong with it, or null.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="value">Its value; null to switch it on.</param>
    /// <param name="running">Whether the script runs: most can be set before only.</param>
    /// <param name="fromScript">Whether a #pragma does it: what the compiler was started with cannot be changed then.</param>
    public string? Set(string name, string? value, bool running = false, bool fromScript = false)
    {
        name = name.ToLowerInvariant();
        value = value?.Trim();
        if (!Known.TryGetValue(name, out (Kind Kind, string When, string[]? Words) known)) return BadName;
        if (running && known.When != "always") return Active;
        if (fromScript && known.When == "start") return BadContext;
        bool on = value is null or "1" or "yes" or "enable" or "enabled" or "on" or "set" or "true";
        bool off = value is "0" or "no" or "disable" or "disabled" or "off" or "unset" or "false";
        long number = 0;
        bool valid = known.Kind switch
        {
            Kind.Flag => on || off,
            Kind.Size or Kind.Number => value != null && TryNumber(value, known.Kind == Kind.Size, out number),
            Kind.Rate => value != null && IsRate(value),
            Kind.Word => value != null && known.Words!.Contains(value),
            _ => value != null,
        };
        if (!valid || Apply(name, value, on, number) is false) return BadValue;
        if (name == "version") return VersionProblem(value!);
        _set[name] = value ?? "1";
        return null;
    }

    private bool Apply(string name, string? value, bool on, long n)
    {
        switch (name)
        {
            case "quiet": Quiet = on; break;
            case "flowindent": FlowIndent = on; break;
            case "destructive": Destructive = on; break;
            case "aggsortkey": SortByKey = on; break;
            case "aggsortrev": SortReverse = on; break;
            case "aggsortkeypos": SortKeyPosition = (int)Math.Min(n, int.MaxValue); break;
            case "aggsortpos": SortPosition = (int)Math.Min(n, int.MaxValue); break;
            case "strsize": StringSize = (int)Math.Min(n, 1 << 20); return n > 0;
            case "stackframes": StackFrames = (int)Math.Min(n, 512); return n > 0;
            case "ustackframes": UserStackFrames = (int)Math.Min(n, 512); return n > 0;
            case "stackindent": StackIndent = (int)Math.Min(n, 4096); break;
            case "nspec": Speculations = (int)n; return n <= int.MaxValue;
            case "defaultargs": DefaultArguments = on; break;
            case "zdefs": AllowNoProbes = on; break;
            case "empty": AllowEmpty = on; break;
            case "errtags": ErrorTags = on; break;
            case "droptags": DropTags = on; break;
            case "rawbytes": RawBytes = on; break;
            case "cpp": Preprocess = on; break;
            case "disasm": Disassemble = true; break;
            case "cppargs": PreprocessorWords.AddRange(value!.Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(w => w is ['-', 'D' or 'U' or 'I', _, ..])); break;
            case "define": PreprocessorWords.Add("-D" + value); break;
            case "undef": PreprocessorWords.Add("-U" + value); break;
            case "incdir": PreprocessorWords.Add("-I" + value); break;
            case "amin": LeastAttributes = value; return Pragmas.IsAttributes(value!);
        }
        return true;
    }

    private static string? VersionProblem(string value)
    {
        if (!Pragmas.IsVersion(value)) return "Version is not properly formatted or is too large";
        int[] parts = [.. value.Split('.').Select(p => int.Parse(p, CultureInfo.InvariantCulture))];
        bool known = parts[0] == 1 ? parts[1] <= 6 : parts[0] == 2 && parts[1] == 0;
        return known ? null : "Requested version is not supported by compiler";
    }

    private static readonly System.Collections.Frozen.FrozenDictionary<string, (Kind, string, string[]?)> Known = System.Collections.Frozen.FrozenDictionary.ToFrozenDictionary(Table());

    // When an option can be set: "always", "before" the script runs, or at the "start" only.
    private static IEnumerable<KeyValuePair<string, (Kind, string, string[]?)>> Table()
    {
        foreach ((Kind kind, string when, string names) in new[]
        {
            (Kind.Flag, "always", "aggsortkey aggsortrev flowindent quiet quietresize rawbytes agghist aggpack aggzoom"),
            (Kind.Number, "always", "aggsortkeypos aggsortpos stackindent"),
            (Kind.Rate, "always", "aggrate switchrate printrate"),
            (Kind.Flag, "before", "destructive defaultargs zdefs errtags droptags empty argref core noresolve grabanon verbose unodefs knodefs temporal bpflog"),
            (Kind.Size, "before", "aggsize bufsize dynvarsize specsize strsize scratchsize maxstrsize bpflogsize pcapsize"),
            (Kind.Number, "before", "nspec stackframes ustackframes jstackframes jstackstrsize maxframes cpu pgmax preallocate disasm tree debugassert"),
            (Kind.Rate, "before", "cleanrate statusrate"),
            (Kind.Text, "before", "amin version ctypes dtypes lockmem"),
            (Kind.Flag, "start", "cpp cpphdrs debug nolibs kdefs udefs late lazyload stripprobes aggpercpu dlink strip"),
            (Kind.Text, "start", "cppargs cpppath ctfpath define incdir iregs ldpath libdir linkpath linkerpath modpath procfspath pspec setenv syslibdir sysslice tregs undef unsetenv useruid"),
        })
        {
            foreach (string name in names.Split(' ')) yield return new(name, (kind, when, null));
        }
        foreach ((string name, string when, string words) in new[]
        {
            ("bufpolicy", "before", "fill ring switch"), ("bufresize", "before", "auto manual"), ("evaltime", "start", "exec preinit postinit main"),
            ("linkmode", "start", "kernel static dynamic primary"), ("linktype", "start", "elf dof"), ("stdc", "start", "a c s t"),
        })
        {
            yield return new(name, (Kind.Word, when, words.Split(' ')));
        }
    }

    private static bool IsRate(string text)
    {
        string digits = new([.. text.TakeWhile(char.IsAsciiDigit)]);
        return long.TryParse(digits, CultureInfo.InvariantCulture, out _) && text[digits.Length..].ToLowerInvariant() is "" or "hz" or "ns" or "nsec" or "us" or "usec" or "ms" or "msec" or "s" or "sec" or "m" or "min" or "h" or "hour" or "d" or "day";
    }

    private static bool TryNumber(string text, bool isSize, out long number)
    {
        number = 0;
        if (text.Length == 0) return false;
        int shift = isSize ? char.ToLowerInvariant(text[^1]) switch { 'k' => 10, 'm' => 20, 'g' => 30, 't' => 40, _ => 0 } : 0;
        if (shift != 0) text = text[..^1];
        bool hex = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        if (!long.TryParse(hex ? text[2..] : text, hex ? NumberStyles.HexNumber : NumberStyles.None, CultureInfo.InvariantCulture, out number) || number < 0) return false;
        if (number > long.MaxValue >> shift) return false;
        number <<= shift;
        return true;
    }
}
