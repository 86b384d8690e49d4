using Kennel.Probes;
using Kennel.Tracing.Stap.Binding;

namespace Kennel.Tracing.Stap.Runtime;

/// <summary>
/// Functions of guest programs: their entry is watched, and for .return the calls that come from there.
/// </summary>
internal sealed class UserWatches(ITraceTarget target, StapSession session) : IDisposable
{
    private readonly List<IDisposable> _watches = [];
    private readonly Dictionary<int, ProbeHandler[]> _entries = [];
    private readonly Dictionary<int, ProbeHandler[]> _entriesForReturn = [];
    private readonly GuestCalls<ProbeHandler[]> _calls = new(target, Forget);
    private EventSink? _sink;

    public void Attach(ProbeHandler[] handlers)
    {
        _sink = OnBreakpoint;
        target.Probes.UserBreakpoint.Attach(_sink);
        foreach (IGrouping<(string? Path, long Offset, long Process), ProbeHandler> group in handlers.GroupBy(h => (h.Probe.Source.Path, h.Probe.Source.Offset, h.Probe.Source.Number)))
        {
            IDisposable? watch = target.WatchCode(group.Key.Path!, group.Key.Offset, (int)group.Key.Process, out int id);
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
        _calls.Dispose();
    }

    private void OnBreakpoint(in KernelEvent record)
    {
        while (_calls.TryEnd(record, out ProbeHandler[]? ended))
        {
            foreach (ProbeHandler handler in ended) session.Fire(handler, record);
        }
        if (!_entries.TryGetValue(record.Number, out ProbeHandler[]? entries)) return;
        foreach (ProbeHandler handler in entries) session.Fire(handler, record);
        ProbeHandler[] returns = _entriesForReturn[record.Number];
        if (returns.Length == 0 || !_calls.Entered(record, returns)) return;
        foreach (ProbeHandler handler in returns.Where(static h => h.KeepsEntry)) session.FireEntry(handler, record);
    }

    // What its .return probes kept of the entry.
    private static void Forget(ITracedTask task, ProbeHandler[] returns)
    {
        foreach (ProbeHandler handler in returns.Where(static h => h.KeepsEntry)) handler.Pop(task);
    }
}
