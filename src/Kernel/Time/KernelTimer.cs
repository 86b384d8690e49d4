namespace Kennel.Time;

/// <summary>One timer. Its function runs inside the kernel lock, in interrupt context: it must not sleep.</summary>
/// <remarks>guard-note: the kernel lock.</remarks>
public sealed class KernelTimer(Timekeeper time, Action expired)
{
    /// <summary>Place in the heap of running timers; -1 while it does not run.</summary>
    internal int Index { get; set; } = -1;

    internal long Sequence { get; set; }

    /// <summary>Whether it runs.</summary>
    public bool IsActive => Index >= 0;

    /// <summary>When it fires, monotonic nanoseconds; meaningful while active.</summary>
    public long Deadline { get; internal set; }

    /// <summary>Starts it, or moves its deadline.</summary>
    public void Start(long deadline)
    {
        Cancel();
        Deadline = deadline;
        time.Timers.Add(this);
    }

    /// <summary>Stops it; nothing happens if it does not run.</summary>
    public void Cancel()
    {
        if (IsActive) time.Timers.Remove(this);
    }

    internal void Fire() => expired();
}
