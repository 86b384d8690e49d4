using Kennel.Probes;
using Kennel.Tracing.Stap.Binding;
using Kennel.Tracing.Stap.Functions;

namespace Kennel.Tracing.Stap.Runtime;

/// <summary>Ties handlers to the machine's points, and unties them.</summary>
internal sealed class ProbeAttachments(ITraceTarget target, IReadOnlyList<ProbeHandler> handlers, StapSession session) : IDisposable
{
    // Script order; but of one event, kprocess.* is told before the system call that it is: kprocess.exec before syscall.execve.
    private readonly IReadOnlyList<ProbeHandler> _handlers = [.. handlers.OrderBy(static h => h.Probe.WrittenName.StartsWith("kprocess.", StringComparison.Ordinal) ? 0 : 1)];
    private readonly List<Action> _undo = [];
    private readonly UserWatches _watches = new(target, session);

    public void Attach()
    {
        AttachSyscalls(SourceKind.Syscall, EventKind.SyscallEntered);
        AttachSyscalls(SourceKind.SyscallReturn, EventKind.SyscallReturned);
        AttachFunctions();
        // One sink for each kind, so that handlers run in script order.
        foreach (IGrouping<EventKind, ProbeHandler> group in _handlers.Where(h => h.Probe.Source.Kind is SourceKind.Event or SourceKind.Task).GroupBy(h => h.Probe.Source.Event))
        {
            ProbeHandler[] all = [.. group];
            Attach(target.Probes[group.Key], (in KernelEvent record) =>
            {
                foreach (ProbeHandler handler in all)
                {
                    if (handler.Probe.Source.Kind == SourceKind.Event && handler.IsDue() || handler.Probe.Source.Kind == SourceKind.Task && Concerns(handler.Probe.Source, record.Task)) session.Fire(handler, record);
                }
            });
        }
        foreach (ProbeHandler handler in _handlers.Where(h => h.Probe.Source.Refusal != 0))
            session.Runtime.Output.Message($"WARNING: probe {handler.Probe.ResolvedName} registration error [man warning::pass5] (rc -{handler.Probe.Source.Refusal})");
        foreach (ProbeHandler handler in _handlers) AttachTimer(handler);
        ProbeHandler[] user = [.. _handlers.Where(h => h.Probe.Source.Kind is SourceKind.UserFunction or SourceKind.UserReturn)];
        if (user.Length > 0) _watches.Attach(user);
    }

    public void Dispose()
    {
        foreach (Action undo in _undo) undo();
        _undo.Clear();
        _watches.Dispose();
    }

    private void Attach(Probe probe, EventSink sink)
    {
        probe.Attach(sink);
        _undo.Add(() => probe.Detach(sink));
    }

    private void AttachSyscalls(SourceKind kind, EventKind point)
    {
        ProbeHandler[] some = [.. _handlers.Where(h => h.Probe.Source.Kind == kind)];
        if (some.Length > 0)
        {
            ProbeHandler[][] table = TableOf(some);
            Attach(target.Probes[point], (in KernelEvent record) =>
            {
                if ((uint)record.Number >= (uint)table.Length) return;
                foreach (ProbeHandler handler in table[record.Number]) session.Fire(handler, record);
            });
        }
        ProbeHandler[] keeping = [.. some.Where(h => h.KeepsEntry)];
        if (keeping.Length == 0) return;
        ProbeHandler[][] entries = TableOf(keeping);
        Attach(target.Probes.SyscallEntered, (in KernelEvent record) =>
        {
            if ((uint)record.Number >= (uint)entries.Length) return;
            foreach (ProbeHandler handler in entries[record.Number]) session.FireEntry(handler, record);
        });
    }

    // The handlers of each system call; those of all calls (number -1) are in every row.
    private ProbeHandler[][] TableOf(ProbeHandler[] some)
    {
        int size = target.Model.Syscalls.Count == 0 ? 0 : target.Model.Syscalls.Max(s => s.Number) + 1;
        return [.. Enumerable.Range(0, Math.Max(size, 512)).Select(n => some.Where(h => h.Probe.Source.Number == n || h.Probe.Source.Number < 0).ToArray())];
    }

    private void AttachFunctions()
    {
        Dictionary<int, KernelFunction>? byId = null;
        foreach (IGrouping<(SourceKind Kind, long Id), ProbeHandler> group in _handlers.Where(h => h.Probe.Source.Kind is SourceKind.Function or SourceKind.FunctionReturn).GroupBy(h => (h.Probe.Source.Kind, h.Probe.Source.Number)))
        {
            byId ??= target.Model.Functions.ToDictionary(f => f.Id);
            KernelFunction function = byId[(int)group.Key.Id];
            ProbeHandler[] all = [.. group];
            Attach(group.Key.Kind == SourceKind.Function ? function.Entry : function.Return, (in KernelEvent record) =>
            {
                foreach (ProbeHandler handler in all) session.Fire(handler, record);
            });
            ProbeHandler[] keeping = [.. all.Where(h => h.KeepsEntry)];
            if (keeping.Length == 0) continue;
            Attach(function.Entry, (in KernelEvent record) =>
            {
                foreach (ProbeHandler handler in keeping) session.FireEntry(handler, record);
            });
        }
    }

    private void AttachTimer(ProbeHandler handler)
    {
        ProbeSource source = handler.Probe.Source;
        if (source.Kind is not (SourceKind.Timer or SourceKind.Profile)) return;
        long period = source.Period + (source.Jitter == 0 ? 0 : session.Runtime.Random.NextInt64(-source.Jitter, source.Jitter + 1));
        IDisposable timer = target.StartTimer(Math.Max(1000, period), () =>
        {
            if (source.Kind == SourceKind.Timer)
            {
                session.FireTimer(handler, 0);
                return;
            }
            for (int i = 0; i < target.Processors; i++) session.FireTimer(handler, i);
        }, samples: source.Kind == SourceKind.Profile);
        _undo.Add(timer.Dispose);
    }

    /// <summary>Whether a process probe is about this task.</summary>
    private bool Concerns(ProbeSource source, ITracedTask task)
    {
        if (source.Number != 0) return task.ProcessId == source.Number;
        if (source.Path != null) return SameProgram(source.Path, StapPaths.ProgramOf(session.Runtime, task));
        // process.begin with -c: the program and what descends from it.
        if (!session.HasTarget) return true;
        for (ITracedTask? at = task; at != null && at.ThreadId != 0; at = at.Parent)
        {
            if (at.ProcessId == session.Runtime.TargetProcess) return true;
            if (ReferenceEquals(at.Parent, at)) break;
        }
        return false;
    }

    // /bin is a link to /usr/bin on today's systems; a bare name is looked for in any directory.
    internal static bool SameProgram(string wanted, string actual)
    {
        if (actual.Length == 0) return false;
        if (!wanted.Contains('/')) return Path.GetFileName(actual) == wanted;
        return Plain(wanted) == Plain(actual);

        static string Plain(string path) => path.StartsWith("/usr/", StringComparison.Ordinal) ? path[4..] : path;
    }
}
