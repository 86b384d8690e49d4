using Kennel.Probes;
using Kennel.Tracing;

namespace Kennel.Hosting.Tests.Tracing;

/// <summary>Writes down what it is told, a line for each record.</summary>
internal sealed class RecordingTracer(params EventKind[] kinds) : ITracer
{
    private readonly TaskCompletionSource<int> _ended = new();

    public ITraceTarget Target { get; private set; } = null!;

    public int TargetId { get; private set; }

    public List<string> Lines { get; } = [];

    public Task<int> Ended => _ended.Task;

    /// <summary>Makes the line; null for none.</summary>
    public Func<KernelEvent, string?> Format { get; init; } = static e => $"{e.Kind} {e.Task.Name}";

    /// <summary>More to do when it is attached.</summary>
    public Action<RecordingTracer>? Attached { get; init; }

    public void Attach(ITraceTarget target)
    {
        Target = target;
        foreach (EventKind kind in kinds) target.Probes[kind].Attach(Record);
        Attached?.Invoke(this);
    }

    public void SetTarget(int processId) => TargetId = processId;

    public int? Detach()
    {
        foreach (EventKind kind in kinds) Target.Probes[kind].Detach(Record);
        return null;
    }

    public void Record(in KernelEvent e)
    {
        if (Format(e) is { } line) Lines.Add(line);
    }
}
