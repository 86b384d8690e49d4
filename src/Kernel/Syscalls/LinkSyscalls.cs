using Kennel.Abi;
using Kennel.Credentials;
using Kennel.Files;
using Kennel.Memory;
using Kennel.Tasks;

namespace Kennel.Syscalls;

/// <summary>Hard and symbolic links, and renaming (man 2 link, symlink, readlink, rename).</summary>
public static class LinkSyscalls
{
    [Syscall(86, "link")]
    public static SyscallResult Link(LinuxTask current, UserString oldPath, UserString newPath) =>
        LinkAt(current, Fd.WorkingDirectory, oldPath, Fd.WorkingDirectory, newPath, AtFlags.None);

    [Syscall(265, "linkat")]
    public static SyscallResult LinkAt(LinuxTask current, Fd oldAt, UserString oldPath, Fd newAt, UserString newPath, AtFlags flags)
    {
        if ((flags & ~(AtFlags.SymlinkFollow | AtFlags.EmptyPath)) != 0) return Errno.EINVAL;
        Errno e = oldPath.TryReadPath(current.Memory, out string from);
        if (e != Errno.None) return e;
        e = newPath.TryReadPath(current.Memory, out string to);
        if (e != Errno.None) return e;
        if (from.Length == 0 && (flags & AtFlags.EmptyPath) != 0 && !current.Credential.Has(Capability.DacReadSearch)) return Errno.ENOENT;
        e = PathWalk.Resolve(current, oldAt, from, PathArguments.WalkFlagsOf(flags, followByDefault: false), out VfsPath source);
        return e != Errno.None ? e : Renaming.Link(current, source, newAt, to);
    }

    [Syscall(88, "symlink")]
    public static SyscallResult Symlink(LinuxTask current, UserString target, UserString path) =>
        SymlinkAt(current, target, Fd.WorkingDirectory, path);

    [Syscall(266, "symlinkat")]
    public static SyscallResult SymlinkAt(LinuxTask current, UserString target, Fd at, UserString path)
    {
        Errno e = target.TryReadPath(current.Memory, out string text);
        if (e != Errno.None) return e;
        if (text.Length == 0) return Errno.ENOENT;
        e = path.TryReadPath(current.Memory, out string name);
        if (e != Errno.None) return e;
        e = Creation.FindFree(current, at, name, isDirectory: false, out LastName last);
        return e != Errno.None ? e : Creation.Symlink(current, last.Directory, last.Name, text);
    }

    [Syscall(89, "readlink")]
    public static SyscallResult ReadLink(LinuxTask current, UserString path, UserPtr<byte> buffer, int size) =>
        ReadLinkAt(current, Fd.WorkingDirectory, path, buffer, size);

    [Syscall(267, "readlinkat")]
    public static SyscallResult ReadLinkAt(LinuxTask current, Fd at, UserString path, UserPtr<byte> buffer, int size)
    {
        if (size <= 0) return Errno.EINVAL;
        Errno e = path.TryReadPath(current.Memory, out string text);
        if (e != Errno.None) return e;
        e = PathWalk.Resolve(current, at, text, WalkFlags.AllowEmpty, out VfsPath place);
        if (e != Errno.None) return e;
        if (place.Inode.Type != FileType.SymbolicLink) return text.Length == 0 ? Errno.ENOENT : Errno.EINVAL;
        e = place.Inode.ReadLink(current, out string target);
        if (e != Errno.None) return e;
        byte[] bytes = StringBytes.Of(target);
        int length = Math.Min(bytes.Length, size);
        return buffer.TryWrite(current.Memory, bytes.AsSpan(0, length)) ? length : Errno.EFAULT;
    }

    [Syscall(82, "rename")]
    public static SyscallResult Rename(LinuxTask current, UserString oldPath, UserString newPath) =>
        RenameAt2(current, Fd.WorkingDirectory, oldPath, Fd.WorkingDirectory, newPath, RenameFlags.None);

    [Syscall(264, "renameat")]
    public static SyscallResult RenameAt(LinuxTask current, Fd oldAt, UserString oldPath, Fd newAt, UserString newPath) =>
        RenameAt2(current, oldAt, oldPath, newAt, newPath, RenameFlags.None);

    [Syscall(316, "renameat2")]
    public static SyscallResult RenameAt2(LinuxTask current, Fd oldAt, UserString oldPath, Fd newAt, UserString newPath, RenameFlags flags)
    {
        // Differs from Linux: no white-outs; only a file system that is stacked on another needs them.
        if ((flags & ~(RenameFlags.NoReplace | RenameFlags.Exchange)) != 0) return Errno.EINVAL;
        if (flags == (RenameFlags.NoReplace | RenameFlags.Exchange)) return Errno.EINVAL;
        Errno e = oldPath.TryReadPath(current.Memory, out string from);
        if (e != Errno.None) return e;
        e = newPath.TryReadPath(current.Memory, out string to);
        return e != Errno.None ? e : Renaming.Rename(current, oldAt, from, newAt, to, flags);
    }
}
