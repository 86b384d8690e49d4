using Kennel.Probes;

namespace Kennel.Tracing;

/// <summary>What a tracer watches, so that it can let go of all of it. Inside the kernel lock.</summary>
internal sealed class Watches
{
    private readonly List<(Probe Probe, EventSink Sink)> _attached = [];

    /// <summary>Adds a watcher to a point.</summary>
    public void Add(Probe probe, EventSink sink)
    {
        probe.Attach(sink);
        _attached.Add((probe, sink));
    }

    /// <summary>Removes all watchers that were added.</summary>
    public void Clear()
    {
        foreach ((Probe probe, EventSink sink) in _attached) probe.Detach(sink);
        _attached.Clear();
    }
}
