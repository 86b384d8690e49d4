namespace Kennel.Probes;

/// <summary>A point in the kernel that others can watch. Off, it costs the test of <see cref="IsEnabled"/>.</summary>
public sealed class Probe(EventKind kind)
{
    // guard-note: changed under the kernel lock; read there too.
    private EventSink[]? _sinks;

    public EventKind Kind => kind;

    /// <summary>Whether anybody watches. Test it before the record is made.</summary>
    public bool IsEnabled => _sinks != null;

    /// <summary>Adds a watcher. Watchers run in the order of their adding.</summary>
    public void Attach(EventSink sink)
    {
        _sinks = [.. _sinks ?? [], sink];
        Changed?.Invoke();
    }

    /// <summary>Removes a watcher.</summary>
    public void Detach(EventSink sink)
    {
        if (_sinks == null) return;
        int index = Array.LastIndexOf(_sinks, sink);
        if (index < 0) return;
        _sinks = _sinks.Length == 1 ? null : [.. _sinks[..index], .. _sinks[(index + 1)..]];
        Changed?.Invoke();
    }

    /// <summary>Told when watchers come or go.</summary>
    internal Action? Changed { get; set; }

    /// <summary>Told of a watcher's bug.</summary>
    internal Action<Exception>? Failed { get; set; }

    /// <summary>Hands a record to all watchers. One that throws is removed: its bug costs the guest nothing.</summary>
    public void Fire(in KernelEvent record)
    {
        foreach (EventSink sink in _sinks ?? [])
        {
            try
            {
                sink(record);
            }
            catch (Exception bug) when (Failed != null)
            {
                Detach(sink);
                Failed(bug);
            }
        }
    }
}
