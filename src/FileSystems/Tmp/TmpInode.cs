using Kennel.Abi;
using Kennel.Files;
using Kennel.Memory;
using Kennel.Tasks;

namespace Kennel.FileSystems.Tmp;

/// <summary>Anything in a tmpfs: its attributes and content. What directories do is in the other part.</summary>
public sealed partial class TmpInode : Inode
{
    private const long Day = 86_400_000_000_000;
    private const int DirectoryEntrySize = 20; // Linux: BOGO_DIRENT_SIZE
    private const int XattrOverhead = 128;

    private readonly TmpFileSystem _owner;
    private readonly ShmemPages? _pages;
    private readonly ulong _number;
    private readonly DeviceNumber _device;
    private readonly string? _target;
    private readonly long _birthTime;
    private Dictionary<string, byte[]>? _xattrs;
    private uint _permissions, _uid, _gid, _links;
    private long _accessTime, _modifyTime, _changeTime;

    internal TmpInode(TmpFileSystem owner, FileType type, uint permissions, uint uid, uint gid, DeviceNumber device = default, string? target = null)
        : base(owner)
    {
        _owner = owner;
        Type = type;
        (_permissions, _uid, _gid, _device, _target) = (permissions, uid, gid, device, target);
        _number = owner.NextNumber();
        _links = type == FileType.Directory ? 2u : 1u;
        if (type == FileType.Regular) _pages = owner.NewPages();
        if (type == FileType.Directory) _children = new Dictionary<string, TmpInode>(StringComparer.Ordinal);
        _accessTime = _modifyTime = _changeTime = _birthTime = owner.Kernel.Time.Realtime;
        owner.InodesUsed++;
    }

    /// <inheritdoc/>
    public override FileType Type { get; }

    /// <inheritdoc/>
    public override PageCache? Pages => _pages;

    /// <inheritdoc/>
    public override Errno GetAttributes(out InodeAttributes attributes)
    {
        attributes = new InodeAttributes
        {
            Type = Type,
            Permissions = _permissions,
            Uid = _uid,
            Gid = _gid,
            Links = _links,
            Size = _pages?.Size ?? _target?.Length ?? (_children == null ? 0 : (_children.Count + 2) * DirectoryEntrySize),
            Blocks = (_pages?.PageCount ?? 0) * 8,
            Number = _number,
            Device = _owner.Device,
            RawDevice = _device,
            AccessTime = _accessTime,
            ModifyTime = _modifyTime,
            ChangeTime = _changeTime,
            BirthTime = _birthTime,
            BlockSize = 4096,
        };
        return Errno.None;
    }

    /// <inheritdoc/>
    public override Errno SetAttributes(in AttributeChange change)
    {
        long now = _owner.Kernel.Time.Realtime;
        if (change.Size is { } size)
        {
            if (_pages == null) return Errno.EINVAL;
            Errno e = _pages.Resize(size);
            if (e != Errno.None) return e;
            _modifyTime = now;
        }
        _permissions = change.Permissions ?? _permissions;
        _uid = change.Uid ?? _uid;
        _gid = change.Gid ?? _gid;
        _accessTime = change.AccessTime ?? _accessTime;
        _modifyTime = change.ModifyTime ?? _modifyTime;
        _changeTime = change.ChangeTime ?? now;
        return Errno.None;
    }

    /// <inheritdoc/>
    public override void Touch(bool modified)
    {
        long now = _owner.Kernel.Time.Realtime;
        if (modified) _modifyTime = _changeTime = now;
        else if (_accessTime <= _modifyTime || _accessTime <= _changeTime || now - _accessTime >= Day) _accessTime = now; // relatime
    }

    /// <inheritdoc/>
    public override Errno ReadLink(LinuxTask current, out string target)
    {
        target = _target ?? "";
        return _target == null ? Errno.EINVAL : Errno.None;
    }

    /// <inheritdoc/>
    public override Errno GetXattr(string name, out byte[] value)
    {
        value = [];
        if (!IsKeptXattr(name)) return Errno.EOPNOTSUPP;
        return _xattrs != null && _xattrs.TryGetValue(name, out value!) ? Errno.None : Errno.ENODATA;
    }

    /// <inheritdoc/>
    public override Errno SetXattr(string name, ReadOnlySpan<byte> value, int flags)
    {
        const int create = 1, replace = 2;
        if (!IsKeptXattr(name)) return Errno.EOPNOTSUPP;
        bool exists = _xattrs?.ContainsKey(name) == true;
        if (exists && (flags & create) != 0) return Errno.EEXIST;
        if (!exists && (flags & replace) != 0) return Errno.ENODATA;
        VfsState vfs = _owner.Kernel.Vfs;
        if (!vfs.TryCharge(value.Length + XattrOverhead)) return Errno.ENOSPC;
        if (exists) vfs.Uncharge(_xattrs![name].Length + XattrOverhead);
        (_xattrs ??= [])[name] = value.ToArray();
        _changeTime = _owner.Kernel.Time.Realtime;
        return Errno.None;
    }

    /// <inheritdoc/>
    public override Errno ListXattr(out IReadOnlyList<string> names)
    {
        names = _xattrs == null ? [] : [.. _xattrs.Keys];
        return Errno.None;
    }

    /// <inheritdoc/>
    public override Errno RemoveXattr(string name)
    {
        if (!IsKeptXattr(name)) return Errno.EOPNOTSUPP;
        if (_xattrs?.Remove(name, out byte[]? value) != true) return Errno.ENODATA;
        _owner.Kernel.Vfs.Uncharge(value!.Length + XattrOverhead);
        _changeTime = _owner.Kernel.Time.Realtime;
        return Errno.None;
    }

    /// <inheritdoc/>
    protected override void OnUnused()
    {
        if (_links == 0) FreeContent();
    }

    /// <summary>Gives back what the whole tree below holds, and itself.</summary>
    internal void FreeTree()
    {
        foreach (TmpInode child in _children?.Values ?? Enumerable.Empty<TmpInode>()) child.FreeTree();
        _pages?.Dispose();
    }

    /// <summary>Gives back an inode that <see cref="TmpFileSystem.CreateNameless"/> made.</summary>
    internal void FreeNameless() => FreeContent();

    // Linux: mm/shmem.c takes these namespaces.
    private static bool IsKeptXattr(string name) =>
        name.StartsWith("user.", StringComparison.Ordinal) || name.StartsWith("trusted.", StringComparison.Ordinal)
        || name.StartsWith("security.", StringComparison.Ordinal);

    private void FreeContent()
    {
        foreach (byte[] value in _xattrs?.Values ?? Enumerable.Empty<byte[]>()) _owner.Kernel.Vfs.Uncharge(value.Length + XattrOverhead);
        _xattrs = null;
        _pages?.Dispose();
        _owner.InodesUsed--;
    }
}
