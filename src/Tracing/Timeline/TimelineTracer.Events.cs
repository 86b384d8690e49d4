using Kennel.Abi;
using Kennel.Probes;

namespace Kennel.Tracing.Timeline;

/// <summary>What each event changes in the picture.</summary>
public sealed partial class TimelineTracer
{
    private void Take(in KernelEvent e)
    {
        switch (e.Kind)
        {
            case EventKind.ThreadCreated: OnCreated(e); break;
            case EventKind.FirstWakeup or EventKind.Wakeup: OnWakeup(e); break;
            case EventKind.OnCpu: OnCpu(e); break;
            case EventKind.OffCpu: OffCpu(e); break;
            case EventKind.Sleep: OnSleep(e); break;
            case EventKind.ExecSucceeded: OnExec(e); break;
            case EventKind.ExecFailed: Mark(e.Task, MarkKind.Exec, $"exec {e.Text} failed: {TimelineText.Error(e.Number)}"); break;
            case EventKind.ThreadExited: OnThreadExited(e); break;
            case EventKind.ProcessExited: OnProcessExited(e); break;
            case EventKind.TaskReleased: OnReleased(e); break;
            case EventKind.Faulted: Mark(e.Task, MarkKind.Fault, $"{TimelineText.Signal(e.Number)} at 0x{e.A0:x}"); break;
            case EventKind.SignalSent: Mark(e.Target, MarkKind.Signal, $"{TimelineText.Signal(e.Number)} from {TimelineText.Sender(e.Task)}"); break;
            case EventKind.SignalDiscarded: Mark(e.Target, MarkKind.Signal, $"{TimelineText.Signal(e.Number)} ignored"); break;
            case EventKind.SignalHandled: Mark(e.Task, MarkKind.Signal, TimelineText.Signal(e.Number) + (e.A0 != 0 ? " handler" : " default action")); break;
            case EventKind.SignalCleared: Mark(e.Task, MarkKind.Signal, $"{TimelineText.Signal(e.Number)} taken"); break;
            case EventKind.PageFaultReturned: OnFaultReturned(e); break;
            case EventKind.SyscallEntered: OnCall(e); break;
            case EventKind.SyscallReturned: OnCallReturned(e); break;
        }
    }

    private void OnCreated(in KernelEvent e)
    {
        if (e.Target == null) return;
        TimelineThread? maker = FindRunning(e.Task, e.Cpu);
        TimelineThread? made = Find(e.Target, maker);
        if (made == null) return;
        if (made.State == TimelineState.None) Change(made, TimelineState.New);
        if (maker != null) _writer.Flow(_last, FlowKind.Fork, maker, made);
    }

    private void OnWakeup(in KernelEvent e)
    {
        if (e.Target == null || Find(e.Target) is not { } woken) return;
        TimelineThread? waker = FindRunning(e.Task, e.Cpu);
        if (woken.State is not (TimelineState.Running or TimelineState.Runnable)) Change(woken, TimelineState.Runnable);
        if (e.Kind == EventKind.Wakeup && waker != null && waker != woken) _writer.Flow(_last, FlowKind.Wake, waker, woken);
    }

    private void OnCpu(in KernelEvent e) => FindRunning(e.Task, e.Cpu);

    private void OffCpu(in KernelEvent e)
    {
        _writer.Processor(_last, e.Cpu, null);
        if (_copied != _countedPages) Count();
        if (Known(e.Task) is not { } thread) return;
        if (thread.IsReleased)
        {
            Forget(e.Task, thread);
            return;
        }
        TimelineState next = (char)e.Number switch
        {
            'R' => TimelineState.Runnable,
            'D' => TimelineState.Blocked,
            'T' or 't' => TimelineState.Stopped,
            'Z' or 'X' => TimelineState.Zombie,
            _ => TimelineState.Sleeping,
        };
        thread.SleepCall = next is TimelineState.Sleeping or TimelineState.Blocked ? CallName(e.Task.Syscall) : null;
        if (next is not (TimelineState.Sleeping or TimelineState.Blocked)) thread.SleepText = null;
        Change(thread, next);
        thread.SleepText = null;
    }

    private void OnSleep(in KernelEvent e)
    {
        if (FindRunning(e.Task, e.Cpu) is { } thread) thread.SleepText = e.Text;
    }

    private void OnExec(in KernelEvent e)
    {
        if (FindRunning(e.Task, e.Cpu) is not { } thread) return;
        Rename(e.Task, thread, hasNewImage: true);
        _writer.Mark(_last, thread, MarkKind.Exec, $"exec {e.Text}");
    }

    private void OnThreadExited(in KernelEvent e)
    {
        if (FindRunning(e.Task, e.Cpu) is not { } thread) return;
        EndCall(thread, null);
        _writer.Mark(_last, thread, MarkKind.Exit, TimelineText.Exit(new WaitStatus(e.Number)));
    }

    private void OnProcessExited(in KernelEvent e)
    {
        if (FindRunning(e.Task, e.Cpu) is not { Process.HasExited: false } thread) return;
        thread.Process.HasExited = true;
        if (!thread.Process.IsCounted) return;
        _live--;
        _zombies++;
        Count();
    }

    private void OnReleased(in KernelEvent e)
    {
        if (e.Target == null || Known(e.Target) is not { } gone) return;
        TimelineThread? reaper = ReferenceEquals(e.Task, e.Target) ? null : FindRunning(e.Task, e.Cpu);
        if (reaper != null && gone.State != TimelineState.None) _writer.Flow(_last, FlowKind.Reap, gone, reaper);
        if (gone is { IsLeader: true, Process: { HasExited: true, IsCounted: true } })
        {
            _zombies--;
            Count();
        }
        gone.IsReleased = true;
        // Who reaps itself runs on until it leaves the processor.
        if (gone.State != TimelineState.Running) Forget(e.Target, gone);
    }

    private void OnFaultReturned(in KernelEvent e)
    {
        if (e.Number != 1) return;
        _copied++;
        if (_last - _counted >= CountInterval) Count();
    }

    private void OnCall(in KernelEvent e)
    {
        if (FindRunning(e.Task, e.Cpu) is not { } thread) return;
        EndCall(thread, null);
        thread.Call = CallName(e.Number) ?? $"syscall_{e.Number}";
        _writer.Call(_last, thread, thread.Call);
    }

    private void OnCallReturned(in KernelEvent e)
    {
        if (FindRunning(e.Task, e.Cpu) is { Call: not null } thread) EndCall(thread, TimelineText.Result(e.Result));
    }

    private void EndCall(TimelineThread thread, string? result)
    {
        if (thread.Call == null) return;
        thread.Call = null;
        _writer.CallEnd(_last, thread, result);
    }

    private void Mark(ITracedTask? task, MarkKind kind, string text)
    {
        if (task != null && Find(task) is { } thread) _writer.Mark(_last, thread, kind, text);
    }

    private string? CallName(int number) => (uint)number < (uint)_callNames.Length ? _callNames[number] : null;
}
