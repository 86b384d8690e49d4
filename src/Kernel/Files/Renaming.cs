using Kennel.Abi;
using Kennel.Credentials;
using Kennel.Tasks;
using Kennel.Views;

namespace Kennel.Files;

/// <summary>RENAME_* of man 2 renameat2.</summary>
[Flags]
public enum RenameFlags : uint
{
    None = 0,
    NoReplace = 1,
    Exchange = 2,
    Whiteout = 4,
}

/// <summary>Renaming, and giving files a second name (Linux: fs/namei.c, do_renameat2, vfs_rename, do_linkat).</summary>
public static class Renaming
{
    /// <summary>Moves a name to another place on the same mount.</summary>
    [KernelFunction("fs/namei.c", "int do_renameat2(int olddfd = oldAt, struct filename *from = oldPath, int newdfd = newAt, struct filename *to = newPath, unsigned int flags = (long)flags)")]
    [KernelFunction("fs/namei.c", "int vfs_rename(struct filename *old_name = oldPath, struct filename *new_name = newPath)")]
    public static Errno Rename(LinuxTask current, Fd oldAt, string oldPath, Fd newAt, string newPath, RenameFlags flags)
    {
        bool exchange = (flags & RenameFlags.Exchange) != 0;
        Errno e = PathWalk.ResolveParent(current, oldAt, oldPath, WalkFlags.None, out LastName from);
        if (e != Errno.None) return e;
        e = PathWalk.ResolveParent(current, newAt, newPath, WalkFlags.None, out LastName to);
        if (e != Errno.None) return e;
        if (from.Directory.Mount != to.Directory.Mount) return Errno.EXDEV;
        if (from.Kind != LastKind.Normal) return Errno.EBUSY;
        if (to.Kind != LastKind.Normal) return (flags & RenameFlags.NoReplace) != 0 ? Errno.EEXIST : Errno.EBUSY;
        if (from.Directory.Mount.IsReadOnly) return Errno.EROFS;
        e = PathWalk.LookUp(from.Directory.Dentry, from.Name, out Dentry? source);
        if (e != Errno.None) return e;
        e = PathWalk.LookUp(to.Directory.Dentry, to.Name, out Dentry? target);
        if (e != Errno.None && e != Errno.ENOENT) return e;
        e = CheckShape(from, to, source!, target, flags);
        if (e != Errno.None || source!.Inode == target?.Inode) return e;
        e = CheckRights(current.Credential, from.Directory.Dentry, source, to.Directory.Dentry, target, exchange);
        if (e != Errno.None) return e;
        if (source.MountCount > 0 || target?.MountCount > 0) return Errno.EBUSY;
        e = from.Directory.Inode.Rename(from.Name, source.Inode, to.Directory.Inode, to.Name, target?.Inode, exchange);
        if (e != Errno.None) return e;
        if (exchange) from.Directory.Dentry.ExchangeChild(from.Name, to.Directory.Dentry, to.Name);
        else from.Directory.Dentry.MoveChild(from.Name, to.Directory.Dentry, to.Name);
        return Errno.None;
    }

    /// <summary>Gives a file another name on the same mount.</summary>
    [KernelFunction("fs/namei.c", "int vfs_link(struct dentry *old_dentry = source, struct filename *new_name = newPath)")]
    public static Errno Link(LinuxTask current, VfsPath source, Fd newAt, string newPath)
    {
        Errno e = Creation.FindFree(current, newAt, newPath, isDirectory: false, out LastName last);
        if (e != Errno.None) return e;
        if (source.Mount != last.Directory.Mount) return Errno.EXDEV;
        e = CheckHardLink(current.Credential, source.Inode);
        if (e != Errno.None) return e;
        e = Permissions.CheckCreate(last.Directory.Dentry, current.Credential);
        if (e != Errno.None) return e;
        if (source.Inode.FileSystem != last.Directory.Inode.FileSystem) return Errno.EXDEV;
        if (source.Inode.IsDirectory) return Errno.EPERM;
        e = last.Directory.Inode.Link(last.Name, source.Inode);
        if (e == Errno.None) last.Directory.Dentry.AddChild(last.Name, source.Inode);
        return e;
    }

    // Linux: fs/namei.c, may_linkat, as with fs.protected_hardlinks = 1, the setting of the usual distributions.
    private static Errno CheckHardLink(Credential credential, Inode source)
    {
        const uint setUid = 0x800, setGidAndExecute = 0x408;
        Errno e = source.GetAttributes(out InodeAttributes a);
        if (e != Errno.None || Permissions.IsOwner(a, credential)) return e;
        bool isSafe = a.Type == FileType.Regular && (a.Permissions & setUid) == 0 && (a.Permissions & setGidAndExecute) != setGidAndExecute;
        return isSafe && Permissions.Check(a, credential, AccessMode.Read | AccessMode.Write) == Errno.None ? Errno.None : Errno.EPERM;
    }

    private static Errno CheckShape(in LastName from, in LastName to, Dentry source, Dentry? target, RenameFlags flags)
    {
        bool exchange = (flags & RenameFlags.Exchange) != 0;
        if (target != null && (flags & RenameFlags.NoReplace) != 0) return Errno.EEXIST;
        if (exchange && target == null) return Errno.ENOENT;
        if (exchange && !target!.Inode.IsDirectory && to.HasTrailingSlash) return Errno.ENOTDIR;
        if (!source.Inode.IsDirectory && (from.HasTrailingSlash || (!exchange && to.HasTrailingSlash))) return Errno.ENOTDIR;
        if (to.Directory.Dentry.IsBelow(source)) return Errno.EINVAL;
        if (target != null && from.Directory.Dentry.IsBelow(target)) return exchange ? Errno.EINVAL : Errno.ENOTEMPTY;
        return Errno.None;
    }

    private static Errno CheckRights(Credential credential, Dentry oldDirectory, Dentry source, Dentry newDirectory, Dentry? target, bool exchange)
    {
        bool isDirectory = source.Inode.IsDirectory;
        Errno e = Permissions.CheckDelete(oldDirectory, source, credential, isDirectory);
        if (e != Errno.None) return e;
        e = target == null
            ? Permissions.CheckCreate(newDirectory, credential)
            : Permissions.CheckDelete(newDirectory, target, credential, exchange ? target.Inode.IsDirectory : isDirectory);
        if (e != Errno.None || newDirectory == oldDirectory) return e;
        if (isDirectory) e = Permissions.Check(source.Inode, credential, AccessMode.Write); // its ".." changes
        if (e == Errno.None && exchange && target!.Inode.IsDirectory) e = Permissions.Check(target.Inode, credential, AccessMode.Write);
        return e;
    }
}
