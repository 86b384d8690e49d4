using Kennel.Abi;
using Kennel.Files;
using Kennel.Tasks;

namespace Kennel.FileSystems.Dev.Terminals;

/// <summary>A node in /dev/pts: a slave, or ptmx.</summary>
internal sealed class PtsInode : Inode
{
    private readonly PtsFileSystem _owner;
    private readonly PseudoTerminal? _terminal;
    private readonly DeviceNumber _device;
    private readonly ulong _number;
    private uint _permissions, _uid, _gid;
    private long _accessTime, _modifyTime, _changeTime;

    public PtsInode(PtsFileSystem owner, PseudoTerminal? terminal, DeviceNumber device, ulong number, uint permissions, uint uid, uint gid)
        : base(owner)
    {
        _owner = owner;
        _terminal = terminal;
        _device = device;
        _number = number;
        (_permissions, _uid, _gid) = (permissions, uid, gid);
        _accessTime = _modifyTime = _changeTime = owner.Kernel.Time.Realtime;
    }

    /// <inheritdoc/>
    public override FileType Type => FileType.CharacterDevice;

    /// <summary>Null for ptmx.</summary>
    public PseudoTerminal? Terminal => _terminal;

    /// <summary>Its name in the directory.</summary>
    public string Name => _terminal?.Number.ToString() ?? "ptmx";

    /// <inheritdoc/>
    public override Errno GetAttributes(out InodeAttributes attributes)
    {
        attributes = new InodeAttributes
        {
            Type = Type,
            Permissions = _permissions,
            Uid = _uid,
            Gid = _gid,
            Links = 1,
            Number = _number,
            Device = _owner.Device,
            RawDevice = _device,
            AccessTime = _accessTime,
            ModifyTime = _modifyTime,
            ChangeTime = _changeTime,
            BlockSize = 1024,
        };
        return Errno.None;
    }

    /// <inheritdoc/>
    public override Errno SetAttributes(in AttributeChange change)
    {
        if (change.Size != null) return Errno.EINVAL;
        _permissions = change.Permissions ?? _permissions;
        _uid = change.Uid ?? _uid;
        _gid = change.Gid ?? _gid;
        _accessTime = change.AccessTime ?? _accessTime;
        _modifyTime = change.ModifyTime ?? _modifyTime;
        _changeTime = change.ChangeTime ?? _owner.Kernel.Time.Realtime;
        return Errno.None;
    }

    /// <inheritdoc/>
    public override void Touch(bool modified)
    {
        // Eight seconds exact, so that times tell no passwords' rhythm. Linux: tty_update_time.
        long now = _owner.Kernel.Time.Realtime;
        now -= now % 8_000_000_000;
        if (modified) _modifyTime = Math.Max(_modifyTime, now);
        else _accessTime = Math.Max(_accessTime, now);
    }

    /// <inheritdoc/>
    public override ValueTask<(Errno Error, OpenFile? File)> OpenAsync(LinuxTask current, VfsPath path, OpenFlags flags)
    {
        if (_terminal == null) return _owner.OpenMaster(current, path, flags);
        Errno error = _owner.OpenSlave(_terminal, current, path, flags, out OpenFile? file);
        return new((error, file));
    }
}

/// <summary>The directory /dev/pts itself: nothing can be made or removed in it by hand.</summary>
internal sealed class PtsDirectory(PtsFileSystem owner) : Inode(owner)
{
    private readonly long _made = owner.Kernel.Time.Realtime;

    /// <inheritdoc/>
    public override FileType Type => FileType.Directory;

    /// <inheritdoc/>
    public override bool AreChildrenStable => false;

    /// <inheritdoc/>
    public override Errno GetAttributes(out InodeAttributes attributes)
    {
        attributes = new InodeAttributes
        {
            Type = FileType.Directory,
            Permissions = 0x1ed,
            Links = 2,
            Number = 1,
            Device = owner.Device,
            AccessTime = _made,
            ModifyTime = _made,
            ChangeTime = _made,
            BlockSize = 1024,
        };
        return Errno.None;
    }

    /// <inheritdoc/>
    public override Errno Lookup(string name, out Inode? child)
    {
        bool found = owner.TryFind(name, out PtsInode? inode);
        child = inode;
        return found ? Errno.None : Errno.ENOENT;
    }

    /// <inheritdoc/>
    public override Errno ReadDirectory(LinuxTask current, out IReadOnlyList<DirectoryEntry> entries)
    {
        var list = new List<DirectoryEntry>();
        foreach (PtsInode inode in owner.Slaves.Reverse().Append(owner.Ptmx))
        {
            inode.GetAttributes(out InodeAttributes a);
            list.Add(new DirectoryEntry(inode.Name, a.Number, inode.Type));
        }
        entries = list;
        return Errno.None;
    }
}
