using Kennel.Abi;
using Kennel.Tasks;
using Kennel.Views;

namespace Kennel.Files;

/// <summary>Taking names away (Linux: fs/namei.c, do_unlinkat and do_rmdir).</summary>
public static class Removal
{
    /// <summary>Removes a name that is no directory's.</summary>
    [KernelFunction("fs/namei.c", "int do_unlinkat(int dfd = at, struct filename *name = path)")]
    [KernelFunction("fs/namei.c", "int vfs_unlink(int dfd = at, struct filename *name = path)")]
    public static Errno Unlink(LinuxTask current, Fd at, string path)
    {
        Errno e = PathWalk.ResolveParent(current, at, path, WalkFlags.None, out LastName last);
        if (e != Errno.None) return e;
        if (last.Kind != LastKind.Normal) return Errno.EISDIR;
        e = Find(last, out Dentry? victim);
        if (e != Errno.None) return e;
        if (last.HasTrailingSlash) return victim!.Inode.IsDirectory ? Errno.EISDIR : Errno.ENOTDIR;
        Dentry directory = last.Directory.Dentry;
        e = Permissions.CheckDelete(directory, victim!, current.Credential, asDirectory: false);
        if (e != Errno.None) return e;
        if (victim!.MountCount > 0) return Errno.EBUSY;
        e = directory.Inode.Unlink(last.Name, victim.Inode);
        if (e == Errno.None) directory.RemoveChild(last.Name);
        return e;
    }

    /// <summary>Removes an empty directory.</summary>
    [KernelFunction("fs/namei.c", "int do_rmdir(int dfd = at, struct filename *name = path)")]
    [KernelFunction("fs/namei.c", "int vfs_rmdir(int dfd = at, struct filename *name = path)")]
    public static Errno RemoveDirectory(LinuxTask current, Fd at, string path)
    {
        Errno e = PathWalk.ResolveParent(current, at, path, WalkFlags.None, out LastName last);
        if (e != Errno.None) return e;
        switch (last.Kind)
        {
            case LastKind.DotDot: return Errno.ENOTEMPTY;
            case LastKind.Dot: return Errno.EINVAL;
            case LastKind.Root: return Errno.EBUSY;
        }
        e = Find(last, out Dentry? victim);
        if (e != Errno.None) return e;
        Dentry directory = last.Directory.Dentry;
        e = Permissions.CheckDelete(directory, victim!, current.Credential, asDirectory: true);
        if (e != Errno.None) return e;
        if (victim!.MountCount > 0) return Errno.EBUSY;
        e = directory.Inode.RemoveDirectory(last.Name, victim.Inode);
        if (e == Errno.None) directory.RemoveChild(last.Name);
        return e;
    }

    private static Errno Find(in LastName last, out Dentry? victim)
    {
        Errno e = PathWalk.LookUp(last.Directory.Dentry, last.Name, out victim);
        if (e != Errno.None) return e;
        return last.Directory.Mount.IsReadOnly ? Errno.EROFS : Errno.None;
    }
}
