using Kennel.Abi;
using Kennel.Credentials;
using Kennel.Memory;
using Kennel.Tasks;

namespace Kennel.Files;

/// <summary>
/// A file, directory or other thing of a file system (Linux: struct inode with its inode_operations). File systems derive
/// from it. Names are byte strings (one byte a char). Permissions are checked by the path walk and the system calls, not here.
/// </summary>
/// <remarks>
/// Guarded by the kernel lock. What is not overridden answers the error that Linux gives for the wrong kind of inode.
/// Open files and mappings hold the inode (<see cref="Hold"/>, <see cref="Drop"/>): when the last one lets go of an inode
/// without links, <see cref="OnUnused"/> frees its content.
/// </remarks>
public abstract class Inode(FileSystem fileSystem)
{
    private int _holders;
    private int _writers; // open files that may write; negative: programs that run from it
    private FileLockList? _locks;

    /// <summary>The file system instance that it belongs to (Linux: i_sb).</summary>
    public FileSystem FileSystem { get; } = fileSystem;

    /// <summary>Kind; never changes.</summary>
    public abstract FileType Type { get; }

    public bool IsDirectory => Type == FileType.Directory;

    /// <summary>All that stat tells.</summary>
    public abstract Errno GetAttributes(out InodeAttributes attributes);

    /// <summary>chmod, chown, truncate, utimensat.</summary>
    public virtual Errno SetAttributes(in AttributeChange change) => Errno.EPERM;

    /// <summary>Finds a child: ENOENT if there is none. "." and ".." never come here.</summary>
    public virtual Errno Lookup(string name, out Inode? child)
    {
        child = null;
        return Errno.ENOTDIR;
    }

    /// <summary>Whether a dentry of this directory may be used again without asking <see cref="Lookup"/> (procfs says no).</summary>
    public virtual bool AreChildrenStable => true;

    /// <summary>Makes a regular file, directory, FIFO, socket or device (create, mkdir, mknod).</summary>
    public virtual Errno Create(string name, FileType type, uint permissions, DeviceNumber device, Credential owner, out Inode? child)
    {
        child = null;
        return Errno.EPERM;
    }

    /// <summary>Makes a regular file without a name, that Link may give one (O_TMPFILE): EOPNOTSUPP where that is not possible.</summary>
    public virtual Errno CreateTemporary(uint permissions, Credential owner, out Inode? child)
    {
        child = null;
        return Errno.EOPNOTSUPP;
    }

    /// <summary>Makes a symbolic link.</summary>
    public virtual Errno Symlink(string name, string target, Credential owner, out Inode? child)
    {
        child = null;
        return Errno.EPERM;
    }

    /// <summary>Makes a hard link to an inode of the same file system.</summary>
    public virtual Errno Link(string name, Inode target) => Errno.EPERM;

    /// <summary>Removes a non-directory.</summary>
    public virtual Errno Unlink(string name, Inode child) => Errno.EPERM;

    /// <summary>Removes an empty directory: ENOTEMPTY otherwise.</summary>
    public virtual Errno RemoveDirectory(string name, Inode child) => Errno.EPERM;

    /// <summary>Moves a child, replacing <paramref name="replaced"/> if there is one; with <paramref name="exchange"/> both swap (man 2 renameat2).</summary>
    public virtual Errno Rename(string name, Inode child, Inode newParent, string newName, Inode? replaced, bool exchange) => Errno.EPERM;

    /// <summary>The target of a symbolic link.</summary>
    public virtual Errno ReadLink(LinuxTask current, out string target)
    {
        target = "";
        return Errno.EINVAL;
    }

    /// <summary>Magic links (/proc/self/exe, /proc/self/fd/N) lead to an object, not to a name; others answer null.</summary>
    public virtual Errno FollowMagicLink(LinuxTask current, out VfsPath? target)
    {
        target = null;
        return Errno.None;
    }

    /// <summary>The names in a directory, without "." and "..", as of now.</summary>
    public virtual Errno ReadDirectory(LinuxTask current, out IReadOnlyList<DirectoryEntry> entries)
    {
        entries = [];
        return Errno.ENOTDIR;
    }

    /// <summary>
    /// Opens it (Linux: f_op->open). May sleep. Permissions and truncation are seen to by the caller. The default serves FIFOs,
    /// directories and regular files that have <see cref="Pages"/>; device numbers are looked up in <see cref="DeviceTable"/>.
    /// </summary>
    public virtual ValueTask<(Errno Error, OpenFile? File)> OpenAsync(LinuxTask current, VfsPath path, OpenFlags flags) => Type switch
    {
        FileType.Directory => new((Errno.None, new DirectoryFile(flags) { Path = path }.HoldingInode<DirectoryFile>())),
        FileType.Regular when Pages != null => new((Errno.None, new RegularFile(flags) { Path = path }.HoldingInode<RegularFile>())),
        FileType.Fifo => Fifo.OpenAsync(current, path, flags),
        FileType.CharacterDevice or FileType.BlockDevice => current.Kernel.Vfs.Devices.OpenAsync(current, path, flags),
        _ => new((Errno.ENXIO, null)),
    };

    /// <summary>Its content was read, or changed: the times move, as the file system keeps them.</summary>
    public virtual void Touch(bool modified)
    {
    }

    /// <summary>Its content as pages, for mmap, exec and reads; null for what cannot be mapped.</summary>
    public virtual PageCache? Pages => null;

    public virtual Errno GetXattr(string name, out byte[] value)
    {
        value = [];
        return Errno.EOPNOTSUPP;
    }

    public virtual Errno SetXattr(string name, ReadOnlySpan<byte> value, int flags) => Errno.EOPNOTSUPP;

    public virtual Errno ListXattr(out IReadOnlyList<string> names)
    {
        names = [];
        return Errno.None;
    }

    public virtual Errno RemoveXattr(string name) => Errno.EOPNOTSUPP;

    /// <summary>What must not happen to it any more (memfd_create); null for inodes that cannot be sealed.</summary>
    public virtual FileSeals? Seals => null;

    /// <summary>Adds seals: EINVAL where that is not possible, EPERM when sealing is sealed, EBUSY while it is mapped for writing.</summary>
    public virtual Errno AddSeals(FileSeals seals) => Errno.EINVAL;

    /// <summary>POSIX and flock locks on it; made at first use.</summary>
    public FileLockList Locks => _locks ??= new FileLockList();

    /// <summary>The locks, if anybody ever locked it.</summary>
    internal FileLockList? ExistingLocks => _locks;

    /// <summary>The pipe behind a FIFO while somebody has it open.</summary>
    internal Pipe? FifoPipe { get; set; }

    /// <summary>A socket bound to this name, if any.</summary>
    public object? BoundSocket { get; set; }

    /// <summary>Whether a program runs from it: writing answers ETXTBSY then.</summary>
    public bool IsRunning => _writers < 0;

    /// <summary>Somebody opens it for writing; false while a program runs from it. Linux: get_write_access.</summary>
    internal bool TryBeginWriting()
    {
        if (_writers < 0) return false;
        _writers++;
        return true;
    }

    internal void EndWriting() => _writers--;

    /// <summary>A program begins to run from it; false while it is open for writing. Linux: deny_write_access.</summary>
    internal bool TryBeginRunning()
    {
        if (_writers > 0) return false;
        _writers--;
        return true;
    }

    internal void EndRunning() => _writers++;

    /// <summary>Whether an open file or a mapping holds it.</summary>
    public bool IsHeld => _holders > 0;

    /// <summary>An open file or a mapping begins.</summary>
    public void Hold()
    {
        if (_holders++ == 0) OnHeld();
    }

    /// <summary>An open file or a mapping ends.</summary>
    public void Drop()
    {
        if (--_holders == 0) OnUnused();
    }

    /// <summary>Somebody holds it now whom nobody held before.</summary>
    protected virtual void OnHeld()
    {
    }

    /// <summary>Nobody holds it any more: without links, its content goes.</summary>
    protected virtual void OnUnused()
    {
    }
}

/// <summary>One mounted instance (Linux: super_block).</summary>
public abstract class FileSystem(string typeName, DeviceNumber device) : IDisposable
{
    /// <summary>As /proc/mounts names it: proc, tmpfs, overlay.</summary>
    public string TypeName { get; } = typeName;

    /// <summary>st_dev of its inodes.</summary>
    public DeviceNumber Device { get; } = device;

    public abstract Inode Root { get; }

    /// <summary>statfs' f_type.</summary>
    public abstract long Magic { get; }

    /// <summary>Whether it holds nameless things (pipes): it is never seen in the tree, and its dentries' names are descriptions.</summary>
    public virtual bool IsInternal => false;

    /// <summary>What statfs tells: block size, blocks, free blocks, inodes, free inodes.</summary>
    public virtual (long BlockSize, long Blocks, long Free, long Files, long FreeFiles) Usage => (4096, 0, 0, 0, 0);

    /// <summary>Frees everything when the kernel ends.</summary>
    public virtual void Dispose()
    {
    }
}
