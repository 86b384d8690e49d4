using System.Runtime.CompilerServices;
using Kennel.Abi;
using Kennel.Tasks;

namespace Kennel.Waiting;

/// <summary>
/// Tasks that sleep until something about one object changes (Linux: wait_queue_head). The only way to sleep.
/// </summary>
/// <remarks>
/// Why no wake-up is lost: a sleeper first queues its entry, then marks itself as sleeping, and only then looks at the
/// condition. Whoever makes the condition true does so before it calls <see cref="Wake"/>. All of it happens under the kernel
/// lock, which an <c>await</c> gives up only in <see cref="LinuxTask.ScheduleAsync"/>, after the look. So either the
/// sleeper saw the change, or the waker sees the entry; a wake-up between look and sleep just makes the sleep short.
///
/// A sleep may be abandoned at any time (task killed, sandbox frozen): nothing but the entry has to be undone.
/// </remarks>
public sealed class WaitQueue
{
    // guard-note: the kernel lock.
    private WaitEntry? _first, _last;

    // Those that wait exclusively come behind all others, so that a wake-up that stops at one of them has woken the others.
    private WaitEntry? _firstExclusive;

    /// <summary>Whether anybody sleeps or listens here.</summary>
    public bool HasWaiters => _first != null;

    /// <summary>Sleeps until <paramref name="condition"/> holds.</summary>
    /// <param name="task">The calling task.</param>
    /// <param name="state">Handed to the condition.</param>
    /// <param name="condition">Looked at under the kernel lock, at least once.</param>
    /// <param name="mode">Which signals end the sleep.</param>
    /// <param name="deadline">Monotonic nanoseconds after which it answers ETIMEDOUT; <see cref="long.MaxValue"/> for never, 0 for not
    /// sleeping at all. Any other sleeps at least for a moment, so that others run.</param>
    /// <param name="exclusive">Whether a wake-up of one sleeper is enough for all (Linux: WQ_FLAG_EXCLUSIVE).</param>
    /// <returns>None, ERESTARTSYS (a signal), or ETIMEDOUT.</returns>
    public ValueTask<Errno> WaitAsync<TState>(
        LinuxTask task, TState state, Func<TState, bool> condition, WaitMode mode, long deadline = long.MaxValue, bool exclusive = false) =>
        condition(state) ? new ValueTask<Errno>(Errno.None) : SleepAsync(task, state, condition, mode, deadline, exclusive);

    [AsyncMethodBuilder(typeof(KernelMethodBuilder<>))]
    private async ValueTask<Errno> SleepAsync<TState>(
        LinuxTask task, TState state, Func<TState, bool> condition, WaitMode mode, long deadline, bool exclusive)
    {
        WaitEntry entry = task.TakeWaitEntry(exclusive);
        bool hasSlept = false;
        Add(entry);
        try
        {
            while (true)
            {
                task.PrepareToSleep(mode);
                if (condition(state)) return Errno.None;
                if (task.HasSignalFor(mode)) return Errno.ERESTARTSYS;
                if (deadline == 0 || (hasSlept && task.Kernel.Time.Monotonic >= deadline)) return Errno.ETIMEDOUT;
                await task.ScheduleAsync(deadline);
                hasSlept = true;
            }
        }
        finally
        {
            task.FinishSleep();
            Remove(entry);
        }
    }

    /// <summary>Wakes all who do not wait exclusively, and up to <paramref name="exclusive"/> of those who do.</summary>
    /// <param name="key">What happened, for listeners that filter (poll events); 0 for anything.</param>
    /// <param name="exclusive">How many exclusive sleepers.</param>
    public void Wake(int key = 0, int exclusive = 1)
    {
        for (WaitEntry? e = _first; e != null;)
        {
            WaitEntry? next = e.Next; // the callback may remove its own entry
            bool woke = e.Invoke(key);
            if (e.IsExclusive && woke && --exclusive == 0) return;
            e = next;
        }
    }

    /// <summary>Wakes everybody, exclusive or not.</summary>
    public void WakeAll(int key = 0) => Wake(key, int.MaxValue);

    /// <summary>Adds a sleeper or a listener by hand (poll, epoll).</summary>
    public void Add(WaitEntry entry)
    {
        WaitEntry? next = entry.IsExclusive ? null : _firstExclusive;
        WaitEntry? previous = next == null ? _last : next.Previous;
        entry.Queue = this;
        entry.Previous = previous;
        entry.Next = next;
        if (previous == null) _first = entry;
        else previous.Next = entry;
        if (next == null) _last = entry;
        else next.Previous = entry;
        if (entry.IsExclusive) _firstExclusive ??= entry;
    }

    /// <summary>Takes an entry out; nothing happens if it is not in.</summary>
    public void Remove(WaitEntry entry)
    {
        if (entry.Queue != this) return;
        if (entry == _firstExclusive) _firstExclusive = entry.Next;
        if (entry.Previous == null) _first = entry.Next;
        else entry.Previous.Next = entry.Next;
        if (entry.Next == null) _last = entry.Previous;
        else entry.Next.Previous = entry.Previous;
        entry.Queue = null;
    }
}

/// <summary>A place in a <see cref="WaitQueue"/>: a task to wake, or a function to call.</summary>
public sealed class WaitEntry
{
    private readonly LinuxTask? _task;
    private readonly Func<int, bool>? _callback;

    /// <summary>Wakes a task.</summary>
    public WaitEntry(LinuxTask task) => _task = task;

    /// <summary>Calls a function with the key of the wake-up, under the kernel lock; it answers whether that counts as woken.</summary>
    public WaitEntry(Func<int, bool> callback) => _callback = callback;

    /// <summary>Whether one woken sleeper is enough.</summary>
    public bool IsExclusive { get; set; }

    internal WaitQueue? Queue { get; set; }

    internal WaitEntry? Next { get; set; }

    internal WaitEntry? Previous { get; set; }

    /// <summary>Leaves its queue, if it is in one.</summary>
    public void Remove() => Queue?.Remove(this);

    internal bool Invoke(int key) => _task != null ? _task.WakeUp() : _callback!(key);
}
