using System.Diagnostics;
using Kennel.Abi;
using Kennel.Probes;
using Kennel.Tracing.SystemCalls.Tables;

namespace Kennel.Tracing.Activities;

/// <summary>
/// Makes spans of a run, for OpenTelemetry and whoever else listens to the <see cref="ActivitySource"/> named <see cref="SourceName"/>: one for
/// each process, below that of the process that made it, and one for each further thread, below its process. Programs that a process
/// runs, and failed tries, are events of its span; how it ended is among its attributes (named as OpenTelemetry's semantic conventions do).
/// </summary>
/// <example><code>
/// using TracerProvider provider = Sdk.CreateTracerProviderBuilder().AddSource(ActivityTracer.SourceName).AddOtlpExporter().Build();
/// sandbox.Attach(new ActivityTracer());
/// </code></example>
public sealed class ActivityTracer : ITracer
{
    /// <summary>What to listen to.</summary>
    public const string SourceName = "Kennel";

    private readonly ActivitySource _source = new(SourceName);
    private readonly ActivityContext _parent;
    private readonly Dictionary<object, Activity> _processes = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<ITracedTask, Activity> _threads = new(ReferenceEqualityComparer.Instance);
    private readonly Watches _watches = new();
    private readonly TaskCompletionSource<int> _ended = new();
    private ITraceTarget _target = null!;

    /// <summary>The first program's span becomes a child of the span that is current now; of none, if there is none.</summary>
    public ActivityTracer() => _parent = Activity.Current?.Context ?? default;

    /// <inheritdoc/>
    public Task<int> Ended => _ended.Task;

    /// <inheritdoc/>
    public void Attach(ITraceTarget target)
    {
        _target = target;
        _watches.Add(target.Probes.ProcessCreated, OnProcessCreated);
        _watches.Add(target.Probes.ThreadCreated, OnThreadCreated);
        _watches.Add(target.Probes.ExecSucceeded, OnExecuted);
        _watches.Add(target.Probes.ExecFailed, OnExecFailed);
        _watches.Add(target.Probes.ThreadExited, OnThreadExited);
        _watches.Add(target.Probes.ProcessExited, OnProcessExited);
    }

    /// <inheritdoc/>
    public void SetTarget(int processId)
    {
        if (_target.Model.FindTask(processId) is { } task) StartProcess(task, _parent, _target.Now);
    }

    /// <inheritdoc/>
    public int? Detach()
    {
        _watches.Clear();
        foreach (Activity span in _threads.Values.Concat(_processes.Values)) Stop(span, _target.Now);
        _threads.Clear();
        _processes.Clear();
        _source.Dispose();
        return null;
    }

    private void OnProcessCreated(in KernelEvent e)
    {
        if (_processes.TryGetValue(e.Task.Process, out Activity? parent)) StartProcess(e.Target!, parent.Context, e.Time);
    }

    private void OnThreadCreated(in KernelEvent e)
    {
        if (e.Target!.Process != e.Task.Process || !_processes.TryGetValue(e.Task.Process, out Activity? process)) return;
        if (Start($"thread {e.Target.ThreadId}", process.Context, e.Time) is not { } span) return;
        span.SetTag("process.pid", e.Target.ProcessId).SetTag("thread.id", e.Target.ThreadId).SetTag("thread.name", e.Target.Name);
        _threads[e.Target] = span;
    }

    private void OnExecuted(in KernelEvent e)
    {
        if (!_processes.TryGetValue(e.Task.Process, out Activity? span)) return;
        string[] arguments = [.. e.Task.Arguments];
        span.DisplayName = e.Task.Name;
        span.SetTag("process.executable.name", e.Task.Name).SetTag("process.executable.path", e.Text).SetTag("process.command_args", arguments);
        var tags = new ActivityTagsCollection { ["process.executable.path"] = e.Text, ["process.command_args"] = arguments };
        span.AddEvent(new ActivityEvent("exec", Wall(e.Time), tags));
    }

    private void OnExecFailed(in KernelEvent e)
    {
        if (!_processes.TryGetValue(e.Task.Process, out Activity? span)) return;
        var tags = new ActivityTagsCollection { ["process.executable.path"] = e.Text, ["error.type"] = ErrorNames.Name(e.Number) };
        span.AddEvent(new ActivityEvent("exec failed", Wall(e.Time), tags));
    }

    private void OnThreadExited(in KernelEvent e)
    {
        (long user, long system) = e.Task.CpuTime;
        if (_processes.TryGetValue(e.Task.Process, out Activity? process))
        {
            Add(process, "process.cpu.user_seconds", user);
            Add(process, "process.cpu.system_seconds", system);
        }
        if (!_threads.Remove(e.Task, out Activity? span)) return;
        Stop(span.SetTag("thread.name", e.Task.Name), e.Time);
    }

    private void OnProcessExited(in KernelEvent e)
    {
        if (!_processes.Remove(e.Task.Process, out Activity? span)) return;
        var status = new WaitStatus(e.Number);
        var tags = new ActivityTagsCollection();
        if (status.HasExited)
        {
            tags["process.exit.code"] = status.ExitCode;
            span.SetTag("process.exit.code", status.ExitCode);
        }
        else
        {
            string signal = SignalText.Name((int)status.TerminationSignal);
            tags["process.exit.signal"] = signal;
            span.SetTag("process.exit.signal", signal).SetStatus(ActivityStatusCode.Error, $"killed by {signal}");
        }
        span.AddEvent(new ActivityEvent("exit", Wall(e.Time), tags));
        Stop(span, e.Time);
    }

    private void StartProcess(ITracedTask task, ActivityContext parent, long time)
    {
        if (Start(task.Name, parent, time) is not { } span) return;
        span.SetTag("process.pid", task.ProcessId).SetTag("process.executable.name", task.Name);
        if (task.Parent is { } maker) span.SetTag("process.parent_pid", maker.ProcessId);
        _processes[task.Process] = span;
    }

    // Spans of guests are nobody's current span on the threads that the machine runs on.
    private Activity? Start(string name, ActivityContext parent, long time)
    {
        Activity? before = Activity.Current;
        Activity.Current = null;
        Activity? span = _source.StartActivity(name, ActivityKind.Internal, parent, startTime: Wall(time));
        Activity.Current = before;
        return span;
    }

    private void Stop(Activity span, long time)
    {
        Activity? before = Activity.Current;
        span.SetEndTime(Wall(time).UtcDateTime);
        span.Stop();
        Activity.Current = before;
    }

    private static void Add(Activity span, string tag, long nanoseconds) => span.SetTag(tag, (span.GetTagItem(tag) as double? ?? 0) + (nanoseconds / 1e9));

    private DateTimeOffset Wall(long time) => DateTimeOffset.UnixEpoch.AddTicks((_target.WallClock - _target.Now + time) / 100);
}
