using Kennel.Probes;
using Kennel.Tracing.D.Output;
using Kennel.Tracing.D.Runtime;

namespace Kennel.Tracing.D.Providers;

/// <summary>Runs the clauses of a probe that fired, in program order, and deals with what goes wrong in them.</summary>
internal sealed class DDispatcher(DRuntime runtime, DConsumer consumer, DProbe errorProbe)
{
    private readonly long[] _savedArguments = new long[10];
    private readonly object?[] _savedObjects = new object?[10];
    private bool _inError;
    private bool _firing;

    public ITraceTarget Target => runtime.Target;

    public DRuntime Runtime => runtime;

    /// <summary>Called when the script has called exit().</summary>
    public Action? Exited { get; set; }

    /// <summary>Begins a firing with no arguments yet. False when no clause may start any more.</summary>
    public bool Begin(ITracedTask task, long time, int cpu)
    {
        // A script's own doings (raise, copyout) fire probes; inside of a firing they are not looked at.
        if (consumer.ExitStatus != null || _firing) return false;
        runtime.Begin(task, time, cpu);
        runtime.ClearArguments();
        runtime.Error = 0;
        return true;
    }

    /// <summary>Begins a firing for an event.</summary>
    public bool Begin(in KernelEvent e) => Begin(e.Task, e.Time, e.Cpu);

    /// <summary>Fires a probe.</summary>
    public void Fire(DProbe probe)
    {
        _firing = true;
        runtime.Probe = probe;
        List<DClause> clauses = probe.Clauses;
        for (int i = 0; i < clauses.Count && consumer.ExitStatus == null; i++) Run(probe, clauses[i]);
        _firing = false;
        if (consumer.ExitStatus != null) Exited?.Invoke();
    }

    /// <summary>Runs one clause of a firing.</summary>
    public void FireClause(DProbe probe, DClause clause)
    {
        if (consumer.ExitStatus != null) return;
        _firing = true;
        runtime.Probe = probe;
        Run(probe, clause);
        _firing = false;
        if (consumer.ExitStatus != null) Exited?.Invoke();
    }

    /// <summary>Fires END, which comes even after exit().</summary>
    public void FireEnd(DProbe probe, ITracedTask task, long time)
    {
        runtime.Begin(task, time, 0);
        runtime.ClearArguments();
        runtime.Probe = probe;
        _firing = true;
        foreach (DClause clause in probe.Clauses) Run(probe, clause);
        _firing = false;
    }

    private void Run(DProbe probe, DClause clause)
    {
        runtime.Clause = clause;
        runtime.Action = 0;
        try
        {
            if (clause.Body(runtime)) consumer.End(probe, clause, runtime.Cpu);
            else consumer.Drop();
        }
        catch (DFault fault)
        {
            Fault(probe, clause, fault, null);
        }
        catch (Exception e) when (e is NullReferenceException or InvalidCastException or ArgumentException or InvalidOperationException or OverflowException or IndexOutOfRangeException or IOException or UnauthorizedAccessException or System.ComponentModel.Win32Exception)
        {
            // What a clause does must never reach the guest: it is an error of that clause, like any other.
            Fault(probe, clause, new DFault(DFaultCode.IllegalOperation), e.Message);
        }
    }

    private void Fault(DProbe probe, DClause clause, DFault fault, string? reason)
    {
        int action = runtime.Action;
        consumer.Drop();
        if (probe == errorProbe)
        {
            consumer.CountErrorInError();
            return;
        }
        if (!_inError) FireError(probe, clause, fault, action);
        string address = fault.HasAddress ? $" (0x{fault.Address:x})" : "";
        string where = action == 0 ? "predicate" : $"action #{action}";
        string more = reason == null ? "" : $": {reason}";
        consumer.Message($"error in dt_clause_{clause.Id} for probe ID {probe.Id} ({probe}): {fault.Text}{address} in {where} at BPF pc 0{more}");
    }

    private void FireError(DProbe probe, DClause clause, DFault fault, int action)
    {
        if (errorProbe.Clauses.Count == 0 || probe == errorProbe) return;
        runtime.Arguments.CopyTo(_savedArguments, 0);
        runtime.ArgumentObjects.CopyTo(_savedObjects, 0);
        bool hadObjects = runtime.HasArgumentObjects;
        _inError = true;
        runtime.ClearArguments();
        (runtime.Arguments[1], runtime.Arguments[2], runtime.Arguments[3], runtime.Arguments[4], runtime.Arguments[5]) = (clause.Id, action, 0, (long)fault.Code, (long)fault.Address);
        runtime.Probe = errorProbe;
        foreach (DClause c in errorProbe.Clauses)
        {
            if (consumer.ExitStatus == null) Run(errorProbe, c);
        }
        _inError = false;
        runtime.Probe = probe;
        _savedArguments.CopyTo(runtime.Arguments, 0);
        _savedObjects.CopyTo(runtime.ArgumentObjects, 0);
        runtime.HasArgumentObjects = hadObjects;
    }
}
