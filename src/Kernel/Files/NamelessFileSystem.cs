using Kennel.Abi;
using Kennel.Time;

namespace Kennel.Files;

/// <summary>Where pipes and sockets live that have no name in the tree (Linux: pipefs, sockfs). It is mounted nowhere.</summary>
public sealed class NamelessFileSystem : FileSystem
{
    private readonly NamelessInode _root;

    public NamelessFileSystem(string typeName, DeviceNumber device, long magic, Timekeeper time)
        : base(typeName, device)
    {
        Magic = magic;
        _root = new NamelessInode(this, FileType.Directory, 0, 0x1ed, 0, 0, time);
        Mount = new Mount(this, new Dentry(null, "", _root), null, null, MountFlags.None, typeName);
    }

    /// <summary>What its places are reached through.</summary>
    public Mount Mount { get; }

    /// <inheritdoc/>
    public override Inode Root => _root;

    /// <inheritdoc/>
    public override long Magic { get; }

    /// <inheritdoc/>
    public override bool IsInternal => true;

    /// <summary>A place for something, with its description as name.</summary>
    public VfsPath Place(string description, Inode inode) => new(Mount, new Dentry(null, description, inode));
}

/// <summary>The inode of a pipe, a socket or the like: only its attributes.</summary>
public sealed class NamelessInode(FileSystem fileSystem, FileType type, ulong number, uint permissions, uint uid, uint gid, Timekeeper time)
    : Inode(fileSystem)
{
    private uint _permissions = permissions, _uid = uid, _gid = gid;
    private long _accessTime = time.Realtime, _modifyTime = time.Realtime, _changeTime = time.Realtime;

    /// <inheritdoc/>
    public override FileType Type => type;

    /// <summary>As stat and "pipe:[N]" show it.</summary>
    public ulong Number => number;

    /// <inheritdoc/>
    public override Errno GetAttributes(out InodeAttributes attributes)
    {
        attributes = new InodeAttributes
        {
            Type = type,
            Permissions = _permissions,
            Uid = _uid,
            Gid = _gid,
            Links = 1,
            Number = number,
            Device = FileSystem.Device,
            AccessTime = _accessTime,
            ModifyTime = _modifyTime,
            ChangeTime = _changeTime,
            BlockSize = 4096,
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
        _changeTime = time.Realtime;
        return Errno.None;
    }
}
