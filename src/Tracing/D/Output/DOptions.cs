using System.Globalization;

namespace Kennel.Tracing.D.Output;

/// <summary>The options of a session: -x, #pragma D option, and DTRACE_OPT_* of the environment.</summary>
internal sealed class DOptions
{
    private readonly Dictionary<string, string> _set = new(StringComparer.Ordinal);

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

    public bool AllowNoProbes { get; set; }

    public bool ErrorTags { get; private set; }

    public bool RawBytes { get; private set; }

    public bool Preprocess { get; set; }

    /// <summary>When the first program's own probes begin: exec, preinit, postinit, main.</summary>
    public string? Get(string name) => _set.GetValueOrDefault(name);

    /// <summary>Sets an option; the answer is what is wrong with it, or null.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="value">Its value; null to switch it on.</param>
    /// <param name="running">Whether the script runs: most can be set before only.</param>
    public string? Set(string name, string? value, bool running = false)
    {
        name = name.ToLowerInvariant();
        value = value?.Trim();
        _set[name] = value ?? "1";
        bool on = value is null or "1" or "yes" or "enable" or "enabled" or "on" or "set" or "true";
        bool off = value is "0" or "no" or "disable" or "disabled" or "off" or "unset" or "false";
        bool number = TryNumber(value ?? "1", out long n);
        bool flag = on || off;
        switch (name)
        {
            case "quiet": Quiet = on; return Check(flag);
            case "flowindent": FlowIndent = on; return Check(flag);
            case "destructive" when !running: Destructive = on; return Check(flag);
            case "aggsortkey": SortByKey = on; return Check(flag);
            case "aggsortrev": SortReverse = on; return Check(flag);
            case "aggsortkeypos": SortKeyPosition = (int)n; return Check(number && n >= 0);
            case "aggsortpos": SortPosition = (int)n; return Check(number && n >= 0);
            case "strsize" when !running: StringSize = (int)n; return Check(number && n is > 0 and <= 1 << 20);
            case "stackframes": StackFrames = (int)n; return Check(number && n > 0);
            case "ustackframes": UserStackFrames = (int)n; return Check(number && n > 0);
            case "stackindent": StackIndent = (int)n; return Check(number && n >= 0);
            case "nspec" when !running: Speculations = (int)n; return Check(number && n >= 0);
            case "defaultargs" when !running: DefaultArguments = on; return Check(flag);
            case "zdefs" when !running: AllowNoProbes = on; return Check(flag);
            case "errtags": ErrorTags = on; return Check(flag);
            case "rawbytes": RawBytes = on; return Check(flag);
            case "cpp" when !running: Preprocess = on; return Check(flag);
            case "bufsize" or "aggsize" or "dynvarsize" or "specsize" or "maxframes" or "pcapsize" or "maxstrsize" or "scratchsize": return Check(number && n >= 0);
            case "switchrate" or "aggrate" or "statusrate" or "cleanrate" or "aghist" or "jstackframes" or "jstackstrsize" or "ctypes" or "tree" or "cppargs"
                or "cpphdrs" or "cpppath" or "evaltime" or "bufpolicy" or "bufresize" or "temporal" or "grabanon" or "incdir" or "define" or "undef" or "knodefs" or "unodefs"
                or "linktype" or "linkmode" or "iregs" or "libdir" or "late" or "lazyload" or "amin" or "argref" or "core" or "debug" or "debugassert" or "droptags" or "dtypes"
                or "empty" or "agghist" or "aggpack" or "aggzoom" or "version" or "stdc" or "syslibdir" or "procfspath" or "pspec" or "preallocate" or "noresolve" or "modpath" or "linkpath"
                or "verbose" or "lockmem" or "printrate" or "bpflog" or "bpflogsize" or "cpuid" or "cpu" or "sysslice" or "dfmt" or "link" or "nolibs":
                return null;
            default:
                _set.Remove(name);
                return running ? "Operation illegal when tracing is active" : "Invalid option name";
        }
    }

    private static string? Check(bool valid) => valid ? null : "Invalid value for specified option";

    private static bool TryNumber(string text, out long number)
    {
        number = 0;
        if (text.Length == 0) return false;
        int shift = char.ToLowerInvariant(text[^1]) switch { 'k' => 10, 'm' => 20, 'g' => 30, 't' => 40, _ => 0 };
        if (shift != 0) text = text[..^1];
        bool hex = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        if (!long.TryParse(hex ? text[2..] : text, hex ? NumberStyles.HexNumber : NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number)) return false;
        number <<= shift;
        return true;
    }
}
