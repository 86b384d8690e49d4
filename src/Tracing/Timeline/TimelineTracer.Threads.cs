using Kennel.Probes;

namespace Kennel.Tracing.Timeline;

/// <summary>The rows: who lives, and under which numbers.</summary>
public sealed partial class TimelineTracer
{
    // Copied pages are counted one by one, but written at most this often, and when a thread leaves its processor.
    private const long CountInterval = 100_000;

    // Ids come again after pid_max processes; a row does not. A second holder's number has this added.
    private const int GenerationShift = 22, Generations = 256;

    private readonly Dictionary<ITracedTask, TimelineThread> _threads = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<object, TimelineProcess> _processes = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<object> _old = new(ReferenceEqualityComparer.Instance); // what the machine had before: init, kernel threads
    private readonly Dictionary<int, int> _generations = [];
    private int _nextIndex;
    private int _live, _zombies;
    private long _copied, _countedPages, _counted;

    private TimelineThread? Known(ITracedTask task) => _threads.GetValueOrDefault(task);

    /// <summary>The row of a task, made on its first appearance; null for the idle task.</summary>
    private TimelineThread? Find(ITracedTask task, TimelineThread? maker = null)
    {
        if (_threads.TryGetValue(task, out TimelineThread? thread)) return thread;
        if (task.ThreadId == 0) return null;
        TimelineProcess process = FindProcess(task, maker);
        bool isLeader = task.ThreadId == task.ProcessId;
        thread = new TimelineThread
        {
            Index = _nextIndex++,
            Process = process,
            ThreadId = task.ThreadId,
            TraceId = isLeader && process.Threads == 0 ? process.TraceId : Unique(task.ThreadId),
            Name = TimelineText.Bounded(task.Name),
        };
        process.Threads++;
        _threads.Add(task, thread);
        _writer.Describe(_last, thread, isNew: true);
        return thread;
    }

    /// <summary>The row of a task in whose context something happens: it runs, though we may not have seen it start.</summary>
    private TimelineThread? FindRunning(ITracedTask task, int cpu)
    {
        TimelineThread? thread = Find(task);
        if (thread == null || thread.IsReleased || (thread.State == TimelineState.Running && thread.Cpu == cpu)) return thread;
        thread.Cpu = cpu;
        Rename(task, thread, hasNewImage: false);
        Change(thread, TimelineState.Running);
        _writer.Processor(_last, cpu, thread);
        return thread;
    }

    private TimelineProcess FindProcess(ITracedTask task, TimelineThread? maker)
    {
        if (_processes.TryGetValue(task.Process, out TimelineProcess? process)) return process;
        maker ??= task.Parent is { } parent ? Known(parent) : null;
        process = new TimelineProcess
        {
            Key = task.Process,
            ProcessId = task.ProcessId,
            TraceId = Unique(task.ProcessId),
            Maker = maker?.Index ?? -1,
            CommandLine = TimelineText.CommandLine(task.Arguments),
            IsCounted = !_old.Contains(task.Process),
        };
        _processes.Add(process.Key, process);
        if (!process.IsCounted) return process;
        _live++;
        Count();
        return process;
    }

    private void Rename(ITracedTask task, TimelineThread thread, bool hasNewImage)
    {
        string name = task.Name;
        if (!hasNewImage && name == thread.Name) return;
        thread.Name = TimelineText.Bounded(name);
        thread.ThreadId = task.ThreadId;
        if (hasNewImage) thread.Process.CommandLine = TimelineText.CommandLine(task.Arguments);
        _writer.Describe(_last, thread, isNew: false);
    }

    private void Change(TimelineThread thread, TimelineState state)
    {
        thread.State = state;
        _writer.State(_last, thread);
    }

    private void Forget(ITracedTask task, TimelineThread thread)
    {
        EndCall(thread, null);
        _writer.End(_last, thread);
        _threads.Remove(task);
        if (--thread.Process.Threads == 0) _processes.Remove(thread.Process.Key);
    }

    private void CloseAll()
    {
        Count();
        for (int cpu = 0; cpu < _target!.Processors; cpu++) _writer.Processor(_last, cpu, null);
        foreach ((ITracedTask task, TimelineThread thread) in _threads.OrderBy(t => t.Value.Index).ToArray()) Forget(task, thread);
    }

    private void Count()
    {
        _counted = _last;
        _countedPages = _copied;
        _writer.Count(_last, new TimelineCounters(_live, _zombies, _copied));
    }

    private long Unique(int id)
    {
        int generation = _generations.GetValueOrDefault(id, -1) + 1;
        _generations[id] = generation;
        return id + ((long)(generation % Generations) << GenerationShift);
    }
}
