using Kennel.Abi;
using Kennel.Files;
using Kennel.Memory;
using Kennel.Tasks;

namespace Kennel.Syscalls;

/// <summary>What a file system is (man 2 statfs), and bringing content to where it lasts (man 2 sync, man 2 fsync).</summary>
public static class StatFsSyscalls
{
    [Syscall(137, "statfs")]
    public static SyscallResult StatFs(LinuxTask current, UserString path, UserPtr<StatFsStruct> result)
    {
        Errno e = PathArguments.Find(current, Fd.WorkingDirectory, path, WalkFlags.Follow, out VfsPath place);
        return e != Errno.None ? e : Answer(current, place.Mount.FileSystem, place.Mount, result);
    }

    [Syscall(138, "fstatfs")]
    public static SyscallResult FStatFs(LinuxTask current, Fd fd, UserPtr<StatFsStruct> result)
    {
        OpenFile? file = current.Files![fd];
        if (file == null) return Errno.EBADF;
        FileSystem? system = file.Path?.Mount.FileSystem ?? file.Inode?.FileSystem;
        return system == null
            ? result.TryWrite(current.Memory, AnonymousInodes()) ? 0 : Errno.EFAULT
            : Answer(current, system, file.Path?.Mount, result);
    }

    [Syscall(162, "sync")]
    public static SyscallResult Sync(LinuxTask current) => 0;

    [Syscall(74, "fsync")]
    public static SyscallResult FSync(LinuxTask current, Fd fd) => current.FileAt(fd)?.Sync() ?? Errno.EBADF;

    [Syscall(75, "fdatasync")]
    public static SyscallResult FDataSync(LinuxTask current, Fd fd) => FSync(current, fd);

    [Syscall(306, "syncfs")]
    public static SyscallResult SyncFs(LinuxTask current, Fd fd) => current.FileAt(fd) == null ? Errno.EBADF : 0;

    [Syscall(277, "sync_file_range")]
    public static SyscallResult SyncFileRange(LinuxTask current, Fd fd, long offset, long length, uint flags)
    {
        const uint known = 7;
        OpenFile? file = current.FileAt(fd);
        if (file == null) return Errno.EBADF;
        if ((flags & ~known) != 0 || offset < 0 || length < 0 || offset > long.MaxValue - length) return Errno.EINVAL;
        return file.Inode is { Type: FileType.Regular or FileType.BlockDevice or FileType.Directory or FileType.SymbolicLink } ? 0 : Errno.ESPIPE;
    }

    private static SyscallResult Answer(LinuxTask current, FileSystem system, Mount? mount, UserPtr<StatFsStruct> result)
    {
        const long valid = 0x20, relativeTime = 0x1000;
        (long blockSize, long blocks, long free, long files, long freeFiles) = system.Usage;
        long flags = valid;
        if (mount != null)
        {
            flags |= (long)(mount.Flags & (MountFlags.ReadOnly | MountFlags.NoSuid | MountFlags.NoDev | MountFlags.NoExec));
            flags |= (long)(mount.Flags & (MountFlags.NoAccessTime | MountFlags.NoDirectoryAccessTime));
            if ((mount.Flags & MountFlags.NoAccessTime) == 0 && !system.IsInternal) flags |= relativeTime;
        }
        var answer = new StatFsStruct
        {
            Type = system.Magic,
            BlockSize = blockSize,
            Blocks = (ulong)blocks,
            BlocksFree = (ulong)free,
            BlocksAvailable = (ulong)free,
            Files = (ulong)files,
            FilesFree = (ulong)freeFiles,
            Id0 = (int)system.Device.Encoded,
            NameLength = PathWalk.NameLimit,
            FragmentSize = blockSize,
            Flags = flags,
        };
        return result.TryWrite(current.Memory, answer) ? 0 : Errno.EFAULT;
    }

    // Linux: fs/anon_inodes.c, ANON_INODE_FS_MAGIC.
    private static StatFsStruct AnonymousInodes() => new() { Type = 0x09041934, BlockSize = 4096, FragmentSize = 4096, NameLength = PathWalk.NameLimit, Flags = 0x20 };
}
