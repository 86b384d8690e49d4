using Kennel.Abi;
using Kennel.Signals;
using Kennel.Time;
using Kennel.Waiting;

namespace Kennel.Tasks;

/// <summary>
/// A process: the threads that share pid, parent, signals and limits (Linux: signal_struct); shared with CLONE_THREAD.
/// </summary>
/// <remarks>guard-note: the kernel lock.</remarks>
public sealed partial class ThreadGroup
{
    internal ThreadGroup(Kernel kernel, ResourceLimits limits)
    {
        Kernel = kernel;
        Limits = limits;
        Timers = new ProcessTimers(this);
    }

    public Kernel Kernel { get; }

    /// <summary>The thread whose id is the process id.</summary>
    public LinuxTask Leader { get; internal set; } = null!;

    /// <summary>All threads that have not been released, leader first.</summary>
    public List<LinuxTask> Threads { get; } = [];

    /// <summary>The process id (Linux: tgid).</summary>
    public Pid Id => Leader.Id;

    /// <summary>Threads that have not begun to exit (Linux: signal->live).</summary>
    internal int LiveThreads { get; set; }

    /// <summary>The job that it belongs to.</summary>
    public ProcessGroup ProcessGroup { get; private set; } = null!;

    public Session Session => ProcessGroup.Session;

    /// <summary>Whether it leads its session.</summary>
    public bool IsSessionLeader => Session.Leader == this;

    /// <summary>RLIMIT_*.</summary>
    public ResourceLimits Limits { get; }

    /// <summary>Interval timers, POSIX timers and what CPU-time limits need.</summary>
    public ProcessTimers Timers { get; }

    /// <summary>PR_SET_CHILD_SUBREAPER: orphans below come here (man 2 prctl).</summary>
    public bool IsSubreaper { get; set; }

    /// <summary>Whether an ancestor is a subreaper, so that looking for one pays (Linux: has_child_subreaper).</summary>
    internal bool HasSubreaperAbove { get; set; }

    /// <summary>Whether it has called exec since it was forked: setpgid by its parent then answers EACCES.</summary>
    internal bool HasExeced { get; set; }

    /// <summary>init of the initial pid namespace: it never dies, and signals without handlers do not reach it.</summary>
    public bool IsGlobalInit => Leader.Numbers.Owner.Level == 0 && Leader.Id.Value == 1;

    /// <summary>Whether it is the init of its pid namespace (Linux: SIGNAL_UNKILLABLE).</summary>
    public bool IsNamespaceInit => Leader.Numbers.Innermost == 1;

    /// <summary>The arguments of the program that it runs, as exec got them (Solaris: u_psargs). The program may change its own copy; /proc shows that.</summary>
    public IReadOnlyList<byte[]> Arguments { get; internal set; } = [];

    /// <summary>Whether only a zombie is left of it.</summary>
    public bool IsDeadAndEmpty => Leader.HasExited && Threads.Count == 1;

    /// <summary>PR_SET_DUMPABLE: whether it may be looked into by its own user.</summary>
    public int Dumpable { get; set; } = 1;

    /// <summary>oom_score_adj of /proc/PID.</summary>
    public int OomScoreAdjustment { get; set; }

    /// <summary>Where threads of this process sleep for their children (Linux: wait_chldexit).</summary>
    internal WaitQueue ChildWaiters { get; } = new();

    /// <summary>Where pollers of a pidfd wait for the exit (Linux: struct pid.wait_pidfd).</summary>
    internal WaitQueue ExitWaiters { get; } = new();

    /// <summary>Told once, when the zombie is reaped: how hosted processes come back to the host.</summary>
    internal Action<ThreadGroup>? Reaped { get; set; }

    internal LinkedListNode<ThreadGroup>? ProcessGroupNode { get; set; }

    /// <summary>What threads that are released already have used.</summary>
    internal UsageCounters DeadThreads;

    /// <summary>What children that were waited for have used, with their own such children.</summary>
    internal UsageCounters WaitedChildren;

    /// <summary>What children that were waited for have used.</summary>
    public UsageCounters ChildrenUsage => WaitedChildren;

    /// <summary>The most pages resident at once, over all programs that it ran.</summary>
    internal long PeakResident { get; set; }

    /// <summary>The same of its waited-for children.</summary>
    internal long ChildrenPeakResident { get; set; }

    /// <summary>Moves to another process group. Linux: kernel/pid.c, change_pid.</summary>
    internal void MoveTo(ProcessGroup group)
    {
        if (ProcessGroup == group) return;
        ProcessGroup old = ProcessGroup;
        group.Join(this, out LinkedListNode<ThreadGroup> node);
        LinkedListNode<ThreadGroup>? oldNode = ProcessGroupNode;
        ProcessGroup = group;
        ProcessGroupNode = node;
        if (oldNode != null) old.Leave(oldNode);
    }

    /// <summary>Its first process group, at birth.</summary>
    internal void JoinFirst(ProcessGroup group)
    {
        group.Join(this, out LinkedListNode<ThreadGroup> node);
        ProcessGroup = group;
        ProcessGroupNode = node;
    }

    /// <summary>Leaves its process group for good, when the leader is released.</summary>
    internal void LeaveProcessGroup()
    {
        if (ProcessGroupNode == null) return;
        ProcessGroup.Leave(ProcessGroupNode);
        ProcessGroupNode = null;
    }

    /// <summary>What all its threads have used, dead and alive (RUSAGE_SELF).</summary>
    public UsageCounters Usage
    {
        get
        {
            UsageCounters sum = DeadThreads;
            foreach (LinuxTask thread in Threads) sum.Add(thread.Accounting.Counters);
            return sum;
        }
    }

    /// <summary>What it and its waited-for children have used.</summary>
    public ResourceUsageRecord TotalUsage
    {
        get
        {
            UsageCounters sum = Usage;
            sum.Add(WaitedChildren);
            return sum.ToRecord(Math.Max(PeakResident, ChildrenPeakResident));
        }
    }

    /// <summary>The status word for the parent: the group's if it was ended as a whole, else the leader's.</summary>
    public WaitStatus ExitStatus => IsGroupExiting ? new WaitStatus(GroupExitCode) : Leader.ExitStatus;

    /// <summary>A thread that is not exiting, or null. Linux: find_alive_thread.</summary>
    internal LinuxTask? FindAlive() => Threads.Find(static t => (t.Flags & TaskFlags.Exiting) == 0);

    /// <summary>It became a subreaper: all processes below look for one from now on. Linux: kernel/sys.c, propagate_has_child_subreaper.</summary>
    internal void MarkDescendants()
    {
        var left = new Stack<ThreadGroup>([this]); // not by recursion: a guest decides how deep this is
        while (left.TryPop(out ThreadGroup? group))
        {
            foreach (LinuxTask child in group.Threads.SelectMany(static t => t.Children))
            {
                if (child.Group.HasSubreaperAbove) continue;
                child.Group.HasSubreaperAbove = true;
                left.Push(child.Group);
            }
        }
    }

    /// <summary>A new process of the same kind, for fork: limits and what is inherited beside them.</summary>
    internal ThreadGroup Fork() => new(Kernel, Limits.Clone())
    {
        HasSubreaperAbove = HasSubreaperAbove || IsSubreaper,
        OomScoreAdjustment = OomScoreAdjustment,
        Dumpable = Dumpable,
        Arguments = Arguments,
    };

    /// <summary>SIGCHLD's information about this process, as its parent sees it.</summary>
    internal SignalInfo DescribeFor(LinuxTask parent, int code, int status)
    {
        const long NanosecondsPerTick = 10_000_000;
        UsageCounters usage = Usage;
        return new SignalInfo
        {
            Number = (int)Signal.SIGCHLD,
            Code = code,
            Pid = Leader.Numbers.In(parent.Numbers.Owner).Value,
            Uid = Leader.Credential.Uid,
            Status = status,
            UserTicks = usage.UserTime / NanosecondsPerTick,
            SystemTicks = usage.SystemTime / NanosecondsPerTick,
        };
    }

    /// <inheritdoc/>
    public override string ToString() => Leader.ToString();
}
