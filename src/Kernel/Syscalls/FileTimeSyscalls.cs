using Kennel.Abi;
using Kennel.Files;
using Kennel.Memory;
using Kennel.Tasks;

namespace Kennel.Syscalls;

/// <summary>Access and modification times (man 2 utimensat, man 2 utime).</summary>
public static class FileTimeSyscalls
{
    private const long Now = 0x3fffffff, Omit = 0x3ffffffe; // UTIME_NOW, UTIME_OMIT

    [Syscall(280, "utimensat")]
    public static SyscallResult UTimeNsAt(LinuxTask current, Fd at, UserString path, UserPtr<TimeSpec> times, AtFlags flags)
    {
        if (times.IsNull) return Apply(current, at, path, null, null, isNow: true, flags);
        if (!times.TryRead(current.Memory, out TimeSpec access) || !times[1].TryRead(current.Memory, out TimeSpec modify)) return Errno.EFAULT;
        if (access.Nanoseconds == Omit && modify.Nanoseconds == Omit) return 0;
        if (!IsValid(access) || !IsValid(modify)) return Errno.EINVAL;
        long now = current.Kernel.Time.Realtime;
        bool isNow = access.Nanoseconds == Now && modify.Nanoseconds == Now;
        return Apply(current, at, path, Value(access, now), Value(modify, now), isNow, flags);
    }

    [Syscall(132, "utime")]
    public static SyscallResult UTime(LinuxTask current, UserString path, UserPtr<long> times)
    {
        if (times.IsNull) return Apply(current, Fd.WorkingDirectory, path, null, null, isNow: true, AtFlags.None);
        if (!times.TryRead(current.Memory, out long access) || !times[1].TryRead(current.Memory, out long modify)) return Errno.EFAULT;
        return Apply(current, Fd.WorkingDirectory, path, access * 1_000_000_000, modify * 1_000_000_000, isNow: false, AtFlags.None);
    }

    [Syscall(235, "utimes")]
    public static SyscallResult UTimes(LinuxTask current, UserString path, UserPtr<TimeVal> times) =>
        FUTimesAt(current, Fd.WorkingDirectory, path, times);

    [Syscall(261, "futimesat")]
    public static SyscallResult FUTimesAt(LinuxTask current, Fd at, UserString path, UserPtr<TimeVal> times)
    {
        if (times.IsNull) return Apply(current, at, path, null, null, isNow: true, AtFlags.None);
        if (!times.TryRead(current.Memory, out TimeVal access) || !times[1].TryRead(current.Memory, out TimeVal modify)) return Errno.EFAULT;
        if ((ulong)access.Microseconds >= 1_000_000 || (ulong)modify.Microseconds >= 1_000_000) return Errno.EINVAL;
        return Apply(current, at, path, Nanoseconds(access), Nanoseconds(modify), isNow: false, AtFlags.None);
    }

    private static SyscallResult Apply(LinuxTask current, Fd at, UserString path, long? access, long? modify, bool isNow, AtFlags flags)
    {
        if ((flags & ~(AtFlags.SymlinkNoFollow | AtFlags.EmptyPath)) != 0) return Errno.EINVAL;
        Inode? inode;
        Mount? mount;
        if (path.IsNull && at != Fd.WorkingDirectory)
        {
            OpenFile? file = current.FileAt(at);
            if (flags != AtFlags.None) return Errno.EINVAL;
            if (file == null) return Errno.EBADF;
            if (file.Inode == null) return Errno.EPERM;
            (inode, mount) = (file.Inode, file.Path?.Mount);
        }
        else
        {
            Errno e = PathArguments.FindInode(current, at, path, flags, followByDefault: true, out inode, out mount);
            if (e != Errno.None) return e;
        }
        long now = current.Kernel.Time.Realtime;
        return isNow
            ? AttributeChanges.SetTimes(current, inode!, mount, now, now, isNow: true)
            : AttributeChanges.SetTimes(current, inode!, mount, access, modify, isNow: false);
    }

    private static bool IsValid(in TimeSpec time) => time.Nanoseconds is Now or Omit || (ulong)time.Nanoseconds < 1_000_000_000;

    private static long? Value(in TimeSpec time, long now) => time.Nanoseconds switch
    {
        Now => now,
        Omit => null,
        _ => unchecked((time.Seconds * 1_000_000_000) + time.Nanoseconds),
    };

    private static long Nanoseconds(in TimeVal time) => unchecked((time.Seconds * 1_000_000_000) + (time.Microseconds * 1000));
}
