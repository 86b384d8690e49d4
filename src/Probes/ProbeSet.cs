namespace Kennel.Probes;

/// <summary>All probe points of one kernel.</summary>
/// <remarks>
/// guard-note: the kernel lock.
/// </remarks>
public sealed class ProbeSet
{
    /// <summary>
    /// Whether the kernel was built with its probe points. A build with <c>-p:KennelProbes=false</c> has none, so that what they cost while nobody watches can
    /// be measured.
    /// </summary>
    public const bool AreBuilt =
#if NO_PROBES
        false;
#else
        true;
#endif

    private readonly Probe?[] _all = new Probe?[MostKinds];

    // As many as Watched has bits.
    private const int MostKinds = 64;

    public ProbeSet()
    {
        Probe[] all =
        [
            ThreadCreated, ProcessCreated, FirstWakeup, TaskStarted, ExecEntered, ExecSucceeded, ExecFailed, ThreadExited, ProcessExited,
            Faulted, WaitBlocked, TaskReleased, ProcessFreed, SignalSent, SignalDiscarded, SignalHandled, SignalCleared, Stopped,
            Continued, OnCpu, OffCpu, Sleep, Wakeup, Enqueued, Dequeued, Tick, Preempted, RemainedOnCpu, Surrendered, PriorityChanged,
            Migrated, SyscallEntered, SyscallReturned, PageFault, PageFaultReturned, TransferStarted, TransferDone, UserBreakpoint,
        ];
        foreach (Probe probe in all)
        {
            _all[(int)probe.Kind] = probe;
            probe.Changed = Update;
            probe.Failed = bug => SinkFailed?.Invoke(bug);
        }
    }

    /// <summary>Told of a watcher that threw, and was removed from the point where it did.</summary>
    public Action<Exception>? SinkFailed { get; set; }

    /// <summary>The point of a kind.</summary>
    /// <exception cref="ArgumentException">Functions have points of their own: <see cref="KernelFunction"/>.</exception>
    public Probe this[EventKind kind] => _all[(int)kind] ?? throw new ArgumentException($"{kind} has no one point: see KernelFunction");

    /// <summary>
    /// Which kinds are watched: a bit for each. The one of <see cref="EventKind.SyscallEntered"/> is set whenever system calls must be looked at on their way, the one of
    /// <see cref="EventKind.FunctionEntered"/> whenever functions must.
    /// </summary>
    public ulong Watched { get; private set; }

    /// <summary>Told when <see cref="Watched"/> changes.</summary>
    public Action? Changed { get; set; }

    /// <summary>
    /// Called outside the kernel lock before guest code goes on; null for nobody. Who cannot keep up with records waits here, and so slows the
    /// guest, without keeping anybody else out of the kernel.
    /// </summary>
    public Action? Brake { get; set; }

    /// <summary>Who may change system calls before they are made; null for nobody (strace's -e inject).</summary>
    public ISyscallInjector? Injector
    {
        get;
        set
        {
            field = value;
            Update();
        }
    }

    public Probe ThreadCreated { get; } = new(EventKind.ThreadCreated);

    public Probe ProcessCreated { get; } = new(EventKind.ProcessCreated);

    public Probe FirstWakeup { get; } = new(EventKind.FirstWakeup);

    public Probe TaskStarted { get; } = new(EventKind.TaskStarted);

    public Probe ExecEntered { get; } = new(EventKind.ExecEntered);

    public Probe ExecSucceeded { get; } = new(EventKind.ExecSucceeded);

    public Probe ExecFailed { get; } = new(EventKind.ExecFailed);

    public Probe ThreadExited { get; } = new(EventKind.ThreadExited);

    public Probe ProcessExited { get; } = new(EventKind.ProcessExited);

    public Probe Faulted { get; } = new(EventKind.Faulted);

    public Probe WaitBlocked { get; } = new(EventKind.WaitBlocked);

    public Probe TaskReleased { get; } = new(EventKind.TaskReleased);

    public Probe ProcessFreed { get; } = new(EventKind.ProcessFreed);

    public Probe SignalSent { get; } = new(EventKind.SignalSent);

    public Probe SignalDiscarded { get; } = new(EventKind.SignalDiscarded);

    public Probe SignalHandled { get; } = new(EventKind.SignalHandled);

    public Probe SignalCleared { get; } = new(EventKind.SignalCleared);

    public Probe Stopped { get; } = new(EventKind.Stopped);

    public Probe Continued { get; } = new(EventKind.Continued);

    public Probe OnCpu { get; } = new(EventKind.OnCpu);

    public Probe OffCpu { get; } = new(EventKind.OffCpu);

    public Probe Sleep { get; } = new(EventKind.Sleep);

    public Probe Wakeup { get; } = new(EventKind.Wakeup);

    public Probe Enqueued { get; } = new(EventKind.Enqueued);

    public Probe Dequeued { get; } = new(EventKind.Dequeued);

    public Probe Tick { get; } = new(EventKind.Tick);

    public Probe Preempted { get; } = new(EventKind.Preempted);

    public Probe RemainedOnCpu { get; } = new(EventKind.RemainedOnCpu);

    public Probe Surrendered { get; } = new(EventKind.Surrendered);

    public Probe PriorityChanged { get; } = new(EventKind.PriorityChanged);

    public Probe Migrated { get; } = new(EventKind.Migrated);

    public Probe SyscallEntered { get; } = new(EventKind.SyscallEntered);

    public Probe SyscallReturned { get; } = new(EventKind.SyscallReturned);

    public Probe PageFault { get; } = new(EventKind.PageFault);

    public Probe PageFaultReturned { get; } = new(EventKind.PageFaultReturned);

    public Probe TransferStarted { get; } = new(EventKind.TransferStarted);

    public Probe TransferDone { get; } = new(EventKind.TransferDone);

    public Probe UserBreakpoint { get; } = new(EventKind.UserBreakpoint);

    /// <summary>Whether somebody watches the functions that system calls are.</summary>
    public bool AreSyscallFunctionsWatched
    {
        get;
        set
        {
            field = value;
            Update();
        }
    }

    /// <summary>How many timers sample what runs: while there are any, a timer that falls due inside a system call is served there.</summary>
    public int Samplers
    {
        get;
        set
        {
            field = value;
            Update();
        }
    }

    /// <summary>Whether somebody watches functions, or wants it noted which of them tasks are in.</summary>
    public bool AreFunctionsWatched
    {
        get;
        set
        {
            field = value;
            Update();
        }
    }

    private void Update()
    {
        ulong watched = 0;
        foreach (Probe? probe in _all)
        {
            if (probe is { IsEnabled: true }) watched |= Bit(probe.Kind);
        }
        if (AreSyscallFunctionsWatched || Injector != null || Samplers > 0) watched |= Bit(EventKind.SyscallEntered);
        if (AreFunctionsWatched) watched |= Bit(EventKind.FunctionEntered);
        Watched = watched;
        Changed?.Invoke();
    }

    private static ulong Bit(EventKind kind) => 1ul << (int)kind;
}
