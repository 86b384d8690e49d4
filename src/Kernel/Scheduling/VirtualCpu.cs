using Kennel.Abi;
using Kennel.Machine;
using Kennel.Probes;
using Kennel.Tasks;

namespace Kennel.Scheduling;

/// <summary>One virtual CPU: a host thread that picks tasks and runs them until the machine is halted.</summary>
/// <remarks>guard-note: the kernel lock, except where said.</remarks>
public sealed class VirtualCpu(Kernel kernel, Processor machine) : IDisposable
{
    private readonly HostEvent _event = new();
    private Pid _lastRun;

    // Skips of virtual time since a task ran last, and how long (nanoseconds of the host) a skip more takes.
    private int _skips;
    private const long IdleSkipPause = 20_000;

    // While switches are watched: whom watchers believe to be on the processor (null: nobody), and its state when it left.
    private LinuxTask? _traced;
    private char _tracedState;

    // Written under the kernel lock; Kernel.Post reads it without.
    private volatile bool _isIdle;

    /// <summary>0 to N-1.</summary>
    public int Id => Machine.Id;

    /// <summary>Its part of the machine: translation caches, attention flags.</summary>
    public Processor Machine { get; } = machine;

    /// <summary>The task that it runs; null when idle (Linux: current).</summary>
    public LinuxTask? Current { get; private set; }

    /// <summary>Whether its host thread sleeps, or is about to.</summary>
    public bool IsIdle => _isIdle;

    /// <summary>Time without a task, nanoseconds.</summary>
    public long IdleTime { get; private set; }

    /// <summary>Switches from one task to another.</summary>
    public long Switches { get; private set; }

    /// <summary>Another task should have it soon (Linux: TIF_NEED_RESCHED).</summary>
    internal bool NeedsReschedule { get; set; }

    /// <summary>What the current task has used of its slice.</summary>
    internal long SliceUsed { get; set; }

    /// <summary>Work since the clock was read last, and when that was.</summary>
    internal long SinceTick { get; set; }

    /// <inheritdoc cref="SinceTick"/>
    internal long LastTick { get; set; }

    /// <summary>The scheduler's loop, on the calling host thread, until <see cref="Kernel.Halt"/>.</summary>
    public void Run()
    {
        using AsyncFlowControl noFlow = ExecutionContext.SuppressFlow(); // nothing here is bound to a context of .NET's
        lock (kernel.Lock)
        {
            long now = kernel.Time.Now();
            while (!kernel.IsHalted)
            {
                kernel.RunInterrupts(now, this);
                LinuxTask? next = kernel.Scheduler.PickNext(this);
                if (kernel.WatchesSwitches()) NoteSwitch(next);
                now = next != null ? Switch(next, now) : Idle(now);
            }
        }
    }

    /// <summary>Ends its idle sleep. Any thread.</summary>
    internal void Wake()
    {
        _isIdle = false;
        _event.Set();
    }

    private long Switch(LinuxTask next, long now)
    {
        _skips = 0;
        if (_lastRun != next.Id) Switches++;
        _lastRun = next.Id;
        Current = next;
        next.Processor = this;
        if (next.Scheduling.LastProcessor != Id)
        {
            if (kernel.Watches(EventKind.Migrated)) FireMigrated(next);
            next.Scheduling.LastProcessor = Id;
            next.NoticeRseq();
        }
        NeedsReschedule = false;
        SliceUsed = 0;
        SinceTick = 0;
        LastTick = now;
        kernel.SetCurrent(next);
        next.Accounting.SwitchIn(now);
        next.Resume();
        long end = kernel.Time.Now();
        next.Accounting.SwitchOut(end, voluntary: next.State != TaskState.Running, kernel.Scheduler.Speed);
        if (kernel.WatchesSwitches()) (_traced, _tracedState) = (next, next.State.Letter());
        kernel.SetCurrent(null);
        next.Processor = null;
        Current = null;
        return end;
    }

    // As context_switch does: once the next task is known, the one before leaves, in its own context; then the next one comes, in its.
    private void NoteSwitch(LinuxTask? picked)
    {
        ProbeSet probes = kernel.Probes;
        LinuxTask next = picked ?? kernel.Tasks.Idle;
        LinuxTask before = _traced ?? kernel.Tasks.Idle;
        char state = _traced == null ? 'R' : _tracedState;
        (_traced, _tracedState) = (next, 'R');
        if (next == before)
        {
            if (picked != null && probes.RemainedOnCpu.IsEnabled) FireSwitch(probes.RemainedOnCpu, next, null, state);
            return;
        }
        if (probes.OffCpu.IsEnabled) FireSwitch(probes.OffCpu, before, next, state);
        if (probes.OnCpu.IsEnabled) FireSwitch(probes.OnCpu, next, before, 'R');
    }

    private void FireSwitch(Probe probe, LinuxTask task, LinuxTask? other, char state)
    {
        probe.Fire(new KernelEvent
        {
            Kind = probe.Kind,
            Time = kernel.Time.Now(),
            Task = task,
            Cpu = Id,
            Target = other,
            Number = state,
        });
    }

    private void FireMigrated(LinuxTask task)
    {
        KernelEvent record = kernel.NewRecord(EventKind.Migrated);
        record.Target = task;
        record.A0 = (ulong)task.Scheduling.LastProcessor;
        record.A1 = (ulong)Id;
        record.Cpu = Id;
        kernel.Probes.Migrated.Fire(record);
    }

    // Nothing to run: wait for a timer, a posted action or a new runnable task.
    private long Idle(long now)
    {
        long deadline = kernel.Time.NextDeadline;
        _isIdle = true;
        Interlocked.MemoryBarrier(); // whoever posts either sees us idle, or we see what it posted
        if (kernel.HasPending || kernel.IsHalted || deadline <= now)
        {
            _isIdle = false;
            return kernel.Time.Now();
        }
        if (kernel.Time.IsVirtual && deadline != long.MaxValue && kernel.Processors.All(static c => c.IsIdle))
        {
            kernel.Time.SkipTo(deadline);
            // A timer that wakes nobody, such as a tracer's, would let us skip for ever: others must get the lock.
            if (_skips++ > 0) LetOthersIn();
            _isIdle = false;
            return kernel.Time.Now();
        }
        _lastRun = new Pid(0);
        kernel.Lock.Exit();
        try
        {
            _event.Wait(deadline == long.MaxValue ? long.MaxValue : deadline - now);
        }
        finally
        {
            kernel.Lock.Enter();
            _isIdle = false;
        }
        long end = kernel.Time.Now();
        IdleTime += end - now;
        return end;
    }

    private void LetOthersIn()
    {
        kernel.Lock.Exit();
        try
        {
            _event.Wait(IdleSkipPause);
        }
        finally
        {
            kernel.Lock.Enter();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _event.Dispose();
}
