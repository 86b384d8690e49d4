using Kennel.Abi;
using Kennel.Credentials;
using Kennel.Files;
using Kennel.Memory;
using Kennel.Tasks;

namespace Kennel.Syscalls;

/// <summary>What the real user may do with a file (man 2 access).</summary>
public static class AccessSyscalls
{
    [Syscall(21, "access")]
    public static SyscallResult Access(LinuxTask current, UserString path, AccessMode mode) =>
        FAccessAt2(current, Fd.WorkingDirectory, path, mode, AtFlags.None);

    [Syscall(269, "faccessat")]
    public static SyscallResult FAccessAt(LinuxTask current, Fd at, UserString path, AccessMode mode) =>
        FAccessAt2(current, at, path, mode, AtFlags.None);

    // Linux: fs/open.c, do_faccessat.
    [Syscall(439, "faccessat2")]
    public static SyscallResult FAccessAt2(LinuxTask current, Fd at, UserString path, AccessMode mode, AtFlags flags)
    {
        const AtFlags known = AtFlags.EffectiveAccess | AtFlags.SymlinkNoFollow | AtFlags.EmptyPath;
        const AccessMode all = AccessMode.Read | AccessMode.Write | AccessMode.Execute;
        if ((mode & ~all) != 0 || (flags & ~known) != 0) return Errno.EINVAL;
        Errno e = path.TryReadPath(current.Memory, out string text);
        if (e != Errno.None) return e;
        Credential credential = (flags & AtFlags.EffectiveAccess) != 0 ? current.Credential : AsRealUser(current.Credential);
        e = PathWalk.Resolve(current, credential, at, text, PathArguments.WalkFlagsOf(flags, followByDefault: true), out VfsPath place);
        if (e != Errno.None) return e;
        bool isRegular = place.Inode.Type == FileType.Regular;
        if ((mode & AccessMode.Execute) != 0 && isRegular && (place.Mount.Flags & MountFlags.NoExec) != 0) return Errno.EACCES;
        if (mode != AccessMode.None) e = Permissions.Check(place.Inode, credential, mode);
        if (e != Errno.None) return e;
        bool isStored = isRegular || place.Inode.Type is FileType.Directory or FileType.SymbolicLink;
        return (mode & AccessMode.Write) != 0 && isStored && place.Mount.IsReadOnly ? Errno.EROFS : 0;
    }

    private static Credential AsRealUser(Credential credential)
    {
        ulong effective = credential.Uid == 0 ? credential.Permitted : 0;
        if (credential.FsUid == credential.Uid && credential.FsGid == credential.Gid && credential.Effective == effective) return credential;
        return credential with { FsUid = credential.Uid, FsGid = credential.Gid, Effective = effective };
    }
}
