namespace Kennel.Tracing.Timeline;

/// <summary>
/// Puts the timeline into one format, while it grows. Calls come in the order of their times, which are nanoseconds from the
/// start; what a call brings is not kept.
/// </summary>
internal interface ITimelineWriter
{
    /// <summary>Comes first.</summary>
    void Start(TimelineHeader header);

    /// <summary>A thread is new, or its names changed.</summary>
    void Describe(long time, TimelineThread thread, bool isNew);

    /// <summary>The thread's state until now ends, and another begins. The thread has them both.</summary>
    void State(long time, TimelineThread thread);

    /// <summary>The thread's last state ends. Nothing more comes for it.</summary>
    void End(long time, TimelineThread thread);

    /// <summary>A processor begins to run a thread; null: it goes idle.</summary>
    void Processor(long time, int cpu, TimelineThread? thread);

    /// <summary>An arrow from one thread to another, both of which have a state now.</summary>
    void Flow(long time, FlowKind kind, TimelineThread from, TimelineThread to);

    /// <summary>Something that has no length.</summary>
    void Mark(long time, TimelineThread thread, MarkKind kind, string text);

    /// <summary>A system call begins.</summary>
    void Call(long time, TimelineThread thread, string name);

    /// <summary>The system call ends.</summary>
    /// <param name="time">When.</param>
    /// <param name="thread">Whose.</param>
    /// <param name="result">What it returned; null when it never did.</param>
    void CallEnd(long time, TimelineThread thread, string? result);

    /// <summary>Figures of the whole machine.</summary>
    void Count(long time, in TimelineCounters counters);

    /// <summary>Comes last, when all threads have been ended.</summary>
    void Finish(long time);
}

/// <summary>What a timeline begins with.</summary>
/// <param name="Title">The command.</param>
/// <param name="Processors">Virtual CPUs.</param>
/// <param name="WallClock">Nanoseconds since 1970 at its start.</param>
internal sealed record TimelineHeader(string Title, int Processors, long WallClock);

/// <summary>Figures over time.</summary>
/// <param name="Live">Processes that have not ended.</param>
/// <param name="Zombies">Processes that have ended and wait to be reaped.</param>
/// <param name="CopiedPages">Shared pages copied by a write, from the start.</param>
internal readonly record struct TimelineCounters(int Live, int Zombies, long CopiedPages);

/// <summary>What a thread does. The page's script knows the numbers.</summary>
internal enum TimelineState : byte
{
    /// <summary>There is no thread: before its first state, and after its last.</summary>
    None,

    /// <summary>Made, and not yet queued.</summary>
    New,

    Running,

    /// <summary>Waits for a processor.</summary>
    Runnable,

    /// <summary>Any signal wakes it.</summary>
    Sleeping,

    /// <summary>Only its event wakes it.</summary>
    Blocked,

    Stopped,

    /// <summary>Has ended, and waits to be reaped.</summary>
    Zombie,
}

/// <summary>What an arrow means. The page's script knows the numbers.</summary>
internal enum FlowKind : byte
{
    /// <summary>From parent to child.</summary>
    Fork,

    /// <summary>From waker to wakee.</summary>
    Wake,

    /// <summary>From the dead to who reaps it.</summary>
    Reap,
}

/// <summary>What a mark means. The page's script knows the numbers.</summary>
internal enum MarkKind : byte
{
    Exec,
    Signal,
    Fault,
    Exit,

    /// <summary>A profile sample; its text is the folded stack.</summary>
    Sample,
}
