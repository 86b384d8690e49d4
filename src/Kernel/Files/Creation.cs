using Kennel.Abi;
using Kennel.Credentials;
using Kennel.Tasks;
using Kennel.Views;

namespace Kennel.Files;

/// <summary>Making names: files, directories, nodes, links (Linux: fs/namei.c, filename_create, vfs_create and its like).</summary>
public static class Creation
{
    private const uint SetGidBit = 0x400, GroupExecuteBit = 8, PermissionBits = 0xfff;

    /// <summary>
    /// Walks to the directory of a path whose last component is to be made: EEXIST when it is there already, ENOENT when a
    /// slash behind it asks for a directory, EROFS when nothing can be made there.
    /// </summary>
    public static Errno FindFree(LinuxTask current, Fd at, string path, bool isDirectory, out LastName last)
    {
        Errno e = PathWalk.ResolveParent(current, at, path, WalkFlags.None, out last);
        if (e != Errno.None) return e;
        if (last.Kind != LastKind.Normal) return Errno.EEXIST;
        e = PathWalk.LookUp(last.Directory.Dentry, last.Name, out _);
        if (e == Errno.None) return Errno.EEXIST;
        if (e != Errno.ENOENT) return e;
        if (last.HasTrailingSlash && !isDirectory) return Errno.ENOENT;
        return last.Directory.Mount.IsReadOnly ? Errno.EROFS : Errno.None;
    }

    /// <summary>Makes a file, directory, FIFO, socket or device under a name that is free.</summary>
    [KernelFunction("fs/namei.c", "int vfs_create(struct dentry *dir = directory, const char *name, umode_t mode = mode)")]
    public static Errno Create(
        LinuxTask current, VfsPath directory, string name, FileType type, uint mode, DeviceNumber device, out Dentry? child)
    {
        child = null;
        Errno e = Prepare(current, directory, type, mode & ~current.Fs!.Umask, out Credential owner, out uint permissions);
        if (e != Errno.None) return e;
        bool isDevice = type is FileType.CharacterDevice or FileType.BlockDevice;
        if (isDevice && !current.Credential.Has(Capability.Mknod)) return Errno.EPERM;
        Inode parent = directory.Inode;
        e = parent.Create(name, type, permissions, device, owner, out Inode? inode);
        if (e == Errno.None) child = directory.Dentry.AddChild(name, inode!);
        return e;
    }

    /// <summary>Makes a symbolic link under a name that is free.</summary>
    [KernelFunction("fs/namei.c", "int vfs_symlink(struct dentry *dir = directory, const char *name, const char *oldname = target)")]
    public static Errno Symlink(LinuxTask current, VfsPath directory, string name, string target)
    {
        Errno e = Prepare(current, directory, FileType.SymbolicLink, 0x1ff, out Credential owner, out _);
        if (e != Errno.None) return e;
        e = directory.Inode.Symlink(name, target, owner, out Inode? inode);
        if (e == Errno.None) directory.Dentry.AddChild(name, inode!);
        return e;
    }

    /// <summary>Rights in the directory, and whose the new thing is. Linux: may_create, inode_init_owner.</summary>
    internal static Errno Prepare(LinuxTask current, VfsPath directory, FileType type, uint mode, out Credential owner, out uint permissions)
    {
        owner = current.Credential;
        permissions = mode & PermissionBits;
        if (directory.Mount.IsReadOnly) return Errno.EROFS;
        Errno e = Permissions.CheckCreate(directory.Dentry, owner);
        if (e != Errno.None) return e;
        e = directory.Inode.GetAttributes(out InodeAttributes parent);
        if (e != Errno.None || (parent.Permissions & SetGidBit) == 0) return e;
        if (type == FileType.Directory) permissions |= SetGidBit;
        else if ((permissions & (SetGidBit | GroupExecuteBit)) == (SetGidBit | GroupExecuteBit)
            && !owner.IsInGroup(parent.Gid) && !owner.Has(Capability.Fsetid)) permissions &= ~SetGidBit;
        if (owner.FsGid != parent.Gid) owner = owner with { FsGid = parent.Gid };
        return Errno.None;
    }
}
