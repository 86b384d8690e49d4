using Kennel.Probes;
using Kennel.Tracing.Stap.Binding;
using Kennel.Tracing.Stap.Compiling;

namespace Kennel.Tracing.Stap.Runtime;

/// <summary>A probe with its compiled handler; compiled when it first fires, for a script may name hundreds and hit few.</summary>
internal sealed class ProbeHandler(DerivedProbe probe, StapLimits limits)
{
    private readonly Dictionary<int, Stack<EntryFrame>> _frames = [];
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

    public void Push(int thread, EntryFrame frame)
    {
        if (!_frames.TryGetValue(thread, out Stack<EntryFrame>? stack)) _frames[thread] = stack = new Stack<EntryFrame>();
        stack.Push(frame);
    }

    public EntryFrame Pop(int thread)
    {
        if (!_frames.TryGetValue(thread, out Stack<EntryFrame>? stack)) return EntryFrame.Empty;
        EntryFrame frame = stack.Pop();
        if (stack.Count == 0) _frames.Remove(thread);
        return frame;
    }
}
