using System.Collections;
using Kennel.Probes;

namespace Kennel.Views;

/// <summary>
/// A C structure over objects of one class, written as a list: <c>{ "pid", "pid_t", t => t.Id.Value }</c>. What a field's function answers
/// becomes its value: a number, a string, or an object for a pointer or an embedded structure (null is a null pointer).
/// </summary>
/// <param name="name">The structure's C name.</param>
/// <param name="convert">The object that it lies over, given any; null when there is none. By default: it must be of the class.</param>
internal sealed class View<T>(string name, Func<object, T?>? convert = null) : IView, IEnumerable
    where T : class
{
    private readonly List<KernelField> _fields = [];
    private readonly Func<object, T?> _convert = convert ?? (static o => o as T);

    /// <summary>A number.</summary>
    public void Add(string field, string type, Func<T, long> read) =>
        _fields.Add(new KernelField(field, type, o => _convert(o) is { } item ? (FieldValue)read(item) : null));

    /// <summary>An address of user space, or another large number.</summary>
    public void Add(string field, string type, Func<T, ulong> read) =>
        _fields.Add(new KernelField(field, type, o => _convert(o) is { } item ? (FieldValue)(long)read(item) : null));

    /// <summary>A string or an object.</summary>
    public void Add(string field, string type, Func<T, object?> read) =>
        _fields.Add(new KernelField(field, type, o => _convert(o) is { } item ? FieldValue.Of(read(item)) : null));

    /// <inheritdoc/>
    public KernelStruct Describe(string view) => new(name, name.EndsWith("_t", StringComparison.Ordinal), view, _fields);

    IEnumerator IEnumerable.GetEnumerator() => _fields.GetEnumerator();
}

/// <summary>A view, whatever it lies over.</summary>
internal interface IView
{
    /// <summary>As scripts see it.</summary>
    KernelStruct Describe(string view);
}
