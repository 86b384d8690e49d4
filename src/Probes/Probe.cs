namespace Kennel.Probes;

/// <summary>A point in the kernel that others can watch. Off, it costs the test of <see cref="IsEnabled"/>.</summary>
public sealed class Probe(EventKind kind)
{
    // guard-note: changed under the kernel lock; read there too.
    private EventSink? _sinks;

    public EventKind Kind => kind;

    /// <summary>Whether anybody watches. Test it before the record is made.</summary>
    public bool IsEnabled => _sinks != null;

    /// <summary>Adds a watcher. Watchers run in the order of their adding.</summary>
    public void Attach(EventSink sink)
    {
        _sinks += sink;
        Changed?.Invoke();
    }

    /// <summary>Removes a watcher.</summary>
    public void Detach(EventSink sink)
    {
        _sinks -= sink;
        Changed?.Invoke();
    }

    /// <summary>Told when watchers come or go.</summary>
    internal Action? Changed { get; set; }

    /// <summary>Hands a record to all watchers.</summary>
    public void Fire(in KernelEvent record) => _sinks?.Invoke(record);
}
