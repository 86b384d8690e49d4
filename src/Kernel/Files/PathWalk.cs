using Kennel.Abi;
using Kennel.Credentials;
using Kennel.Tasks;
using Kennel.Views;

namespace Kennel.Files;

/// <summary>
/// From a path to the place that it names: the entry points that system calls, the loader, sockets and hosts use.
/// The walk itself is in <see cref="PathWalker"/>. Names are bytes, one a char.
/// </summary>
public static class PathWalk
{
    /// <summary>Bytes in a name (NAME_MAX).</summary>
    public const int NameLimit = 255;

    /// <summary>Finds what a path names.</summary>
    /// <param name="task">Whose root, working directory, descriptors and rights count.</param>
    /// <param name="directory">Where a relative path begins; <see cref="Fd.WorkingDirectory"/> for the working directory.</param>
    /// <param name="path">The path.</param>
    /// <param name="flags">How.</param>
    /// <param name="result">The place, behind any mounts that lie on it.</param>
    [KernelFunction("fs/namei.c", "int filename_lookup(int dfd = directory, struct filename *name = path, unsigned int flags = (long)flags)", Result = "returned")]
    [KernelFunction("fs/namei.c", "int path_lookupat(struct nameidata *nd = path, unsigned int flags = (long)flags)", Result = "returned")]
    public static Errno Resolve(LinuxTask task, Fd directory, string path, WalkFlags flags, out VfsPath result)
    {
        result = default;
        Errno e = Start(task, directory, path, flags, out VfsPath start);
        if (e != Errno.None) return e;
        return new PathWalker(WalkContext.Of(task), flags, start).Resolve(path, out result);
    }

    /// <summary>As the other, with the rights of somebody else (man 2 access).</summary>
    public static Errno Resolve(LinuxTask task, Credential credential, Fd directory, string path, WalkFlags flags, out VfsPath result)
    {
        result = default;
        Errno e = Start(task, directory, path, flags, out VfsPath start);
        if (e != Errno.None) return e;
        return new PathWalker(WalkContext.Of(task) with { Credential = credential }, flags, start).Resolve(path, out result);
    }

    /// <summary>Finds what a path names, for callers that are no task of their own (hosts that set a machine up).</summary>
    public static Errno Resolve(in WalkContext context, string path, WalkFlags flags, out VfsPath result)
    {
        result = default;
        return path.Length == 0 ? Errno.ENOENT : new PathWalker(context, flags, context.WorkingDirectory).Resolve(path, out result);
    }

    /// <summary>Walks up to the last component, which is not looked up.</summary>
    [KernelFunction("fs/namei.c", "int filename_parentat(int dfd = directory, struct filename *name = path, unsigned int flags = (long)flags)")]
    public static Errno ResolveParent(LinuxTask task, Fd directory, string path, WalkFlags flags, out LastName last)
    {
        last = default;
        Errno e = Start(task, directory, path, flags, out VfsPath start);
        if (e != Errno.None) return e;
        return new PathWalker(WalkContext.Of(task), flags, start).ResolveParent(path, out last);
    }

    /// <summary>As the other, without a task.</summary>
    public static Errno ResolveParent(in WalkContext context, string path, WalkFlags flags, out LastName last)
    {
        last = default;
        return path.Length == 0 ? Errno.ENOENT : new PathWalker(context, flags, context.WorkingDirectory).ResolveParent(path, out last);
    }

    /// <summary>The place where a relative path begins. EBADF, ENOTDIR, ENOENT for an empty path that is not allowed.</summary>
    internal static Errno Start(LinuxTask task, Fd directory, string path, WalkFlags flags, out VfsPath start)
    {
        FsContext fs = task.Fs!;
        start = fs.WorkingDirectory;
        if (path.Length == 0 && (flags & WalkFlags.AllowEmpty) == 0) return Errno.ENOENT;
        if (directory == Fd.WorkingDirectory || (path.Length > 0 && path[0] == '/' && (flags & WalkFlags.Scoped) == 0)) return Errno.None;
        OpenFile? file = task.Files![directory];
        if (file == null) return Errno.EBADF;
        if (file.Path is not { } place) return path.Length > 0 ? Errno.ENOTDIR : Errno.ENOENT;
        if (path.Length > 0 && !place.Inode.IsDirectory) return Errno.ENOTDIR;
        start = place;
        return Errno.None;
    }

    /// <summary>
    /// A name in a directory, from the cache or from the file system; no rights are checked, no mounts crossed. ENOENT when
    /// there is none.
    /// </summary>
    public static Errno LookUp(Dentry directory, ReadOnlySpan<char> name, out Dentry? child)
    {
        Inode inode = directory.Inode;
        bool cached = directory.TryGetChild(name, out child);
        if (cached && (inode.AreChildrenStable || child!.MountCount > 0)) return Errno.None;
        if (name.Length > NameLimit) return Errno.ENAMETOOLONG;
        if (directory.IsUnlinked) return Errno.ENOENT;
        string text = name.ToString();
        Errno e = inode.Lookup(text, out Inode? found);
        if (e != Errno.None)
        {
            child = null;
            if (cached) directory.RemoveChild(text);
            return e;
        }
        if (cached && child!.Inode == found) return Errno.None;
        if (!inode.AreChildrenStable) directory.TrimChildren(); // procfs shows ever new names
        child = directory.AddChild(text, found!);
        return Errno.None;
    }
}
