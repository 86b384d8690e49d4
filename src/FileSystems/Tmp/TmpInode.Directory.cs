using Kennel.Abi;
using Kennel.Credentials;
using Kennel.Files;
using Kennel.Tasks;

namespace Kennel.FileSystems.Tmp;

/// <summary>A tmpfs directory: names and what they lead to.</summary>
public sealed partial class TmpInode
{
    private readonly Dictionary<string, TmpInode>? _children;

    /// <inheritdoc/>
    public override Errno Lookup(string name, out Inode? child)
    {
        child = null;
        if (_children == null) return Errno.ENOTDIR;
        if (!_children.TryGetValue(name, out TmpInode? found)) return Errno.ENOENT;
        child = found;
        return Errno.None;
    }

    /// <inheritdoc/>
    public override Errno Create(string name, FileType type, uint permissions, DeviceNumber device, Credential owner, out Inode? child) =>
        Add(name, type, permissions, device, null, owner, out child);

    /// <inheritdoc/>
    public override Errno Symlink(string name, string target, Credential owner, out Inode? child) =>
        Add(name, FileType.SymbolicLink, 0x1ff, default, target, owner, out child);

    /// <inheritdoc/>
    public override Errno CreateTemporary(uint permissions, Credential owner, out Inode? child)
    {
        child = null;
        if (!_owner.HasRoomForInode) return Errno.ENOSPC;
        child = new TmpInode(_owner, FileType.Regular, permissions, owner.FsUid, owner.FsGid) { _links = 0 };
        return Errno.None;
    }

    /// <inheritdoc/>
    public override Errno Link(string name, Inode target)
    {
        var inode = (TmpInode)target;
        _children![name] = inode;
        inode._links++;
        inode._changeTime = Changed();
        return Errno.None;
    }

    /// <inheritdoc/>
    public override Errno Unlink(string name, Inode child)
    {
        _children!.Remove(name);
        ((TmpInode)child).LoseLink(Changed());
        return Errno.None;
    }

    /// <inheritdoc/>
    public override Errno RemoveDirectory(string name, Inode child)
    {
        var directory = (TmpInode)child;
        if (directory._children!.Count > 0) return Errno.ENOTEMPTY;
        _children!.Remove(name);
        _links--;
        directory._links = 1;
        directory.LoseLink(Changed());
        return Errno.None;
    }

    /// <inheritdoc/>
    public override Errno Rename(string name, Inode child, Inode newParent, string newName, Inode? replaced, bool exchange)
    {
        var (moved, parent, target) = ((TmpInode)child, (TmpInode)newParent, (TmpInode?)replaced);
        if (!exchange && target is { IsDirectory: true, _children.Count: > 0 }) return Errno.ENOTEMPTY;
        long now = Changed();
        parent.Changed();
        moved._changeTime = now;
        _children!.Remove(name);
        if (exchange)
        {
            _children[name] = target!;
            target!._changeTime = now;
            if (target.IsDirectory)
            {
                parent._links--; // one by one: both may be the same directory
                _links++;
            }
        }
        else if (target != null)
        {
            if (target.IsDirectory) (parent._links, target._links) = (parent._links - 1, 1);
            target.LoseLink(now);
        }
        parent._children![newName] = moved;
        if (!moved.IsDirectory) return Errno.None;
        _links--;
        parent._links++;
        return Errno.None;
    }

    /// <inheritdoc/>
    public override Errno ReadDirectory(LinuxTask current, out IReadOnlyList<DirectoryEntry> entries)
    {
        entries = [];
        if (_children == null) return Errno.ENOTDIR;
        var list = new List<DirectoryEntry>(_children.Count);
        foreach ((string name, TmpInode child) in _children) list.Add(new DirectoryEntry(name, child._number, child.Type));
        entries = list;
        return Errno.None;
    }

    private Errno Add(string name, FileType type, uint permissions, DeviceNumber device, string? target, Credential owner, out Inode? child)
    {
        child = null;
        if (_children == null) return Errno.ENOTDIR;
        if (_children.ContainsKey(name)) return Errno.EEXIST;
        if (!_owner.HasRoomForInode) return Errno.ENOSPC;
        var made = new TmpInode(_owner, type, permissions, owner.FsUid, owner.FsGid, device, target);
        _children[name] = made;
        if (type == FileType.Directory) _links++;
        Changed();
        child = made;
        return Errno.None;
    }

    private long Changed() => _modifyTime = _changeTime = _owner.Kernel.Time.Realtime;

    private void LoseLink(long now)
    {
        _changeTime = now;
        if (--_links == 0 && !IsHeld) FreeContent();
    }
}
