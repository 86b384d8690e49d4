using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Kennel.Probes;

namespace Kennel.Tracing;

/// <summary>
/// Calls of guest functions whose return is of interest: at a call, the place that it will return to is watched as well, and the call is kept with the
/// stack pointer of its entry. Inside the kernel lock.
/// </summary>
/// <param name="target">The machine.</param>
/// <param name="left">Told of calls that never return, when that is noticed: a longjmp left them.</param>
internal sealed class GuestCalls<T>(ITraceTarget target, Action<ITracedTask, T>? left = null) : IDisposable
{
    // A guest can put any address where the one to return to should be.
    private const int MostPlaces = 1 << 16;
    private const int StackPointer = 4;

    private readonly List<IDisposable> _watches = [];
    private readonly HashSet<(string Path, ulong Offset)> _places = [];
    private readonly ConditionalWeakTable<ITracedTask, List<Call>> _open = [];

    /// <summary>A function was entered, and <see cref="TryEnd"/> has nothing more for the event; false when the return cannot be seen.</summary>
    public bool Entered(in KernelEvent e, T call)
    {
        ulong stack = e.Task.Register(StackPointer);
        Span<byte> bytes = stackalloc byte[8];
        if (e.Task.ReadMemory(stack, bytes) != 8) return false;
        ulong returnTo = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        if (e.Task.FindUserSymbol(returnTo) is not { } place || !Watch(place.Path, place.FileOffset)) return false;
        List<Call> open = _open.GetOrCreateValue(e.Task);
        // Linux: kernel/events/uprobes.c, cleanup_return_instances: the stack that those would return from is in use again.
        while (open.Count > 0 && open[^1].Stack < stack) left?.Invoke(e.Task, Pop(open).What);
        int same = open.Count; // several may watch one call
        while (same > 0 && open[same - 1].Stack == stack) same--;
        bool isAgain = open.FindIndex(same, c => EqualityComparer<T>.Default.Equals(c.What, call)) >= 0;
        while (isAgain && open.Count > same) left?.Invoke(e.Task, Pop(open).What);
        open.Add(new Call(returnTo, stack, call));
        return true;
    }

    /// <summary>A breakpoint was reached: the innermost call that ends there, if there is one (more).</summary>
    public bool TryEnd(in KernelEvent e, [MaybeNullWhen(false)] out T ended)
    {
        ended = default;
        if (!_open.TryGetValue(e.Task, out List<Call>? open)) return false;
        ulong stack = e.Task.Register(StackPointer);
        while (open.Count > 0 && open[^1].Stack < stack)
        {
            Call call = Pop(open);
            ended = call.What;
            if (call.ReturnTo == e.A0) return true;
            left?.Invoke(e.Task, call.What);
        }
        return false;
    }

    public void Dispose()
    {
        foreach (IDisposable watch in _watches) watch.Dispose();
        _watches.Clear();
    }

    private bool Watch(string path, ulong offset)
    {
        if (_places.Contains((path, offset))) return true;
        if (_places.Count == MostPlaces || target.WatchCode(path, (long)offset, 0, out _) is not { } watch) return false;
        _watches.Add(watch);
        return _places.Add((path, offset));
    }

    private static Call Pop(List<Call> open)
    {
        Call last = open[^1];
        open.RemoveAt(open.Count - 1);
        return last;
    }

    private readonly record struct Call(ulong ReturnTo, ulong Stack, T What);
}
