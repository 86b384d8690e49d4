using Kennel.Abi;
using Kennel.Files;
using Kennel.Tasks;

namespace Kennel.FileSystems.Host;

/// <summary>A directory of a <see cref="HostView"/>, alone or over a directory of the host to which it adds names; or a symbolic link.</summary>
internal sealed class ViewInode : Inode
{
    private readonly HostView _view;
    private readonly Inode? _below;
    private readonly string? _target;
    private readonly ulong _number;
    private readonly Dictionary<string, Inode> _children = new(StringComparer.Ordinal);
    private uint _directories; // among them

    public ViewInode(HostView view, Inode? below, string? target)
        : base(view)
    {
        _view = view;
        _below = below;
        _target = target;
        _number = view.NextNumber();
    }

    public uint Permissions { get; set; }

    public uint Uid { get; set; }

    public uint Gid { get; set; }

    /// <inheritdoc/>
    public override FileType Type => _target != null ? FileType.SymbolicLink : FileType.Directory;

    /// <inheritdoc/>
    public override bool AreChildrenStable => _below?.AreChildrenStable ?? true;

    /// <inheritdoc/>
    public override Errno GetAttributes(out InodeAttributes attributes)
    {
        if (_below != null) return _below.GetAttributes(out attributes);
        attributes = new InodeAttributes
        {
            Type = Type,
            Permissions = Permissions,
            Uid = Uid,
            Gid = Gid,
            Links = IsDirectory ? 2u + _directories : 1u,
            Size = _target?.Length ?? 4096,
            Blocks = IsDirectory ? 8 : 0,
            Number = _number,
            Device = default, // on none: its numbers collide with no device's
            AccessTime = _view.Now,
            ModifyTime = _view.Now,
            ChangeTime = _view.Now,
            BirthTime = _view.Now,
            BlockSize = 4096,
        };
        return Errno.None;
    }

    /// <inheritdoc/>
    public override Errno SetAttributes(in AttributeChange change) => Errno.EROFS;

    /// <inheritdoc/>
    public override Errno Lookup(string name, out Inode? child)
    {
        if (_children.TryGetValue(name, out child)) return Errno.None;
        if (!IsDirectory) return Errno.ENOTDIR;
        return _below?.Lookup(name, out child) ?? Errno.ENOENT;
    }

    /// <inheritdoc/>
    public override Errno ReadLink(LinuxTask current, out string target)
    {
        target = _target ?? "";
        return _target == null ? Errno.EINVAL : Errno.None;
    }

    /// <inheritdoc/>
    public override Errno ReadDirectory(LinuxTask current, out IReadOnlyList<DirectoryEntry> entries)
    {
        entries = [];
        if (!IsDirectory) return Errno.ENOTDIR;
        IReadOnlyList<DirectoryEntry> below = [];
        Errno error = _below?.ReadDirectory(current, out below) ?? Errno.None;
        if (error != Errno.None) return error;
        var list = new List<DirectoryEntry>();
        foreach ((string name, Inode child) in _children)
        {
            ulong number = child.GetAttributes(out InodeAttributes a) == Errno.None ? a.Number : _number;
            list.Add(new DirectoryEntry(name, number, child.Type));
        }
        list.AddRange(below.Where(e => !_children.ContainsKey(e.Name)));
        entries = list;
        return Errno.None;
    }

    /// <summary>Puts a name into the directory, hiding one that is there.</summary>
    public void Put(string name, Inode child)
    {
        if (_children.TryGetValue(name, out Inode? before) && before.IsDirectory) _directories--;
        if (child.IsDirectory) _directories++;
        _children[name] = child;
    }

    /// <summary>
    /// The directory of a name, as one that more can be put into; made where there is nothing. Null where something else is there.
    /// </summary>
    public ViewInode? OpenUp(string name)
    {
        Inode? child = Lookup(name, out Inode? found) == Errno.None ? found : null;
        if (child is ViewInode own) return own.IsDirectory ? own : null;
        if (child is { IsDirectory: false }) return null;
        var directory = new ViewInode(_view, child, null) { Permissions = 0x1ed };
        Put(name, directory);
        return directory;
    }
}
