using Kennel.Probes;

namespace Kennel.Tracing.Timeline;

/// <summary>
/// Draws what a machine does over time: a row for each thread with its states, arrows from who made, woke or reaped whom, marks,
/// counters. It writes while the guest runs, and keeps only what still lives.
/// </summary>
/// <remarks>
/// States follow from few events: OnCpu and OffCpu say what runs and, by the state's letter, what comes after; Wakeup and
/// FirstWakeup end a sleep; TaskReleased ends the row. guard-note: all of it runs inside the kernel lock.
/// </remarks>
public sealed partial class TimelineTracer : ITracer
{
    private readonly TimelineOptions _options;
    private readonly TimelineOutput _output;
    private readonly ITimelineWriter _writer;
    private readonly TaskCompletionSource<int> _ended = new();
    private readonly List<Probe> _attached = [];
    private ITraceTarget? _target;
    private string?[] _callNames = [];
    private StackSampler? _sampler;
    private long _origin;
    private long _last;

    /// <summary>Makes one; it begins when it is attached to a machine.</summary>
    /// <param name="stream">Takes the file; stays open.</param>
    /// <param name="format">How.</param>
    /// <param name="options">What.</param>
    public TimelineTracer(Stream stream, TimelineFormat format, TimelineOptions? options = null)
    {
        _options = options ?? new TimelineOptions();
        _output = new TimelineOutput(stream);
        _writer = format == TimelineFormat.Page ? new TimelinePageWriter(_output) : new ChromeTraceWriter(_output);
    }

    /// <summary>Never by itself.</summary>
    public Task<int> Ended => _ended.Task;

    /// <summary>Why the file is not whole; null when it is.</summary>
    public string? Error => _output.Error;

    /// <summary>How long the guest has waited for the file.</summary>
    public TimeSpan Waited => _output.Waited;

    /// <summary>Threads that it keeps something of.</summary>
    internal int Rows => _threads.Count;

    /// <inheritdoc/>
    public void Attach(ITraceTarget target)
    {
        if (_target != null) throw new InvalidOperationException("a timeline serves one machine, once");
        _target = target;
        _origin = target.Now;
        foreach (SyscallShape call in target.Model.Syscalls)
        {
            if (call.Number >= _callNames.Length) Array.Resize(ref _callNames, call.Number + 64);
            _callNames[call.Number] = call.Name;
        }
        foreach (ITracedTask task in target.Model.Tasks) _old.Add(task.Process);
        _writer.Start(new TimelineHeader(_options.Title, target.Processors, target.WallClock));
        Count();
        EventKind[] kinds =
        [
            EventKind.ThreadCreated, EventKind.FirstWakeup, EventKind.ExecSucceeded, EventKind.ExecFailed,
            EventKind.ThreadExited, EventKind.ProcessExited, EventKind.TaskReleased, EventKind.Faulted, EventKind.SignalSent,
            EventKind.SignalDiscarded, EventKind.SignalHandled, EventKind.SignalCleared, EventKind.OnCpu, EventKind.OffCpu, EventKind.Sleep, EventKind.Wakeup,
            EventKind.PageFaultReturned,
        ];
        foreach (EventKind kind in kinds) Watch(target.Probes[kind]);
        if (_options.SystemCalls)
        {
            Watch(target.Probes.SyscallEntered);
            Watch(target.Probes.SyscallReturned);
        }
        if (_options.SampleRate > 0) _sampler = new StackSampler(target, _options.SampleRate, OnSample);
    }

    /// <inheritdoc/>
    public void SetTarget(int processId)
    {
        // All processes are shown alike.
    }

    /// <inheritdoc/>
    public int? Detach()
    {
        if (_target is not { } target) return null;
        foreach (Probe probe in _attached) probe.Detach(OnEvent);
        _attached.Clear();
        _sampler?.Dispose();
        _last = Math.Max(_last, target.Now - _origin);
        CloseAll();
        _writer.Finish(_last);
        _output.Flush();
        return null;
    }

    private void Watch(Probe probe)
    {
        probe.Attach(OnEvent);
        _attached.Add(probe);
    }

    private void OnEvent(in KernelEvent e)
    {
        _last = Math.Max(_last, e.Time - _origin);
        Take(e);
    }

    private void OnSample(ITracedTask task, string stack)
    {
        _last = Math.Max(_last, _target!.Now - _origin);
        if (Find(task) is { } thread) _writer.Mark(_last, thread, MarkKind.Sample, stack);
    }
}
