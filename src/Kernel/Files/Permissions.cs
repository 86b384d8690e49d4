using Kennel.Abi;
using Kennel.Credentials;

namespace Kennel.Files;

/// <summary>What is to be done with a file; the values of man 2 access.</summary>
[Flags]
public enum AccessMode
{
    None = 0,
    Execute = 1,
    Write = 2,
    Read = 4,
}

/// <summary>Whether a credential allows it (man 7 path_resolution, man 7 capabilities).</summary>
public static class Permissions
{
    private const uint StickyBit = 0x200;

    /// <summary>EACCES when the mode bits and the capabilities do not allow it. Linux: fs/namei.c, generic_permission.</summary>
    public static Errno Check(in InodeAttributes attributes, Credential credential, AccessMode access)
    {
        int shift = credential.FsUid == attributes.Uid ? 6 : credential.IsInGroup(attributes.Gid) ? 3 : 0;
        if (((uint)access & ~(attributes.Permissions >> shift)) == 0) return Errno.None;
        if (attributes.Type == FileType.Directory)
        {
            if ((access & AccessMode.Write) == 0 && credential.Has(Capability.DacReadSearch)) return Errno.None;
            return credential.Has(Capability.DacOverride) ? Errno.None : Errno.EACCES;
        }
        if (access == AccessMode.Read && credential.Has(Capability.DacReadSearch)) return Errno.None;
        bool mayExecute = (access & AccessMode.Execute) == 0 || (attributes.Permissions & 0x49) != 0;
        return mayExecute && credential.Has(Capability.DacOverride) ? Errno.None : Errno.EACCES;
    }

    /// <summary>As the other, for an inode.</summary>
    public static Errno Check(Inode inode, Credential credential, AccessMode access)
    {
        Errno e = inode.GetAttributes(out InodeAttributes attributes);
        return e != Errno.None ? e : Check(attributes, credential, access);
    }

    /// <summary>Whether names may be looked up in a directory.</summary>
    public static Errno CheckSearch(Inode directory, Credential credential) => Check(directory, credential, AccessMode.Execute);

    /// <summary>Whether names may be made in a directory that still exists. Linux: fs/namei.c, may_create.</summary>
    public static Errno CheckCreate(Dentry directory, Credential credential)
    {
        if (directory.IsUnlinked) return Errno.ENOENT;
        return Check(directory.Inode, credential, AccessMode.Write | AccessMode.Execute);
    }

    /// <summary>Whether a name may be taken away. Linux: fs/namei.c, may_delete.</summary>
    /// <param name="asDirectory">Whether a directory is to be removed (rmdir), or anything else (unlink).</param>
    public static Errno CheckDelete(Dentry directory, Dentry victim, Credential credential, bool asDirectory)
    {
        Errno e = directory.Inode.GetAttributes(out InodeAttributes parent);
        if (e == Errno.None) e = Check(parent, credential, AccessMode.Write | AccessMode.Execute);
        if (e != Errno.None) return e;
        e = victim.Inode.GetAttributes(out InodeAttributes child);
        if (e == Errno.None) e = CheckSticky(parent, child, credential);
        if (e != Errno.None) return e;
        if (asDirectory && !victim.Inode.IsDirectory) return Errno.ENOTDIR;
        if (!asDirectory && victim.Inode.IsDirectory) return Errno.EISDIR;
        if (victim.IsRoot) return Errno.EBUSY;
        return directory.IsUnlinked ? Errno.ENOENT : Errno.None;
    }

    /// <summary>Whether the caller owns it or may act as if (Linux: inode_owner_or_capable).</summary>
    public static bool IsOwner(in InodeAttributes attributes, Credential credential) =>
        credential.FsUid == attributes.Uid || credential.Has(Capability.Fowner);

    private static Errno CheckSticky(in InodeAttributes parent, in InodeAttributes child, Credential credential)
    {
        if ((parent.Permissions & StickyBit) == 0) return Errno.None;
        return credential.FsUid == child.Uid || credential.FsUid == parent.Uid || credential.Has(Capability.Fowner) ? Errno.None : Errno.EPERM;
    }
}
