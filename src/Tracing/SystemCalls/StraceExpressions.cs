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

    private HashSet<int>? _abbreviated;
    private HashSet<int>? _raw;
    private NumberSet? _reads;
    private NumberSet? _writes;

    /// <summary>Messages that are left out: -e quiet=.</summary>
    public QuietMessages Quiet { get; private set; }

    /// <summary>Only calls that ended so: -e status=; null when nothing was said.</summary>
    public CallStatuses? Statuses { get; private set; }

    /// <summary>What is said of descriptors: -e decode-fds=; 0 nothing, 1 paths, 2 devices too.</summary>
    public int Paths { get; private set; }

    internal IReadOnlyList<InjectionRule> Rules => _rules;

    /// <summary>Whether a call is shown.</summary>
    public bool ShowsCall(int number) => _calls == null || _calls.Contains(number);

    /// <summary>Whether a signal is shown.</summary>
    public bool ShowsSignal(int signal) => _signals == null || _signals.Contains(signal);

    /// <summary>Whether a call's structures are shown in full: it was left out of -e abbrev=.</summary>
    public bool IsVerbose(int number) => _abbreviated != null && !_abbreviated.Contains(number);

    /// <summary>Whether a call's arguments are shown as they are: -e raw=.</summary>
    public bool IsRaw(int number) => _raw != null && _raw.Contains(number);

    /// <summary>Whether all that is read from a descriptor is dumped: -e read=.</summary>
    public bool DumpsRead(int fd) => _reads?.Contains(fd) == true;

    /// <summary>Whether all that is written to a descriptor is dumped: -e write=.</summary>
    public bool DumpsWritten(int fd) => _writes?.Contains(fd) == true;

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
            case "abbrev" or "a": _abbreviated = Calls(value); break;
            case "verbose" or "v": break; // structures are always read
            case "raw" or "x": _raw = Calls(value); break;
            case "read" or "reads" or "r": _reads = NumberSet.Parse(value, "read"); break;
            case "write" or "writes" or "w": _writes = NumberSet.Parse(value, "write"); break;
            case "status": Statuses = Status(value); break;
            case "quiet" or "silent" or "silence" or "q": Quiet = QuietSet(value); break;
            case "decode-fds" or "decode-fd": Paths = value is "none" ? 0 : value.Split(',').All(static v => v == "path") ? 1 : 2; break;
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

    private static CallStatuses Status(string text) => Words(text, "status", CallStatuses.None, CallStatuses.All, static (word, set) => set | word switch
    {
        "successful" => CallStatuses.Successful,
        "failed" => CallStatuses.Failed,
        "unfinished" => CallStatuses.Unfinished,
        "unavailable" => CallStatuses.Unavailable,
        "detached" => CallStatuses.Detached,
        _ => throw new StraceUsageException($"invalid status '{word}'"),
    });

    private static QuietMessages QuietSet(string text) => Words(text, "quiet", QuietMessages.None, QuietMessages.All, static (word, set) => set | word switch
    {
        "attach" => QuietMessages.Attach,
        "exit" or "exits" => QuietMessages.Exit,
        "path-resolution" or "path-resolve" => QuietMessages.PathResolution,
        "personality" => QuietMessages.Personality,
        "thread-execve" or "superseded" => QuietMessages.ThreadExecve,
        _ => throw new StraceUsageException($"invalid quiet '{word}'"),
    });

    // Words by commas, "all", "none"; "!" in front turns it round.
    private static T Words<T>(string text, string kind, T none, T all, Func<string, T, T> add)
        where T : Enum
    {
        bool inverted = text.StartsWith('!');
        T set = none;
        foreach (string word in text[(inverted ? 1 : 0)..].Split(',')) set = word switch { "all" => all, "none" => set, "" => throw new StraceUsageException($"invalid {kind} ''"), _ => add(word, set) };
        return inverted ? (T)Enum.ToObject(typeof(T), Convert.ToInt32(all, System.Globalization.CultureInfo.InvariantCulture) & ~Convert.ToInt32(set, System.Globalization.CultureInfo.InvariantCulture)) : set;
    }
}
