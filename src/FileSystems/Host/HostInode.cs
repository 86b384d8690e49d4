using Kennel.Abi;
using Kennel.Files;
using Kennel.Machine;
using Kennel.Tasks;

namespace Kennel.FileSystems.Host;

/// <summary>
/// A file, directory or link of the host. This part: where it is, its descriptor, its attributes. Others: HostInode.Directory
/// (names), HostInode.Change (what a writable mount changes), HostInode.Content (opening, pages).
/// </summary>
public sealed partial class HostInode : Inode
{
    private readonly HostFileSystem _host;

    // guard-note: the kernel lock.
    private InodeAttributes _attributes; // as of the last look
    private HostInode? _parent; // null for the root, and once the name it was known by is gone
    private string _name = "";
    private int _fd = -1; // regular file: open for reading (and writing); directory: O_PATH
    private bool _canWrite; // _fd
    private LinkedListNode<HostInode>? _handle;
    private string? _target; // of a link that stays as it is

    internal HostInode(HostFileSystem host, in InodeAttributes attributes, int rootFd)
        : base(host)
    {
        _host = host;
        _attributes = attributes;
        _fd = rootFd;
    }

    internal HostInode(HostFileSystem host, HostInode parent, string name, in InodeAttributes attributes)
        : base(host)
    {
        _host = host;
        _parent = parent;
        _name = name;
        _attributes = attributes;
    }

    /// <inheritdoc/>
    public override FileType Type => _attributes.Type;

    internal (DeviceNumber, ulong) Key => (_attributes.Device, _attributes.Number);

    /// <inheritdoc/>
    public override Errno GetAttributes(out InodeAttributes attributes)
    {
        Errno error = _host.Options.IsStable ? Errno.None : Refresh();
        attributes = _attributes;
        return error;
    }

    /// <inheritdoc/>
    public override Errno ReadLink(LinuxTask current, out string target)
    {
        target = "";
        if (Type != FileType.SymbolicLink) return Errno.EINVAL;
        if (_target != null)
        {
            target = _target;
            return Errno.None;
        }
        Errno error = ReachParent(out int directory);
        if (error == Errno.None) error = HostCalls.ReadLinkAt(directory, _name, out target);
        if (error == Errno.None && _host.Options.IsStable) _target = target;
        return error;
    }

    /// <summary>Whether the host's answer speaks of this inode, and not of another that has got its number.</summary>
    internal bool IsSameAs(in InodeAttributes found) =>
        found.Number == _attributes.Number && found.Device == _attributes.Device && found.Type == _attributes.Type
        && found.BirthTime == _attributes.BirthTime;

    /// <summary>What the file is now, if it has not changed since a time in nanoseconds since 1970; null if it has, or may have.</summary>
    internal FileVersion? VersionBefore(long time)
    {
        const long Coarse = 2_000_000_000; // no file system's clock goes by more at a time
        if (Refresh() != Errno.None || _attributes.Links == 0 || _attributes.ChangeTime > time - Coarse) return null;
        return new FileVersion(_attributes.Device.Encoded, _attributes.Number, _attributes.Size, _attributes.ModifyTime, _attributes.ChangeTime);
    }

    /// <summary>The host showed it under this name just now.</summary>
    internal void FoundAt(HostInode parent, string name, in InodeAttributes attributes)
    {
        _parent = parent;
        _name = name;
        Update(attributes);
    }

    /// <summary>Closes the descriptor; it is opened again when needed.</summary>
    internal void CloseHandle()
    {
        if (_fd < 0) return;
        HostCalls.CloseFd(_fd);
        _fd = -1;
        _canWrite = false;
        if (_handle != null) _host.Handles.Remove(_handle);
        _handle = null;
    }

    private Errno Refresh()
    {
        InodeAttributes found;
        Errno error;
        if (_fd >= 0)
        {
            error = HostCalls.Stat(_fd, out found);
        }
        else if (_parent == null)
        {
            _attributes.Links = 0; // removed, and somebody stands in it still
            return Errno.None;
        }
        else
        {
            error = ReachParent(out int directory);
            if (error == Errno.None) error = HostCalls.StatAt(directory, _name, out found);
            else found = default;
            if (error == Errno.None && !IsSameAs(found)) error = Errno.ESTALE;
        }
        if (error == Errno.None) Update(found);
        return error;
    }

    private void Update(in InodeAttributes found)
    {
        long before = _attributes.Size;
        _attributes = found;
        if (_pages != null && found.Size != before) _pages.OnSizeChanged(before, found.Size);
    }

    private Errno ReachParent(out int directory)
    {
        directory = -1;
        return _parent == null ? Errno.ENOENT : _parent.Reach(out directory);
    }

    // The directory's or file's descriptor, opened if need be.
    private Errno Reach(out int fd, bool write = false)
    {
        if (_fd >= 0 && (!write || _canWrite))
        {
            if (_handle != null) _host.Handles.Touch(_handle);
            fd = _fd;
            return Errno.None;
        }
        Errno error = OpenHandle(write, out fd);
        if (error != Errno.None) return error;
        CloseHandle();
        _fd = fd;
        _canWrite = write;
        _handle = _host.Handles.Add(this);
        return Errno.None;
    }

    private Errno OpenHandle(bool write, out int fd)
    {
        fd = -1;
        Errno error = ReachParent(out int directory);
        if (error != Errno.None) return error;
        error = IsDirectory ? HostCalls.OpenDirectory(directory, _name, out fd) : HostCalls.OpenFile(directory, _name, write, out fd);
        if (error != Errno.None) return error;
        error = HostCalls.Stat(fd, out InodeAttributes found);
        if (error == Errno.None && !IsSameAs(found)) error = Errno.ESTALE; // the host put something else there
        if (error == Errno.None)
        {
            Update(found);
            return Errno.None;
        }
        HostCalls.CloseFd(fd);
        fd = -1;
        return error;
    }
}
