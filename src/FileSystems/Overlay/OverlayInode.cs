using Kennel.Abi;
using Kennel.Files;
using Kennel.FileSystems.Host;
using Kennel.FileSystems.Tmp;
using Kennel.Machine;
using Kennel.Memory;
using Kennel.Tasks;

namespace Kennel.FileSystems.Overlay;

/// <summary>
/// Anything in an overlay: a lower inode as long as nothing changes, then an inode of its own. What directories do is in the
/// other part.
/// </summary>
public sealed partial class OverlayInode : Inode
{
    private readonly OverlayFileSystem _owner;
    private readonly Inode? _lower;
    private readonly ulong _number;
    private TmpInode? _upper;
    private bool _holdsLower, _isFreed;

    // Names that lead here less those of the inode below: the copy in memory has no name of its own.
    private uint _links;

    /// <summary>Stands for a lower inode.</summary>
    internal OverlayInode(OverlayFileSystem owner, Inode lower)
        : base(owner)
    {
        _owner = owner;
        _lower = lower;
        Type = lower.Type;
        Errno e = lower.GetAttributes(out InodeAttributes a);
        (_number, _links) = e == Errno.None ? (owner.NumberOf(a.Device, a.Number), a.Links) : (owner.NextNumber(), 1);
    }

    /// <summary>Something new.</summary>
    internal OverlayInode(OverlayFileSystem owner, TmpInode upper, uint links)
        : base(owner)
    {
        _owner = owner;
        _upper = upper;
        _number = owner.NextNumber();
        _links = links;
        Type = upper.Type;
    }

    /// <inheritdoc/>
    public override FileType Type { get; }

    /// <inheritdoc/>
    public override PageCache? Pages => Current.Pages;

    private Inode Current => _upper ?? _lower!;

    /// <inheritdoc/>
    public override Errno GetAttributes(out InodeAttributes attributes)
    {
        Errno e = Current.GetAttributes(out attributes);
        attributes.Number = _number;
        attributes.Links = _links;
        attributes.Device = _owner.Device;
        if (_upper != null && IsDirectory) attributes.Size = 4096;
        return e;
    }

    /// <inheritdoc/>
    public override Errno SetAttributes(in AttributeChange change)
    {
        Errno e = CopyUp(withContent: change.Size is null or > 0);
        return e == Errno.None ? _upper!.SetAttributes(change) : e;
    }

    /// <inheritdoc/>
    public override ValueTask<(Errno Error, OpenFile? File)> OpenAsync(LinuxTask current, VfsPath path, OpenFlags flags)
    {
        if (Type == FileType.Regular && (flags & OpenFlags.AccessMode) != OpenFlags.ReadOnly)
        {
            Errno e = CopyUp();
            if (e != Errno.None) return new((e, null));
        }
        if (_upper == null && Type == FileType.Regular && _lower!.GetAttributes(out InodeAttributes a) == Errno.None && _lower.Pages == null)
        {
            return new((a.Size == 0 ? Errno.ENXIO : Errno.EACCES, null)); // what the host shows but does not let us read
        }
        if (_upper == null && Type == FileType.Regular && _lower is HostInode host)
        {
            Errno e = host.CheckReadable();
            if (e != Errno.None) return new((e, null));
        }
        return base.OpenAsync(current, path, flags);
    }

    /// <inheritdoc/>
    public override void Touch(bool modified)
    {
        // Reading a lower file leaves no trace: an access time is not worth a copy.
        if (modified && CopyUp() != Errno.None) return;
        _upper?.Touch(modified);
    }

    /// <inheritdoc/>
    public override Errno ReadLink(LinuxTask current, out string target) => Current.ReadLink(current, out target);

    /// <inheritdoc/>
    public override Errno GetXattr(string name, out byte[] value) => Current.GetXattr(name, out value);

    /// <inheritdoc/>
    public override Errno ListXattr(out IReadOnlyList<string> names) => Current.ListXattr(out names);

    /// <inheritdoc/>
    public override Errno SetXattr(string name, ReadOnlySpan<byte> value, int flags)
    {
        Errno e = CopyUp();
        return e == Errno.None ? _upper!.SetXattr(name, value, flags) : e;
    }

    /// <inheritdoc/>
    public override Errno RemoveXattr(string name)
    {
        Errno e = CopyUp();
        return e == Errno.None ? _upper!.RemoveXattr(name) : e;
    }

    /// <inheritdoc/>
    protected override void OnHeld()
    {
        _upper?.Hold();
        if (_upper != null || _lower == null) return;
        _lower.Hold();
        _holdsLower = true;
    }

    /// <inheritdoc/>
    protected override void OnUnused()
    {
        _upper?.Drop();
        if (_holdsLower) _lower!.Drop();
        _holdsLower = false;
        if (_links == 0) FreeContent();
    }

    /// <summary>Gives the inode a copy in memory, if it has none. Linux: fs/overlayfs/copy_up.c.</summary>
    /// <param name="withContent">False when the content is about to be truncated away.</param>
    private Errno CopyUp(bool withContent = true)
    {
        if (_upper != null) return Errno.None;
        Errno e = _lower!.GetAttributes(out InodeAttributes a);
        if (e != Errno.None) return e;
        string? target = null;
        if (Type == FileType.SymbolicLink) e = _lower.ReadLink(_owner.Upper.Kernel.Current!, out target);
        if (e != Errno.None) return e;
        TmpInode copy = _owner.Upper.CreateNameless(Type, a.Permissions, a.Uid, a.Gid, a.RawDevice, target);
        if (Type == FileType.Regular && withContent) e = CopyContent(a.Size, copy);
        if (e == Errno.None) e = CopyXattrs(copy);
        if (e != Errno.None)
        {
            copy.FreeNameless();
            return e;
        }
        copy.SetAttributes(new AttributeChange { AccessTime = a.AccessTime, ModifyTime = a.ModifyTime, ChangeTime = a.ChangeTime });
        _upper = copy;
        if (IsHeld) copy.Hold();
        return Errno.None;
    }

    private unsafe Errno CopyContent(long size, TmpInode copy)
    {
        PageCache? from = _lower!.Pages;
        PageCache to = copy.Pages!;
        if (from == null) return Errno.EIO;
        Errno e = to.Resize(size);
        FramePool frames = _owner.Upper.Kernel.Frames;
        for (long page = 0; e == Errno.None && page << FramePool.FrameShift < size; page++)
        {
            e = from.GetPage(page, forWrite: false, out int source);
            if (e != Errno.None) break;
            frames.AddReference(source); // making the other page may reclaim this one
            e = to.GetPage(page, forWrite: true, out int target);
            if (e == Errno.None) new ReadOnlySpan<byte>(frames.Pointer(source), FramePool.FrameSize).CopyTo(new Span<byte>(frames.Pointer(target), FramePool.FrameSize));
            frames.Release(source);
        }
        return e;
    }

    private Errno CopyXattrs(TmpInode copy)
    {
        if (_lower!.ListXattr(out IReadOnlyList<string> names) != Errno.None) return Errno.None;
        foreach (string name in names)
        {
            if (_lower.GetXattr(name, out byte[] value) == Errno.None) copy.SetXattr(name, value, 0);
        }
        return Errno.None;
    }

    private void LoseLink()
    {
        _links--;
        Changed();
        if (_links == 0 && !IsHeld) FreeContent();
    }

    private void Changed()
    {
        if (CopyUp() == Errno.None) _upper!.SetAttributes(default); // sets the change time
    }

    // What is still looked at afterwards (a working directory that was removed) has its attributes all the same.
    private void FreeContent()
    {
        if (_isFreed) return;
        _isFreed = true;
        _upper?.FreeNameless();
    }

    /// <summary>Gives back what the tree below holds in memory.</summary>
    internal void FreeTree()
    {
        foreach (OverlayInode? child in _names?.Values ?? Enumerable.Empty<OverlayInode?>())
        {
            if (child is { _lower: null }) child.FreeTree();
        }
        FreeContent();
    }
}
