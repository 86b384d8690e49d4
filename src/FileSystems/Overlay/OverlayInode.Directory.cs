using Kennel.Abi;
using Kennel.Credentials;
using Kennel.Files;
using Kennel.FileSystems.Tmp;
using Kennel.Tasks;

namespace Kennel.FileSystems.Overlay;

/// <summary>
/// A directory of an overlay: the names of the lower directory, except where <see cref="_names"/> says otherwise.
/// </summary>
public sealed partial class OverlayInode
{
    // What differs from the lower directory: a name that leads elsewhere, or (null) one that is gone, a whiteout.
    private Dictionary<string, OverlayInode?>? _names;

    /// <inheritdoc/>
    public override bool AreChildrenStable => _lower?.AreChildrenStable ?? true;

    /// <inheritdoc/>
    public override Errno Lookup(string name, out Inode? child)
    {
        child = null;
        if (!IsDirectory) return Errno.ENOTDIR;
        if (_names != null && _names.TryGetValue(name, out OverlayInode? own))
        {
            child = own;
            return own == null ? Errno.ENOENT : Errno.None;
        }
        if (_lower == null) return Errno.ENOENT;
        Errno e = _lower.Lookup(name, out Inode? below);
        if (e == Errno.None) child = _owner.ForLower(below!);
        return e;
    }

    /// <inheritdoc/>
    public override Errno ReadDirectory(LinuxTask current, out IReadOnlyList<DirectoryEntry> entries)
    {
        entries = [];
        if (!IsDirectory) return Errno.ENOTDIR;
        IReadOnlyList<DirectoryEntry> below = [];
        InodeAttributes lower = default;
        Errno e = _lower?.ReadDirectory(current, out below) ?? Errno.None;
        if (e == Errno.None) e = _lower?.GetAttributes(out lower) ?? Errno.None;
        if (e != Errno.None) return e;
        var merged = new List<DirectoryEntry>(below.Count + (_names?.Count ?? 0));
        foreach (DirectoryEntry entry in below)
        {
            if (_names?.ContainsKey(entry.Name) != true) merged.Add(entry with { Inode = _owner.NumberOf(lower.Device, entry.Inode) });
        }
        foreach ((string name, OverlayInode? child) in _names ?? [])
        {
            if (child != null) merged.Add(new DirectoryEntry(name, child._number, child.Type));
        }
        entries = merged;
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
        if (!_owner.Upper.HasRoomForInode) return Errno.ENOSPC;
        child = new OverlayInode(_owner, _owner.Upper.CreateNameless(FileType.Regular, permissions, owner.FsUid, owner.FsGid, default, null), links: 0);
        return Errno.None;
    }

    /// <inheritdoc/>
    public override Errno Link(string name, Inode target)
    {
        Errno e = ContentChanged();
        if (e != Errno.None) return e;
        var inode = (OverlayInode)target;
        inode._links++;
        inode.Changed();
        Put(name, inode);
        return Errno.None;
    }

    /// <inheritdoc/>
    public override Errno Unlink(string name, Inode child)
    {
        Errno e = ContentChanged();
        if (e != Errno.None) return e;
        Remove(name);
        ((OverlayInode)child).LoseLink();
        return Errno.None;
    }

    /// <inheritdoc/>
    public override Errno RemoveDirectory(string name, Inode child)
    {
        var directory = (OverlayInode)child;
        Errno e = directory.CheckEmpty();
        if (e == Errno.None) e = ContentChanged();
        if (e != Errno.None) return e;
        Remove(name);
        _links--;
        directory._links = 1;
        directory.LoseLink();
        return Errno.None;
    }

    /// <inheritdoc/>
    public override Errno Rename(string name, Inode child, Inode newParent, string newName, Inode? replaced, bool exchange)
    {
        var (moved, parent, target) = ((OverlayInode)child, (OverlayInode)newParent, (OverlayInode?)replaced);
        Errno e = !exchange && target is { IsDirectory: true } ? target.CheckEmpty() : Errno.None;
        if (e == Errno.None) e = ContentChanged();
        if (e == Errno.None) e = parent.ContentChanged();
        if (e != Errno.None) return e;
        moved.Changed();
        Remove(name);
        if (exchange)
        {
            Put(name, target!);
            target!.Changed();
            if (target.IsDirectory)
            {
                parent._links--;
                _links++;
            }
        }
        else if (target != null)
        {
            if (target.IsDirectory) (parent._links, target._links) = (parent._links - 1, 1);
            target.LoseLink();
        }
        parent.Put(newName, moved);
        if (!moved.IsDirectory) return Errno.None;
        _links--;
        parent._links++;
        return Errno.None;
    }

    private Errno Add(string name, FileType type, uint permissions, DeviceNumber device, string? target, Credential owner, out Inode? child)
    {
        child = null;
        Errno e = Lookup(name, out _);
        if (e != Errno.ENOENT) return e == Errno.None ? Errno.EEXIST : e;
        if (!_owner.Upper.HasRoomForInode) return Errno.ENOSPC;
        e = ContentChanged();
        if (e != Errno.None) return e;
        TmpInode upper = _owner.Upper.CreateNameless(type, permissions, owner.FsUid, owner.FsGid, device, target);
        var made = new OverlayInode(_owner, upper, links: type == FileType.Directory ? 2u : 1u);
        Put(name, made);
        if (type == FileType.Directory) _links++;
        child = made;
        return Errno.None;
    }

    private void Put(string name, OverlayInode child) => (_names ??= new(StringComparer.Ordinal))[name] = child;

    // A whiteout is needed only where the lower directory has the name.
    private void Remove(string name)
    {
        if (_lower != null && _lower.Lookup(name, out _) != Errno.ENOENT) (_names ??= new(StringComparer.Ordinal))[name] = null;
        else _names?.Remove(name);
    }

    private Errno CheckEmpty()
    {
        Errno e = ReadDirectory(_owner.Upper.Kernel.Current!, out IReadOnlyList<DirectoryEntry> entries);
        return e == Errno.None && entries.Count > 0 ? Errno.ENOTEMPTY : e;
    }

    private Errno ContentChanged()
    {
        Errno e = CopyUp();
        if (e == Errno.None) _upper!.Touch(modified: true);
        return e;
    }
}
