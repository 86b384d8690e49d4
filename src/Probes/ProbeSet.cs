namespace Kennel.Probes;

/// <summary>All probe points of one kernel.</summary>
public sealed class ProbeSet
{
    private readonly Probe[] _all = [.. Enum.GetValues<EventKind>().Select(k => new Probe(k))];

    /// <summary>The point of a kind.</summary>
    public Probe this[EventKind kind] => _all[(int)kind];

    public Probe ThreadCreated => this[EventKind.ThreadCreated];

    public Probe ProcessCreated => this[EventKind.ProcessCreated];

    public Probe FirstWakeup => this[EventKind.FirstWakeup];

    public Probe TaskStarted => this[EventKind.TaskStarted];

    public Probe ExecEntered => this[EventKind.ExecEntered];

    public Probe ExecSucceeded => this[EventKind.ExecSucceeded];

    public Probe ExecFailed => this[EventKind.ExecFailed];

    public Probe ThreadExited => this[EventKind.ThreadExited];

    public Probe ProcessExited => this[EventKind.ProcessExited];

    public Probe Faulted => this[EventKind.Faulted];

    public Probe WaitBlocked => this[EventKind.WaitBlocked];

    public Probe TaskReleased => this[EventKind.TaskReleased];

    public Probe ProcessFreed => this[EventKind.ProcessFreed];

    public Probe SignalSent => this[EventKind.SignalSent];

    public Probe SignalDiscarded => this[EventKind.SignalDiscarded];

    public Probe SignalHandled => this[EventKind.SignalHandled];

    public Probe SignalCleared => this[EventKind.SignalCleared];

    public Probe Stopped => this[EventKind.Stopped];

    public Probe Continued => this[EventKind.Continued];

    public Probe OnCpu => this[EventKind.OnCpu];

    public Probe OffCpu => this[EventKind.OffCpu];

    public Probe Sleep => this[EventKind.Sleep];

    public Probe Wakeup => this[EventKind.Wakeup];

    public Probe Enqueued => this[EventKind.Enqueued];

    public Probe Dequeued => this[EventKind.Dequeued];

    public Probe Tick => this[EventKind.Tick];

    public Probe Preempted => this[EventKind.Preempted];

    public Probe RemainedOnCpu => this[EventKind.RemainedOnCpu];

    public Probe Surrendered => this[EventKind.Surrendered];

    public Probe PriorityChanged => this[EventKind.PriorityChanged];

    public Probe Migrated => this[EventKind.Migrated];

    public Probe SyscallEntered => this[EventKind.SyscallEntered];

    public Probe SyscallReturned => this[EventKind.SyscallReturned];

    public Probe PageFault => this[EventKind.PageFault];

    public Probe PageFaultReturned => this[EventKind.PageFaultReturned];

    public Probe UserBreakpoint => this[EventKind.UserBreakpoint];

    /// <summary>Who may change system calls before they are made; null for nobody (strace's -e inject).</summary>
    public ISyscallInjector? Injector { get; set; }
}
