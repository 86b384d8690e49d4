using Kennel.Probes;
using Kennel.Tasks;
using Kennel.Views;

namespace Kennel.Scheduling;

/// <summary>
/// Who runs next. Real-time tasks by priority; then fair ones: who has run least, weighted by nice value. Work is counted in guest
/// instructions, with a fixed charge for each entry into the kernel, so that with one processor a run is repeatable.
/// </summary>
/// <remarks>
/// A task that wakes is set back to a little less than the least that anybody has run, so that it gets a processor soon, but
/// sleeping saves nothing up. If it is well behind the task that runs, that one is preempted. guard-note: the kernel lock.
/// </remarks>
public sealed class Scheduler
{
    /// <summary>What a task may run before another gets its turn (about 4 ms of interpreted code).</summary>
    public const long Slice = 400_000;

    /// <summary>What an entry into the kernel counts for.</summary>
    private const long KernelEntryCharge = 100;

    // After so much work the clock is read, timers expire and the slice is looked at: about every 200 microseconds.
    private const long TickInterval = 20_000;

    private const int FirstCapacity = 16;

    private const long SleeperCredit = Slice / 2, WakeGranularity = Slice / 8, LeastBudget = 1000;

    private readonly Kernel _kernel;
    private readonly PriorityQueue<LinuxTask, (long Rank, long Sequence)> _fair = new(FirstCapacity, new Order()); // by virtual run time
    private readonly PriorityQueue<LinuxTask, (long Rank, long Sequence)> _realtime = new(FirstCapacity, new Order());
    private long _leastRuntime;
    private long _sequence;

    internal Scheduler(Kernel kernel) => _kernel = kernel;

    /// <summary>How fast guest code runs on this host.</summary>
    public ExecutionSpeed Speed { get; } = new();

    /// <summary>Tasks waiting for a processor.</summary>
    public int Runnable => _fair.Count + _realtime.Count;

    /// <summary>Puts a runnable task into the queue and sees to it that somebody runs it in time.</summary>
    internal void Enqueue(LinuxTask task)
    {
        TaskScheduling entity = task.Scheduling;
        task.IsQueued = true;
        if (entity.IsRealtime)
        {
            _realtime.Enqueue(task, (-entity.RealtimePriority, _sequence++));
        }
        else
        {
            entity.VirtualRuntime = Math.Max(entity.VirtualRuntime, _leastRuntime - SleeperCredit);
            _fair.Enqueue(task, (entity.VirtualRuntime, _sequence++));
        }
        if (_kernel.Watches(EventKind.Enqueued)) FireQueued(_kernel.Probes.Enqueued, task, entity.LastProcessor);
        FindProcessor(task);
    }

    /// <summary>Takes the next task to run; null when there is none for this processor.</summary>
    internal LinuxTask? PickNext(VirtualCpu cpu)
    {
        LinuxTask? task = Take(_realtime, cpu) ?? Take(_fair, cpu);
        if (task == null) return null;
        task.IsQueued = false;
        if (_kernel.Watches(EventKind.Dequeued)) FireQueued(_kernel.Probes.Dequeued, task, cpu.Id);
        if (!task.Scheduling.IsRealtime) _leastRuntime = Math.Max(_leastRuntime, task.Scheduling.VirtualRuntime);
        return task;
    }

    /// <summary>Instructions that the task may run before the kernel must look at the clock again.</summary>
    internal long BudgetFor(VirtualCpu cpu)
    {
        long budget = Slice - cpu.SliceUsed;
        long deadline = _kernel.Time.NextDeadline;
        if (deadline != long.MaxValue)
        {
            long left = _kernel.Time.IsVirtual ? deadline - _kernel.Time.Monotonic : Speed.ToInstructions(deadline - cpu.LastTick) - cpu.SinceTick;
            budget = Math.Min(budget, left);
        }
        return Math.Max(budget, LeastBudget);
    }

    /// <summary>Counts a stretch of guest code and the kernel's work after it. Answers whether a tick is due.</summary>
    internal bool Charge(VirtualCpu cpu, LinuxTask task, ulong instructions)
    {
        long units = (long)instructions + KernelEntryCharge;
        task.Scheduling.Charge(units);
        cpu.SliceUsed += units;
        cpu.SinceTick += units;
        return cpu.SinceTick >= TickInterval || cpu.NeedsReschedule || _kernel.HasPending || _kernel.IsHalted;
    }

    /// <summary>Reads the clock, lets timers expire, and answers whether the task should let others run.</summary>
    [KernelFunction("kernel/sched/core.c", "void scheduler_tick(void)")]
    [KernelFunction("kernel/sched/core.c", "void sched_tick(void)")]
    internal bool Tick(VirtualCpu cpu, LinuxTask task)
    {
        long now = _kernel.Time.Now();
        task.Accounting.Settle(now, Speed);
        cpu.LastTick = now;
        cpu.SinceTick = 0;
        if (_kernel.Watches(EventKind.Tick)) _kernel.Fire(_kernel.Probes.Tick);
        _kernel.RunInterrupts(now, cpu);
        task.Group.Timers.CheckCpuTime();
        if (_kernel.IsHalted) return true;
        if (Runnable == 0)
        {
            cpu.NeedsReschedule = false;
            if (cpu.SliceUsed >= Slice) cpu.SliceUsed = 0;
            return false;
        }
        return cpu.NeedsReschedule || (cpu.SliceUsed >= Slice && IsSomebodyNext(cpu, task));
    }

    /// <summary>sched_yield: others that have run as much, or a little more, come first.</summary>
    internal void GiveWay(LinuxTask task)
    {
        if (!task.Scheduling.IsRealtime) task.Scheduling.VirtualRuntime = Math.Max(task.Scheduling.VirtualRuntime, _leastRuntime) + (Slice / 4);
    }

    // Queues are sorted here; a task that comes is behind all that are as important.
    private void FireQueued(Probe probe, LinuxTask task, int processor)
    {
        KernelEvent record = _kernel.NewRecord(probe.Kind);
        record.Target = task;
        record.Number = processor;
        record.A0 = probe.Kind == EventKind.Enqueued ? 1u : 0;
        probe.Fire(record);
    }

    private bool IsSomebodyNext(VirtualCpu cpu, LinuxTask task)
    {
        cpu.SliceUsed = 0;
        if (task.Scheduling.Policy == SchedulingPolicy.Fifo) return false;
        if (task.Scheduling.IsRealtime) return _realtime.TryPeek(out _, out var rank) && rank.Rank <= -task.Scheduling.RealtimePriority;
        return _fair.TryPeek(out _, out var first) && first.Rank <= task.Scheduling.VirtualRuntime;
    }

    // An idle processor, or else one whose task should give way.
    private void FindProcessor(LinuxTask task)
    {
        VirtualCpu? victim = null;
        foreach (VirtualCpu cpu in _kernel.Cpus)
        {
            if (!IsAllowed(task, cpu) || cpu.Current == task) continue;
            if (cpu.IsIdle)
            {
                cpu.Wake();
                return;
            }
            if (cpu.Current != null && ShouldPreempt(task.Scheduling, cpu.Current.Scheduling)
                && (victim == null || cpu.Current.Scheduling.VirtualRuntime > victim.Current!.Scheduling.VirtualRuntime)) victim = cpu;
        }
        if (victim == null) return;
        victim.NeedsReschedule = true;
        victim.Machine.RequestPreemption();
    }

    private static bool ShouldPreempt(TaskScheduling woken, TaskScheduling running)
    {
        if (woken.IsRealtime) return !running.IsRealtime || running.RealtimePriority < woken.RealtimePriority;
        if (running.IsRealtime || woken.Policy == SchedulingPolicy.Batch) return false;
        return woken.VirtualRuntime + WakeGranularity < running.VirtualRuntime;
    }

    private static bool IsAllowed(LinuxTask task, VirtualCpu cpu) => (task.Scheduling.Affinity >> cpu.Id & 1) != 0;

    private LinuxTask? Take(PriorityQueue<LinuxTask, (long Rank, long Sequence)> queue, VirtualCpu cpu)
    {
        if (!queue.TryDequeue(out LinuxTask? task, out (long Rank, long Sequence) priority)) return null;
        if (IsAllowed(task, cpu)) return task;
        // Rare: the best task must run elsewhere. Look behind it, and put back what was skipped.
        var skipped = new List<(LinuxTask, (long, long))> { (task, priority) };
        while (queue.TryDequeue(out task, out priority) && !IsAllowed(task, cpu)) skipped.Add((task, priority));
        queue.EnqueueRange(skipped);
        return task != null && IsAllowed(task, cpu) ? task : null;
    }

    // The framework's own comparers of pairs would be compiled at run time.
    private sealed class Order : IComparer<(long Rank, long Sequence)>
    {
        public int Compare((long Rank, long Sequence) a, (long Rank, long Sequence) b) => a.Rank != b.Rank ? a.Rank.CompareTo(b.Rank) : a.Sequence.CompareTo(b.Sequence);
    }
}
