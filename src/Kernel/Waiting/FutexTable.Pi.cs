using Kennel.Abi;
using Kennel.Machine;
using Kennel.Memory;
using Kennel.Namespaces;
using Kennel.Syscalls;
using Kennel.Tasks;
using Kennel.Views;

namespace Kennel.Waiting;

/// <summary>
/// Futexes whose word names their owner: LOCK_PI and its like, where the kernel hands the lock over; and what happens to locks when
/// their owner dies (robust lists).
/// </summary>
/// <remarks>
/// Differs from Linux: the owner does not inherit its waiters' priority; waiters get the lock in the order they came.
/// </remarks>
public sealed partial class FutexTable
{
    // The word: id of the owner, whether anybody waits, whether an owner died with it.
    private const uint OwnerMask = 0x3fffffff, OwnerDied = 0x40000000, HasWaiters = 0x80000000;

    private const int RobustListLimit = 2048;

    private int _piWaiters;

    /// <summary>Takes the lock, or sleeps until it is handed over. EDEADLK when the caller has it, ESRCH when its owner is gone.</summary>
    [KernelFunction("kernel/futex/pi.c", "int futex_lock_pi(u32 *uaddr = address, unsigned int flags = isPrivate, long time = deadline, int trylock = tryOnly)")]
    public unsafe ValueTask<SyscallResult> LockPiAsync(LinuxTask current, ulong address, bool isPrivate, long deadline, bool tryOnly)
    {
        Errno error = FindKey(current, address, isPrivate, out FutexKey key);
        if (error != Errno.None) return new(error);
        uint* word = Word(current, address, PageAccess.Write);
        if (word == null) return new(Errno.EFAULT);
        uint self = (uint)current.Numbers.Innermost;
        bool contended = _queues.ContainsKey(key);
        while (true)
        {
            uint value = Volatile.Read(ref *word);
            uint owner = value & OwnerMask;
            if (owner == self) return new(Errno.EDEADLK);
            if (owner == 0)
            {
                uint taken = self | (value & OwnerDied) | (contended ? HasWaiters : 0);
                if (Interlocked.CompareExchange(ref *word, taken, value) == value) return new((SyscallResult)0);
                continue;
            }
            LinuxTask? holder = current.Kernel.Tasks.Find(new NamespacePid((int)owner), current.Numbers.Owner);
            if (holder == null || holder.HasExited) return new(Errno.ESRCH);
            if (tryOnly) return new(Errno.EAGAIN);
            if (Interlocked.CompareExchange(ref *word, value | HasWaiters, value) != value) continue;
            FutexWaiter waiter = Enqueue(current, key, AnyBits);
            waiter.PiOwner = holder;
            waiter.PiAddress = address;
            _piWaiters++;
            return SleepForLockAsync(waiter, deadline);
        }
    }

    private async ValueTask<SyscallResult> SleepForLockAsync(FutexWaiter waiter, long deadline)
    {
        Errno error = await waiter.Sleepers.WaitAsync(waiter.Task, waiter, static w => w.IsWoken, WaitMode.Interruptible, deadline);
        _piWaiters--;
        Remove(waiter);
        if (error == Errno.None || waiter.IsWoken) return 0;
        return error == Errno.ERESTARTSYS ? Errno.ERESTARTNOINTR : error;
    }

    /// <summary>Gives the lock to the first waiter, or frees it. EPERM when the caller does not have it.</summary>
    [KernelFunction("kernel/futex/pi.c", "int futex_unlock_pi(u32 *uaddr = address, unsigned int flags = isPrivate)")]
    public unsafe SyscallResult UnlockPi(LinuxTask current, ulong address, bool isPrivate)
    {
        Errno error = FindKey(current, address, isPrivate, out FutexKey key);
        if (error != Errno.None) return error;
        uint* word = Word(current, address, PageAccess.Write);
        if (word == null) return Errno.EFAULT;
        if ((Volatile.Read(ref *word) & OwnerMask) != (uint)current.Numbers.Innermost) return Errno.EPERM;
        HandOver(key, ref *word, ownerDied: 0);
        return 0;
    }

    private void HandOver(FutexKey key, ref uint word, uint ownerDied)
    {
        FutexWaiter? next = _queues.TryGetValue(key, out FutexQueue? queue) ? queue.First : null;
        while (next != null && !next.IsPi) next = next.Next;
        uint value;
        uint changed;
        do
        {
            value = Volatile.Read(ref word);
            changed = (next == null ? 0 : (uint)next.Task.Numbers.Innermost | HasWaiters) | ownerDied;
        }
        while (Interlocked.CompareExchange(ref word, changed, value) != value);
        if (next == null) return;
        LinuxTask owner = next.Task;
        WakeOne(next);
        for (FutexWaiter? other = queue!.First; other != null; other = other.Next)
        {
            if (other.IsPi) other.PiOwner = owner;
        }
    }

    /// <summary>A task dies or changes its program: its locks say so, and somebody is woken. Linux: futex_exit_release.</summary>
    [KernelFunction("kernel/futex/core.c", "void futex_exit_release(struct task_struct *tsk = task)")]
    internal unsafe void OnExit(LinuxTask task)
    {
        if (task.RobustList != 0) WalkRobustList(task);
        task.RobustList = 0;
        if (_piWaiters == 0) return;
        foreach (FutexQueue queue in _queues.Values.ToArray())
        {
            FutexWaiter? waiter = queue.First;
            while (waiter != null && waiter.PiOwner != task) waiter = waiter.Next;
            if (waiter == null) continue;
            uint* word = Word(waiter.Task, waiter.PiAddress, PageAccess.Write);
            if (word != null) HandOver(queue.Key, ref *word, OwnerDied);
        }
    }

    // struct robust_list_head: first entry, offset from an entry to its futex, entry being locked or unlocked right now.
    // Bit 0 of a pointer marks a PI futex. Linux: exit_robust_list.
    private void WalkRobustList(LinuxTask task)
    {
        AddressSpace? memory = task.Memory;
        Span<ulong> head = stackalloc ulong[3];
        if (!new UserPtr<ulong>(task.RobustList).TryRead(memory, head)) return;
        (ulong entry, ulong offset, ulong pending) = (head[0], head[1], head[2]);
        for (int i = 0; i < RobustListLimit && (entry & ~1UL) != task.RobustList; i++)
        {
            ulong address = entry & ~1UL;
            bool more = new UserPtr<ulong>(address).TryRead(memory, out ulong next);
            if (address != (pending & ~1UL) && !MarkDead(task, address + offset, (entry & 1) != 0, isPending: false)) return;
            if (!more) return;
            entry = next;
        }
        if ((pending & ~1UL) != 0) MarkDead(task, (pending & ~1UL) + offset, (pending & 1) != 0, isPending: true);
    }

    // Linux: handle_futex_death.
    private unsafe bool MarkDead(LinuxTask task, ulong address, bool isPi, bool isPending)
    {
        if ((address & 3) != 0) return false;
        uint* word = Word(task, address, PageAccess.Write);
        if (word == null) return false;
        uint value;
        do
        {
            value = Volatile.Read(ref *word);
            if (isPending && !isPi && (value & OwnerMask) == 0)
            {
                Wake(task, address, 1);
                return true;
            }
            if ((value & OwnerMask) != (uint)task.Numbers.Innermost) return true;
        }
        while (Interlocked.CompareExchange(ref *word, (value & HasWaiters) | OwnerDied, value) != value);
        if (!isPi && (value & HasWaiters) != 0) Wake(task, address, 1);
        return true;
    }
}
