using System.Globalization;
using Kennel.Probes;
using Kennel.Tracing.Stap.Binding;
using Kennel.Tracing.Stap.Runtime;

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

    /// <inheritdoc/>
    public Task<int> Ended => _ended.Task;

    /// <inheritdoc/>
    public void Attach(ITraceTarget target)
    {
        _target = target;
        StapProgram program = StapProgram.Compile(options, target, errors);
        Tell(1, program, $"parsed user script and {program.TapsetFiles} library scripts");
        if (program.FailedPass == 0 && options.ListProbes)
        {
            Finish(new StapListing(program, options, target).Write(_output, errors));
            return;
        }
        Tell(2, program, $"analyzed script: {Count(program.Probes.Count, "probe")}, {Count(program.Functions.Count, "function")}, {Count(program.Globals.Count, "global")}");
        if (program.FailedPass == 0 && options.LastPass == 2) StapListing.WriteAnalysis(program, _output);
        if (program.FailedPass != 0 || options.LastPass < 5)
        {
            Tell(3, program, "translated to .NET");
            Finish(program.FailedPass == 0 ? 0 : 1);
            return;
        }
        Tell(5, program, "starting run.");
        _session = new StapSession(program, options, target, _output, _ended);
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
        if (_session != null && options.Verbose > 0) errors.WriteLine("Pass 5: run completed.");
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
