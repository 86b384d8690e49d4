using Kennel.Abi;
using Kennel.Credentials;
using Kennel.Tasks;
using Kennel.Views;

namespace Kennel.Files;

/// <summary>What open, openat and openat2 ask for (man 2 openat2, struct open_how).</summary>
/// <param name="Flags">O_*.</param>
/// <param name="Mode">Permission bits for a new file, before the umask.</param>
/// <param name="Walk">RESOLVE_*.</param>
public readonly record struct OpenHow(OpenFlags Flags, uint Mode, WalkFlags Walk = WalkFlags.None);

/// <summary>
/// Opening by path (Linux: fs/namei.c, path_openat). The protocol: walk to the last component; look it up, or make it; follow
/// links and begin again; look whether the caller may; truncate; have the inode open itself.
/// </summary>
public static class Opening
{
    private const OpenFlags OnlyForOpening =
        OpenFlags.Create | OpenFlags.Exclusive | OpenFlags.NoControllingTerminal | OpenFlags.Truncate | OpenFlags.CloseOnExec;

    private const OpenFlags KeptByPathFiles = OpenFlags.Path | OpenFlags.Directory | OpenFlags.NoFollow;

    /// <summary>Opens a path for a task. The flags must have passed <see cref="CheckFlags"/>.</summary>
    [KernelFunction("fs/namei.c", "struct file *do_filp_open(int dfd = directory, struct filename *pathname = path, const struct open_flags *op = (object)how)", Result = "returned.File")]
    [KernelFunction("fs/namei.c", "struct file *path_openat(struct nameidata *nd = path, const struct open_flags *op = (object)how, unsigned int flags = (long)how.Flags)", Result = "returned.File")]
    public static ValueTask<(Errno Error, OpenFile? File)> OpenAsync(LinuxTask current, Fd directory, string path, OpenHow how)
    {
        Errno e;
        VfsPath place;
        if ((how.Flags & OpenFlags.Path) != 0)
        {
            e = PathWalk.Resolve(current, directory, path, how.Walk | WalkFlagsOf(how.Flags), out place);
            return new((e, e == Errno.None ? OpenPath(place, how.Flags) : null));
        }
        if ((how.Flags & OpenFlags.TemporaryFile) == OpenFlags.TemporaryFile) return TemporaryFiles.OpenAsync(current, directory, path, how);
        e = Find(current, directory, path, how, out place, out bool created);
        return e != Errno.None ? new((e, null)) : OpenPlaceAsync(current, place, how.Flags, created);
    }

    /// <summary>Opens a place that is already found. Linux: fs/namei.c, do_open.</summary>
    /// <param name="current">Whose rights count.</param>
    /// <param name="place">The place.</param>
    /// <param name="flags">O_*.</param>
    /// <param name="created">Whether this open has just made it: nothing is checked then.</param>
    [KernelFunction("fs/open.c", "int vfs_open(const struct path *path = place, struct file *file = null)")]
    [KernelFunction("fs/namei.c", "int do_open(struct nameidata *nd = null, struct file *file = null)")]
    public static ValueTask<(Errno Error, OpenFile? File)> OpenPlaceAsync(LinuxTask current, VfsPath place, OpenFlags flags, bool created = false)
    {
        Inode inode = place.Inode;
        if (!created)
        {
            Errno e = CheckOpen(current, place, flags);
            if (e == Errno.None && (flags & OpenFlags.Truncate) != 0 && inode.Type == FileType.Regular) e = Truncate(current, inode);
            if (e != Errno.None) return new((e, null));
        }
        ValueTask<(Errno Error, OpenFile? File)> opening = inode.OpenAsync(current, place, flags);
        if (!opening.IsCompletedSuccessfully) return FinishAsync(opening);
        (Errno error, OpenFile? file) = opening.Result;
        return new(Finish(error, file));

        static async ValueTask<(Errno, OpenFile?)> FinishAsync(ValueTask<(Errno Error, OpenFile? File)> opening)
        {
            (Errno error, OpenFile? file) = await opening;
            return Finish(error, file);
        }
    }

    private static (Errno Error, OpenFile? File) Finish(Errno error, OpenFile? file)
    {
        if (file == null) return (error, null);
        file.Flags &= ~OnlyForOpening;
        if (!file.IsWritable || file.Inode?.Type != FileType.Regular || file.TryBeginWriting()) return (error, file);
        file.Release();
        return (Errno.ETXTBSY, null);
    }

    /// <summary>Refuses combinations that make no sense. Linux: fs/open.c, build_open_flags.</summary>
    public static Errno CheckFlags(OpenFlags flags)
    {
        const OpenFlags temporary = OpenFlags.TemporaryFile & ~OpenFlags.Directory;
        if ((flags & (OpenFlags.Directory | OpenFlags.Create)) == (OpenFlags.Directory | OpenFlags.Create)) return Errno.EINVAL;
        if ((flags & temporary) == 0) return Errno.None;
        bool writes = (flags & OpenFlags.AccessMode) != OpenFlags.ReadOnly || (flags & OpenFlags.Truncate) != 0;
        return (flags & OpenFlags.Directory) == 0 || !writes ? Errno.EINVAL : Errno.None;
    }

    internal static WalkFlags WalkFlagsOf(OpenFlags flags)
    {
        WalkFlags walk = WalkFlags.None;
        if ((flags & OpenFlags.Directory) != 0) walk |= WalkFlags.Directory;
        bool noFollow = (flags & OpenFlags.NoFollow) != 0 || (flags & (OpenFlags.Create | OpenFlags.Exclusive)) == (OpenFlags.Create | OpenFlags.Exclusive);
        return noFollow ? walk : walk | WalkFlags.Follow;
    }

    private static PathFile OpenPath(VfsPath place, OpenFlags flags) => new PathFile(flags & KeptByPathFiles) { Path = place }.HoldingInode<PathFile>();

    // Linux: fs/namei.c, open_last_lookups, lookup_open and the first half of do_open.
    private static Errno Find(LinuxTask current, Fd directory, string path, OpenHow how, out VfsPath place, out bool created)
    {
        place = default;
        created = false;
        WalkFlags walk = how.Walk | WalkFlagsOf(how.Flags);
        bool create = (how.Flags & OpenFlags.Create) != 0;
        Errno e = PathWalk.Start(current, directory, path, walk, out VfsPath start);
        if (e != Errno.None) return e;
        var walker = new PathWalker(WalkContext.Of(current), walk, start);
        e = walker.WalkToLast(path);
        bool trailing = false;
        while (e == Errno.None && walker.Kind != LastKind.Root)
        {
            bool followed;
            trailing = walker.HasTrailingSlash;
            if (walker.Kind == LastKind.Normal && create)
            {
                if (trailing) return Errno.EISDIR;
                e = LookUpOrCreate(current, walker.Place, walker.Name, how, out Dentry? child, out created);
                if (e == Errno.None) e = walker.EnterChild(child!, (walk & WalkFlags.Follow) != 0, out followed);
                else followed = false;
            }
            else
            {
                e = walker.StepLast((walk & WalkFlags.Follow) != 0 || trailing, out followed);
            }
            if (e != Errno.None || !followed) break;
            e = walker.WalkToLast();
        }
        if (e != Errno.None) return e;
        place = walker.Place;
        if (create && !created && (how.Flags & OpenFlags.Exclusive) != 0) return Errno.EEXIST;
        if (create && place.Inode.IsDirectory) return Errno.EISDIR;
        bool mustBeDirectory = (walk & WalkFlags.Directory) != 0 || (trailing && walker.Kind != LastKind.Root);
        return mustBeDirectory && !place.Inode.IsDirectory ? Errno.ENOTDIR : Errno.None;
    }

    private static Errno LookUpOrCreate(
        LinuxTask current, VfsPath directory, ReadOnlySpan<char> name, OpenHow how, out Dentry? child, out bool created)
    {
        created = false;
        Errno e = PathWalk.LookUp(directory.Dentry, name, out child);
        if (e != Errno.ENOENT) return e;
        e = Creation.Create(current, directory, name.ToString(), FileType.Regular, how.Mode, default, out child);
        created = e == Errno.None;
        return e;
    }

    // Linux: fs/namei.c, may_open.
    [KernelFunction("fs/namei.c", "int may_open(const struct path *path = place, int acc_mode = (long)flags & 3, int flag = (long)flags)")]
    internal static Errno CheckOpen(LinuxTask current, VfsPath place, OpenFlags flags)
    {
        Inode inode = place.Inode;
        AccessMode access = AccessOf(flags);
        bool writes = (access & AccessMode.Write) != 0;
        switch (inode.Type)
        {
            case FileType.SymbolicLink: return Errno.ELOOP;
            case FileType.Directory when writes: return Errno.EISDIR;
            case FileType.CharacterDevice or FileType.BlockDevice when (place.Mount.Flags & MountFlags.NoDev) != 0: return Errno.EACCES;
        }
        if (writes && inode.Type == FileType.Regular && place.Mount.IsReadOnly) return Errno.EROFS;
        Errno e = inode.GetAttributes(out InodeAttributes attributes);
        if (e == Errno.None) e = Permissions.Check(attributes, current.Credential, access);
        if (e != Errno.None) return e;
        return (flags & OpenFlags.NoAccessTime) != 0 && !Permissions.IsOwner(attributes, current.Credential) ? Errno.EPERM : Errno.None;
    }

    private static AccessMode AccessOf(OpenFlags flags)
    {
        AccessMode access = (flags & OpenFlags.AccessMode) switch
        {
            OpenFlags.ReadOnly => AccessMode.Read,
            OpenFlags.WriteOnly => AccessMode.Write,
            _ => AccessMode.Read | AccessMode.Write,
        };
        return (flags & OpenFlags.Truncate) != 0 ? access | AccessMode.Write : access;
    }

    private static Errno Truncate(LinuxTask current, Inode inode)
    {
        RegularFile.RemovePrivileges(inode, current);
        return inode.SetAttributes(new AttributeChange { Size = 0 });
    }
}
