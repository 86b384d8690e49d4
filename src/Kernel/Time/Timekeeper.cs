namespace Kennel.Time;

/// <summary>The kernel's clocks and the timers on them (Linux: kernel/time/timekeeping.c, hrtimer.c).</summary>
/// <remarks>
/// Without a seed, time is the host's. With a seed it is virtual: it advances by the instructions that guests run, and
/// jumps to the next timer when everybody sleeps, so that a run does not depend on the host's speed.
/// guard-note: the kernel lock; the clocks may be read anywhere.
/// </remarks>
public sealed class Timekeeper(IHostPlatform host, bool isVirtual)
{
    private readonly long _realtimeOffset = host.RealtimeNanoseconds - host.MonotonicNanoseconds;
    private long _virtualNow;

    /// <summary>Whether time follows the instructions run.</summary>
    public bool IsVirtual => isVirtual;

    /// <summary>Nanoseconds of CLOCK_MONOTONIC.</summary>
    public long Monotonic => isVirtual ? _virtualNow : host.MonotonicNanoseconds;

    /// <summary>Nanoseconds of CLOCK_REALTIME. Virtual time begins at 2020-01-01 00:00:00 UTC.</summary>
    public long Realtime => Monotonic + RealtimeOffset;

    /// <summary>CLOCK_REALTIME less CLOCK_MONOTONIC.</summary>
    public long RealtimeOffset => isVirtual ? 1_577_836_800_000_000_000 : _realtimeOffset;

    /// <summary>Monotonic time for accounting and records.</summary>
    public long Now() => Monotonic;

    /// <summary>The monotonic time that is so many nanoseconds away; never for the greatest value.</summary>
    public long DeadlineIn(long nanoseconds)
    {
        long now = Monotonic;
        return nanoseconds > long.MaxValue - now ? long.MaxValue : now + nanoseconds;
    }

    /// <summary>The earliest deadline of a running timer; <see cref="long.MaxValue"/> when there is none.</summary>
    public long NextDeadline => Timers.Earliest;

    internal TimerHeap Timers { get; } = new();

    internal void AddInstructions(ulong count)
    {
        if (isVirtual) _virtualNow += (long)count;
    }

    /// <summary>Virtual time only: everybody sleeps, so go to the next deadline at once.</summary>
    internal void SkipTo(long deadline)
    {
        if (isVirtual && deadline > _virtualNow) _virtualNow = deadline;
    }

    /// <summary>Runs what is due at a time.</summary>
    internal void ExpireTimers(long now)
    {
        while (Timers.TakeDue(now) is { } timer) timer.Fire();
    }
}
