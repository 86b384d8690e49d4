using Kennel.Abi;
using Kennel.Files;
using Kennel.Memory;
using Kennel.Tasks;

namespace Kennel.Syscalls;

/// <summary>The size of files and the room that they take (man 2 truncate, man 2 fallocate).</summary>
public static class SizeSyscalls
{
    [Syscall(76, "truncate")]
    public static SyscallResult Truncate(LinuxTask current, UserString path, long length)
    {
        if (length < 0) return Errno.EINVAL;
        Errno e = PathArguments.Find(current, Fd.WorkingDirectory, path, WalkFlags.Follow, out VfsPath place);
        if (e != Errno.None) return e;
        if (place.Inode.IsDirectory) return Errno.EISDIR;
        if (place.Inode.Type != FileType.Regular) return Errno.EINVAL;
        if (place.Mount.IsReadOnly) return Errno.EROFS;
        e = Permissions.Check(place.Inode, current.Credential, AccessMode.Write);
        return e != Errno.None ? e : AttributeChanges.SetSize(current, place.Inode, length);
    }

    [Syscall(77, "ftruncate")]
    public static SyscallResult FTruncate(LinuxTask current, Fd fd, long length)
    {
        if (length < 0) return Errno.EINVAL;
        OpenFile? file = current.FileAt(fd);
        if (file == null) return Errno.EBADF;
        if (!file.IsWritable || file.Inode is not { Type: FileType.Regular } inode) return Errno.EINVAL;
        return AttributeChanges.SetSize(current, inode, length);
    }

    [Syscall(285, "fallocate")]
    public static SyscallResult FAllocate(LinuxTask current, Fd fd, Allocation.Mode mode, long offset, long length)
    {
        OpenFile? file = current.FileAt(fd);
        if (file == null) return Errno.EBADF;
        if (offset < 0 || length <= 0) return Errno.EINVAL;
        if (!Allocation.IsSupported(mode)) return Errno.EOPNOTSUPP;
        if (!file.IsWritable) return Errno.EBADF;
        if (file is PipeFile) return Errno.ESPIPE;
        if (file.Inode is not { Type: FileType.Regular } inode) return Errno.ENODEV;
        if (length > long.MaxValue - offset) return Errno.EFBIG;
        return Allocation.Apply(current, inode, mode, offset, length);
    }
}
