using Kennel.Abi;
using Kennel.Probes;
using Kennel.Tracing.SystemCalls.Calls;

namespace Kennel.Tracing.SystemCalls;

/// <summary>
/// A strace: follows all processes and threads, and hands what is to be shown to its lines (text or JSON), its table, or both; and does to
/// calls what -e inject says. All of it inside the kernel lock, so that nothing is lost and everything is in its order: a slow reader of
/// the output slows the guest.
/// </summary>
public sealed class StraceTracer : ITracer, ISyscallInjector
{
    private const int Execve = 59, MostIgnored = 1024;

    private readonly StraceOptions _options;
    private readonly StraceLines? _lines;
    private readonly TextWriter _output;
    private readonly TextWriter _messages;
    private readonly SummaryTable? _summary;
    private readonly PathFilter? _filter;
    private readonly Dictionary<ITracedTask, TracedThread> _threads = new(ReferenceEqualityComparer.Instance);
    private readonly TaskCompletionSource<int> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _allEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Watches _watches = new();
    private ITraceTarget _target = null!;
    private TracedThread? _found;

    /// <param name="output">Where the lines and the table go.</param>
    /// <param name="messages">Where messages about attaching go.</param>
    /// <param name="split">Opens an output for each thread, by its id, which then has its text (-ff); null for one output of all.</param>
    public StraceTracer(StraceOptions options, TextWriter output, TextWriter messages, Func<int, TextWriter>? split = null)
    {
        _options = options;
        (_output, _messages) = (output, messages);
        var settings = new PrintSettings { StringSize = options.StringSize, Verbose = options.Verbose, Paths = Math.Max(options.Paths, options.Expressions.Paths), Hex = (HexStrings)options.Hex };
        if (!options.SummaryOnly) _lines = Lines(options, settings, output, messages, split);
        if (options.Summary || options.SummaryOnly) _summary = new SummaryTable(options);
        if (options.TracedPaths.Count > 0) _filter = new PathFilter(options.TracedPaths);
    }

    /// <inheritdoc/>
    public Task<int> Ended => _ended.Task;

    /// <summary>Completes when all threads that were followed have ended.</summary>
    public Task AllEnded => _allEnded.Task;

    /// <inheritdoc/>
    public void Attach(ITraceTarget target)
    {
        _target = target;
        if (_lines != null) _lines.Target = target;
        ProbeSet probes = target.Probes;
        _watches.Add(probes.SyscallEntered, OnEntered);
        _watches.Add(probes.SyscallReturned, OnReturned);
        _watches.Add(probes.ThreadCreated, OnCreated);
        _watches.Add(probes.TaskStarted, OnStarted);
        _watches.Add(probes.ThreadExited, OnExited);
        _watches.Add(probes.ExecSucceeded, OnExecuted);
        if (_lines != null)
        {
            _watches.Add(probes.SignalHandled, OnSignal);
            _watches.Add(probes.SignalDiscarded, OnDiscarded);
            _watches.Add(probes.Stopped, OnStopped);
            _watches.Add(probes.SignalSent, OnSent);
        }
        if (_options.Expressions.Rules.Count > 0) probes.Injector = this;
    }

    /// <inheritdoc/>
    public void SetTarget(int processId)
    {
        if (_target.Model.FindTask(processId) is not { } task) return;
        _threads[task] = new TracedThread(task);
        foreach (string path in _options.TracedPaths)
        {
            if (task.RealPath(path) is not { } real || !_filter!.Add(real) || ((_options.Quiet | _options.Expressions.Quiet) & QuietMessages.PathResolution) != 0) continue;
            _messages.Write($"strace: Requested path \"{path}\" resolved into \"{real}\"\n");
            _messages.Flush();
        }
    }

    /// <inheritdoc/>
    public int? Detach()
    {
        _watches.Clear();
        if (_target.Probes.Injector == this) _target.Probes.Injector = null;
        foreach (TracedThread thread in _threads.Values) _lines?.Detached(thread);
        _lines?.Finish();
        _summary?.Write(_output, _target.Model.NameOfSyscall);
        _output.Flush();
        return null;
    }

    /// <inheritdoc/>
    public Injection Enter(in KernelEvent call)
    {
        if (!_threads.TryGetValue(call.Task, out TracedThread? thread)) return default;
        foreach (InjectionRule rule in _options.Expressions.Rules)
        {
            if (!rule.Calls.Contains(call.Number)) continue;
            int time = thread.Times[rule] = thread.Times.GetValueOrDefault(rule) + 1;
            if (!rule.Matches(time)) continue;
            thread.IsInjected = rule.Result != null;
            thread.IsDelayed = rule.DelayEnter != 0 || rule.DelayExit != 0;
            thread.DelayExit = rule.DelayExit;
            return rule.Injection;
        }
        return default;
    }

    /// <inheritdoc/>
    public long Exit(in KernelEvent call)
    {
        if (!_threads.TryGetValue(call.Task, out TracedThread? thread)) return 0;
        long delay = thread.DelayExit;
        thread.DelayExit = 0;
        return delay;
    }

    private static StraceLines Lines(StraceOptions options, PrintSettings settings, TextWriter output, TextWriter messages, Func<int, TextWriter>? split)
    {
        if (options.Json) return new JsonLines(settings, output);
        return split == null ? new TextLines(options, settings, output, messages) : new SplitLines(options, settings, split, messages);
    }

    // Most often it is the thread that was asked for before.
    private TracedThread? Find(ITracedTask task)
    {
        if (_found?.Task == task) return _found;
        return _threads.TryGetValue(task, out TracedThread? thread) ? _found = thread : null;
    }

    private void OnCreated(in KernelEvent e)
    {
        if (_threads.ContainsKey(e.Task)) _threads[e.Target!] = new TracedThread(e.Target!);
    }

    private void OnStarted(in KernelEvent e)
    {
        if (_threads.TryGetValue(e.Task, out TracedThread? thread) && _lines != null && _threads.Count > 1) _lines.Attached(thread, _threads.Count);
    }

    private void OnEntered(in KernelEvent e)
    {
        if (Find(e.Task) is not { } thread) return;
        thread.Number = e.Number;
        thread.IsShown = _options.Expressions.ShowsCall(e.Number);
        (thread.IsInjected, thread.IsDelayed, thread.IsUnfinished) = (false, false, false);
        thread.EntryTime = e.Time;
        if (_summary != null && !_options.SummaryWall) thread.EntrySystem = e.Task.CpuTimeAt(e.Time).System;
        if ((_lines == null && _filter == null) || !thread.IsShown) return;
        thread.Call = CallTable.Find(e.Number);
        (thread.Arguments[0], thread.Arguments[1], thread.Arguments[2]) = (e.A0, e.A1, e.A2);
        (thread.Arguments[3], thread.Arguments[4], thread.Arguments[5]) = (e.A3, e.A4, e.A5);
        if (_filter != null) thread.IsShown = _filter.Touches(thread, thread.Call);
        if (thread.IsShown) _lines?.Entered(thread, e.Time, _threads.Count);
    }

    private void OnReturned(in KernelEvent e)
    {
        if (Find(e.Task) is not { } thread) return;
        if (thread.IsInCall && thread.IsShown)
        {
            _summary?.Add(thread.Number, e.Result is < 0 and >= -4095, _options.SummaryWall ? e.Time - thread.EntryTime : e.Task.CpuTimeAt(e.Time).System - thread.EntrySystem);
            _lines?.Returned(thread, e.Result, e.Time, _threads.Count);
        }
        thread.Number = TracedThread.NoCall;
        if (thread.Ignored is not { } ignored) return;
        thread.Ignored = null;
        foreach (SignalInfo info in ignored) ShowSignal(thread, info, e.Time);
    }

    // The first program is run by no call that anybody made; a strace shows the execve of its own child there.
    private void OnExecuted(in KernelEvent e)
    {
        if (!_threads.TryGetValue(e.Task, out TracedThread? thread) || thread.IsInCall) return;
        if (!_options.Expressions.ShowsCall(Execve) || _filter?.Contains(e.Text ?? "") == false) return;
        _summary?.Add(Execve, failed: false, 0);
        _lines?.FirstProgram(thread, CallTable.Find(Execve), e.Text ?? "", e.Time, _threads.Count);
    }

    private void OnSignal(in KernelEvent e)
    {
        if (!_threads.TryGetValue(e.Task, out TracedThread? thread) || e.Number == (int)Signal.SIGKILL) return;
        thread.Sent = null;
        ShowSignal(thread, InfoOf(e), e.Time);
    }

    private void OnSent(in KernelEvent e)
    {
        if (e.Target != null && _threads.TryGetValue(e.Target, out TracedThread? thread)) thread.Sent = InfoOf(e);
    }

    // Linux does not drop signals of a process that is traced: the tracer sees them first (kernel/signal.c, sig_ignored).
    private void OnDiscarded(in KernelEvent e)
    {
        if (e.Target == null || !_threads.TryGetValue(e.Target, out TracedThread? thread)) return;
        if (thread.IsInCall) Keep(thread.Ignored ??= [], InfoOf(e));
        else ShowSignal(thread, InfoOf(e), e.Time);
    }

    // As they would be pending: a standard signal once.
    private static void Keep(List<SignalInfo> ignored, in SignalInfo info)
    {
        int number = info.Number;
        if (ignored.Count < MostIgnored && (number >= (int)Signal.SIGRTMIN || !ignored.Exists(i => i.Number == number))) ignored.Add(info);
    }

    private void ShowSignal(TracedThread thread, in SignalInfo info, long time)
    {
        if (_lines != null && _options.Expressions.ShowsSignal(info.Number)) _lines.Signal(thread, info, time, _threads.Count);
    }

    private void OnStopped(in KernelEvent e)
    {
        if (_lines == null || !_options.Expressions.ShowsSignal(e.Number)) return;
        object process = e.Task.Process;
        foreach (TracedThread thread in _threads.Values.Where(t => t.Task.Process == process).ToArray()) _lines.Stopped(thread, e.Number, e.Time, _threads.Count);
    }

    private void OnExited(in KernelEvent e)
    {
        if (!_threads.TryGetValue(e.Task, out TracedThread? thread)) return;
        if (thread.IsInCall && thread.IsShown) _lines?.Abandoned(thread, e.Time, _threads.Count);
        var status = new WaitStatus(e.Number);
        thread.HasEnded = true;
        ShowFatal(thread, status, e.Time);
        _lines?.Exited(thread, status, e.Time, _threads.Count);
        _threads.Remove(e.Task);
        _found = null;
        if (_threads.Count == 0) _allEnded.TrySetResult();
    }

    // A signal that ends the process at once, without anybody's taking it (kernel/signal.c, complete_signal); with a tracer, Linux has it taken.
    private void ShowFatal(TracedThread thread, WaitStatus status, long time)
    {
        if (!status.WasSignaled || status.TerminationSignal == Signal.SIGKILL || thread.Sent is not { } sent || sent.Number != (int)status.TerminationSignal) return;
        ShowSignal(thread, sent, time);
    }

    private static SignalInfo InfoOf(in KernelEvent e) => e.Data is SignalInfo info ? info : new SignalInfo { Number = e.Number, Code = (int)e.A0 };
}
