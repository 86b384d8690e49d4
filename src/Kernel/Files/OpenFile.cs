using Kennel.Abi;
using Kennel.Machine;
using Kennel.Memory;
using Kennel.Syscalls;
using Kennel.Tasks;
using Kennel.Waiting;

namespace Kennel.Files;

/// <summary>
/// An open file description (Linux: struct file): what a descriptor refers to, with its position and flags. Shared by dup and
/// fork. Kinds of files derive from it; what they do not override answers as Linux does for files without that operation.
/// </summary>
public abstract class OpenFile(OpenFlags flags)
{
    private int _references = 1;

    /// <summary>Access mode and status flags (man 2 fcntl, F_GETFL).</summary>
    public OpenFlags Flags { get; set; } = flags;

    /// <summary>Where it was opened; null for pipes, sockets and other nameless files.</summary>
    public VfsPath? Path { get; init; }

    /// <summary>The inode; null only for files that have none (anonymous inodes answer stat by <see cref="GetAttributes"/>).</summary>
    public virtual Inode? Inode => Path?.Inode;

    /// <summary>What /proc/self/fd shows for a nameless file, such as "pipe:[12]".</summary>
    public virtual string Description => "anon_inode:[file]";

    /// <summary>The position for read, write and lseek, in bytes. A file that shares it with the host overrides it.</summary>
    public virtual long Position { get; set; }

    public bool IsReadable => (Flags & OpenFlags.AccessMode) != OpenFlags.WriteOnly && (Flags & OpenFlags.Path) == 0;

    public bool IsWritable => (Flags & OpenFlags.AccessMode) is OpenFlags.WriteOnly or OpenFlags.ReadWrite && (Flags & OpenFlags.Path) == 0;

    public bool IsNonBlocking => (Flags & OpenFlags.NonBlock) != 0;

    /// <summary>Whether lseek and pread work: ESPIPE otherwise.</summary>
    public virtual bool IsSeekable => false;

    /// <summary>Reads at <paramref name="offset"/> bytes into the iterator; answers the number of bytes. Streams ignore the offset.</summary>
    public virtual ValueTask<SyscallResult> ReadAsync(LinuxTask current, IoIterator destination, long offset) => new(Errno.EINVAL);

    /// <summary>Writes the iterator's bytes at <paramref name="offset"/>; answers the number of bytes.</summary>
    public virtual ValueTask<SyscallResult> WriteAsync(LinuxTask current, IoIterator source, long offset) => new(Errno.EINVAL);

    /// <summary>The end that SEEK_END counts from; for seekable files.</summary>
    public virtual long Length => Inode != null && Inode.GetAttributes(out InodeAttributes a) == Errno.None ? a.Size : 0;

    /// <summary>lseek. The default serves all seekable files.</summary>
    public virtual SyscallResult Seek(long offset, int whence)
    {
        if (!IsSeekable) return Errno.ESPIPE;
        long target = whence switch
        {
            0 => offset,
            1 => Position + offset,
            2 => Length + offset,
            3 => offset >= 0 && offset < Length ? offset : -(long)Errno.ENXIO, // SEEK_DATA: all is data
            4 => offset >= 0 && offset < Length ? Length : -(long)Errno.ENXIO, // SEEK_HOLE
            _ => -(long)Errno.EINVAL,
        };
        if (target < 0) return whence is 3 or 4 ? Errno.ENXIO : Errno.EINVAL;
        Position = target;
        return target;
    }

    /// <summary>What can be done without blocking. With a table, the caller is to be told when that changes (man 2 poll).</summary>
    public virtual PollEvents Poll(PollTable? table) => PollEvents.In | PollEvents.Out | PollEvents.ReadNormal | PollEvents.WriteNormal;

    /// <summary>Whether epoll takes it: EPERM for regular files and directories.</summary>
    public virtual bool CanPoll => false;

    public virtual ValueTask<SyscallResult> IoctlAsync(LinuxTask current, uint command, ulong argument) => new(Errno.ENOTTY);

    /// <summary>fstat.</summary>
    public virtual Errno GetAttributes(out InodeAttributes attributes)
    {
        if (Inode != null) return Inode.GetAttributes(out attributes);
        attributes = new InodeAttributes { Permissions = 0x180, Links = 1, BlockSize = 4096, Device = new DeviceNumber(0, 15), Number = 1 };
        return Errno.None;
    }

    /// <summary>What a mapping of it shows; null for what cannot be mapped.</summary>
    public virtual PageCache? Pages => Inode?.Pages;

    /// <summary>Whether mapping it gives anonymous memory, as /dev/zero does.</summary>
    public virtual bool MapsAnonymousMemory => false;

    /// <summary>Before a mapping is made: ENODEV for what cannot be mapped.</summary>
    public virtual Errno CheckMap(PageAccess access, bool shared) => Pages == null && !MapsAnonymousMemory ? Errno.ENODEV : Errno.None;

    public virtual Errno Sync() => Errno.EINVAL;

    /// <summary>The epoll sets that it is in.</summary>
    internal List<EpollItem>? EpollItems { get; set; }

    private void LeaveEpoll(List<EpollItem> items)
    {
        EpollItems = null;
        foreach (EpollItem item in items) item.Owner.Forget(item);
    }

    /// <summary>F_SETOWN: the process that SIGIO would go to; negative for a group.</summary>
    public int SignalOwner { get; set; }

    /// <summary>F_SETSIG.</summary>
    public int SignalNumber { get; set; }

    /// <summary>A descriptor is closed: the process loses its POSIX locks on the file (man 2 fcntl).</summary>
    internal void DescriptorClosed(FileTable owner)
    {
        Inode?.ExistingLocks?.Release(owner);
        OnDescriptorClosed(owner);
    }

    /// <summary>One descriptor of a process is closed (Linux: f_op->flush).</summary>
    public virtual void OnDescriptorClosed(FileTable owner)
    {
    }

    /// <summary>A reference is gone, but not the last.</summary>
    protected virtual void OnReferenceLost()
    {
    }

    /// <summary>The last reference is gone (Linux: f_op->release).</summary>
    protected virtual void OnReleased()
    {
    }

    /// <summary>References from descriptor tables, messages and mappings.</summary>
    public int References => _references;

    public OpenFile AddReference()
    {
        _references++;
        return this;
    }

    /// <summary>Gives up one reference (Linux: fput).</summary>
    public void Release()
    {
        if (--_references != 0)
        {
            OnReferenceLost();
            return;
        }
        Inode?.ExistingLocks?.Release(this); // OFD and flock locks
        if (EpollItems is { } items) LeaveEpoll(items);
        OnReleased();
        Inode? inode = Inode;
        if (IsWriter) inode?.EndWriting();
        if (IsInodeHeld) inode?.Drop();
    }

    /// <summary>Counts it among those that write to its file; false (ETXTBSY) while a program runs from that.</summary>
    internal bool TryBeginWriting() => IsWriter = Inode?.TryBeginWriting() == true;

    private bool IsWriter { get; set; }

    /// <summary>Holds <see cref="Inode"/> until release; file systems call it when they open.</summary>
    public T HoldingInode<T>() where T : OpenFile
    {
        Inode?.Hold();
        IsInodeHeld = true;
        return (T)this;
    }

    private bool IsInodeHeld { get; set; }
}
