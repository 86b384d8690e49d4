namespace Kennel.Tracing.SystemCalls;

/// <summary>When a line begins with a time.</summary>
public enum TimeStamps
{
    None,
    Seconds,
    Microseconds,
    Epoch,
    Relative,
}

/// <summary>How a call ended: what -e status chooses by.</summary>
[Flags]
public enum CallStatuses
{
    None = 0,
    Successful = 1,
    Failed = 2,
    Unfinished = 4,
    Unavailable = 8,
    Detached = 16,
    All = Successful | Failed | Unfinished | Unavailable | Detached,
}

/// <summary>Messages that can be left out: what -e quiet chooses.</summary>
[Flags]
public enum QuietMessages
{
    None = 0,
    Attach = 1,
    Exit = 2,
    PathResolution = 4,
    Personality = 8,
    ThreadExecve = 16,
    All = Attach | Exit | PathResolution | Personality | ThreadExecve,
}

/// <summary>What is asked of a strace: its options (man 1 strace).</summary>
public sealed record StraceOptions
{
    /// <summary>What to trace, inject and leave out (-e).</summary>
    public StraceExpressions Expressions { get; init; } = new();

    /// <summary>Bytes of a string that are shown (-s).</summary>
    public int StringSize { get; init; } = 32;

    /// <summary>The column of results (-a).</summary>
    public int Column { get; init; } = 40;

    /// <summary>Structures in full (-v).</summary>
    public bool Verbose { get; init; }

    /// <summary>Paths behind descriptors: -y 1, -yy 2.</summary>
    public int Paths { get; init; }

    /// <summary>Strings in hexadecimal: -x 1, -xx 2.</summary>
    public int Hex { get; init; }

    /// <summary>-t, -tt, -ttt, -r.</summary>
    public TimeStamps Times { get; init; }

    /// <summary>The time in each call behind its result (-T).</summary>
    public bool CallTimes { get; init; }

    /// <summary>The instruction pointer in front (-i).</summary>
    public bool InstructionPointer { get; init; }

    /// <summary>The call's number in front (-n).</summary>
    public bool CallNumber { get; init; }

    /// <summary>How many digits follow the second in times (-r and --absolute-timestamps with a precision).</summary>
    public int TimeDigits { get; init; } = 6;

    /// <summary>The same for the time in calls (--syscall-times).</summary>
    public int CallTimeDigits { get; init; } = 6;

    /// <summary>Messages left out (-q, -qq, -qqq).</summary>
    public QuietMessages Quiet { get; init; }

    /// <summary>Only calls that have to do with these files (-P).</summary>
    public IReadOnlyList<string> TracedPaths { get; init; } = [];

    /// <summary>The stack behind each call (-k).</summary>
    public bool Stacks { get; init; }

    /// <summary>The table at the end (-c, -C).</summary>
    public bool Summary { get; init; }

    /// <summary>Only the table (-c).</summary>
    public bool SummaryOnly { get; init; }

    /// <summary>Wall time in the table, not CPU time (-w).</summary>
    public bool SummaryWall { get; init; }

    /// <summary>By which column the table is sorted; null to leave it as it comes (-S).</summary>
    public SummaryColumn? SummarySort { get; init; } = SummaryColumn.TotalTime;

    /// <summary>The table's columns (-U).</summary>
    public IReadOnlyList<SummaryColumn> SummaryColumns { get; init; } =
        [SummaryColumn.TimePercent, SummaryColumn.TotalTime, SummaryColumn.AverageTime, SummaryColumn.Calls, SummaryColumn.Errors, SummaryColumn.Name];

    /// <summary>Nanoseconds that the tracing of a call is said to cost, to be taken off in the table (-O).</summary>
    public long SummaryOverhead { get; init; }

    /// <summary>A pid in front of every line, as in a file (-o).</summary>
    public bool AlwaysPid { get; init; }

    /// <summary>Each thread has an output of its own (-ff): set by what splits.</summary>
    internal bool IsSplit { get; init; }

    /// <summary>One JSON object a line.</summary>
    public bool Json { get; init; }

    /// <summary>Only calls that ended so (-z, -Z).</summary>
    public CallStatuses Statuses { get; init; } = CallStatuses.All;
}

/// <summary>An expression or option that strace would refuse, in its words.</summary>
public sealed class StraceUsageException(string message) : Exception(message);
