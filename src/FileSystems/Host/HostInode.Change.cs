using Kennel.Abi;
using Kennel.Credentials;
using Kennel.Files;

namespace Kennel.FileSystems.Host;

/// <summary>What a writable mount does to the host. Permissions were checked by the caller; the host checks once more for whoever runs us.</summary>
public sealed partial class HostInode
{
    private const uint SetGroupIdBit = 0x400;

    /// <inheritdoc/>
    public override Errno SetAttributes(in AttributeChange change)
    {
        if (!_host.Options.IsWritable) return Errno.EROFS;
        Errno error = Errno.None;
        if (change.Size is { } size) error = Truncate(size);
        if (error == Errno.None && (change.Uid ?? change.Gid ?? change.Permissions) != null) error = ChangeOwnerAndMode(change);
        if (error == Errno.None && (change.AccessTime ?? change.ModifyTime) != null)
        {
            error = ReachParent(out int directory);
            if (error == Errno.None) error = HostCalls.SetTimes(directory, _name, change.AccessTime, change.ModifyTime);
        }
        _ = Refresh(); // a file that is gone keeps its last attributes
        return error;
    }

    /// <inheritdoc/>
    public override Errno Create(string name, FileType type, uint permissions, DeviceNumber device, Credential owner, out Inode? child)
    {
        child = null;
        Errno error = ReachToChange(out int directory);
        if (error != Errno.None) return error;
        int fd = -1;
        error = type switch
        {
            FileType.Regular => HostCalls.CreateFile(directory, name, permissions, out fd),
            FileType.Directory => HostCalls.MakeDirectory(directory, name, permissions),
            FileType.Fifo or FileType.Socket => HostCalls.MakeNode(directory, name, (uint)type | permissions),
            _ => Errno.EPERM, // no device nodes on the host
        };
        if (error != Errno.None) return error;
        if (fd >= 0) HostCalls.CloseFd(fd);
        return FinishCreate(directory, name, permissions, owner, out child);
    }

    /// <inheritdoc/>
    public override Errno Symlink(string name, string target, Credential owner, out Inode? child)
    {
        child = null;
        Errno error = ReachToChange(out int directory);
        if (error == Errno.None) error = HostCalls.MakeSymbolicLink(directory, name, target);
        return error != Errno.None ? error : FinishCreate(directory, name, null, owner, out child);
    }

    /// <inheritdoc/>
    public override Errno Link(string name, Inode target)
    {
        var inode = (HostInode)target;
        Errno error = ReachToChange(out int directory);
        if (error != Errno.None) return error;
        error = inode.ReachParent(out int from);
        if (error == Errno.None) error = HostCalls.Link(from, inode._name, directory, name);
        return error == Errno.None ? inode.Refresh() : error;
    }

    /// <inheritdoc/>
    public override Errno Unlink(string name, Inode child) => Remove(name, (HostInode)child, isDirectory: false);

    /// <inheritdoc/>
    public override Errno RemoveDirectory(string name, Inode child) => Remove(name, (HostInode)child, isDirectory: true);

    /// <inheritdoc/>
    public override Errno Rename(string name, Inode child, Inode newParent, string newName, Inode? replaced, bool exchange)
    {
        var target = (HostInode)newParent;
        var lost = (HostInode?)replaced;
        Errno error = ReachToChange(out int from);
        if (error != Errno.None) return error;
        error = target.ReachToChange(out int to);
        if (error == Errno.None) error = RenameBetween(from, name, to, newName, lost, exchange);
        if (error != Errno.None) return error;
        ((HostInode)child).MovedTo(target, newName);
        if (exchange) lost!.MovedTo(this, name);
        else lost?.LoseName();
        return Errno.None;
    }

    private static Errno RenameBetween(int from, string name, int to, string newName, HostInode? lost, bool exchange)
    {
        if (lost is { IsHeld: true, Type: FileType.Regular } && !exchange) _ = lost.Reach(out _); // what is open must stay readable
        return HostCalls.Rename(from, name, to, newName, lost != null, exchange);
    }

    private Errno Remove(string name, HostInode child, bool isDirectory)
    {
        Errno error = ReachToChange(out int directory);
        if (error != Errno.None) return error;
        if (child is { IsHeld: true, Type: FileType.Regular }) _ = child.Reach(out _); // what is open must stay readable
        error = HostCalls.Remove(directory, name, isDirectory);
        if (error == Errno.None) child.LoseName();
        return error;
    }

    private void MovedTo(HostInode parent, string name)
    {
        _parent = parent;
        _name = name;
        _ = Refresh(); // its change time; nothing depends on the answer
    }

    // One name is gone. With other names left, the next look-up tells where the inode is now.
    private void LoseName()
    {
        _parent = null;
        if (_fd < 0 || Refresh() != Errno.None) _attributes.Links = IsDirectory || _attributes.Links == 0 ? 0 : _attributes.Links - 1;
        if (_attributes.Links != 0 && !IsDirectory) return;
        _host.Forget(this);
        if (!IsHeld) OnUnused();
    }

    private Errno ReachToChange(out int directory)
    {
        directory = -1;
        if (!IsDirectory) return Errno.ENOTDIR;
        return _host.Options.IsWritable ? Reach(out directory) : Errno.EROFS;
    }

    // The host's umask and identity went into the new file: put the guest's in their place as far as the host allows.
    private Errno FinishCreate(int directory, string name, uint? permissions, Credential owner, out Inode? child)
    {
        child = null;
        Errno error = HostCalls.StatAt(directory, name, out InodeAttributes found);
        if (error != Errno.None) return error;
        bool keepGroup = (_attributes.Permissions & SetGroupIdBit) != 0;
        if (found.Uid != owner.FsUid || (found.Gid != owner.FsGid && !keepGroup) || (permissions ?? found.Permissions) != found.Permissions)
        {
            error = HostCalls.OpenHandle(directory, name, out int fd);
            if (error != Errno.None) return error;
            _ = HostCalls.SetOwner(fd, owner.FsUid, keepGroup ? uint.MaxValue : owner.FsGid); // only a host's root may
            if (permissions is { } mode) _ = HostCalls.SetPermissions(fd, mode | (found.Permissions & SetGroupIdBit));
            error = HostCalls.Stat(fd, out found);
            HostCalls.CloseFd(fd);
            if (error != Errno.None) return error;
        }
        child = _host.InodeFor(this, name, found);
        _ = Refresh();
        return Errno.None;
    }

    private Errno ChangeOwnerAndMode(in AttributeChange change)
    {
        Errno error;
        int fd = _fd;
        bool close = fd < 0;
        if (close)
        {
            error = ReachParent(out int directory);
            if (error == Errno.None) error = HostCalls.OpenHandle(directory, _name, out fd);
            if (error != Errno.None) return error;
        }
        error = HostCalls.Stat(fd, out InodeAttributes found);
        if (error == Errno.None && !IsSameAs(found)) error = Errno.ESTALE;
        if (error == Errno.None && (change.Uid ?? change.Gid) != null)
        {
            error = HostCalls.SetOwner(fd, change.Uid ?? uint.MaxValue, change.Gid ?? uint.MaxValue);
        }
        if (error == Errno.None && change.Permissions is { } mode)
        {
            error = Type == FileType.SymbolicLink ? Errno.EOPNOTSUPP : HostCalls.SetPermissions(fd, mode);
        }
        if (close) HostCalls.CloseFd(fd);
        return error;
    }

    private Errno Truncate(long size)
    {
        if (Type != FileType.Regular) return IsDirectory ? Errno.EISDIR : Errno.EINVAL;
        Errno error = Reach(out int fd, write: true);
        return error != Errno.None ? error : HostCalls.Truncate(fd, size);
    }
}
