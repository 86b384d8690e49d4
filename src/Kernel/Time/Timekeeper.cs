namespace Kennel.Time;

/// <summary>The kernel's clocks and the timers on them (Linux: kernel/time/timekeeping.c, hrtimer.c).</summary>
/// <remarks>
/// Without a seed, time is the host's. With a seed it is virtual: it advances by the instructions that guests run, and
/// jumps to the next timer when everybody sleeps, so that a run does not depend on the host's speed.
/// </remarks>
public sealed class Timekeeper(IHostPlatform host, bool isVirtual)
{
    private readonly PriorityQueue<(KernelTimer Timer, long Version), (long Deadline, long Sequence)> _timers = new();
    private readonly long _realtimeOffset = host.RealtimeNanoseconds - host.MonotonicNanoseconds;
    private long _virtualNow;
    private long _sequence;

    /// <summary>Whether time follows the instructions run.</summary>
    public bool IsVirtual => isVirtual;

    /// <summary>Nanoseconds of CLOCK_MONOTONIC.</summary>
    public long Monotonic => isVirtual ? _virtualNow : host.MonotonicNanoseconds;

    /// <summary>Nanoseconds of CLOCK_REALTIME. Virtual time begins at 2020-01-01 00:00:00 UTC.</summary>
    public long Realtime => isVirtual ? 1_577_836_800_000_000_000 + _virtualNow : host.MonotonicNanoseconds + _realtimeOffset;

    /// <summary>Monotonic time for accounting and records.</summary>
    public long Now() => Monotonic;

    /// <summary>The earliest deadline of a running timer; <see cref="long.MaxValue"/> when there is none.</summary>
    public long NextDeadline
    {
        get
        {
            while (_timers.TryPeek(out var entry, out var key))
            {
                if (entry.Timer.Version == entry.Version) return key.Deadline;
                _timers.Dequeue();
            }
            return long.MaxValue;
        }
    }

    internal void AddInstructions(ulong count)
    {
        if (isVirtual) _virtualNow += (long)count;
    }

    /// <summary>Virtual time only: everybody sleeps, so go to the next deadline at once.</summary>
    internal void SkipTo(long deadline)
    {
        if (isVirtual && deadline > _virtualNow) _virtualNow = deadline;
    }

    internal void Start(KernelTimer timer, long deadline) =>
        _timers.Enqueue((timer, timer.Version), (deadline, _sequence++));

    /// <summary>Runs what is due.</summary>
    internal void ExpireTimers()
    {
        if (_timers.Count == 0) return;
        long now = Monotonic;
        while (NextDeadline <= now) _timers.Dequeue().Timer.Fire();
    }
}

/// <summary>One timer. Its function runs inside the kernel lock, in interrupt context: it must not sleep.</summary>
public sealed class KernelTimer(Timekeeper time, Action expired)
{
    internal long Version { get; private set; }

    /// <summary>Whether it runs.</summary>
    public bool IsActive { get; private set; }

    /// <summary>When it fires, monotonic nanoseconds; meaningful while active.</summary>
    public long Deadline { get; private set; }

    /// <summary>Starts it, or moves its deadline.</summary>
    public void Start(long deadline)
    {
        Version++;
        IsActive = true;
        Deadline = deadline;
        time.Start(this, deadline);
    }

    /// <summary>Stops it; nothing happens if it does not run.</summary>
    public void Cancel()
    {
        Version++;
        IsActive = false;
    }

    internal void Fire()
    {
        Version++;
        IsActive = false;
        expired();
    }
}
