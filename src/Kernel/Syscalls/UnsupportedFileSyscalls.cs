using Kennel.Abi;
using Kennel.Files;
using Kennel.Memory;
using Kennel.Tasks;

namespace Kennel.Syscalls;

/// <summary>
/// Calls that this kernel is built without, each answered as a Linux without it answers, with one line in the log; and advice
/// that needs no action.
/// </summary>
public static class UnsupportedFileSyscalls
{
    [Syscall(253, "inotify_init")]
    public static SyscallResult InotifyInit(LinuxTask current) => Refuse(current, "inotify", Errno.ENOSYS);

    [Syscall(294, "inotify_init1")]
    public static SyscallResult InotifyInit1(LinuxTask current, OpenFlags flags) => Refuse(current, "inotify", Errno.ENOSYS);

    [Syscall(254, "inotify_add_watch")]
    public static SyscallResult InotifyAddWatch(LinuxTask current, Fd fd, UserString path, uint mask) => Refuse(current, "inotify", Errno.ENOSYS);

    [Syscall(255, "inotify_rm_watch")]
    public static SyscallResult InotifyRemoveWatch(LinuxTask current, Fd fd, int watch) => Refuse(current, "inotify", Errno.ENOSYS);

    [Syscall(300, "fanotify_init")]
    public static SyscallResult FanotifyInit(LinuxTask current, uint flags, uint eventFlags) => Refuse(current, "fanotify", Errno.ENOSYS);

    [Syscall(301, "fanotify_mark")]
    public static SyscallResult FanotifyMark(LinuxTask current, Fd fd, uint flags, ulong mask, Fd at, UserString path) =>
        Refuse(current, "fanotify", Errno.ENOSYS);

    [Syscall(179, "quotactl")]
    public static SyscallResult QuotaCtl(LinuxTask current, uint command, UserString special, uint id, ulong address) =>
        Refuse(current, "quotactl", Errno.ENOSYS);

    [Syscall(425, "io_uring_setup")]
    public static SyscallResult IoUringSetup(LinuxTask current, uint entries, ulong parameters) => Refuse(current, "io_uring", Errno.ENOSYS);

    [Syscall(426, "io_uring_enter")]
    public static SyscallResult IoUringEnter(LinuxTask current, Fd fd, uint submit, uint complete, uint flags, ulong argument) =>
        Refuse(current, "io_uring", Errno.ENOSYS);

    [Syscall(427, "io_uring_register")]
    public static SyscallResult IoUringRegister(LinuxTask current, Fd fd, uint operation, ulong argument, uint count) =>
        Refuse(current, "io_uring", Errno.ENOSYS);

    [Syscall(303, "name_to_handle_at")]
    public static SyscallResult NameToHandleAt(LinuxTask current, Fd at, UserString path, ulong handle, UserPtr<int> mountId, AtFlags flags)
    {
        if ((flags & ~(AtFlags.SymlinkFollow | AtFlags.EmptyPath)) != 0) return Errno.EINVAL;
        Errno e = PathArguments.Find(current, at, path, PathArguments.WalkFlagsOf(flags, followByDefault: false), out _);
        return e != Errno.None ? e : Errno.EOPNOTSUPP;
    }

    [Syscall(304, "open_by_handle_at")]
    public static SyscallResult OpenByHandleAt(LinuxTask current, Fd mount, ulong handle, OpenFlags flags) =>
        current.Credential.Has(Credentials.Capability.DacReadSearch) ? Errno.ESTALE : Errno.EPERM;

    [Syscall(187, "readahead")]
    public static SyscallResult ReadAhead(LinuxTask current, Fd fd, long offset, ulong count)
    {
        OpenFile? file = current.FileAt(fd);
        if (file is not { IsReadable: true }) return Errno.EBADF;
        return file.Inode is { Type: FileType.Regular } ? 0 : Errno.EINVAL;
    }

    [Syscall(221, "fadvise64")]
    public static SyscallResult FAdvise(LinuxTask current, Fd fd, long offset, long length, int advice)
    {
        OpenFile? file = current.FileAt(fd);
        if (file == null) return Errno.EBADF;
        if (file.Inode is { Type: FileType.Fifo }) return Errno.ESPIPE;
        return length < 0 || advice is < 0 or > 5 ? Errno.EINVAL : 0;
    }

    private static SyscallResult Refuse(LinuxTask current, string what, Errno error)
    {
        current.Kernel.Log.WriteOnce($"{what} is not supported");
        return error;
    }
}
