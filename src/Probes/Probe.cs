namespace Kennel.Probes;

/// <summary>A point in the kernel that others can watch. Off, it costs the test of <see cref="IsEnabled"/>.</summary>
/// <typeparam name="T">The record that it hands over.</typeparam>
public sealed class Probe<T>
    where T : struct
{
    // guard-note: changed under the kernel lock; read there too.
    private Action<T>? _sinks;

    /// <summary>Whether anybody watches. Test it before the record is made.</summary>
    public bool IsEnabled => _sinks != null;

    /// <summary>Adds a watcher; it runs inside the kernel lock and must not sleep.</summary>
    public void Attach(Action<T> sink) => _sinks += sink;

    /// <summary>Removes a watcher.</summary>
    public void Detach(Action<T> sink) => _sinks -= sink;

    /// <summary>Hands a record to all watchers.</summary>
    public void Fire(in T record) => _sinks?.Invoke(record);
}
