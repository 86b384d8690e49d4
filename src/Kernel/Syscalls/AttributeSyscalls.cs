using Kennel.Abi;
using Kennel.Files;
using Kennel.Memory;
using Kennel.Tasks;

namespace Kennel.Syscalls;

/// <summary>Permissions and owners of files (man 2 chmod, chown, umask).</summary>
public static class AttributeSyscalls
{
    [Syscall(90, "chmod")]
    public static SyscallResult ChMod(LinuxTask current, UserString path, uint mode) =>
        FChModAt2(current, Fd.WorkingDirectory, path, mode, AtFlags.None);

    [Syscall(268, "fchmodat")]
    public static SyscallResult FChModAt(LinuxTask current, Fd at, UserString path, uint mode) => FChModAt2(current, at, path, mode, AtFlags.None);

    [Syscall(452, "fchmodat2")]
    public static SyscallResult FChModAt2(LinuxTask current, Fd at, UserString path, uint mode, AtFlags flags)
    {
        if ((flags & ~(AtFlags.SymlinkNoFollow | AtFlags.EmptyPath)) != 0) return Errno.EINVAL;
        Errno e = PathArguments.FindInode(current, at, path, flags, followByDefault: true, out Inode? inode, out Mount? mount);
        return e != Errno.None ? e : AttributeChanges.SetMode(current, inode!, mount, mode);
    }

    [Syscall(91, "fchmod")]
    public static SyscallResult FChMod(LinuxTask current, Fd fd, uint mode)
    {
        OpenFile? file = current.FileAt(fd);
        if (file == null) return Errno.EBADF;
        return file.Inode == null ? Errno.EPERM : AttributeChanges.SetMode(current, file.Inode, file.Path?.Mount, mode);
    }

    [Syscall(92, "chown")]
    public static SyscallResult ChOwn(LinuxTask current, UserString path, uint uid, uint gid) =>
        FChOwnAt(current, Fd.WorkingDirectory, path, uid, gid, AtFlags.None);

    [Syscall(94, "lchown")]
    public static SyscallResult LChOwn(LinuxTask current, UserString path, uint uid, uint gid) =>
        FChOwnAt(current, Fd.WorkingDirectory, path, uid, gid, AtFlags.SymlinkNoFollow);

    [Syscall(260, "fchownat")]
    public static SyscallResult FChOwnAt(LinuxTask current, Fd at, UserString path, uint uid, uint gid, AtFlags flags)
    {
        if ((flags & ~(AtFlags.SymlinkNoFollow | AtFlags.EmptyPath)) != 0) return Errno.EINVAL;
        Errno e = PathArguments.FindInode(current, at, path, flags, followByDefault: true, out Inode? inode, out Mount? mount);
        return e != Errno.None ? e : AttributeChanges.SetOwner(current, inode!, mount, uid, gid);
    }

    [Syscall(93, "fchown")]
    public static SyscallResult FChOwn(LinuxTask current, Fd fd, uint uid, uint gid)
    {
        OpenFile? file = current.FileAt(fd);
        if (file == null) return Errno.EBADF;
        return file.Inode == null ? Errno.EPERM : AttributeChanges.SetOwner(current, file.Inode, file.Path?.Mount, uid, gid);
    }

    [Syscall(95, "umask")]
    public static SyscallResult UMask(LinuxTask current, uint mask)
    {
        uint old = current.Fs!.Umask;
        current.Fs.Umask = mask & 0x1ff;
        return (int)old;
    }
}
