using Kennel.Probes;
using Kennel.Tracing.Stap.Binding;
using Kennel.Tracing.Stap.Compiling;

namespace Kennel.Tracing.Stap.Runtime;

/// <summary>A probe with its compiled handler; compiled when it first fires, for a script may name hundreds and hit few.</summary>
internal sealed class ProbeHandler(DerivedProbe probe, long mapLimit)
{
    private readonly Dictionary<int, Stack<EntryFrame>> _frames = [];
    private Action<StapRuntime>? _body;
    private Action<StapRuntime, EntryFrame>? _entry;

    public DerivedProbe Probe => probe;

    public Action<StapRuntime> Body => _body ??= HandlerCompiler.Compile(probe, mapLimit);

    public Action<StapRuntime, EntryFrame> Entry => _entry ??= HandlerCompiler.CompileEntry(probe, mapLimit);

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
