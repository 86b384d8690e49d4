namespace Kennel.Probes;

/// <summary>One record of what the kernel did; <see cref="EventKind"/> says what each kind carries.</summary>
/// <remarks>
/// It is handed over inside the kernel lock, while it happens. What sinks keep beyond that must be copied: a task goes on living.
/// </remarks>
public struct KernelEvent
{
    /// <summary>What happened.</summary>
    public EventKind Kind;

    /// <summary>The virtual CPU.</summary>
    public int Cpu;

    /// <summary>When, nanoseconds of the monotonic clock.</summary>
    public long Time;

    /// <summary>In whose context; the idle task in interrupt context.</summary>
    public ITracedTask Task;

    /// <summary>The other task that it is about.</summary>
    public ITracedTask? Target;

    /// <summary>A system call, signal, error or function; see the kind.</summary>
    public int Number;

    /// <summary>What a call or function returned.</summary>
    public long Result;

    /// <summary>Arguments.</summary>
    public ulong A0, A1, A2, A3, A4, A5;

    /// <summary>A path or a name.</summary>
    public string? Text;

    /// <summary>A kernel object or further arguments; see the kind.</summary>
    public object? Data;

    /// <summary>A function's result that is an object.</summary>
    public object? Object;
}

/// <summary>Takes a record; runs inside the kernel lock, where it happens, and must not sleep.</summary>
public delegate void EventSink(in KernelEvent record);
