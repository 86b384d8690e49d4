using Kennel.Abi;
using Kennel.Syscalls;
using Kennel.Tasks;
using Kennel.Views;
using Kennel.Waiting;

namespace Kennel.Files;

/// <summary>Getting locks, waiting for them if need be (Linux: fs/locks.c, posix_lock_inode_wait and flock_lock_inode).</summary>
public static class FileLocking
{
    /// <summary>Sets a range lock; waits for those in the way, unless that could never end (EDEADLK).</summary>
    [KernelFunction("fs/locks.c", "int fcntl_setlk(void)")]
    public static ValueTask<SyscallResult> SetAsync(LinuxTask current, FileLockList locks, FileLock wanted, bool wait)
    {
        FileLock? conflict = locks.FindConflict(wanted);
        if (conflict != null) return wait ? WaitAsync(current, locks, wanted) : new(Errno.EAGAIN);
        return new(locks.Set(wanted));
    }

    private static async ValueTask<SyscallResult> WaitAsync(LinuxTask current, FileLockList locks, FileLock wanted)
    {
        Dictionary<object, object> blocked = current.Kernel.Vfs.BlockedLockOwners;
        while (locks.FindConflict(wanted) is { } conflict)
        {
            bool isPosix = wanted.Holder != null;
            if (isPosix && WouldDeadlock(blocked, wanted.Owner, conflict.Owner)) return Errno.EDEADLK;
            if (isPosix) blocked[wanted.Owner] = conflict.Owner;
            Errno e = await locks.Waiters.WaitAsync(
                current, (locks, wanted, conflict), static s => !s.locks.Ranges.Contains(s.conflict), WaitMode.Interruptible);
            if (isPosix) blocked.Remove(wanted.Owner);
            if (e != Errno.None) return e;
        }
        return locks.Set(wanted);
    }

    /// <summary>Sets a flock lock. An owner's other lock goes first, so a conversion that fails loses it, as on Linux.</summary>
    [KernelFunction("fs/locks.c", "int flock_lock_inode_wait(void)")]
    public static ValueTask<SyscallResult> SetWholeAsync(LinuxTask current, FileLockList locks, FileLock wanted, bool wait)
    {
        foreach (FileLock held in locks.Whole)
        {
            if (held.Owner == wanted.Owner && held.IsExclusive == wanted.IsExclusive) return new(0);
        }
        locks.ClearWhole(wanted.Owner);
        if (locks.FindWholeConflict(wanted) != null) return wait ? WaitWholeAsync(current, locks, wanted) : new(Errno.EAGAIN);
        locks.SetWhole(wanted);
        return new(0);
    }

    private static async ValueTask<SyscallResult> WaitWholeAsync(LinuxTask current, FileLockList locks, FileLock wanted)
    {
        Errno e = await locks.Waiters.WaitAsync(
            current, (locks, wanted), static s => s.locks.FindWholeConflict(s.wanted) == null, WaitMode.Interruptible);
        if (e != Errno.None) return e;
        locks.SetWhole(wanted);
        return 0;
    }

    // Linux: fs/locks.c, posix_locks_deadlock.
    private static bool WouldDeadlock(Dictionary<object, object> blocked, object owner, object blocker)
    {
        for (int i = 0; i <= blocked.Count; i++)
        {
            if (!blocked.TryGetValue(blocker, out object? next)) return false;
            if (next == owner) return true;
            blocker = next;
        }
        return false;
    }
}
