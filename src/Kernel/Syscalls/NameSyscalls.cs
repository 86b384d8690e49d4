using Kennel.Abi;
using Kennel.Credentials;
using Kennel.Files;
using Kennel.Memory;
using Kennel.Tasks;

namespace Kennel.Syscalls;

/// <summary>Making and removing names (man 2 mkdir, mknod, unlink, rmdir).</summary>
public static class NameSyscalls
{
    [Syscall(83, "mkdir")]
    public static SyscallResult MkDir(LinuxTask current, UserString path, uint mode) => MkDirAt(current, Fd.WorkingDirectory, path, mode);

    [Syscall(258, "mkdirat")]
    public static SyscallResult MkDirAt(LinuxTask current, Fd at, UserString path, uint mode)
    {
        const uint settable = 0x3ff; // permissions and the sticky bit
        Errno e = path.TryReadPath(current.Memory, out string text);
        if (e != Errno.None) return e;
        e = Creation.FindFree(current, at, text, isDirectory: true, out LastName last);
        return e != Errno.None ? e : Creation.Create(current, last.Directory, last.Name, FileType.Directory, mode & settable, default, out _);
    }

    [Syscall(133, "mknod")]
    public static SyscallResult MkNod(LinuxTask current, UserString path, uint mode, ulong device) =>
        MkNodAt(current, Fd.WorkingDirectory, path, mode, device);

    [Syscall(259, "mknodat")]
    public static SyscallResult MkNodAt(LinuxTask current, Fd at, UserString path, uint mode, ulong device)
    {
        FileType type = (FileType)(mode & 0xf000);
        if (type == FileType.None) type = FileType.Regular;
        if (type == FileType.Directory) return Errno.EPERM;
        if (type is not (FileType.Regular or FileType.Fifo or FileType.Socket or FileType.CharacterDevice or FileType.BlockDevice)) return Errno.EINVAL;
        Errno e = path.TryReadPath(current.Memory, out string text);
        if (e != Errno.None) return e;
        e = Creation.FindFree(current, at, text, isDirectory: false, out LastName last);
        if (e != Errno.None) return e;
        bool isDevice = type is FileType.CharacterDevice or FileType.BlockDevice;
        var number = new DeviceNumber((uint)(device >> 8) & 0xfff, (uint)(device & 0xff) | (uint)(device >> 12 & 0xfff00)); // Linux: new_decode_dev
        return Creation.Create(current, last.Directory, last.Name, type, mode & 0xfff, isDevice ? number : default, out _);
    }

    [Syscall(87, "unlink")]
    public static SyscallResult Unlink(LinuxTask current, UserString path) => UnlinkAt(current, Fd.WorkingDirectory, path, AtFlags.None);

    [Syscall(84, "rmdir")]
    public static SyscallResult RmDir(LinuxTask current, UserString path) => UnlinkAt(current, Fd.WorkingDirectory, path, AtFlags.RemoveDirectory);

    [Syscall(263, "unlinkat")]
    public static SyscallResult UnlinkAt(LinuxTask current, Fd at, UserString path, AtFlags flags)
    {
        if ((flags & ~AtFlags.RemoveDirectory) != 0) return Errno.EINVAL;
        Errno e = path.TryReadPath(current.Memory, out string text);
        if (e != Errno.None) return e;
        return flags == AtFlags.RemoveDirectory ? Removal.RemoveDirectory(current, at, text) : Removal.Unlink(current, at, text);
    }
}
