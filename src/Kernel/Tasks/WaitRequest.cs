using Kennel.Abi;
using Kennel.Namespaces;
using Kennel.Views;

namespace Kennel.Tasks;

/// <summary>Options of wait4 and waitid (man 2 wait).</summary>
[Flags]
internal enum WaitOptions : uint
{
    None = 0,
    NoHang = 1,

    /// <summary>WUNTRACED, WSTOPPED.</summary>
    Stopped = 2,
    Exited = 4,
    Continued = 8,

    /// <summary>WNOWAIT: leave it as it is.</summary>
    Keep = 0x01000000,

    /// <summary>__WNOTHREAD: only children of the calling thread.</summary>
    NoThread = 0x20000000,

    /// <summary>__WALL: whatever their exit signal.</summary>
    All = 0x40000000,

    /// <summary>__WCLONE: only those whose exit signal is not SIGCHLD.</summary>
    Clone = 0x80000000,
}

/// <summary>Whom a call to wait is after.</summary>
internal enum WaitTarget
{
    Any,
    Process,
    Group,
}

/// <summary>One call to wait, while it lasts: what is looked for, and what was found (Linux: struct wait_opts).</summary>
internal sealed class WaitRequest(LinuxTask waiter)
{
    public WaitOptions Options { get; init; }

    public WaitTarget Target { get; init; }

    /// <summary>For <see cref="WaitTarget.Process"/>.</summary>
    public PidNumbers? Process { get; init; }

    /// <summary>For <see cref="WaitTarget.Group"/>.</summary>
    public ProcessGroup? Group { get; init; }

    /// <summary>Whom the call named, for records: a pid, -1 for anybody, the negative of a group.</summary>
    public int AskedFor { get; init; } = -1;

    /// <summary>ECHILD when there is nobody to wait for.</summary>
    public Errno Error { get; private set; }

    /// <summary>Id of the child found, as the waiter's namespace numbers it; 0 when none was.</summary>
    public int Id { get; private set; }

    /// <summary>Real uid of the child found.</summary>
    public uint Uid { get; private set; }

    /// <summary>The status word.</summary>
    public WaitStatus Status { get; private set; }

    /// <summary>What the child and its waited-for children have used.</summary>
    public ResourceUsageRecord Usage { get; private set; }

    /// <summary>Whether the child ended, stopped or went on: CLD_* of siginfo.</summary>
    public int Code { get; private set; }

    /// <summary>
    /// Looks once. True when the wait is over: a child has changed its state (and was reaped or marked as reported), or there is
    /// none to wait for (<see cref="Error"/>). Linux: kernel/exit.c, do_wait.
    /// </summary>
    public bool TryFind()
    {
        bool anybody = false;
        if (Target == WaitTarget.Process)
        {
            if (Process?.Task is { IsGroupLeader: true } child && IsMine(child) && Consider(child, ref anybody)) return true;
        }
        else
        {
            foreach (LinuxTask thread in waiter.Group.Threads)
            {
                if ((Options & WaitOptions.NoThread) != 0 && thread != waiter) continue;
                foreach (LinuxTask child in thread.Children)
                {
                    if (Consider(child, ref anybody)) return true;
                }
            }
        }
        if (anybody) return false;
        Error = Errno.ECHILD;
        return true;
    }

    private bool IsMine(LinuxTask child) =>
        child.RealParent == waiter || ((Options & WaitOptions.NoThread) == 0 && child.RealParent?.Group == waiter.Group);

    // Linux: wait_consider_task.
    [KernelFunction("kernel/exit.c", "int wait_consider_task(struct wait_opts *wo = this, int ptrace = 0L, struct task_struct *p = child)")]
    internal bool Consider(LinuxTask child, ref bool anybody)
    {
        if (!IsEligible(child) || child.State == TaskState.Dead) return false;
        if (child.State == TaskState.Zombie && child.Group.Threads.Count == 1)
        {
            // Who does not ask for exits has nothing more to expect of it.
            if ((Options & WaitOptions.Exited) == 0) return false;
            Reap(child);
            return true;
        }
        anybody = true;
        // A zombie leader whose other threads live on can still stop and continue.
        return ReportStopped(child) || ReportContinued(child);
    }

    private bool IsEligible(LinuxTask child)
    {
        if (Target == WaitTarget.Group && child.Group.ProcessGroup != Group) return false;
        if ((Options & WaitOptions.All) != 0) return true;
        return child.ExitSignal != (int)Signal.SIGCHLD == ((Options & WaitOptions.Clone) != 0);
    }

    // Linux: wait_task_zombie.
    [KernelFunction("kernel/exit.c", "int wait_task_zombie(struct wait_opts *wo = this, struct task_struct *p = child)")]
    internal void Reap(LinuxTask child)
    {
        ThreadGroup group = child.Group;
        WaitStatus status = group.ExitStatus;
        UsageCounters usage = group.Usage;
        usage.Add(group.WaitedChildren);
        long peak = Math.Max(group.PeakResident, group.ChildrenPeakResident);
        int code = status.HasExited ? SignalCode.ChildExited : status.CoreDumped ? SignalCode.ChildDumped : SignalCode.ChildKilled;
        Found(child, code, status);
        Usage = usage.ToRecord(peak);
        if ((Options & WaitOptions.Keep) != 0) return;
        waiter.Group.WaitedChildren.Add(usage);
        waiter.Group.ChildrenPeakResident = Math.Max(waiter.Group.ChildrenPeakResident, peak);
        child.ReleaseZombie();
    }

    // Linux: wait_task_stopped.
    [KernelFunction("kernel/exit.c", "int wait_task_stopped(struct wait_opts *wo = this, int ptrace = 0L, struct task_struct *p = child)")]
    internal bool ReportStopped(LinuxTask child)
    {
        ThreadGroup group = child.Group;
        if ((Options & WaitOptions.Stopped) == 0 || !group.IsStopped || group.GroupExitCode == 0) return false;
        Found(child, SignalCode.ChildStopped, WaitStatus.Stopped((Signal)group.GroupExitCode));
        if ((Options & WaitOptions.Keep) == 0) group.GroupExitCode = 0;
        return true;
    }

    // Linux: wait_task_continued.
    [KernelFunction("kernel/exit.c", "int wait_task_continued(struct wait_opts *wo = this, struct task_struct *p = child)")]
    internal bool ReportContinued(LinuxTask child)
    {
        ThreadGroup group = child.Group;
        if ((Options & WaitOptions.Continued) == 0 || (group.SignalFlags & GroupSignalFlags.StopContinued) == 0) return false;
        Found(child, SignalCode.ChildContinued, WaitStatus.Continued);
        if ((Options & WaitOptions.Keep) == 0) group.SignalFlags &= ~GroupSignalFlags.StopContinued;
        return true;
    }

    private void Found(LinuxTask child, int code, WaitStatus status)
    {
        Id = child.Numbers.In(waiter.Numbers.Owner).Value;
        Uid = child.Credential.Uid;
        Code = code;
        Status = status;
        Usage = child.Group.Usage.ToRecord(child.Group.PeakResident);
    }
}
