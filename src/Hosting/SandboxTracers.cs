using Kennel.Tracing;

namespace Kennel;

/// <summary>The tracers of one sandbox: told of the machine, of the first program, and of the end.</summary>
/// <remarks>guard-note: the kernel lock.</remarks>
internal sealed class SandboxTracers(Kernel kernel, SandboxRoot root)
{
    private readonly SandboxTraceTarget _target = new(kernel, root);
    private readonly List<ITracer> _attached = [];
    private bool _hasTarget;

    public void Attach(ITracer tracer)
    {
        tracer.Attach(_target);
        _attached.Add(tracer);
    }

    public int? Detach(ITracer tracer) => _attached.Remove(tracer) ? tracer.Detach() : null;

    public void DetachAll()
    {
        foreach (ITracer tracer in _attached.ToArray()) Detach(tracer);
    }

    /// <summary>A program was made, and has not run yet; the first one is the target.</summary>
    public void OnStarted(int processId)
    {
        if (_hasTarget) return;
        _hasTarget = true;
        foreach (ITracer tracer in _attached.ToArray()) tracer.SetTarget(processId);
    }
}
