using Kennel.Abi;
using Kennel.Files;
using Kennel.Memory;
using Kennel.Namespaces;
using Kennel.Tasks;

namespace Kennel.Syscalls;

/// <summary>flock (man 2 flock), and the lock commands of fcntl (man 2 fcntl).</summary>
public static class LockSyscalls
{
    private const short ReadLock = 0, WriteLock = 1, Unlock = 2;

    [Syscall(73, "flock")]
    public static ValueTask<SyscallResult> FLock(LinuxTask current, Fd fd, int operation)
    {
        const int shared = 1, exclusive = 2, nonBlocking = 4, unlock = 8, mandatory = 32;
        OpenFile? file = current.FileAt(fd);
        if ((operation & mandatory) != 0) return new(0); // Linux ignores LOCK_MAND since 5.5
        bool wait = (operation & nonBlocking) == 0;
        operation &= ~nonBlocking;
        if (operation is not (shared or exclusive or unlock)) return new(Errno.EINVAL);
        if (file == null) return new(Errno.EBADF);
        if (operation != unlock && !file.IsReadable && !file.IsWritable) return new(Errno.EBADF);
        if (file.Inode == null) return new(Errno.EBADF);
        FileLockList locks = file.Inode.Locks;
        if (operation == unlock)
        {
            locks.ClearWhole(file);
            return new(0);
        }
        var wanted = new FileLock(file, operation == exclusive, 0, long.MaxValue, current.Group.Leader.Numbers);
        return KeepAsync(file, FileLocking.SetWholeAsync(current, locks, wanted, wait));
    }

    /// <summary>F_GETLK, F_OFD_GETLK.</summary>
    internal static SyscallResult Get(LinuxTask current, OpenFile file, UserPtr<FileLockStruct> argument, bool isOfd)
    {
        if (!argument.TryRead(current.Memory, out FileLockStruct value)) return Errno.EFAULT;
        if (value.Type is not (ReadLock or WriteLock)) return Errno.EINVAL;
        Errno e = Decode(current, file, value, isOfd, out FileLock? wanted);
        if (e != Errno.None) return e;
        FileLock? conflict = file.Inode!.Locks.FindConflict(wanted!);
        if (conflict == null)
        {
            value.Type = Unlock;
        }
        else
        {
            value.Type = conflict.IsExclusive ? WriteLock : ReadLock;
            value.Whence = 0;
            value.Start = conflict.Start;
            value.Length = conflict.End == long.MaxValue ? 0 : conflict.End - conflict.Start + 1;
            value.Pid = conflict.Holder?.In(current.Numbers.Owner).Value ?? -1;
        }
        return argument.TryWrite(current.Memory, value) ? 0 : Errno.EFAULT;
    }

    /// <summary>F_SETLK, F_SETLKW and their OFD kind.</summary>
    internal static ValueTask<SyscallResult> Set(LinuxTask current, OpenFile file, UserPtr<FileLockStruct> argument, bool isOfd, bool wait)
    {
        if (!argument.TryRead(current.Memory, out FileLockStruct value)) return new(Errno.EFAULT);
        Errno e = Decode(current, file, value, isOfd, out FileLock? wanted);
        if (e != Errno.None) return new(e);
        switch (value.Type)
        {
            case ReadLock when !file.IsReadable: return new(Errno.EBADF);
            case WriteLock when !file.IsWritable: return new(Errno.EBADF);
            case Unlock:
                file.Inode!.Locks.Clear(wanted!.Owner, wanted.Start, wanted.End);
                return new(0);
            case ReadLock or WriteLock: return KeepAsync(file, FileLocking.SetAsync(current, file.Inode!.Locks, wanted!, wait));
            default: return new(Errno.EINVAL);
        }
    }

    // Linux: fs/locks.c, flock64_to_posix_lock.
    private static Errno Decode(LinuxTask current, OpenFile file, in FileLockStruct value, bool isOfd, out FileLock? wanted)
    {
        wanted = null;
        if (file.Inode == null) return Errno.EBADF;
        if (isOfd && value.Pid != 0) return Errno.EINVAL;
        long origin = 0;
        switch (value.Whence)
        {
            case 0: break;
            case 1: origin = file.Position; break;
            case 2: origin = file.Length; break;
            default: return Errno.EINVAL;
        }
        if (value.Start > long.MaxValue - origin) return Errno.EOVERFLOW;
        long start = origin + value.Start, end = long.MaxValue;
        if (start < 0) return Errno.EINVAL;
        if (value.Length > 0)
        {
            if (value.Length - 1 > long.MaxValue - start) return Errno.EOVERFLOW;
            end = start + value.Length - 1;
        }
        else if (value.Length < 0)
        {
            if (start + value.Length < 0) return Errno.EINVAL;
            (start, end) = (start + value.Length, start - 1);
        }
        PidNumbers? holder = isOfd ? null : current.Group.Leader.Numbers;
        wanted = new FileLock(isOfd ? file : current.Files!, value.Type == WriteLock, start, end, holder);
        return Errno.None;
    }

    private static ValueTask<SyscallResult> KeepAsync(OpenFile file, ValueTask<SyscallResult> locking)
    {
        return locking.IsCompletedSuccessfully ? locking : Keep();

        async ValueTask<SyscallResult> Keep()
        {
            file.AddReference();
            SyscallResult result = await locking;
            file.Release();
            return result;
        }
    }
}
