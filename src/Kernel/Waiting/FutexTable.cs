using System.Runtime.CompilerServices;
using Kennel.Abi;
using Kennel.Machine;
using Kennel.Memory;
using Kennel.Signals;
using Kennel.Syscalls;
using Kennel.Tasks;
using Kennel.Views;

namespace Kennel.Waiting;

/// <summary>
/// Futexes (man 2 futex): sleepers that wait for a word of guest memory to change, found by where the word is. The word itself is
/// the guest's business; the kernel looks at it once, under its lock, before a task sleeps, so that no wake-up falls in between.
/// </summary>
/// <remarks>
/// A private futex goes by address space and address; a shared one whose page is mapped shared goes by frame, so that processes
/// that map it at different places meet. Priority-inheriting ones are in FutexTable.Pi. Linux: kernel/futex. guard-note: the kernel lock.
/// </remarks>
public sealed partial class FutexTable
{
    /// <summary>FUTEX_BITSET_MATCH_ANY.</summary>
    public const uint AnyBits = uint.MaxValue;

    private readonly Dictionary<FutexKey, FutexQueue> _queues = [];

    /// <summary>Sleeps while the word has a value. EAGAIN when it has another, ETIMEDOUT, EFAULT, or a restart code.</summary>
    [KernelFunction("kernel/futex/waitwake.c", "int futex_wait(u32 *uaddr = address, unsigned int flags = isPrivate, u32 val = expected, long abs_time = deadline, u32 bitset = bits)")]
    public unsafe ValueTask<SyscallResult> WaitAsync(LinuxTask current, ulong address, bool isPrivate, uint expected, uint bits, long deadline)
    {
        if (bits == 0) return new(Errno.EINVAL);
        Errno error = FindKey(current, address, isPrivate, out FutexKey key);
        if (error != Errno.None) return new(error);
        uint* word = Word(current, address, PageAccess.Read);
        if (word == null) return new(Errno.EFAULT);
        if (Volatile.Read(ref *word) != expected) return new(Errno.EAGAIN);
        FutexWaiter waiter = Enqueue(current, key, bits);
        return SleepAsync(waiter, new FutexRestart(address, isPrivate, expected, bits, deadline));
    }

    [AsyncMethodBuilder(typeof(KernelMethodBuilder<>))]
    private async ValueTask<SyscallResult> SleepAsync(FutexWaiter waiter, FutexRestart call)
    {
        Errno error = await waiter.Sleepers.WaitAsync(waiter.Task, waiter, static w => w.IsWoken, WaitMode.Interruptible, call.Deadline);
        Remove(waiter);
        if (error == Errno.None || waiter.IsWoken) return 0;
        if (error == Errno.ETIMEDOUT || call.Deadline == long.MaxValue) return error;
        waiter.Task.RestartBlock = call; // the deadline stays what it was
        return Errno.ERESTART_RESTARTBLOCK;
    }

    /// <summary>Wakes up to <paramref name="count"/> sleepers with a bit in common; answers how many.</summary>
    [KernelFunction("kernel/futex/waitwake.c", "int futex_wake(u32 *uaddr = address, unsigned int flags = isPrivate, int nr_wake = count, u32 bitset = bits)")]
    public SyscallResult Wake(LinuxTask current, ulong address, bool isPrivate, int count, uint bits)
    {
        if (bits == 0) return Errno.EINVAL;
        Errno error = FindKey(current, address, isPrivate, out FutexKey key);
        return error != Errno.None ? error : Wake(key, count, bits);
    }

    /// <summary>The kernel's own wake-ups: cleared thread ids, dead robust mutexes.</summary>
    internal void Wake(LinuxTask current, ulong address, int count)
    {
        if (FindKey(current, address, isPrivate: false, out FutexKey key) == Errno.None) _ = Wake(key, count, AnyBits);
    }

    /// <summary>Wakes some and has others wait for another word instead. EAGAIN when the first word is not as expected.</summary>
    public unsafe SyscallResult Requeue(
        LinuxTask current, ulong from, ulong to, bool isPrivate, int wake, int move, uint? expected)
    {
        if (wake < 0 || move < 0) return Errno.EINVAL;
        Errno error = FindKey(current, from, isPrivate, out FutexKey source);
        if (error != Errno.None) return error;
        error = FindKey(current, to, isPrivate, out FutexKey target);
        if (error != Errno.None) return error;
        if (expected != null)
        {
            uint* word = Word(current, from, PageAccess.Read);
            if (word == null) return Errno.EFAULT;
            if (Volatile.Read(ref *word) != expected) return Errno.EAGAIN;
        }
        int done = wake == 0 ? 0 : Wake(source, wake, AnyBits);
        while (move-- > 0 && _queues.TryGetValue(source, out FutexQueue? queue) && queue.First is { IsPi: false } waiter)
        {
            Remove(waiter);
            Append(waiter, target);
            done++;
        }
        return done;
    }

    /// <summary>Changes the second word, wakes on the first, and on the second if its old value compares as asked (FUTEX_WAKE_OP).</summary>
    public unsafe SyscallResult WakeOperation(LinuxTask current, ulong first, ulong second, bool isPrivate, int count1, int count2, uint operation)
    {
        Errno error = FindKey(current, first, isPrivate, out FutexKey key1);
        if (error != Errno.None) return error;
        error = FindKey(current, second, isPrivate, out FutexKey key2);
        if (error != Errno.None) return error;
        uint* word = Word(current, second, PageAccess.Write);
        if (word == null) return Errno.EFAULT;
        if (!Operate(ref *word, operation, out bool compares)) return Errno.ENOSYS;
        int woken = Wake(key1, count1, AnyBits);
        if (compares) woken += Wake(key2, count2, AnyBits);
        return woken;
    }

    // Operation in bits 28-31 (bit 31: argument is a shift), comparison in 24-27, arguments of 12 bits each, signed.
    private static bool Operate(ref uint word, uint code, out bool compares)
    {
        int argument = (int)(code << 8) >> 20;
        int comparand = (int)(code << 20) >> 20;
        uint operand = (code >> 31) != 0 ? 1u << (argument & 31) : (uint)argument;
        uint old;
        uint changed;
        compares = false;
        do
        {
            old = Volatile.Read(ref word);
            switch (code >> 28 & 7)
            {
                case 0: changed = operand; break;
                case 1: changed = old + operand; break;
                case 2: changed = old | operand; break;
                case 3: changed = old & ~operand; break;
                case 4: changed = old ^ operand; break;
                default: return false;
            }
        }
        while (Interlocked.CompareExchange(ref word, changed, old) != old);
        int value = (int)old;
        switch (code >> 24 & 15)
        {
            case 0: compares = value == comparand; break;
            case 1: compares = value != comparand; break;
            case 2: compares = value < comparand; break;
            case 3: compares = value <= comparand; break;
            case 4: compares = value > comparand; break;
            case 5: compares = value >= comparand; break;
            default: return false;
        }
        return true;
    }

    private int Wake(FutexKey key, int count, uint bits)
    {
        if (!_queues.TryGetValue(key, out FutexQueue? queue)) return 0;
        int woken = 0;
        for (FutexWaiter? waiter = queue.First; waiter != null && (woken < count || woken == 0);)
        {
            FutexWaiter? next = waiter.Next;
            if ((waiter.Bits & bits) != 0 && !waiter.IsPi)
            {
                WakeOne(waiter);
                woken++;
            }
            waiter = next;
        }
        return woken;
    }

    private void WakeOne(FutexWaiter waiter)
    {
        Remove(waiter);
        waiter.IsWoken = true;
        waiter.Sleepers.WakeAll();
    }

    // Linux: get_futex_key.
    private static unsafe Errno FindKey(LinuxTask current, ulong address, bool isPrivate, out FutexKey key)
    {
        key = new FutexKey(current.Memory, address);
        if ((address & 3) != 0) return Errno.EINVAL;
        if (address >= AddressSpace.Top) return Errno.EFAULT;
        if (isPrivate) return Errno.None;
        AddressSpace memory = current.Memory!;
        if (memory.Reach(address, PageAccess.Read) == null) return Errno.EFAULT;
        Pte pte = memory.Pages.Walk(address, out _);
        if (pte.IsShared) key = new FutexKey(null, ((ulong)pte.Frame << FramePool.FrameShift) | (address & 0xfff));
        return Errno.None;
    }

    // Good until the kernel lock is given up. Guests on other processors may change the word at any time.
    private static unsafe uint* Word(LinuxTask current, ulong address, PageAccess access) => (uint*)current.Memory!.Reach(address, access);

    private FutexWaiter Enqueue(LinuxTask current, FutexKey key, uint bits)
    {
        FutexWaiter waiter = current.FutexWaiter;
        waiter.Bits = bits;
        waiter.IsWoken = false;
        waiter.PiOwner = null;
        Append(waiter, key);
        return waiter;
    }

    private void Append(FutexWaiter waiter, FutexKey key)
    {
        if (!_queues.TryGetValue(key, out FutexQueue? queue)) _queues.Add(key, queue = new FutexQueue(key));
        queue.Append(waiter);
    }

    private void Remove(FutexWaiter waiter)
    {
        FutexQueue? queue = waiter.Queue;
        if (queue == null) return;
        queue.Remove(waiter);
        if (queue.First == null) _queues.Remove(queue.Key);
    }

    private sealed class FutexRestart(ulong address, bool isPrivate, uint expected, uint bits, long deadline) : RestartBlock
    {
        public long Deadline => deadline;

        public override ValueTask<SyscallResult> RestartAsync(LinuxTask current) =>
            current.Kernel.Futexes.WaitAsync(current, address, isPrivate, expected, bits, deadline);
    }
}
