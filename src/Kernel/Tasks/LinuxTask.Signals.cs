using System.Runtime.CompilerServices;
using Kennel.Abi;
using Kennel.Machine;
using Kennel.Probes;
using Kennel.Signals;
using Kennel.Views;
using Kennel.Waiting;

namespace Kennel.Tasks;

/// <summary>
/// Taking signals, on the way to user mode. Protocol, until nothing is left to do: tell the parent of a stop or continue; die
/// if the process dies; stop if it stops; else take the next signal that is not blocked: ignore it, stop, die, or build the
/// handler's frame. Last, a system call that a signal broke off is set up to run again, unless its handler forbids that.
/// </summary>
/// <remarks>Linux: kernel/signal.c, get_signal; arch/x86/kernel/signal.c, arch_do_signal_or_restart.</remarks>
public sealed partial class LinuxTask
{
    private ulong _savedMask;
    private bool _hasSavedMask;

    /// <summary>Signals for this thread alone.</summary>
    public PendingSignals Pending { get; } = new();

    /// <summary>Signals that wait (man 2 sigprocmask).</summary>
    public ulong Blocked { get; private set; }

    /// <summary>What sigtimedwait lets in for its time although it was blocked; their default actions stay away (Linux: real_blocked).</summary>
    internal ulong RealBlocked { get; set; }

    /// <summary>sigaltstack.</summary>
    internal AlternateStack AlternateStack { get; set; } = AlternateStack.None;

    /// <summary>A queue that nobody wakes, for sleeps that only a signal or a deadline ends.</summary>
    internal WaitQueue Nothing => field ??= new WaitQueue();

    /// <summary>How restart_syscall goes on (nanosleep, poll, futex).</summary>
    public RestartBlock? RestartBlock { get; set; }

    /// <summary>Whether a signal waits that is not blocked, or a stop is under way (Linux: signal_pending).</summary>
    public bool HasPendingSignal =>
        ((Pending.Mask | Group.Pending.Mask) & ~Blocked) != 0 || _stopPending || (Group.SignalFlags & GroupSignalFlags.ReportMask) != 0;

    /// <summary>Whether it is about to be killed (Linux: fatal_signal_pending).</summary>
    public bool HasFatalSignal => Pending.Mask.Has(Signal.SIGKILL);

    internal bool HasWorkBeforeUserMode => MustResolveRestart || _hasSavedMask || _needsRseqUpdate || HasPendingSignal || Group.IsGroupExiting;

    internal bool HasSignalFor(WaitMode mode) => mode switch
    {
        WaitMode.Interruptible => HasPendingSignal,
        WaitMode.Uninterruptible => false,
        _ => HasFatalSignal,
    };

    /// <summary>Changes the mask; signals that it alone had let through are offered to the other threads. Linux: set_current_blocked.</summary>
    [KernelFunction("kernel/signal.c", "void __set_current_blocked(unsigned long newset = mask)")]
    internal void SetBlocked(ulong mask)
    {
        mask &= ~SignalSet.KernelOnly;
        ulong newlyBlocked = mask & ~Blocked & Group.Pending.Mask;
        Blocked = mask;
        if (newlyBlocked != 0 && Group.Threads.Count > 1) RetargetShared(newlyBlocked);
    }

    /// <summary>Another mask until this system call is over (ppoll, sigsuspend); a handler that runs meanwhile restores the old one
    /// when it returns. Linux: set_user_sigmask.</summary>
    public void UseTemporaryMask(ulong mask)
    {
        _savedMask = Blocked;
        _hasSavedMask = true;
        SetBlocked(mask);
    }

    /// <summary>The call with a temporary mask is over. If a signal broke it off, the mask stays until that is handled.
    /// Linux: restore_saved_sigmask_unless.</summary>
    public void EndTemporaryMask(bool interrupted)
    {
        if (interrupted || !_hasSavedMask) return;
        _hasSavedMask = false;
        SetBlocked(_savedMask);
    }

    /// <summary>sigaction: pending signals that the new action ignores are dropped. Linux: kernel/signal.c, do_sigaction.</summary>
    [KernelFunction("kernel/signal.c", "int do_sigaction(int sig = signal)")]
    internal void SetAction(Signal signal, SignalAction action)
    {
        const SignalActionFlags Known = SignalActionFlags.NoChildStop | SignalActionFlags.NoChildWait | SignalActionFlags.SigInfo
            | SignalActionFlags.OnStack | SignalActionFlags.Restart | SignalActionFlags.NoDefer | SignalActionFlags.ResetHandler
            | SignalActionFlags.ExposeTagBits | SignalActionFlags.Restorer;
        action.Flags &= (ulong)Known;
        action.Mask &= ~SignalSet.KernelOnly;
        Handlers!.Change(signal) = action;
        if (!action.IsIgnored && !(action.IsDefault && SignalSet.IgnoredByDefault.Has(signal))) return;
        Group.Pending.Flush(SignalSet.Bit(signal));
        foreach (LinuxTask thread in Group.Threads) thread.Pending.Flush(SignalSet.Bit(signal));
    }

    /// <summary>Sends to this thread alone (tkill).</summary>
    public Errno Send(in SignalInfo info) => Group.Send(this, info, toProcess: false);

    /// <summary>Sends a signal that cannot be blocked or ignored (Linux: force_sig).</summary>
    public void ForceSignal(Signal signal) => ForceSignal(SignalInfo.FromKernel(signal));

    /// <summary>The same with information: faults. Linux: force_sig_info_to_task.</summary>
    [KernelFunction("kernel/signal.c", "int force_sig_info_to_task(struct kernel_siginfo *info = (object)info, struct task_struct *t = this)")]
    internal void ForceSignal(in SignalInfo info, bool mustDie = false)
    {
        if (Handlers == null) return;
        bool blocked = Blocked.Has(info.Signal);
        if (blocked || Handlers[info.Signal].IsIgnored || mustDie)
        {
            Handlers.Change(info.Signal).Handler = SignalAction.Default;
            Blocked &= ~SignalSet.Bit(info.Signal);
        }
        // Not even the init of a namespace survives its own fault.
        _forced |= SignalSet.Bit(info.Signal);
        Send(info);
    }

    private ulong _forced;

    // Whether sending it is in vain. Linux: sig_ignored, sig_task_ignored.
    internal bool Ignores(Signal signal, bool force)
    {
        if (Blocked.Has(signal) || RealBlocked.Has(signal)) return false;
        ref readonly SignalAction action = ref Handlers![signal];
        if (Group.IsNamespaceInit && action.IsDefault && !_forced.Has(signal)
            && !(force && SignalSet.KernelOnly.Has(signal) && !Group.IsGlobalInit)) return true;
        if (IsKernelThread) return action.IsIgnored || action.IsDefault;
        return action.IsIgnored || (action.IsDefault && SignalSet.IgnoredByDefault.Has(signal));
    }

    // Whether this thread could take the signal right away. Linux: wants_signal.
    internal bool Wants(Signal signal)
    {
        if (Blocked.Has(signal) || (Flags & TaskFlags.Exiting) != 0) return false;
        if (signal == Signal.SIGKILL) return true;
        return State is not (TaskState.Stopped or TaskState.Traced) && (Processor != null || !HasPendingBesides(signal));
    }

    // The signal that is being sent is in the mask already; any other has woken the task before.
    private bool HasPendingBesides(Signal signal) => ((Pending.Mask | Group.Pending.Mask) & ~Blocked & ~SignalSet.Bit(signal)) != 0;

    // Linux: sig_fatal and its callers' conditions.
    internal bool WouldDieOf(Signal signal) =>
        Handlers![signal].IsDefault && !(SignalSet.IgnoredByDefault | SignalSet.Stop).Has(signal) && !RealBlocked.Has(signal)
        && (!Group.IsNamespaceInit || SignalSet.KernelOnly.Has(signal));

    /// <summary>Has it look at its signals soon: ends an interruptible sleep, or guest code on another processor. Linux: signal_wake_up.</summary>
    [KernelFunction("kernel/signal.c", "void signal_wake_up_state(struct task_struct *t = this, unsigned int state = fatal)")]
    internal void NoticeSignal(bool fatal)
    {
        if (State == TaskState.Interruptible || (fatal && State is TaskState.Killable or TaskState.Stopped or TaskState.Traced)) MakeRunnable();
        else if (Processor != null && Processor.Current == this) Processor.Machine.RequestPreemption();
    }

    // Runs before user mode whenever HasWorkBeforeUserMode says so.
    [AsyncMethodBuilder(typeof(KernelMethodBuilder))]
    private async ValueTask PrepareUserModeAsync()
    {
        UpdateRseq();
        while (HasPendingSignal || Group.IsGroupExiting)
        {
            (bool taken, SignalInfo info, SignalAction action) = await NextSignalAsync();
            if (HasExited) return;
            if (!taken) break;
            EnterHandler(info, action);
        }
        if (MustResolveRestart) RestartSystemCall();
        if (!_hasSavedMask) return;
        _hasSavedMask = false;
        SetBlocked(_savedMask);
    }

    /// <summary>Takes a signal for sigwait and the like. Linux: kernel/signal.c, dequeue_signal.</summary>
    internal bool TryClearSignal(ulong blocked, out SignalInfo info)
    {
        if (!TakeSignal(blocked, out info)) return false;
        if (Kernel.Watches(EventKind.SignalCleared)) Kernel.FireTaken(Kernel.Probes.SignalCleared, info);
        return true;
    }

    // The next signal that has a handler. Everything else is dealt with in here; the task may be dead afterwards.
    [KernelFunction("kernel/signal.c", "bool get_signal(struct ksignal *ksig = null)", Result = "returned.Taken")]
    [AsyncMethodBuilder(typeof(KernelMethodBuilder<>))]
    internal async ValueTask<(bool Taken, SignalInfo Info, SignalAction Action)> NextSignalAsync()
    {
        while (true)
        {
            ReportStopOrContinue();
            if (Group.IsGroupExiting || (Group.ExecTask != null && Group.ExecTask != this))
            {
                await ExitAsync(Group.IsGroupExiting ? Group.GroupExitCode : (int)Signal.SIGKILL);
                return default;
            }
            if (_stopPending)
            {
                await StopAsync(0);
                continue;
            }
            if (!TakeSignal(out SignalInfo info)) return default;
            Signal signal = info.Signal;
            SignalAction action = Handlers![signal];
            bool forced = _forced.Has(signal);
            _forced &= ~SignalSet.Bit(signal);
            if (action.IsIgnored) continue;
            if (!action.IsDefault)
            {
                if (action.Has(SignalActionFlags.ResetHandler)) Handlers.Change(signal).Handler = SignalAction.Default;
                return (true, info, action);
            }
            if (SignalSet.IgnoredByDefault.Has(signal)) continue;
            if (Group.IsNamespaceInit && !forced && !SignalSet.KernelOnly.Has(signal)) continue;
            bool isStop = SignalSet.Stop.Has(signal);
            if (isStop && signal != Signal.SIGSTOP && Group.ProcessGroup.IsOrphaned) continue;
            if (Kernel.Watches(EventKind.SignalHandled)) Kernel.FireTaken(Kernel.Probes.SignalHandled, info);
            if (isStop)
            {
                await StopAsync(signal);
                continue;
            }
            await DieOfAsync(signal);
            return default;
        }
    }

    // Private signals first; faults of our own before anything else. Linux: dequeue_synchronous_signal, dequeue_signal.
    private bool TakeSignal(out SignalInfo info) => TakeSignal(Blocked, out info);

    [KernelFunction("kernel/signal.c", "int dequeue_signal(unsigned long mask = blocked)")]
    internal bool TakeSignal(ulong blocked, out SignalInfo info)
    {
        bool taken = Pending.TryTake(blocked, out info, out QueuedSignal? queued) || Group.Pending.TryTake(blocked, out info, out queued);
        if (!taken) return false;
        if (SignalSet.Stop.Has(info.Signal)) _stopDequeued = true;
        if (info.Signal == Signal.SIGALRM) Group.Timers.OnAlarmTaken();
        if (queued?.Source is Time.PosixTimer timer) timer.OnSignalTaken(ref info);
        return true;
    }

    private async ValueTask DieOfAsync(Signal signal)
    {
        Flags |= TaskFlags.Signaled;
        int code = (int)signal;
        if (SignalSet.CoreDump.Has(signal) && Group.Limits.Soft(Resource.Core) >= FramePool.FrameSize)
        {
            // Differs from Linux: the flag is set, but no core file is written.
            code |= 0x80;
            Flags |= TaskFlags.DumpedCore;
        }
        await ExitGroupAsync(code);
    }

    // Linux: retarget_shared_pending.
    [KernelFunction("kernel/signal.c", "void retarget_shared_pending(struct task_struct *tsk = this, unsigned long which)")]
    internal void RetargetShared(ulong which)
    {
        which &= Group.Pending.Mask;
        foreach (LinuxTask thread in Group.Threads)
        {
            if (which == 0) return;
            if (thread == this || (thread.Flags & TaskFlags.Exiting) != 0 || (which & ~thread.Blocked) == 0) continue;
            which &= thread.Blocked;
            thread.NoticeSignal(fatal: false);
        }
    }
}
