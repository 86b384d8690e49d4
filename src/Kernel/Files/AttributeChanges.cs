using Kennel.Abi;
using Kennel.Credentials;
using Kennel.Tasks;
using Kennel.Views;

namespace Kennel.Files;

/// <summary>chmod, chown, utimensat and truncate on an inode: who may, and what else changes (Linux: fs/attr.c, setattr_prepare).</summary>
public static class AttributeChanges
{
    private const uint SetUidBit = 0x800, SetGidBit = 0x400, GroupExecuteBit = 8, PermissionBits = 0xfff;

    /// <summary>Sets the permission bits. Linux: fs/open.c, chmod_common.</summary>
    [KernelFunction("fs/open.c", "int chmod_common(struct inode *inode, umode_t mode)")]
    public static Errno SetMode(LinuxTask current, Inode inode, Mount? mount, uint mode)
    {
        if (mount?.IsReadOnly == true) return Errno.EROFS;
        Errno e = inode.GetAttributes(out InodeAttributes a);
        if (e != Errno.None) return e;
        Credential credential = current.Credential;
        if (!Permissions.IsOwner(a, credential)) return Errno.EPERM;
        if (a.Type == FileType.SymbolicLink) return Errno.EOPNOTSUPP;
        mode &= PermissionBits;
        if ((mode & SetGidBit) != 0 && !credential.IsInGroup(a.Gid) && !credential.Has(Capability.Fsetid)) mode &= ~SetGidBit;
        return inode.SetAttributes(new AttributeChange { Permissions = mode });
    }

    /// <summary>Sets owner and group; -1 leaves one. What can be executed loses its set-id bits. Linux: fs/open.c, chown_common.</summary>
    [KernelFunction("fs/open.c", "int chown_common(struct inode *inode, uid_t user = uid, gid_t group = gid)")]
    public static Errno SetOwner(LinuxTask current, Inode inode, Mount? mount, uint uid, uint gid)
    {
        const uint unchanged = uint.MaxValue;
        if (mount?.IsReadOnly == true) return Errno.EROFS;
        Errno e = inode.GetAttributes(out InodeAttributes a);
        if (e != Errno.None) return e;
        Credential credential = current.Credential;
        bool owns = credential.FsUid == a.Uid;
        bool mayUid = uid == unchanged || (owns && uid == a.Uid) || credential.Has(Capability.Chown);
        bool mayGid = gid == unchanged || (owns && (gid == a.Gid || credential.IsInGroup(gid))) || credential.Has(Capability.Chown);
        if (!mayUid || !mayGid) return Errno.EPERM;
        var change = new AttributeChange { Uid = uid == unchanged ? null : uid, Gid = gid == unchanged ? null : gid };
        if (a.Type != FileType.Directory)
        {
            uint drop = a.Permissions & SetUidBit;
            bool outsider = !credential.IsInGroup(a.Gid) && !credential.Has(Capability.Fsetid);
            if ((a.Permissions & GroupExecuteBit) != 0 || outsider) drop |= a.Permissions & SetGidBit;
            if (drop != 0) change.Permissions = a.Permissions & ~drop;
        }
        return inode.SetAttributes(change);
    }

    /// <summary>Sets times. Linux: fs/utimes.c, vfs_utimes.</summary>
    /// <param name="access">Nanoseconds; null leaves it.</param>
    /// <param name="modify">Nanoseconds; null leaves it.</param>
    /// <param name="isNow">Both are the present: then whoever may write the file may do so too.</param>
    [KernelFunction("fs/utimes.c", "int vfs_utimes(struct inode *inode)")]
    public static Errno SetTimes(LinuxTask current, Inode inode, Mount? mount, long? access, long? modify, bool isNow)
    {
        if (mount?.IsReadOnly == true) return Errno.EROFS;
        Errno e = inode.GetAttributes(out InodeAttributes a);
        if (e != Errno.None) return e;
        if (!Permissions.IsOwner(a, current.Credential))
        {
            if (!isNow) return Errno.EPERM;
            e = Permissions.Check(a, current.Credential, AccessMode.Write);
            if (e != Errno.None) return e;
        }
        return inode.SetAttributes(new AttributeChange { AccessTime = access, ModifyTime = modify });
    }

    /// <summary>Cuts or grows a file whose rights are checked already. Linux: fs/open.c, do_truncate.</summary>
    [KernelFunction("fs/open.c", "long vfs_truncate(struct inode *inode, loff_t length = size)")]
    [KernelFunction("fs/open.c", "int do_truncate(struct inode *inode, loff_t length = size)")]
    public static Errno SetSize(LinuxTask current, Inode inode, long size)
    {
        if (inode.IsRunning) return Errno.ETXTBSY;
        Errno e = inode.GetAttributes(out InodeAttributes a);
        if (e == Errno.None && size > a.Size) e = FileLimits.CheckSize(current, size);
        if (e != Errno.None) return e;
        RegularFile.RemovePrivileges(inode, current);
        return inode.SetAttributes(new AttributeChange { Size = size });
    }
}
