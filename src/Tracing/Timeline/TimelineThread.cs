namespace Kennel.Tracing.Timeline;

/// <summary>What a timeline keeps of a thread, until it is gone.</summary>
internal sealed class TimelineThread
{
    /// <summary>Its place in the order of appearance, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>Its process.</summary>
    public required TimelineProcess Process { get; init; }

    /// <summary>Its id as the guest knows it. An exec in another thread than the first changes it.</summary>
    public required int ThreadId { get; set; }

    /// <summary>A number that no other thread of this timeline has.</summary>
    public required long TraceId { get; init; }

    public required string Name { get; set; }

    /// <summary>What it does now.</summary>
    public TimelineState State { get; set; }

    /// <summary>The processor, while it runs.</summary>
    public int Cpu { get; set; }

    /// <summary>The system call that it sleeps in.</summary>
    public string? SleepCall { get; set; }

    /// <summary>What it sleeps on, as the kernel names it.</summary>
    public string? SleepText { get; set; }

    /// <summary>The system call that it is in, if calls are shown.</summary>
    public string? Call { get; set; }

    /// <summary>Whether it has been reaped, but still has the processor.</summary>
    public bool IsReleased { get; set; }

    /// <summary>Whether it is its process' first one.</summary>
    public bool IsLeader => ThreadId == Process.ProcessId;
}

/// <summary>What a timeline keeps of a process.</summary>
internal sealed class TimelineProcess
{
    /// <summary>The object of the kernel.</summary>
    public required object Key { get; init; }

    public required int ProcessId { get; init; }

    /// <summary>A number that no other process of this timeline has.</summary>
    public required long TraceId { get; init; }

    /// <summary>The index of the thread that made it; -1 when that is not shown.</summary>
    public required int Maker { get; init; }

    /// <summary>Its command line; empty for kernel threads.</summary>
    public string CommandLine { get; set; } = "";

    /// <summary>Threads that are shown and not gone.</summary>
    public int Threads { get; set; }

    public bool HasExited { get; set; }

    /// <summary>Whether it is one of those that the counters count: made while we watch.</summary>
    public required bool IsCounted { get; init; }
}
