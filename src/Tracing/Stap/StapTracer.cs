using System.Diagnostics;
using System.Globalization;
using Kennel.Probes;
using Kennel.Tracing.Stap.Binding;
using Kennel.Tracing.Stap.Runtime;
using Kennel.Tracing.Stap.Syntax;

namespace Kennel.Tracing.Stap;

/// <summary>A SystemTap script as a tracer: compiled when it is attached, for only then the kernel is known that it names.</summary>
/// <param name="options">The command line.</param>
/// <param name="output">Where it prints.</param>
/// <param name="errors">Where messages go.</param>
public sealed class StapTracer(StapOptions options, Stream output, TextWriter errors) : ITracer
{
    private readonly TaskCompletionSource<int> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly StapOutput _output = new(output, errors);
    private StapSession? _session;
    private ITraceTarget? _target;
    private int? _status;
    private int _targetProcess;
    private PassWatch? _run;

    /// <inheritdoc/>
    public Task<int> Ended => _ended.Task;

    /// <inheritdoc/>
    public void Attach(ITraceTarget target)
    {
        _target = target;
        var watch = new PassWatch();
        StapProgram program = StapProgram.Compile(options, target, errors);
        Tell(1, program, $"parsed user script and {program.TapsetFiles} library scripts using {PassWatch.Memory()}, in {program.ParsedIn}");
        if (options.Dump != StapDump.None && program.FailedPass == 0)
        {
            StapListing.Dump(program, options.Dump, _output);
            Finish(0);
            return;
        }
        if (program.FailedPass == 0 && options.ListProbes)
        {
            Finish(new StapListing(program, options, target).Write(_output, errors));
            return;
        }
        Tell(2, program, $"analyzed script: {Count(program.Probes.Count, "probe")}, {Count(program.Functions.Count, "function")}, {Count(program.Script?.EmbeddedCode.Count ?? 0, "embed")}, {Count(program.Globals.Count, "global")} using {PassWatch.Memory()}, in {watch.Next()}");
        if (program.FailedPass == 0 && options.LastPass == 1) _output.Text.Append("# parse tree dump\n" + StapTreeText.Of(program.Script!) + "\n");
        if (program.FailedPass == 0 && options.LastPass == 2) StapListing.WriteAnalysis(program, _output, options.Verbose > 0);
        if (program.FailedPass != 0 || options.LastPass < 5)
        {
            Tell(3, program, $"translated to .NET in {watch.Next()}");
            Tell(4, program, $"compiled to .NET in {watch.Next()}");
            Finish(program.FailedPass == 0 ? 0 : 1);
            return;
        }
        Tell(3, program, $"translated to .NET in {watch.Next()}");
        _session = new StapSession(program, options, target, _output, _ended);
        Tell(4, program, $"compiled to .NET in {watch.Next()}");
        Tell(5, program, "starting run.");
        _run = new PassWatch();
        _session.SetTarget(_targetProcess);
        if (!options.HasCommand) _session.Begin();
    }

    /// <inheritdoc/>
    public void SetTarget(int processId)
    {
        _targetProcess = processId; // -x says it before there is a session
        if (_session == null) return;
        _session.SetTarget(processId);
        if (!options.HasCommand) return;
        _session.Begin();
        // A script that is through before the program starts does not let it start.
        if (_session.IsOver) _target!.Model.FindTask(processId)?.SendSignal((int)Abi.Signal.SIGKILL);
    }

    /// <inheritdoc/>
    public int? Detach()
    {
        if (_session != null) _status = _session.End();
        if (_session != null && options.Verbose > 0) errors.WriteLine($"Pass 5: run completed in {_run?.Next()}");
        _session = null;
        _output.Flush();
        return _status;
    }

    private void Finish(int status)
    {
        _output.Flush();
        errors.Flush();
        _status = status;
        _ended.TrySetResult(status);
    }

    private void Tell(int pass, StapProgram program, string text)
    {
        if (options.Verbose == 0 || program.FailedPass != 0 && pass >= program.FailedPass || pass > options.LastPass) return;
        errors.WriteLine($"Pass {pass}: {text}");
        errors.Flush();
    }

    private static string Count(int count, string what) => string.Create(CultureInfo.InvariantCulture, $"{count} {what}{(count == 1 ? "" : "s")}");
}

/// <summary>What -v says of each pass: CPU time and wall time since the last one.</summary>
internal sealed class PassWatch
{
    private Environment.ProcessCpuUsage _cpu = Environment.CpuUsage;
    private long _start = Stopwatch.GetTimestamp();

    /// <summary>12usr/3sys/20real ms.</summary>
    public string Next()
    {
        Environment.ProcessCpuUsage cpu = Environment.CpuUsage;
        string text = string.Create(CultureInfo.InvariantCulture,
            $"{(cpu.UserTime - _cpu.UserTime).TotalMilliseconds:f0}usr/{(cpu.PrivilegedTime - _cpu.PrivilegedTime).TotalMilliseconds:f0}sys/{Stopwatch.GetElapsedTime(_start).TotalMilliseconds:f0}real ms.");
        (_cpu, _start) = (cpu, Stopwatch.GetTimestamp());
        return text;
    }

    public static string Memory() => string.Create(CultureInfo.InvariantCulture, $"{Environment.WorkingSet >> 10}res/{GC.GetTotalMemory(false) >> 10}data kb");
}
