using Kennel.Probes;
using Kennel.Tracing.Stap.Binding;

namespace Kennel.Tracing.Stap.Runtime;

/// <summary>
/// Functions of guest programs. Their entry is watched; for .return the place that they return to is watched as well, from the first call
/// that comes from there, and a thread's open calls are kept with the stack pointer that they return at.
/// </summary>
internal sealed class UserWatches(ITraceTarget target, StapSession session) : IDisposable
{
    private readonly List<IDisposable> _watches = [];
    private readonly Dictionary<int, ProbeHandler[]> _entries = [];
    private readonly Dictionary<int, ProbeHandler[]> _entriesForReturn = [];
    private readonly HashSet<(string, long)> _returnPlaces = [];
    private readonly Dictionary<int, List<OpenCall>> _calls = [];
    private EventSink? _sink;
    private int _nextId = 1 << 20;

    private readonly record struct OpenCall(ulong ReturnTo, ulong StackPointer, ProbeHandler[] Handlers);

    public void Attach(ProbeHandler[] handlers)
    {
        _sink = OnBreakpoint;
        target.Probes.UserBreakpoint.Attach(_sink);
        foreach (IGrouping<(string? Path, long Offset, long Process), ProbeHandler> group in handlers.GroupBy(h => (h.Probe.Source.Path, h.Probe.Source.Offset, h.Probe.Source.Number)))
        {
            int id = _nextId++;
            IDisposable? watch = target.WatchCode(group.Key.Path!, group.Key.Offset, (int)group.Key.Process, id);
            if (watch == null)
            {
                session.Runtime.Output.Message($"WARNING: probe {group.First().Probe.ResolvedName} registration error [man warning::pass5] (rc -2)");
                continue;
            }
            _watches.Add(watch);
            _entries[id] = [.. group.Where(h => h.Probe.Source.Kind == SourceKind.UserFunction)];
            _entriesForReturn[id] = [.. group.Where(h => h.Probe.Source.Kind == SourceKind.UserReturn)];
        }
    }

    public void Dispose()
    {
        if (_sink != null) target.Probes.UserBreakpoint.Detach(_sink);
        _sink = null;
        foreach (IDisposable watch in _watches) watch.Dispose();
        _watches.Clear();
    }

    private void OnBreakpoint(in KernelEvent record)
    {
        Returned(record);
        if (!_entries.TryGetValue(record.Number, out ProbeHandler[]? entries)) return;
        foreach (ProbeHandler handler in entries) session.Fire(handler, record);
        ProbeHandler[] returns = _entriesForReturn[record.Number];
        if (returns.Length > 0) Called(record, returns);
    }

    private void Called(in KernelEvent record, ProbeHandler[] returns)
    {
        ulong stack = record.Task.Register(4);
        Span<byte> bytes = stackalloc byte[8];
        if (record.Task.ReadMemory(stack, bytes) != 8) return;
        ulong returnTo = BitConverter.ToUInt64(bytes);
        if (record.Task.FindUserSymbol(returnTo) is not { } symbol) return;
        if (FileOffset(symbol, returnTo) is not { } offset) return;
        if (_returnPlaces.Add((symbol.Path, offset)))
        {
            if (target.WatchCode(symbol.Path, offset, 0, _nextId++) is { } watch) _watches.Add(watch);
        }
        if (!_calls.TryGetValue(record.Task.ThreadId, out List<OpenCall>? open)) _calls[record.Task.ThreadId] = open = [];
        open.Add(new OpenCall(returnTo, stack, returns));
        foreach (ProbeHandler handler in returns.Where(h => h.KeepsEntry)) session.FireEntry(handler, record);
    }

    private void Returned(in KernelEvent record)
    {
        if (!_calls.TryGetValue(record.Task.ThreadId, out List<OpenCall>? open)) return;
        ulong stack = record.Task.Register(4);
        // Calls that were left by a longjmp lie deeper than the stack pointer is now.
        while (open.Count > 0 && open[^1].StackPointer < stack)
        {
            OpenCall call = open[^1];
            open.RemoveAt(open.Count - 1);
            if (call.ReturnTo != record.A0) continue;
            foreach (ProbeHandler handler in call.Handlers) session.Fire(handler, record);
        }
        if (open.Count == 0) _calls.Remove(record.Task.ThreadId);
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
