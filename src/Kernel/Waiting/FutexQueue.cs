using Kennel.Memory;
using Kennel.Tasks;

namespace Kennel.Waiting;

/// <summary>Where a futex is: an address space and an address, or null and a place in physical memory.</summary>
internal readonly record struct FutexKey(AddressSpace? Memory, ulong Address);

/// <summary>The sleepers of one futex, first come first.</summary>
internal sealed class FutexQueue(FutexKey key)
{
    public FutexKey Key { get; } = key;

    public FutexWaiter? First { get; private set; }

    public FutexWaiter? Last { get; private set; }

    public void Append(FutexWaiter waiter)
    {
        waiter.Queue = this;
        waiter.Previous = Last;
        waiter.Next = null;
        if (Last == null) First = waiter;
        else Last.Next = waiter;
        Last = waiter;
    }

    public void Remove(FutexWaiter waiter)
    {
        if (waiter.Previous == null) First = waiter.Next;
        else waiter.Previous.Next = waiter.Next;
        if (waiter.Next == null) Last = waiter.Previous;
        else waiter.Next.Previous = waiter.Previous;
        waiter.Queue = null;
    }
}

/// <summary>A task's place among the sleepers; each task has one and uses it again (Linux: struct futex_q).</summary>
internal sealed class FutexWaiter(LinuxTask task)
{
    public LinuxTask Task { get; } = task;

    /// <summary>Where the task itself sleeps.</summary>
    public WaitQueue Sleepers { get; } = new();

    public uint Bits { get; set; }

    public bool IsWoken { get; set; }

    /// <summary>For LOCK_PI: who holds the lock that it waits for.</summary>
    public LinuxTask? PiOwner { get; set; }

    /// <summary>For LOCK_PI: the address of the word in its own memory.</summary>
    public ulong PiAddress { get; set; }

    public bool IsPi => PiOwner != null;

    public FutexQueue? Queue { get; set; }

    public FutexWaiter? Next { get; set; }

    public FutexWaiter? Previous { get; set; }
}
