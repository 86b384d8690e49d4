using System.CommandLine;
using System.Globalization;
using Kennel.Tracing.SystemCalls;

namespace Kennel.Cli;

/// <summary>The options of <c>kennel trace</c>: strace's, by its names (man 1 strace), and <c>--json</c>.</summary>
internal sealed class TraceOptions
{
    // -e KIND=SET may be written --KIND=SET.
    private static readonly string[] Kinds = ["trace", "signal", "status", "abbrev", "verbose", "raw", "read", "write", "inject", "fault"];

    private readonly Option<string[]> _expressions = new("-e", "--expr") { Description = "What to show and to change: trace=%file,/^open,!close  signal=SET  status=failed  raw=CALLS  read=3  inject=CALLS:error=EIO:when=3  fault=CALLS", HelpName = "EXPR", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string[]>[] _kinds = [.. Kinds.Select(kind => new Option<string[]>("--" + kind) { Description = $"The same as -e {kind}=SET", HelpName = "SET", Hidden = kind != "trace" && kind != "inject" })];
    private readonly Option<string[]> _tracedPaths = new("-P", "--trace-path") { Description = "Only calls that have to do with this file", HelpName = "PATH" };
    private readonly Option<bool> _succeeding = new("-z", "--successful-only") { Description = "Only calls that succeed" };
    private readonly Option<bool> _failing = new("-Z", "--failed-only") { Description = "Only calls that fail" };
    private readonly Option<bool> _summaryOnly = new("-c", "--summary-only") { Description = "Print only a table of calls, errors and time" };
    private readonly Option<bool> _summary = new("-C", "--summary") { Description = "Print the table, too" };
    private readonly Option<bool> _wall = new("-w", "--summary-wall-clock") { Description = "Wall time in the table" };
    private readonly Option<string> _sort = new("-S", "--summary-sort-by") { Description = "Sort the table by one of its columns, or nothing", HelpName = "COLUMN", DefaultValueFactory = _ => "time" };
    private readonly Option<string?> _columns = new("-U", "--summary-columns") { Description = "The table's columns: time-percent,total-time,min-time,max-time,avg-time,calls,errors,name", HelpName = "COLUMNS" };
    private readonly Option<string?> _overhead = new("-O", "--summary-syscall-overhead") { Description = "Take so many microseconds off each call in the table", HelpName = "TIME" };
    private readonly Option<bool> _paths = new("-y") { Description = "Show what descriptors lead to; -yy with devices" };
    private readonly Option<string?> _decodeFds = Optional("--decode-fds", "path, or all for -yy");
    private readonly Option<int> _size = new("-s", "--string-limit") { Description = "Show so many bytes of a string", HelpName = "N", DefaultValueFactory = _ => 32 };
    private readonly Option<string?> _output = new("-o", "--output") { Description = "Write to this file instead of standard error; '|COMMAND' to a command", HelpName = "FILE" };
    private readonly Option<bool> _append = new("-A", "--output-append-mode") { Description = "Append to that file" };
    private readonly Option<bool> _separately = new("--output-separately") { Description = "A file for each thread, FILE.PID" };
    private readonly Option<bool> _json = new("--json") { Description = "One JSON object a line" };
    private readonly Option<bool> _time = new("-t") { Description = "The time of day in front; -tt with microseconds, -ttt seconds since 1970" };
    private readonly Option<string?> _absolute = Optional("--absolute-timestamps", "time, unix or none, and s, ms, us or ns", "--timestamps");
    private readonly Option<bool> _relative = new("-r") { Description = "The time since the line before in front" };
    private readonly Option<string?> _relativeIn = Optional("--relative-timestamps", "s, ms, us or ns");
    private readonly Option<bool> _callTimes = new("-T") { Description = "The time in each call behind it" };
    private readonly Option<string?> _callTimesIn = Optional("--syscall-times", "s, ms, us or ns");
    private readonly Option<bool> _pointer = new("-i", "--instruction-pointer") { Description = "The instruction pointer in front" };
    private readonly Option<bool> _number = new("-n", "--syscall-number") { Description = "The call's number in front" };
    private readonly Option<bool> _stacks = new("-k", "--stack-traces", "--stack-trace") { Description = "The stack behind each call" };
    private readonly Option<bool> _quiet = new("-q") { Description = "No messages about attaching; -qq nor about ends; -qqq none" };
    private readonly Option<string?> _quietSet = Optional("--quiet", "attach, exit, path-resolution, personality, thread-execve", "--silent", "--silence");
    private readonly Option<bool> _verbose = new("-v", "--no-abbrev") { Description = "Structures in full" };
    private readonly Option<bool> _hex = new("-x") { Description = "Strings that are not ASCII in hexadecimal; -xx all" };
    private readonly Option<string?> _hexSet = Optional("--strings-in-hex", "none, non-ascii, all");
    private readonly Option<bool> _follow = new("-f", "--follow-forks") { Description = "Follow all processes and threads (they always are); -ff with -o: a file for each, FILE.PID" };
    private readonly Option<int> _column = new("-a", "--columns") { Description = "The column of results", HelpName = "N", DefaultValueFactory = _ => 40 };
    private readonly Option<string[]> _environment = new("-E") { Description = "Set an environment variable, or without a value remove it", HelpName = "K[=V]" };
    private readonly Option<string[]> _attach = new("-p", "--attach") { Hidden = true };

    // Of no consequence here: how strace itself gets at its processes.
    private readonly Option<bool> _filtered = new("--seccomp-bpf") { Hidden = true };
    private readonly Option<string?> _interruptible = new("-I", "--interruptible") { Hidden = true };
    private readonly Option<bool> _daemon = new("-D") { Hidden = true };

    /// <summary>All of them.</summary>
    public IEnumerable<Option> All =>
    [
        _expressions, .. _kinds, _tracedPaths, _succeeding, _failing, _summaryOnly, _summary, _wall, _sort, _columns, _overhead, _paths, _decodeFds, _size, _output, _append, _separately,
        _json, _time, _absolute, _relative, _relativeIn, _callTimes, _callTimesIn, _pointer, _number, _stacks, _quiet, _quietSet, _verbose, _hex, _hexSet, _follow, _column, _environment,
        _attach, _filtered, _interruptible, _daemon,
    ];

    /// <summary>-o's value.</summary>
    public string? Output(ParseResult parsed) => parsed.GetValue(_output);

    /// <summary>-A.</summary>
    public bool Append(ParseResult parsed) => parsed.GetValue(_append);

    /// <summary>-ff with -o.</summary>
    public bool IsSplit(ParseResult parsed) => Output(parsed) != null && !parsed.GetValue(_json) && (Count(parsed, _follow) > 1 || parsed.GetValue(_separately));

    /// <summary>-E.</summary>
    public IReadOnlyList<string> Environment(ParseResult parsed) => parsed.GetValue(_environment) ?? [];

    /// <summary>What they ask for.</summary>
    /// <exception cref="StraceUsageException">What strace would refuse, too, or what cannot be had.</exception>
    public StraceOptions Read(ParseResult parsed)
    {
        if (parsed.GetValue(_attach) is { Length: > 0 }) throw new StraceUsageException("-p: there is nothing to attach to: a sandbox's processes are followed from the start, so name the program to run");
        bool summary = parsed.GetValue(_summary), only = parsed.GetValue(_summaryOnly), isSplit = IsSplit(parsed);
        if (summary && only) throw new StraceUsageException("-c/--summary-only and -C/--summary are mutually exclusive");
        if ((summary || only) && isSplit) throw new StraceUsageException("(-c/--summary-only or -C/--summary) and -ff/--output-separately are mutually exclusive");
        if (isSplit && TraceOutput.IsCommand(Output(parsed)!)) throw new StraceUsageException("piping the output and -ff/--output-separately are mutually exclusive");
        int size = parsed.GetValue(_size), column = parsed.GetValue(_column);
        if (size < 0) throw new StraceUsageException($"invalid -s argument: '{size}'");
        if (column < 0) throw new StraceUsageException($"invalid -a argument: '{column}'");
        return WithTimes(parsed, new StraceOptions
        {
            Expressions = Expressions(parsed),
            StringSize = Math.Min(size, 1 << 20),
            Column = column,
            Verbose = parsed.GetValue(_verbose),
            Paths = Math.Min(Count(parsed, _paths), 2),
            Hex = parsed.GetValue(_hexSet) is { } hex ? HexOf(hex) : Math.Min(Count(parsed, _hex), 2),
            InstructionPointer = parsed.GetValue(_pointer),
            CallNumber = parsed.GetValue(_number),
            Quiet = Count(parsed, _quiet) switch { 0 => QuietMessages.None, 1 => QuietMessages.Attach | QuietMessages.Personality, 2 => QuietMessages.Attach | QuietMessages.Personality | QuietMessages.Exit, _ => QuietMessages.All },
            Stacks = parsed.GetValue(_stacks),
            TracedPaths = parsed.GetValue(_tracedPaths) ?? [],
            Summary = summary,
            SummaryOnly = only,
            SummaryWall = parsed.GetValue(_wall),
            SummarySort = SortColumn(parsed.GetValue(_sort)!),
            SummaryOverhead = parsed.GetValue(_overhead) is { } overhead ? Overhead(overhead) : 0,
            AlwaysPid = Output(parsed) != null,
            Json = parsed.GetValue(_json),
            Statuses = parsed.GetValue(_failing) ? CallStatuses.Failed : parsed.GetValue(_succeeding) ? CallStatuses.Successful : CallStatuses.All,
        });
    }

    private StraceExpressions Expressions(ParseResult parsed)
    {
        var expressions = new StraceExpressions();
        foreach (string e in parsed.GetValue(_expressions) ?? []) expressions.Add(e);
        for (int i = 0; i < Kinds.Length; i++)
        {
            foreach (string e in parsed.GetValue(_kinds[i]) ?? []) expressions.Add($"{Kinds[i]}={e}");
        }
        if (IsGiven(parsed, _quietSet)) expressions.Add("quiet=" + (parsed.GetValue(_quietSet) ?? "attach,personality"));
        if (IsGiven(parsed, _decodeFds)) expressions.Add("decode-fds=" + (parsed.GetValue(_decodeFds) ?? "path"));
        return expressions;
    }

    private StraceOptions WithTimes(ParseResult parsed, StraceOptions options)
    {
        if (parsed.GetValue(_columns) is { } columns)
            options = options with { SummaryColumns = [.. columns.Split(',').Select(static c => SummaryColumns.Find(c) ?? throw new StraceUsageException($"unknown column name: '{c}'"))] };
        if (parsed.GetValue(_callTimes) || IsGiven(parsed, _callTimesIn)) options = options with { CallTimes = true, CallTimeDigits = Digits(parsed.GetValue(_callTimesIn) ?? "us", "--syscall-times") };
        if (parsed.GetValue(_relative) || IsGiven(parsed, _relativeIn))
            return options with { Times = TimeStamps.Relative, TimeDigits = Digits(parsed.GetValue(_relativeIn) ?? "us", "--relative-timestamps") };
        options = options with { Times = (TimeStamps)Math.Min(Count(parsed, _time), (int)TimeStamps.Epoch) };
        if (!IsGiven(parsed, _absolute)) return options;
        (TimeStamps kind, int digits) = (TimeStamps.Seconds, 0);
        foreach (string word in (parsed.GetValue(_absolute) ?? "time").Split(','))
        {
            string value = word[(word.IndexOf(':') + 1)..];
            if (value is "none" or "time" or "unix") kind = value switch { "none" => TimeStamps.None, "unix" => TimeStamps.Epoch, _ => TimeStamps.Seconds };
            else digits = Digits(value, "--absolute-timestamps");
        }
        return options with { Times = kind == TimeStamps.Seconds && digits > 0 ? TimeStamps.Microseconds : kind, TimeDigits = digits };
    }

    private static SummaryColumn? SortColumn(string name) =>
        name is "nothing" or "none" ? null : SummaryColumns.Find(name) ?? throw new StraceUsageException($"invalid sortby: '{name}'");

    private static int Digits(string unit, string option) => unit switch
    {
        "s" => 0,
        "ms" => 3,
        "us" => 6,
        "ns" => 9,
        _ => throw new StraceUsageException($"invalid {option} argument: '{unit}'"),
    };

    private static int HexOf(string word) => word switch { "none" => 0, "non-ascii" or "non-ascii-chars" => 1, "all" => 2, _ => throw new StraceUsageException($"invalid --strings-in-hex argument: '{word}'") };

    // Microseconds, unless a unit is named; a fraction may be.
    private static long Overhead(string text)
    {
        (string digits, double unit) = text.EndsWith("ns", StringComparison.Ordinal) ? (text[..^2], 1.0)
            : text.EndsWith("us", StringComparison.Ordinal) ? (text[..^2], 1e3)
            : text.EndsWith("ms", StringComparison.Ordinal) ? (text[..^2], 1e6)
            : text.EndsWith('s') ? (text[..^1], 1e9) : (text, 1e3);
        return double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number) && number * unit < long.MaxValue
            ? (long)(number * unit)
            : throw new StraceUsageException($"invalid -O argument: '{text}'");
    }

    // A value may follow, by "=" only, as getopt has it.
    private static Option<string?> Optional(string name, string values, params string[] aliases) => new(name, aliases) { Description = $"With a value: {values}", HelpName = "VALUE", Arity = ArgumentArity.ZeroOrOne };

    private static bool IsGiven(ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };

    // How often an option without a value was given.
    private static int Count(ParseResult parsed, Option<bool> option) => parsed.GetResult(option) is { Implicit: false } result ? result.IdentifierTokenCount : 0;
}
