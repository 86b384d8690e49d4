using Kennel.Namespaces;

namespace Kennel.Ipc;

/// <summary>What has to be added to a set's semaphores when a process exits (man 2 semop, SEM_UNDO; Linux: struct sem_undo).</summary>
internal sealed class SemaphoreUndo(SemaphoreSet set)
{
    public SemaphoreSet? Set { get; private set; } = set;

    public short[] Adjustments { get; } = new short[set.Count];

    /// <summary>The set is gone.</summary>
    public void Forget() => Set = null;
}

/// <summary>All that a process undoes at its exit; shared with CLONE_SYSVSEM (Linux: struct sem_undo_list).</summary>
public sealed class SemaphoreUndoList
{
    private readonly List<SemaphoreUndo> _undos = [];
    private int _users = 1;

    internal SemaphoreUndoList Share()
    {
        _users++;
        return this;
    }

    internal SemaphoreUndo? Find(SemaphoreSet set) => _undos.Find(u => u.Set == set);

    internal void Add(SemaphoreUndo undo)
    {
        _undos.RemoveAll(static u => u.Set == null);
        _undos.Add(undo);
    }

    /// <summary>A task leaves; with the last one everything is undone. Linux: exit_sem.</summary>
    internal void Release(PidNumbers process)
    {
        if (--_users != 0) return;
        foreach (SemaphoreUndo undo in _undos) undo.Set?.Undo(undo, process);
        _undos.Clear();
    }
}
