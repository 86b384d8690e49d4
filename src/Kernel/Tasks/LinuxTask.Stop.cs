using System.Runtime.CompilerServices;
using Kennel.Abi;
using Kennel.Probes;
using Kennel.Signals;
using Kennel.Views;
using Kennel.Waiting;

namespace Kennel.Tasks;

/// <summary>
/// Stopping and going on. Protocol: the thread that takes a stop signal asks all threads of the process to stop; each does so
/// on its own way to user mode; the last one marks the process as stopped and tells the parent. SIGCONT, when it is sent,
/// wakes all of them (ThreadGroup.Signals, Continue); the first to run tells the parent that the process went on.
/// </summary>
/// <remarks>Linux: kernel/signal.c, do_signal_stop and task_participate_group_stop. guard-note: the kernel lock.</remarks>
public sealed partial class LinuxTask
{
    // JOBCTL_STOP_PENDING, JOBCTL_STOP_CONSUME (it is one of those StopCount waits for), JOBCTL_STOP_DEQUEUED.
    private bool _stopPending;
    private bool _countsForStop;
    private bool _stopDequeued;
    private WaitQueue? _stopWaiters;
    private bool _isStopped;

    internal void ClearStopPending()
    {
        _stopPending = false;
        _countsForStop = false;
        _stopDequeued = false;
    }

    internal void ContinueFromStop()
    {
        _isStopped = false;
        _stopWaiters?.WakeAll();
    }

    // Stops this thread; with a signal, the whole process.
    [KernelFunction("kernel/signal.c", "bool do_signal_stop(int signr = signal)")]
    [AsyncMethodBuilder(typeof(KernelMethodBuilder))]
    internal async ValueTask StopAsync(Signal signal)
    {
        if (!_stopPending)
        {
            // A SIGCONT or SIGKILL that came after the signal was taken has cancelled it.
            if (!_stopDequeued || Group.IsGroupExiting || Group.ExecTask != null) return;
            if (!Group.IsStopped) Group.GroupExitCode = (int)signal;
            Group.StopCount = 0;
            foreach (LinuxTask thread in Group.Threads) thread.AskToStop();
        }
        bool last = ParticipateInStop();
        _isStopped = true;
        if (last && Kernel.Watches(EventKind.Stopped)) Kernel.Fire(Kernel.Probes.Stopped, Group.GroupExitCode & 0x7f);
        if (last) NotifyParentOfStop(SignalCode.ChildStopped);
        _stopWaiters ??= new WaitQueue();
        await _stopWaiters.WaitAsync(this, this, static t => !t._isStopped, WaitMode.Stopped);
        _isStopped = false;
        if (!HasFatalSignal && Kernel.Watches(EventKind.Continued)) Kernel.Fire(Kernel.Probes.Continued);
    }

    private void AskToStop()
    {
        if (_isStopped || HasExited || (Flags & TaskFlags.Exiting) != 0 || HasFatalSignal) return;
        _stopPending = true;
        _countsForStop = true;
        Group.StopCount++;
        if (Kernel.Current != this) NoticeSignal(fatal: false);
    }

    // Answers whether this thread completes the stop of the process.
    private bool ParticipateInStop()
    {
        bool counts = _countsForStop;
        ClearStopPending();
        if (!counts) return false;
        if (Group.StopCount > 0) Group.StopCount--;
        if (Group.StopCount > 0 || Group.IsStopped) return false;
        Group.SignalFlags = (Group.SignalFlags & ~GroupSignalFlags.StopMask) | GroupSignalFlags.StopStopped;
        return true;
    }

    // A stop or continue that nobody has told the parent of yet.
    private void ReportStopOrContinue()
    {
        GroupSignalFlags report = Group.SignalFlags & GroupSignalFlags.ReportMask;
        if (report == GroupSignalFlags.None) return;
        Group.SignalFlags &= ~GroupSignalFlags.ReportMask;
        NotifyParentOfStop(report == GroupSignalFlags.ReportContinued ? SignalCode.ChildContinued : SignalCode.ChildStopped);
    }

    // Linux: do_notify_parent_cldstop.
    [KernelFunction("kernel/signal.c", "void do_notify_parent_cldstop(struct task_struct *tsk = this, bool for_ptracer = 0L, int why = code)")]
    internal void NotifyParentOfStop(int code)
    {
        LinuxTask? parent = Group.Leader.RealParent;
        if (parent?.Handlers == null) return;
        SignalInfo info = Group.DescribeFor(parent, code, code == SignalCode.ChildContinued ? (int)Signal.SIGCONT : Group.GroupExitCode & 0x7f);
        ref readonly SignalAction action = ref parent.Handlers[Signal.SIGCHLD];
        if (!action.IsIgnored && !action.Has(SignalActionFlags.NoChildStop)) parent.Group.Send(info);
        parent.Group.ChildWaiters.WakeAll();
    }
}
