using Kennel.Abi;
using Kennel.Credentials;

namespace Kennel.Files;

/// <summary>Who may read and change which extended attributes (man 7 xattr; Linux: fs/xattr.c, xattr_permission).</summary>
public static class ExtendedAttributes
{
    /// <summary>Whether an attribute of this name may be read or written on this inode.</summary>
    public static Errno Check(Inode inode, string name, Credential credential, AccessMode access)
    {
        bool writes = access == AccessMode.Write;
        if (name is "security." or "trusted." or "user.") return Errno.EINVAL;
        if (IsIn(name, "security."))
        {
            return writes && !credential.Has(Capability.SysAdmin) && name != "security.capability" ? Errno.EPERM : Errno.None;
        }
        if (IsIn(name, "system.")) return Errno.None;
        if (IsIn(name, "trusted."))
        {
            if (credential.Has(Capability.SysAdmin)) return Errno.None;
            return writes ? Errno.EPERM : Errno.ENODATA;
        }
        if (!IsIn(name, "user.")) return Errno.EOPNOTSUPP;
        Errno e = inode.GetAttributes(out InodeAttributes a);
        if (e != Errno.None) return e;
        if (a.Type is not (FileType.Regular or FileType.Directory)) return writes ? Errno.EPERM : Errno.ENODATA;
        const uint sticky = 0x200;
        bool isShared = a.Type == FileType.Directory && (a.Permissions & sticky) != 0;
        if (isShared && writes && !Permissions.IsOwner(a, credential)) return Errno.EPERM;
        return Permissions.Check(a, credential, access);
    }

    /// <summary>Whether listxattr names it to this caller.</summary>
    public static bool IsListed(string name, Credential credential) => !IsIn(name, "trusted.") || credential.Has(Capability.SysAdmin);

    private static bool IsIn(string name, string space) => name.StartsWith(space, StringComparison.Ordinal);
}
