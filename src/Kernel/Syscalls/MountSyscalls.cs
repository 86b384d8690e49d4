using Kennel.Abi;
using Kennel.Files;
using Kennel.Memory;
using Kennel.Tasks;

namespace Kennel.Syscalls;

/// <summary>Attaching and detaching file systems (man 2 mount). The meaning is in <see cref="Mounting"/>.</summary>
public static class MountSyscalls
{
    [Syscall(165, "mount")]
    public static SyscallResult Mount(LinuxTask current, UserString source, UserString target, UserString type, MountFlags flags, UserString data)
    {
        const int pageSize = 4096;
        Errno e = ReadOptional(current, type, out string? typeName);
        if (e != Errno.None) return e;
        e = ReadOptional(current, source, out string? sourceName);
        string options = "";
        if (e == Errno.None && !data.IsNull) e = data.TryRead(current.Memory, pageSize, out options);
        if (e != Errno.None) return e;
        e = PathArguments.Find(current, Fd.WorkingDirectory, target, WalkFlags.Follow, out VfsPath place);
        return e != Errno.None ? e : Mounting.Mount(current, sourceName ?? "none", place, typeName, flags, options);
    }

    [Syscall(166, "umount2")]
    public static SyscallResult Unmount(LinuxTask current, UserString target, uint flags)
    {
        const uint force = 1, detach = 2, expire = 4, noFollow = 8;
        if ((flags & ~(force | detach | expire | noFollow)) != 0) return Errno.EINVAL;
        WalkFlags walk = (flags & noFollow) != 0 ? WalkFlags.None : WalkFlags.Follow;
        Errno e = PathArguments.Find(current, Fd.WorkingDirectory, target, walk, out VfsPath place);
        return e != Errno.None ? e : Mounting.Unmount(current, place, (flags & detach) != 0);
    }

    [Syscall(155, "pivot_root")]
    public static SyscallResult PivotRoot(LinuxTask current, UserString newRoot, UserString putOld)
    {
        const WalkFlags walk = WalkFlags.Follow | WalkFlags.Directory;
        Errno e = PathArguments.Find(current, Fd.WorkingDirectory, newRoot, walk, out VfsPath root);
        if (e != Errno.None) return e;
        e = PathArguments.Find(current, Fd.WorkingDirectory, putOld, walk, out VfsPath old);
        return e != Errno.None ? e : Mounting.Pivot(current, root, old);
    }

    private static Errno ReadOptional(LinuxTask current, UserString text, out string? value)
    {
        value = null;
        if (text.IsNull) return Errno.None;
        Errno e = text.TryReadPath(current.Memory, out string read);
        if (e == Errno.None) value = read;
        return e == Errno.ENAMETOOLONG ? Errno.EINVAL : e;
    }
}
