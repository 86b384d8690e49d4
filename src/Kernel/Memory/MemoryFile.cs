using Kennel.Abi;
using Kennel.Files;
using Kennel.Tasks;

namespace Kennel.Memory;

/// <summary>A file in memory without a name, and its seals (man 2 memfd_create; Linux: mm/memfd.c, mm/shmem.c).</summary>
public sealed class MemoryFile : Inode
{
    private const uint ExecuteBits = 0x49;

    private readonly Kernel _kernel;
    private readonly ShmemPages _pages;
    private readonly ulong _number;
    private FileSeals _seals;
    private uint _permissions, _uid, _gid;
    private long _accessTime, _modifyTime, _changeTime;

    private MemoryFile(LinuxTask creator, uint permissions, FileSeals seals)
        : base(creator.Kernel.Vfs.MemoryFileSystem)
    {
        _kernel = creator.Kernel;
        _pages = new ShmemPages(_kernel);
        _number = _kernel.Vfs.NextNamelessInode();
        _permissions = permissions;
        (_uid, _gid) = (creator.Credential.FsUid, creator.Credential.FsGid);
        _accessTime = _modifyTime = _changeTime = _kernel.Time.Realtime;
        _seals = seals;
    }

    /// <inheritdoc/>
    public override FileType Type => FileType.Regular;

    /// <inheritdoc/>
    public override PageCache Pages => _pages;

    /// <inheritdoc/>
    public override FileSeals? Seals => _seals;

    /// <summary>Makes one and opens it. It goes with its last open file or mapping.</summary>
    /// <param name="creator">Who owns it.</param>
    /// <param name="name">For /proc/PID/fd only.</param>
    /// <param name="permissions">Permission bits.</param>
    /// <param name="seals">The seals that it begins with.</param>
    public static OpenFile Create(LinuxTask creator, string name, uint permissions, FileSeals seals)
    {
        var inode = new MemoryFile(creator, permissions, seals);
        VfsPath path = creator.Kernel.Vfs.MemoryFileSystem.Place($"/memfd:{name} (deleted)", inode);
        return new RegularFile(OpenFlags.ReadWrite | OpenFlags.LargeFile) { Path = path }.HoldingInode<RegularFile>();
    }

    /// <inheritdoc/>
    public override Errno AddSeals(FileSeals seals)
    {
        const FileSeals all = FileSeals.Seal | FileSeals.Shrink | FileSeals.Grow | FileSeals.Write | FileSeals.FutureWrite | FileSeals.Execute;
        if ((seals & ~all) != 0) return Errno.EINVAL;
        if ((_seals & FileSeals.Seal) != 0) return Errno.EPERM;
        if ((seals & FileSeals.Write) != 0 && (_seals & FileSeals.Write) == 0 && IsMappedWritable()) return Errno.EBUSY;
        // A program that cannot become another is sealed altogether. Linux: memfd_add_seals.
        if ((seals & FileSeals.Execute) != 0 && (_permissions & ExecuteBits) != 0)
        {
            seals |= FileSeals.Shrink | FileSeals.Grow | FileSeals.Write | FileSeals.FutureWrite;
        }
        _seals |= seals;
        return Errno.None;
    }

    /// <summary>EPERM when seals forbid a write that reaches to <paramref name="end"/>. For inodes of every kind.</summary>
    internal static Errno CheckWrite(Inode inode, long end)
    {
        if (inode.Seals is not { } seals || seals == 0) return Errno.None;
        if ((seals & (FileSeals.Write | FileSeals.FutureWrite)) != 0) return Errno.EPERM;
        return (seals & FileSeals.Grow) != 0 && end > inode.Pages!.Size ? Errno.EPERM : Errno.None;
    }

    /// <inheritdoc/>
    public override Errno GetAttributes(out InodeAttributes attributes)
    {
        attributes = new InodeAttributes
        {
            Type = Type,
            Permissions = _permissions,
            Uid = _uid,
            Gid = _gid,
            Links = 0,
            Size = _pages.Size,
            Blocks = _pages.PageCount * 8,
            Number = _number,
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
        if (change.Permissions is { } bits && (_seals & FileSeals.Execute) != 0 && ((bits ^ _permissions) & ExecuteBits) != 0) return Errno.EPERM;
        if (change.Size is { } size)
        {
            if (size < _pages.Size && (_seals & FileSeals.Shrink) != 0) return Errno.EPERM;
            if (size > _pages.Size && (_seals & FileSeals.Grow) != 0) return Errno.EPERM;
            _pages.SetSize(size);
            _modifyTime = _kernel.Time.Realtime;
        }
        _permissions = change.Permissions ?? _permissions;
        _uid = change.Uid ?? _uid;
        _gid = change.Gid ?? _gid;
        _accessTime = change.AccessTime ?? _accessTime;
        _modifyTime = change.ModifyTime ?? _modifyTime;
        _changeTime = change.ChangeTime ?? _kernel.Time.Realtime;
        return Errno.None;
    }

    /// <inheritdoc/>
    public override void Touch(bool modified)
    {
        long now = _kernel.Time.Realtime;
        if (modified) _modifyTime = _changeTime = now;
        else _accessTime = now;
    }

    /// <inheritdoc/>
    protected override void OnUnused() => _pages.Dispose();

    private bool IsMappedWritable()
    {
        if (_pages.Mappings == 0) return false;
        return _kernel.AddressSpaces.Any(space => space.Areas.Any(
            a => a.Pages == _pages && a.IsShared && (a.MaxAccess & Machine.PageAccess.Write) != 0));
    }
}
