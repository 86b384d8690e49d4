using System.Runtime.CompilerServices;
using Kennel.Abi;
using Kennel.Namespaces;
using Kennel.Probes;
using Kennel.Signals;
using Kennel.Views;
using Kennel.Waiting;

namespace Kennel.Tasks;

/// <summary>
/// Death. Protocol, in this order:
/// <list type="number">
/// <item>marked as exiting: takes no more signals; those it alone let through go to other threads;</item>
/// <item>memory is let go: robust mutexes are marked, the id that joiners wait for is cleared, a vfork parent goes on;</item>
/// <item>files, directories, and, with the leader of a session, the terminal;</item>
/// <item>children get another parent; jobs that nobody controls any more get SIGHUP and SIGCONT;</item>
/// <item>it becomes a zombie and its parent is told, once all threads are gone; a parent that does not care makes it vanish.</item>
/// </list>
/// A zombie keeps what wait may ask for: numbers, status, usage. Reaping (LinuxTask.Wait) releases that.
/// </summary>
/// <remarks>Linux: kernel/exit.c, do_exit, exit_notify, release_task.</remarks>
public sealed partial class LinuxTask
{
    /// <summary>Ends the whole process. Linux: do_group_exit.</summary>
    /// <param name="code">The status word.</param>
    [KernelFunction("kernel/exit.c", "void do_group_exit(int exit_code = code)", NeverReturns = true)]
    internal ValueTask ExitGroupAsync(int code)
    {
        if (Group.IsGroupExiting)
        {
            code = Group.GroupExitCode;
        }
        else if (Group.ExecTask != null)
        {
            code = 0;
        }
        else
        {
            Group.SignalFlags = GroupSignalFlags.GroupExit;
            Group.GroupExitCode = code;
            Group.KillThreads(except: this);
        }
        return ExitAsync(code);
    }

    /// <summary>Ends this thread; the last one ends the process. The task must not run on afterwards.</summary>
    [KernelFunction("kernel/exit.c", "void do_exit(long code)", NeverReturns = true)]
    [AsyncMethodBuilder(typeof(KernelMethodBuilder))]
    internal async ValueTask ExitAsync(int code)
    {
        if ((Flags & TaskFlags.Exiting) != 0) return;
        ExitSignals();
        ExitStatus = new WaitStatus(code);
        bool last = --Group.LiveThreads == 0;
        if (last) Group.Timers.StopAll();
        if (Kernel.Watches(EventKind.ThreadExited)) Kernel.Fire(Kernel.Probes.ThreadExited, ExitStatus.Value);
        if (last && Kernel.Watches(EventKind.ProcessExited)) Kernel.Fire(Kernel.Probes.ProcessExited, Group.ExitStatus.Value);
        ExitMemory();
        ExitSemaphores();
        ExitFiles();
        if (last && Group.IsSessionLeader) Group.Session.Disassociate(onExit: true);
        // The init of a nested namespace takes everybody in it along, and is a zombie only when they are gone.
        if (last && Numbers.Owner.Reaper == Group.Leader) await ZapNamespaceAsync(Numbers.Owner);
        SettleAccounting();
        ReparentChildren();
        ExitNotify(last);
        FreeNative();
    }

    // Linux: kernel/signal.c, exit_signals.
    [KernelFunction("kernel/signal.c", "void exit_signals(struct task_struct *tsk = this)")]
    internal void ExitSignals()
    {
        Flags |= TaskFlags.Exiting;
        ulong unblocked = Group.Pending.Mask & ~Blocked;
        if (unblocked != 0 && Group.Threads.Count > 1) RetargetShared(unblocked);
        if (_stopPending && ParticipateInStop()) NotifyParentOfStop(SignalCode.ChildStopped);
    }

    // Linux: exit_mm; kernel/fork.c, mm_release.
    [KernelFunction("kernel/exit.c", "void exit_mm(void)")]
    internal void ExitMemory()
    {
        if (Memory == null) return;
        ReleaseMemory();
    }

    /// <summary>Lets go of the address space, at exit and at exec.</summary>
    [KernelFunction("kernel/fork.c", "void mm_release(struct task_struct *tsk = this, struct mm_struct *mm = this.Memory)")]
    internal void ReleaseMemory()
    {
        NoticeResident();
        Kernel.Futexes.OnExit(this);
        if (ClearChildTid != 0 && Memory!.Users > 1)
        {
            if (Memory.CopyOut(ClearChildTid, stackalloc byte[4])) Kernel.Futexes.Wake(this, ClearChildTid, 1);
        }
        ClearChildTid = 0;
        VforkDone?.Complete();
        VforkDone = null;
        Memory!.Release();
        Memory = null;
    }

    [KernelFunction("fs/file.c", "void exit_files(struct task_struct *tsk = this)")]
    [KernelFunction("fs/fs_struct.c", "void exit_fs(struct task_struct *tsk = this)")]
    internal void ExitFiles()
    {
        Files?.Release();
        Files = null;
        Fs = null;
    }

    // Nobody can be born into the namespace any more; all of it dies, and is reaped. Linux: kernel/pid_namespace.c, zap_pid_ns_processes.
    [KernelFunction("kernel/pid_namespace.c", "void zap_pid_ns_processes(struct pid_namespace *pid_ns = space)")]
    internal async ValueTask ZapNamespaceAsync(PidNamespace space)
    {
        space.IsClosed = true;
        Handlers!.Change(Signal.SIGCHLD).Handler = SignalAction.Ignore;
        foreach (PidNumbers numbers in space.Allocated.Values.ToArray())
        {
            if (numbers.Task is { } task && task.Group != Group) task.Send(SignalInfo.FromKernel(Signal.SIGKILL));
        }
        // Children that would send another signal than SIGCHLD, or none, do not vanish by themselves.
        WaitRequest reap;
        do
        {
            reap = new WaitRequest(this) { Options = WaitOptions.Exited | WaitOptions.All };
            await Group.ChildWaiters.WaitAsync(this, reap, static r => r.TryFind(), WaitMode.Uninterruptible);
        }
        while (reap.Error == Errno.None);
        await space.EmptyWaiters.WaitAsync(
            this, (space, Group), static s => s.space.Allocated.Values.All(n => n.Task == null || n.Task.Group == s.Group), WaitMode.Uninterruptible);
        space.Reaper = null;
    }

    // Linux: forget_original_parent.
    [KernelFunction("kernel/exit.c", "void forget_original_parent(struct task_struct *father = this)")]
    internal void ReparentChildren()
    {
        if (!HasChildren) return;
        LinuxTask reaper = FindReaper();
        foreach (LinuxTask child in Children.ToArray())
        {
            foreach (LinuxTask thread in child.Group.Threads)
            {
                thread.SetParent(reaper);
                if (thread.ParentDeathSignal != Signal.None) thread.Group.Send(SignalInfo.FromUser(thread.ParentDeathSignal, SignalCode.User, 0, 0));
            }
            if (reaper.Group == Group) continue;
            child.ExitSignal = (int)Signal.SIGCHLD;
            if (child.State == TaskState.Zombie && child.Group.Threads.Count == 1 && child.NotifyParent()) child.ReleaseZombie();
            else KillOrphanedGroup(child, this, ignored: null);
        }
    }

    // A live thread of the same process, else the nearest ancestor that asked for orphans, else init.
    [KernelFunction("kernel/exit.c", "struct task_struct *find_new_reaper(struct task_struct *father = this)")]
    internal LinuxTask FindReaper()
    {
        LinuxTask? alive = Group.FindAlive();
        if (alive != null) return alive;
        if (Group.HasSubreaperAbove)
        {
            for (LinuxTask? above = RealParent; above != null && above.Numbers.Owner == Numbers.Owner; above = above.RealParent)
            {
                if (above.Group.IsSubreaper && above.Group.FindAlive() is { } subreaper) return subreaper;
            }
        }
        LinuxTask? init = Numbers.Owner.Reaper;
        return init?.Group.FindAlive() ?? Kernel.Tasks.Init;
    }

    // A job whose last controlling parent goes, and that is stopped, would stop for ever. Linux: kill_orphaned_pgrp.
    private static void KillOrphanedGroup(LinuxTask task, LinuxTask parent, ThreadGroup? ignored)
    {
        ProcessGroup group = task.Group.ProcessGroup;
        if (parent.Group.ProcessGroup == group || parent.Group.Session != group.Session) return;
        if (!group.IsOrphanedWithout(ignored) || !group.HasStopped) return;
        group.Send(SignalInfo.FromKernel(Signal.SIGHUP));
        group.Send(SignalInfo.FromKernel(Signal.SIGCONT));
    }

    [KernelFunction("kernel/exit.c", "void exit_notify(struct task_struct *tsk = this, int group_dead = last)")]
    internal void ExitNotify(bool last)
    {
        if (last && Group.Leader.RealParent != null) KillOrphanedGroup(Group.Leader, Group.Leader.RealParent, Group);
        State = TaskState.Zombie;
        Handlers!.Release();
        bool vanishes = !IsGroupLeader || (Group.Threads.Count == 1 && NotifyParent());
        Group.ExecTask?.Group.ChildWaiters.WakeAll();
        if (vanishes) ReleaseZombie();
    }

    /// <summary>Tells the parent that the process has ended. Answers whether nobody is going to wait for it. Linux: do_notify_parent.</summary>
    [KernelFunction("kernel/signal.c", "bool do_notify_parent(struct task_struct *tsk = this, int sig = this.ExitSignal)")]
    internal bool NotifyParent()
    {
        Group.ExitWaiters.WakeAll();
        LinuxTask parent = RealParent!;
        Signal signal = parent.ExecId == ParentExecId ? (Signal)ExitSignal : Signal.SIGCHLD;
        bool vanishes = false;
        if (parent.Handlers != null && signal == Signal.SIGCHLD)
        {
            ref readonly SignalAction action = ref parent.Handlers[Signal.SIGCHLD];
            vanishes = action.IsIgnored || action.Has(SignalActionFlags.NoChildWait);
            if (action.IsIgnored) signal = Signal.None;
        }
        if (signal > Signal.None && (int)signal <= SignalSet.Count) // clone takes any number for the exit signal
        {
            WaitStatus status = Group.ExitStatus;
            int code = status.HasExited ? SignalCode.ChildExited : status.CoreDumped ? SignalCode.ChildDumped : SignalCode.ChildKilled;
            SignalInfo info = Group.DescribeFor(parent, code, status.HasExited ? status.ExitCode : (int)status.TerminationSignal);
            info.Number = (int)signal;
            parent.Group.Send(info);
        }
        parent.Group.ChildWaiters.WakeAll();
        return vanishes;
    }

    /// <summary>The end of a zombie. The last thread to go may let its zombie leader be seen, or take it along. Linux: release_task.</summary>
    [KernelFunction("kernel/exit.c", "void release_task(struct task_struct *p = this)")]
    internal void ReleaseZombie()
    {
        ThreadGroup group = Group;
        State = TaskState.Dead;
        Kernel.Tasks.Detach(this);
        LinuxTask leader = group.Leader;
        if (leader == this || group.Threads.Count != 1 || leader.State != TaskState.Zombie) return;
        if (leader.NotifyParent()) leader.ReleaseZombie();
    }

    /// <summary>Counts the CPU time up to now; for the task that runs.</summary>
    internal void SettleAccounting()
    {
        if (Processor != null) Accounting.Settle(Kernel.Time.Now(), Kernel.Scheduler.Speed);
    }
}
