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

    /// <summary>Messages left out: 1 about attaching, 2 about ends (-q, -qq).</summary>
    public int Quiet { get; init; }

    /// <summary>The stack behind each call (-k).</summary>
    public bool Stacks { get; init; }

    /// <summary>The table at the end (-c, -C).</summary>
    public bool Summary { get; init; }

    /// <summary>Only the table (-c).</summary>
    public bool SummaryOnly { get; init; }

    /// <summary>Wall time in the table, not CPU time (-w).</summary>
    public bool SummaryWall { get; init; }

    /// <summary>By what the table is sorted: time, calls, errors, name, nothing (-S).</summary>
    public string SummarySort { get; init; } = "time";

    /// <summary>A pid in front of every line, as in a file (-o).</summary>
    public bool AlwaysPid { get; init; }

    /// <summary>Each thread has an output of its own (-ff): set by what splits.</summary>
    internal bool IsSplit { get; init; }

    /// <summary>One JSON object a line.</summary>
    public bool Json { get; init; }

    /// <summary>Only calls that succeed (-z) or fail (-Z); null for both.</summary>
    public bool? Succeeding { get; init; }
}

/// <summary>An expression or option that strace would refuse, in its words.</summary>
public sealed class StraceUsageException(string message) : Exception(message);
