using System.Buffers.Binary;
using Kennel.Probes;

namespace Kennel.Tracing.D.Providers;

/// <summary>Returns from guest functions: at the entry, the place that it will return to is watched as well.</summary>
internal sealed class UserReturns(ITraceTarget target) : IDisposable
{
    private const int FirstId = 1 << 24, StackPointer = 4;

    private readonly List<IDisposable> _watches = [];
    private readonly HashSet<(string, long)> _places = [];
    private readonly Dictionary<ITracedTask, List<(ulong ReturnTo, ulong Stack, int Point)>> _calls = new(ReferenceEqualityComparer.Instance);

    /// <summary>Whether a breakpoint's number is of such a place.</summary>
    public static bool IsOne(int number) => number >= FirstId;

    /// <summary>A function with a return probe was entered.</summary>
    public void Called(in KernelEvent e, int point)
    {
        ulong stack = e.Task.Register(StackPointer);
        Span<byte> bytes = stackalloc byte[8];
        if (e.Task.ReadMemory(stack, bytes) != 8) return;
        ulong returnTo = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        if (e.Task.FindUserSymbol(returnTo) is not { } symbol || FileOffset(symbol, returnTo) is not { } offset) return;
        if (_places.Add((symbol.Path, offset)) && target.WatchCode(symbol.Path, offset, 0, FirstId + _places.Count) is { } watch) _watches.Add(watch);
        if (!_calls.TryGetValue(e.Task, out List<(ulong, ulong, int)>? open)) _calls[e.Task] = open = [];
        open.Add((returnTo, stack, point));
    }

    /// <summary>A place was reached: the calls that end there. Those that a longjmp left end unseen.</summary>
    public List<int> Returned(in KernelEvent e)
    {
        List<int> points = [];
        if (!_calls.TryGetValue(e.Task, out List<(ulong ReturnTo, ulong Stack, int Point)>? open)) return points;
        ulong stack = e.Task.Register(StackPointer);
        while (open.Count > 0 && open[^1].Stack < stack)
        {
            if (open[^1].ReturnTo == e.A0) points.Add(open[^1].Point);
            open.RemoveAt(open.Count - 1);
        }
        if (open.Count == 0) _calls.Remove(e.Task);
        return points;
    }

    public void Dispose()
    {
        foreach (IDisposable watch in _watches) watch.Dispose();
        _watches.Clear();
    }

    private long? FileOffset(UserSymbol symbol, ulong address)
    {
        if (symbol.Name.Length == 0) return (long)(address - symbol.Start);
        foreach (ElfFunction function in target.FunctionsOf(symbol.Path))
        {
            if (function.Name == symbol.Name) return function.Offset + (long)(address - symbol.Start);
        }
        return null;
    }
}
