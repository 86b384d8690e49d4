namespace Kennel.Scheduling;

/// <summary>SCHED_* (man 7 sched).</summary>
public enum SchedulingPolicy
{
    Other = 0,
    Fifo = 1,
    RoundRobin = 2,
    Batch = 3,
    Idle = 5,
    Deadline = 6,
}

/// <summary>How a task is scheduled (Linux: sched_entity, prio, cpus_mask).</summary>
/// <remarks>guard-note: the kernel lock.</remarks>
public sealed class TaskScheduling
{
    /// <summary>The weight of nice 0; each step is worth a quarter more or a fifth less.</summary>
    public const int NormalWeight = 1024;

    private const int IdleWeight = 3;

    // Linux: kernel/sched/core.c, sched_prio_to_weight; the published table, nice -20 to 19.
    private static ReadOnlySpan<int> Weights =>
    [
        88761, 71755, 56483, 46273, 36291, 29154, 23254, 18705, 14949, 11916, 9548, 7620, 6100, 4904, 3906, 3121, 2501, 1991, 1586, 1277,
        1024, 820, 655, 526, 423, 335, 272, 215, 172, 137, 110, 87, 70, 56, 45, 36, 29, 23, 18, 15,
    ];

    public SchedulingPolicy Policy { get; private set; }

    /// <summary>-20 to 19.</summary>
    public int Nice { get; private set; }

    /// <summary>1 to 99 for FIFO and RR, else 0.</summary>
    public int RealtimePriority { get; private set; }

    /// <summary>SCHED_RESET_ON_FORK.</summary>
    public bool ResetOnFork { get; set; }

    /// <summary>Processors that it may run on, as a bit mask.</summary>
    public ulong Affinity { get; set; } = ulong.MaxValue;

    public bool IsRealtime => Policy is SchedulingPolicy.Fifo or SchedulingPolicy.RoundRobin;

    /// <summary>Its priority in one number, as records carry it: 20 + nice, or 100 + the real-time priority.</summary>
    public int Rank => IsRealtime ? 100 + RealtimePriority : 20 + Nice;

    /// <summary>Its share, against <see cref="NormalWeight"/>.</summary>
    public int Weight { get; private set; } = NormalWeight;

    /// <summary>What it has run, in instructions of nice 0: who has least runs next (Linux: vruntime).</summary>
    public long VirtualRuntime { get; internal set; }

    /// <summary>The processor that it ran on last.</summary>
    public int LastProcessor { get; internal set; }

    /// <summary>Sets policy, real-time priority and nice value.</summary>
    public void Set(SchedulingPolicy policy, int realtimePriority, int nice)
    {
        Policy = policy;
        RealtimePriority = realtimePriority;
        Nice = nice;
        Weight = policy == SchedulingPolicy.Idle ? IdleWeight : Weights[nice + 20];
    }

    /// <summary>Counts work that was done.</summary>
    internal void Charge(long units) => VirtualRuntime += Weight == NormalWeight ? units : units * NormalWeight / Weight;

    /// <summary>What a child starts with.</summary>
    internal TaskScheduling Fork()
    {
        var child = new TaskScheduling { Affinity = Affinity, VirtualRuntime = VirtualRuntime, LastProcessor = LastProcessor };
        if (!ResetOnFork) child.Set(Policy, RealtimePriority, Nice);
        else if (IsRealtime || Nice < 0) child.Set(SchedulingPolicy.Other, 0, 0);
        else child.Set(Policy, 0, Nice);
        return child;
    }
}
