using Kennel.Abi;
using Kennel.Credentials;
using Kennel.Probes;
using Kennel.Signals;
using Kennel.Views;

namespace Kennel.Tasks;

/// <summary>
/// Sending a signal. Protocol: stop and continue signals cancel each other at once; what would be ignored is dropped; the rest
/// is marked as pending, for one thread or for the process; then a thread that may take it is woken. A signal that ends the
/// process puts SIGKILL into every thread right here, so that nobody returns to user mode. Taking signals is in LinuxTask.Signals.
/// </summary>
public sealed partial class ThreadGroup
{
    /// <summary>Signals for the process, whichever thread takes them.</summary>
    public PendingSignals Pending { get; } = new();

    /// <summary>What became of the process as a whole.</summary>
    internal GroupSignalFlags SignalFlags { get; set; }

    /// <summary>The status word while exiting, or the signal while stopped (Linux: group_exit_code).</summary>
    internal int GroupExitCode { get; set; }

    /// <summary>Threads that have yet to stop (Linux: group_stop_count).</summary>
    internal int StopCount { get; set; }

    /// <summary>The thread that runs exec and waits for the others to go (Linux: group_exec_task).</summary>
    internal LinuxTask? ExecTask { get; set; }

    /// <summary>Whether exit_group, a fatal signal or the last exec ends it.</summary>
    internal bool IsGroupExiting => (SignalFlags & GroupSignalFlags.GroupExit) != 0;

    /// <summary>Whether all threads are stopped.</summary>
    public bool IsStopped => (SignalFlags & GroupSignalFlags.StopStopped) != 0;

    /// <summary>Sends a signal to the process. EAGAIN when a real-time signal finds no room.</summary>
    public Errno Send(in SignalInfo info) => Send(Leader, info, toProcess: true);

    // Linux: kernel/signal.c, send_signal_locked and __send_signal_locked.
    [KernelFunction("kernel/signal.c", "int send_signal_locked(int sig = info.Number, struct kernel_siginfo *info = (object)info, struct task_struct *t = target, enum pid_type type = toProcess)")]
    [KernelFunction("kernel/signal.c", "int __send_signal_locked(int sig = info.Number, struct kernel_siginfo *info = (object)info, struct task_struct *t = target, enum pid_type type = toProcess)")]
    internal Errno Send(LinuxTask target, in SignalInfo info, bool toProcess, object? source = null)
    {
        Signal signal = info.Signal;
        if (Kernel.Watches(EventKind.SignalSent)) Kernel.FireSignal(Kernel.Probes.SignalSent, target, info, toProcess);
        SignalInfo translated = Translate(info, target, out bool force);
        bool isGone = toProcess ? LiveThreads == 0 : target.HasExited; // a dead leader's process may well live
        if (isGone || target.Handlers == null || !Prepare(signal, target, force))
        {
            if (Kernel.Watches(EventKind.SignalDiscarded)) Kernel.FireSignal(Kernel.Probes.SignalDiscarded, target, info, toProcess);
            return Errno.None;
        }
        PendingSignals pending = toProcess ? Pending : target.Pending;
        if (!SignalSet.IsRealtime(signal) && pending.Mask.Has(signal)) return Errno.None;
        QueuedSignal? queued = null;
        if (signal != Signal.SIGKILL && !target.IsKernelThread)
        {
            queued = Charge(target, translated, source);
            if (queued == null && SignalSet.IsRealtime(signal) && info.Code != SignalCode.User) return Errno.EAGAIN;
        }
        pending.Add(signal, queued);
        Handlers?.NotifyListeners();
        Complete(signal, target, toProcess);
        return Errno.None;
    }

    private SignalHandlers? Handlers => Leader.Handlers ?? Threads.Find(t => t.Handlers != null)?.Handlers;

    // The sender's ids are told as the receiver's namespace sees them; who comes from outside it cannot be kept out by its init.
    private SignalInfo Translate(in SignalInfo info, LinuxTask target, out bool force)
    {
        LinuxTask? sender = Kernel.Current;
        force = info.Code == SignalCode.Kernel || sender == null;
        if (info.Code is not (SignalCode.User or SignalCode.Queue or SignalCode.Tkill) || sender == null) return info;
        SignalInfo result = info;
        int seen = sender.Group.Leader.Numbers.In(target.Numbers.Owner).Value;
        if (seen == 0) force = true;
        if (sender.Numbers.Owner != target.Numbers.Owner) result.Pid = seen;
        return result;
    }

    private static QueuedSignal? Charge(LinuxTask target, in SignalInfo info, object? source)
    {
        UserAccount account = target.Kernel.Users[target.Credential.Uid];
        bool mustFit = source != null || (!SignalSet.IsRealtime(info.Signal) && info.Code >= 0); // a timer's, the kernel's own, or plain kill
        if (mustFit) account.ChargeSignal();
        else if (!account.TryChargeSignal(target.Group.Limits.Soft(Resource.PendingSignals))) return null;
        return new QueuedSignal(info, account) { Source = source };
    }

    // Answers whether the signal is to be delivered at all. Linux: prepare_signal.
    [KernelFunction("kernel/signal.c", "bool prepare_signal(int sig = signal, struct task_struct *p = target, bool force)")]
    internal bool Prepare(Signal signal, LinuxTask target, bool force)
    {
        if (IsGroupExiting) return false;
        if (SignalSet.Stop.Has(signal)) FlushEverywhere(SignalSet.Bit(Signal.SIGCONT));
        else if (signal == Signal.SIGCONT) Continue();
        return !target.Ignores(signal, force);
    }

    // SIGCONT works when it is sent, even if it is blocked or ignored.
    private void Continue()
    {
        FlushEverywhere(SignalSet.Stop);
        foreach (LinuxTask thread in Threads)
        {
            thread.ClearStopPending();
            if (thread.State == TaskState.Stopped) thread.ContinueFromStop();
        }
        GroupSignalFlags why = GroupSignalFlags.None;
        if (IsStopped) why = GroupSignalFlags.ReportContinued;
        else if (StopCount > 0) why = GroupSignalFlags.ReportStopped;
        if (why == GroupSignalFlags.None) return;
        // The first thread that looks at its signals tells the parent.
        SignalFlags = (SignalFlags & ~GroupSignalFlags.StopMask) | why | GroupSignalFlags.StopContinued;
        StopCount = 0;
        GroupExitCode = 0;
    }

    private void FlushEverywhere(ulong set)
    {
        Pending.Flush(set);
        foreach (LinuxTask thread in Threads) thread.Pending.Flush(set);
    }

    // Finds a thread to take the signal and wakes it. Linux: complete_signal.
    [KernelFunction("kernel/signal.c", "void complete_signal(int sig = signal, struct task_struct *p = target, enum pid_type type = toProcess)")]
    internal void Complete(Signal signal, LinuxTask target, bool toProcess)
    {
        LinuxTask? taker = target.Wants(signal) ? target : null;
        if (taker == null)
        {
            if (!toProcess) return;
            foreach (LinuxTask thread in Threads)
            {
                if (!thread.Wants(signal)) continue;
                taker = thread;
                break;
            }
            if (taker == null) return; // everybody blocks it; who unblocks it finds it
        }
        if (taker.WouldDieOf(signal) && !SignalSet.CoreDump.Has(signal) && !IsGroupExiting)
        {
            BeginExit((int)signal);
            return;
        }
        taker.NoticeSignal(fatal: signal == Signal.SIGKILL);
    }

    /// <summary>Every thread is to die with this status: SIGKILL in each. Linux: zap_other_threads, and complete_signal's fatal part.</summary>
    internal void BeginExit(int code)
    {
        SignalFlags = GroupSignalFlags.GroupExit;
        GroupExitCode = code;
        StopCount = 0;
        KillThreads(except: null);
    }

    /// <summary>Puts SIGKILL into all threads but one. Linux: zap_other_threads.</summary>
    [KernelFunction("kernel/signal.c", "int zap_other_threads(struct task_struct *p = except)")]
    internal void KillThreads(LinuxTask? except)
    {
        StopCount = 0;
        foreach (LinuxTask thread in Threads)
        {
            if (thread == except) continue;
            thread.ClearStopPending();
            if (thread.HasExited) continue;
            thread.Pending.Add(Signal.SIGKILL, null);
            thread.NoticeSignal(fatal: true);
        }
    }
}

/// <summary>SIGNAL_* of include/linux/sched/signal.h.</summary>
[Flags]
internal enum GroupSignalFlags
{
    None = 0,

    /// <summary>All threads are stopped.</summary>
    StopStopped = 1,

    /// <summary>It went on since, and wait has not reported that.</summary>
    StopContinued = 2,

    /// <summary>It is on its way out.</summary>
    GroupExit = 4,

    /// <summary>The parent is to be told that it stopped, though it went on again.</summary>
    ReportStopped = 0x10,

    /// <summary>The parent is to be told that it went on.</summary>
    ReportContinued = 0x20,

    ReportMask = ReportStopped | ReportContinued,
    StopMask = StopStopped | StopContinued | ReportMask,
}
