using System.Runtime.CompilerServices;
using Kennel.Probes;
using Kennel.Tracing.Stap.Binding;
using Kennel.Tracing.Stap.Compiling;

namespace Kennel.Tracing.Stap.Runtime;

/// <summary>A probe with its compiled handler; compiled when it first fires, for a script may name hundreds and hit few.</summary>
internal sealed class ProbeHandler(DerivedProbe probe, StapLimits limits)
{
    private readonly ConditionalWeakTable<ITracedTask, Stack<EntryFrame>> _frames = []; // a thread may end before it returns
    private long _passed;
    private Action<StapRuntime>? _body;
    private Action<StapRuntime, EntryFrame>? _entry;

    public DerivedProbe Probe => probe;

    public Action<StapRuntime> Body => _body ??= HandlerCompiler.Compile(probe, limits);

    public Action<StapRuntime, EntryFrame> Entry => _entry ??= HandlerCompiler.CompileEntry(probe, limits);

    /// <summary>Whether this event is one that counts.</summary>
    public bool IsDue()
    {
        if (probe.Source.Every <= 1) return true;
        if (++_passed < probe.Source.Every) return false;
        _passed = 0;
        return true;
    }

    /// <summary>Compiles it now.</summary>
    public void Prepare()
    {
        _ = Body;
        if (KeepsEntry) _ = Entry;
    }

    public bool KeepsEntry => probe.Scope.EntryValues.Count > 0;

    public void Push(ITracedTask task, EntryFrame frame) => _frames.GetOrCreateValue(task).Push(frame);

    public EntryFrame Pop(ITracedTask task) => _frames.TryGetValue(task, out Stack<EntryFrame>? stack) && stack.TryPop(out EntryFrame? frame) ? frame : EntryFrame.Empty;
}
