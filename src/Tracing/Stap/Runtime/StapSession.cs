using System.Globalization;
using Kennel.Probes;
using Kennel.Tracing.Stap.Binding;
using Kennel.Tracing.Stap.Compiling;

namespace Kennel.Tracing.Stap.Runtime;

/// <summary>
/// A script at work. Protocol: begin probes, in the order of their numbers; then events; when exit() was called, an error was one too many, or
/// the program has ended: end probes (after an error: error probes instead), and globals that nothing has read.
/// </summary>
/// <remarks>guard-note: the kernel lock.</remarks>
internal sealed class StapSession
{
    private const int PreparedHandlers = 32;

    private readonly StapProgram _program;
    private readonly StapOptions _options;
    private readonly ITraceTarget _target;
    private readonly StapRuntime _runtime;
    private readonly StapOutput _output;
    private readonly TaskCompletionSource<int> _ended;
    private readonly ProbeAttachments _attachments;
    private readonly List<ProbeHandler> _handlers;
    private readonly long _maximumErrors;
    private long _errors;
    private long _suppressed;
    private bool _failed;
    private bool _over;
    private bool _busy;
    private EventSink? _watchTarget;
    private int _targetStatus;

    public StapSession(StapProgram program, StapOptions options, ITraceTarget target, StapOutput output, TaskCompletionSource<int> ended)
    {
        _program = program;
        _options = options;
        _target = target;
        _output = output;
        _ended = ended;
        _maximumErrors = options.Limit("MAXERRORS", 0);
        _runtime = new StapRuntime(target, options, output);
        if (options.Defines.ContainsKey("MAXNESTING")) _runtime.MaximumNesting = (int)options.Limit("MAXNESTING", 10);
        else _runtime.MaximumNesting = NestingLimit(program.Functions);
        var limits = new StapLimits(options.Limit("MAXMAPENTRIES", 2048), _runtime.MaximumText);
        foreach (Variable global in program.Globals) global.Storage ??= StapStorage.Make(global, limits.MapEntries);
        _handlers = [.. program.Probes.Select(p => new ProbeHandler(p, limits))];
        _attachments = new ProbeAttachments(target, _handlers, this);
        // Scripts that name hundreds of points hit few of them: those are compiled when they first fire.
        if (_handlers.Count <= PreparedHandlers)
        {
            foreach (ProbeHandler handler in _handlers) handler.Prepare();
        }
    }

    public StapRuntime Runtime => _runtime;

    public bool IsOver => _over;

    /// <summary>Whether -c or -x names a program.</summary>
    public bool HasTarget => _runtime.TargetProcess != 0;

    public void SetTarget(int processId) => _runtime.TargetProcess = processId;

    /// <summary>Runs the begin probes and starts to watch.</summary>
    public void Begin()
    {
        _runtime.Cpu = 0;
        RunSession(SourceKind.Begin);
        _output.Flush();
        if (_over) return;
        _attachments.Attach();
        if (_options.HasCommand)
        {
            _watchTarget = OnProcessExited;
            _target.Probes.ProcessExited.Attach(_watchTarget);
        }
        if (_options.TimeLimit > 0)
        {
            IDisposable? timer = null;
            timer = _target.StartTimer(_options.TimeLimit * 1_000_000_000L, () =>
            {
                timer?.Dispose();
                Stop(false);
            });
        }
    }

    private void OnProcessExited(in KernelEvent record)
    {
        if (!_over && record.Task.ProcessId == _runtime.TargetProcess) _targetStatus = record.Number;
    }

    // Linux: stapio says how its command ended, when not well.
    private bool HasTargetFailed()
    {
        if (_targetStatus == 0) return false;
        int signal = _targetStatus & 127;
        _output.Message(signal != 0 ? $"WARNING: Child process exited with signal {signal} ({(Abi.Signal)signal})" : $"WARNING: Child process exited with status {_targetStatus >> 8}");
        return true;
    }

    /// <summary>Ends it. The exit status is the answer.</summary>
    public int End()
    {
        if (_watchTarget != null) _target.Probes.ProcessExited.Detach(_watchTarget);
        _watchTarget = null;
        Stop(false);
        _attachments.Dispose();
        if (!_failed)
        {
            RunSession(SourceKind.End);
            if (!_failed) PrintUnread();
        }
        if (_failed) RunSession(SourceKind.Error);
        _output.Flush();
        if (_suppressed > 0 && !_options.NoWarnings) _output.Message($"WARNING: Number of errors: 0, skipped probes: 0, suppressed errors: {_suppressed}");
        if (_errors > 0) _output.Message($"WARNING: Number of errors: {_errors}, skipped probes: 0");
        if (!HasTargetFailed() && !_failed) return 0;
        _program.Diagnostics.PassFailed(5);
        return 1;
    }

    /// <summary>Runs one handler for an event.</summary>
    public void Fire(ProbeHandler handler, in KernelEvent record)
    {
        if (_over || _busy) return;
        _runtime.Event = record;
        _runtime.Task = record.Task;
        _runtime.Cpu = record.Cpu;
        if (handler.KeepsEntry) _runtime.Frame = handler.Pop(record.Task);
        Run(handler, 1);
        _output.Settle(record.Time);
        if (_runtime.ExitRequested) Stop(false);
    }

    /// <summary>Keeps what a .return probe wants to know of the entry.</summary>
    public void FireEntry(ProbeHandler handler, in KernelEvent record)
    {
        if (_over || _busy) return;
        _runtime.Event = record;
        _runtime.Task = record.Task;
        _runtime.Cpu = record.Cpu;
        var frame = new EntryFrame(handler.Probe.Scope.EntryValues.Count);
        handler.Push(record.Task, frame);
        Guarded(handler, 1, () => handler.Entry(_runtime, frame));
    }

    /// <summary>Runs a handler in the context of the task that a processor runs: timers.</summary>
    public void FireTimer(ProbeHandler handler, int processor)
    {
        ITracedTask task = _target.CurrentOn(processor);
        var record = new KernelEvent { Time = _target.Now, Task = task, Cpu = processor };
        Fire(handler, record);
    }

    private void Run(ProbeHandler handler, int factor) => Guarded(handler, factor, null);

    private void Guarded(ProbeHandler handler, int factor, Action? entry)
    {
        StapRuntime runtime = _runtime;
        runtime.Probe = handler.Probe;
        runtime.ActionsLeft = runtime.MaximumActions * factor;
        runtime.Nesting = 0;
        runtime.TriesNext = false;
        runtime.Text = _output.Text;
        _busy = true;
        try
        {
            if (entry != null) entry();
            else handler.Body(runtime);
        }
        catch (StapError error)
        {
            Report(error.Message);
        }
        catch (StapLimitError error)
        {
            Report(error.Message);
        }
        catch (StapAbort)
        {
            // exit() was called, too: the session ends.
        }
        finally
        {
            _busy = false;
            runtime.Scratch.Clear();
        }
    }

    private void Report(string message)
    {
        if (_options.Defines.ContainsKey("STP_SUPPRESS_HANDLER_ERRORS"))
        {
            _suppressed++;
            if (!_options.NoWarnings) _output.Message($"WARNING: {message}{StapRuntime.Near(_runtime.At)}");
            return;
        }
        _errors++;
        _output.Message($"ERROR: {message}{StapRuntime.Near(_runtime.At)}");
        if (_errors > _maximumErrors) Stop(true);
    }

    private void Stop(bool failed)
    {
        _failed |= failed;
        if (_over) return;
        _over = true;
        _ended.TrySetResult(_failed ? 1 : 0);
    }

    // begin, end and error probes: in the order of their numbers, then of the script.
    private void RunSession(SourceKind kind)
    {
        foreach (ProbeHandler handler in _handlers.Where(h => h.Probe.Source.Kind == kind).OrderBy(h => h.Probe.Source.Number))
        {
            // An error in begin ends the session; exit() lets the other begin probes out.
            if (kind == SourceKind.Begin && _over || kind == SourceKind.End && _failed) break;
            _runtime.Event = new KernelEvent { Time = _target.Now, Task = _target.Model.Idle };
            _runtime.Task = _target.Model.Idle;
            Run(handler, 10);
            if (_runtime.ExitRequested) Stop(false);
        }
    }

    private void PrintUnread()
    {
        foreach (Variable global in _program.Globals.Where(g => g.IsWritten && !g.IsRead && !g.Declared.Source.IsTapset))
            UnreadGlobals.Print(_output.Text, global);
    }

    // A script without recursion nests as deep as it is written; one with, ten calls more.
    private static int NestingLimit(IReadOnlyList<Function> functions)
    {
        int deepest = 0;
        bool recursive = false;
        var depths = new Dictionary<Function, int>();
        foreach (Function function in functions) deepest = Math.Max(deepest, Depth(function, 0));
        return deepest + (recursive ? 10 : 2);

        int Depth(Function function, int above)
        {
            const int Open = -1, Most = 200;
            if (!depths.TryAdd(function, Open))
            {
                recursive |= depths[function] == Open;
                return Math.Max(depths[function], 0);
            }
            int below = above > Most ? 0 : function.Calls.Select(f => Depth(f, above + 1)).DefaultIfEmpty().Max();
            return depths[function] = below + 1;
        }
    }
}
