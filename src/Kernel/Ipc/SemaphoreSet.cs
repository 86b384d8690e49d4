using Kennel.Abi;
using Kennel.Namespaces;
using Kennel.Tasks;
using Kennel.Waiting;

namespace Kennel.Ipc;

/// <summary>
/// A System V semaphore set (man 2 semop; Linux: ipc/sem.c). The operations of one call happen together or not at all. A call that
/// cannot go on yet waits in <see cref="_pending"/>; whoever changes a value tries the waiting calls in their order, on their
/// behalf, and wakes those that are through.
/// </summary>
public sealed class SemaphoreSet : IpcObject
{
    /// <summary>SEMVMX, SEMMSL, SEMOPM, and how many semaphores there may be in all.</summary>
    public const int GreatestValue = 32767, MostPerSet = 32000, MostPerCall = 500, MostInAll = 1 << 20;

    private readonly IpcNamespace _owner;
    private readonly Semaphore[] _semaphores;
    private readonly LinkedList<PendingOperations> _pending = [];
    private readonly List<SemaphoreUndo> _undos = [];
    private long _operationTime;

    public SemaphoreSet(LinuxTask creator, IpcNamespace owner, int key, uint mode, int count)
        : base(creator, key, mode)
    {
        _owner = owner;
        _semaphores = new Semaphore[count];
        owner.Semaphores += count;
    }

    public int Count => _semaphores.Length;

    /// <summary>semop. Linux: do_semtimedop.</summary>
    public async ValueTask<Errno> OperateAsync(LinuxTask current, SemaphoreOperation[] operations, long deadline)
    {
        bool changes = false, undoes = false;
        foreach (SemaphoreOperation o in operations)
        {
            if (o.Number >= Count) return Errno.EFBIG;
            changes |= o.Change != 0;
            undoes |= o.Change != 0 && (o.Flags & (short)IpcFlags.SEM_UNDO) != 0;
        }
        Errno e = Check(current.Credential, changes ? 0x92u : 0x124u);
        if (e != Errno.None) return e;
        SemaphoreUndo? undo = undoes ? UndoOf(current) : null;
        var pending = new PendingOperations(this, operations, undo, current.Group.Leader.Numbers);
        e = TryOperate(pending);
        if (e == Errno.None && changes) TryPending();
        if (e != Errno.EAGAIN) return e;
        if ((operations[pending.Blocking].Flags & (short)IpcFlags.IPC_NOWAIT) != 0) return Errno.EAGAIN;

        LinkedListNode<PendingOperations> place = _pending.AddLast(pending);
        e = await pending.Sleeper.WaitAsync(current, pending, static p => p.Result != null, WaitMode.Interruptible, deadline);
        if (pending.Result is { } result) return result;
        _pending.Remove(place);
        return e == Errno.ETIMEDOUT ? Errno.EAGAIN : Errno.EINTR;
    }

    /// <summary>IPC_RMID: who waits gets EIDRM. Linux: freeary.</summary>
    public void Remove()
    {
        _owner.SemaphoreSets.Remove(this);
        _owner.Semaphores -= Count;
        foreach (SemaphoreUndo undo in _undos) undo.Forget();
        _undos.Clear();
        foreach (PendingOperations p in _pending) p.Finish(Errno.EIDRM);
        _pending.Clear();
    }

    public int ValueOf(int number) => _semaphores[number].Value;

    /// <summary>GETPID: who changed it last.</summary>
    public int LastOf(int number, LinuxTask viewer) => NumberOf(_semaphores[number].Last, viewer);

    /// <summary>GETNCNT and GETZCNT: calls that wait for it to grow, or to become zero. Linux: count_semcnt.</summary>
    public int CountWaiting(int number, bool forZero) =>
        _pending.Count(p => p.Operations[p.Blocking] is var o && o.Number == number && (o.Change == 0) == forZero);

    /// <summary>SETVAL, or SETALL from a number on: forgets what exits would undo.</summary>
    public void SetValues(LinuxTask current, int first, ReadOnlySpan<ushort> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            foreach (SemaphoreUndo undo in _undos) undo.Adjustments[first + i] = 0;
            _semaphores[first + i] = new Semaphore { Value = values[i], Last = current.Group.Leader.Numbers };
        }
        ChangeTime = Now;
        TryPending();
    }

    /// <summary>IPC_STAT.</summary>
    public SemaphoreSetRecord DescribeSet() => new()
    {
        Permission = Describe(),
        OperationTime = _operationTime,
        ChangeTime = ChangeTime,
        Count = (ulong)Count,
    };

    /// <summary>A process that asked for it has exited. Linux: exit_sem.</summary>
    internal void Undo(SemaphoreUndo undo, PidNumbers process)
    {
        _undos.Remove(undo);
        for (int i = 0; i < Count; i++)
        {
            if (undo.Adjustments[i] == 0) continue;
            _semaphores[i].Value = Math.Clamp(_semaphores[i].Value + undo.Adjustments[i], 0, GreatestValue);
            _semaphores[i].Last = process;
        }
        _operationTime = Now;
        TryPending();
    }

    private SemaphoreUndo UndoOf(LinuxTask current)
    {
        SemaphoreUndoList list = current.SemaphoreUndos ??= new SemaphoreUndoList();
        SemaphoreUndo? undo = list.Find(this);
        if (undo != null) return undo;
        undo = new SemaphoreUndo(this);
        list.Add(undo);
        _undos.Add(undo);
        return undo;
    }

    // All operations, or none: EAGAIN when one has to wait. Linux: perform_atomic_semop.
    private Errno TryOperate(PendingOperations pending)
    {
        SemaphoreOperation[] operations = pending.Operations;
        Errno e = Errno.None;
        int done = 0;
        for (; done < operations.Length && e == Errno.None; done++)
        {
            SemaphoreOperation o = operations[done];
            ref int value = ref _semaphores[o.Number].Value;
            pending.Blocking = done;
            if ((o.Change == 0 && value != 0) || value + o.Change < 0) e = Errno.EAGAIN;
            else if (value + o.Change > GreatestValue) e = Errno.ERANGE;
            else if (!Adjust(pending.Undo, o, -1)) e = Errno.ERANGE;
            else value += o.Change;
        }
        if (e == Errno.None)
        {
            foreach (SemaphoreOperation o in operations) _semaphores[o.Number].Last = pending.Process;
            _operationTime = Now;
            return e;
        }
        for (int i = done - 2; i >= 0; i--) // the last one that was looked at did nothing
        {
            _semaphores[operations[i].Number].Value -= operations[i].Change;
            Adjust(pending.Undo, operations[i], 1);
        }
        return e;
    }

    private static bool Adjust(SemaphoreUndo? undo, SemaphoreOperation o, int sign)
    {
        if (undo == null || (o.Flags & (short)IpcFlags.SEM_UNDO) == 0) return true;
        int sum = undo.Adjustments[o.Number] + (sign * o.Change);
        if (sum is < -GreatestValue - 1 or > GreatestValue) return false;
        undo.Adjustments[o.Number] = (short)Math.Min(sum, short.MaxValue);
        return true;
    }

    // After a change: calls that can go on now do, which may let others go on. Linux: update_queue.
    private void TryPending()
    {
        bool again = true;
        while (again)
        {
            again = false;
            for (LinkedListNode<PendingOperations>? place = _pending.First; place != null;)
            {
                LinkedListNode<PendingOperations>? next = place.Next;
                Errno e = TryOperate(place.Value);
                if (e != Errno.EAGAIN)
                {
                    _pending.Remove(place);
                    place.Value.Finish(e);
                    again |= e == Errno.None && Array.Exists(place.Value.Operations, static o => o.Change != 0);
                }
                place = next;
            }
        }
    }

    private struct Semaphore
    {
        public int Value;
        public PidNumbers? Last;
    }

    /// <summary>A call that waits.</summary>
    private sealed class PendingOperations(SemaphoreSet set, SemaphoreOperation[] operations, SemaphoreUndo? undo, PidNumbers process)
    {
        public SemaphoreSet Set => set;

        public SemaphoreOperation[] Operations => operations;

        public SemaphoreUndo? Undo => undo;

        public PidNumbers Process => process;

        /// <summary>Index of the operation that cannot be done.</summary>
        public int Blocking { get; set; }

        public Errno? Result { get; private set; }

        public WaitQueue Sleeper { get; } = new();

        public void Finish(Errno result)
        {
            Result = result;
            Sleeper.WakeAll();
        }
    }
}
