using Kennel.Abi;
using Kennel.Credentials;
using Kennel.Tasks;
using Kennel.Views;

namespace Kennel.Files;

/// <summary>Attaching and detaching file systems (man 2 mount, umount2, pivot_root; Linux: fs/namespace.c).</summary>
public static class Mounting
{
    private const MountFlags Settable = MountFlags.ReadOnly | MountFlags.NoSuid | MountFlags.NoDev | MountFlags.NoExec
        | MountFlags.NoSymbolicFollow | MountFlags.NoAccessTime | MountFlags.NoDirectoryAccessTime | MountFlags.RelativeAccessTime;

    private const MountFlags Propagation = MountFlags.Shared | MountFlags.Private | MountFlags.Slave | MountFlags.Unbindable;

    /// <summary>Everything that mount does, by its flags. Linux: path_mount.</summary>
    [KernelFunction("fs/namespace.c", "int path_mount(const char *dev_name = source, struct path *path = target, const char *type_page = type, unsigned long flags = (ulong)flags)")]
    public static Errno Mount(LinuxTask current, string source, VfsPath target, string? type, MountFlags flags, string options)
    {
        const MountFlags magic = (MountFlags)0xc0ed0000;
        if (((ulong)flags & 0xffff0000) == (ulong)magic) flags &= ~magic;
        if (!current.Credential.Has(Capability.SysAdmin)) return Errno.EPERM;
        bool isMountPoint = target.Dentry == target.Mount.Root;
        if ((flags & MountFlags.Remount) != 0)
        {
            if (!isMountPoint) return Errno.EINVAL;
            target.Mount.Flags = (target.Mount.Flags & ~Settable) | (flags & Settable);
            return Errno.None;
        }
        if ((flags & MountFlags.Bind) != 0) return Bind(current, source, target, flags);
        if ((flags & Propagation) != 0) return isMountPoint ? Errno.None : Errno.EINVAL; // one namespace: nothing to propagate to
        if ((flags & MountFlags.Move) != 0) return Move(current, source, target);
        if (type == null) return Errno.EINVAL;
        if (!current.Kernel.Vfs.FileSystemTypes.TryGetValue(type, out FileSystemMaker? make)) return Errno.ENODEV;
        if (!target.Inode.IsDirectory) return Errno.ENOTDIR;
        (Errno error, FileSystem? made) = make(current, source, options);
        if (error != Errno.None) return error;
        current.Namespaces.Mounts.Attach(target, made!, new Dentry(null, "", made!.Root), flags & Settable, source);
        return Errno.None;
    }

    /// <summary>Takes a mount away. Linux: do_umount.</summary>
    [KernelFunction("fs/namespace.c", "int path_umount(struct path *path = place, int flags = lazily)")]
    public static Errno Unmount(LinuxTask current, VfsPath place, bool lazily)
    {
        if (!current.Credential.Has(Capability.SysAdmin)) return Errno.EPERM;
        MountNamespace mounts = current.Namespaces.Mounts;
        if (place.Dentry != place.Mount.Root || place.Mount == mounts.Root) return Errno.EINVAL;
        if (!lazily && (mounts.ChildrenOf(place.Mount).Any() || IsUsed(current.Kernel, place.Mount))) return Errno.EBUSY;
        mounts.Detach(place.Mount);
        if (!lazily && mounts.All.All(m => m.FileSystem != place.Mount.FileSystem)) place.Mount.FileSystem.Dispose();
        return Errno.None;
    }

    /// <summary>Makes a mount the root of all. Linux: SYSCALL_DEFINE2(pivot_root).</summary>
    public static Errno Pivot(LinuxTask current, VfsPath newRoot, VfsPath putOld)
    {
        if (!current.Credential.Has(Capability.SysAdmin)) return Errno.EPERM;
        MountNamespace mounts = current.Namespaces.Mounts;
        VfsPath oldRoot = current.Fs!.Root;
        if (newRoot.Mount == oldRoot.Mount || putOld.Mount == oldRoot.Mount) return Errno.EBUSY;
        if (oldRoot.Mount != mounts.Root || oldRoot.Dentry != mounts.Root.Root || newRoot.Dentry != newRoot.Mount.Root) return Errno.EINVAL;
        if (putOld.Mount != newRoot.Mount || !putOld.Dentry.IsBelow(newRoot.Dentry)) return Errno.EINVAL;
        mounts.Pivot(newRoot.Mount, putOld);
        foreach (LinuxTask process in current.Kernel.Tasks.Processes)
        {
            foreach (LinuxTask thread in process.Group.Threads)
            {
                if (thread.Fs is not { } fs) continue;
                if (fs.Root == oldRoot) fs.Root = newRoot;
                if (fs.WorkingDirectory == oldRoot) fs.WorkingDirectory = newRoot;
            }
        }
        return Errno.None;
    }

    private static Errno Bind(LinuxTask current, string source, VfsPath target, MountFlags flags)
    {
        Errno e = PathWalk.Resolve(current, Fd.WorkingDirectory, source, WalkFlags.Follow, out VfsPath from);
        if (e != Errno.None) return e;
        if (from.Inode.IsDirectory != target.Inode.IsDirectory) return Errno.ENOTDIR;
        MountNamespace mounts = current.Namespaces.Mounts;
        List<Mount> below = (flags & MountFlags.Recursive) == 0 ? [] : [.. mounts.ChildrenOf(from.Mount).Where(m => m.MountPoint!.IsBelow(from.Dentry))];
        Mount made = mounts.Attach(target, from.Mount.FileSystem, from.Dentry, from.Mount.Flags & Settable, from.Mount.Source);
        foreach (Mount child in below) Copy(mounts, child, new VfsPath(made, child.MountPoint!));
        return Errno.None;
    }

    private static void Copy(MountNamespace mounts, Mount original, VfsPath place)
    {
        List<Mount> below = [.. mounts.ChildrenOf(original)];
        Mount made = mounts.Attach(place, original.FileSystem, original.Root, original.Flags, original.Source);
        foreach (Mount child in below) Copy(mounts, child, new VfsPath(made, child.MountPoint!));
    }

    private static Errno Move(LinuxTask current, string source, VfsPath target)
    {
        Errno e = PathWalk.Resolve(current, Fd.WorkingDirectory, source, WalkFlags.Follow, out VfsPath from);
        if (e != Errno.None) return e;
        if (from.Dentry != from.Mount.Root || from.Mount.Parent == null) return Errno.EINVAL;
        if (from.Inode.IsDirectory != target.Inode.IsDirectory) return Errno.ENOTDIR;
        for (Mount? m = target.Mount; m != null; m = m.Parent)
        {
            if (m == from.Mount) return Errno.ELOOP;
        }
        current.Namespaces.Mounts.Move(from.Mount, target);
        return Errno.None;
    }

    private static bool IsUsed(Kernel kernel, Mount mount)
    {
        foreach (LinuxTask process in kernel.Tasks.Processes)
        {
            foreach (LinuxTask thread in process.Group.Threads)
            {
                if (thread.Fs is { } fs && (fs.Root.Mount == mount || fs.WorkingDirectory.Mount == mount)) return true;
                if (thread.Files is { } files && files.Open.Any(fd => files[fd]!.Path?.Mount == mount)) return true;
            }
        }
        return false;
    }
}
