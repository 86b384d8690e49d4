using Kennel.Files;
using Kennel.Machine;
using Kennel.Memory;

namespace Kennel.FileSystems.Tmp;

/// <summary>A file system that lives in memory (man 5 tmpfs; Linux: mm/shmem.c).</summary>
public sealed class TmpFileSystem : FileSystem
{
    private readonly TmpInode _root;
    private readonly long _pageLimit, _inodeLimit;
    private ulong _lastNumber;

    /// <param name="options">Size limits, and what the root directory is like.</param>
    public TmpFileSystem(Kernel kernel, TmpOptions options)
        : base(options.TypeName, kernel.Vfs.NextDevice())
    {
        Kernel = kernel;
        _pageLimit = (options.Size ?? kernel.Options.MemoryLimit / 2) >> FramePool.FrameShift;
        _inodeLimit = options.Inodes ?? (kernel.Options.MemoryLimit >> FramePool.FrameShift) / 2;
        _root = new TmpInode(this, FileType.Directory, options.RootPermissions, options.Uid, options.Gid);
    }

    /// <summary>The machine that it lives in.</summary>
    public Kernel Kernel { get; }

    /// <inheritdoc/>
    public override Inode Root => _root;

    /// <inheritdoc/>
    public override long Magic => 0x01021994;

    /// <inheritdoc/>
    public override (long BlockSize, long Blocks, long Free, long Files, long FreeFiles) Usage =>
        (FramePool.FrameSize, _pageLimit, _pageLimit - PagesUsed, _inodeLimit, _inodeLimit - InodesUsed);

    /// <summary>Frames that its files hold.</summary>
    public long PagesUsed { get; private set; }

    /// <summary>Inodes that exist, the root's included.</summary>
    public long InodesUsed { get; internal set; }

    internal bool HasRoomForInode => InodesUsed < _inodeLimit;

    internal ShmemPages NewPages() => new(Kernel) { HasRoom = () => PagesUsed < _pageLimit, CountChanged = n => PagesUsed += n };

    /// <summary>An inode that no directory of this file system leads to: what an overlay keeps its changes in.</summary>
    internal TmpInode CreateNameless(FileType type, uint permissions, uint uid, uint gid, DeviceNumber device, string? target) =>
        new(this, type, permissions, uid, gid, device, target);

    internal ulong NextNumber() => ++_lastNumber;

    /// <inheritdoc/>
    public override void Dispose() => _root.FreeTree();
}

/// <summary>Mount options of a tmpfs (man 5 tmpfs). The default is half of the machine's memory, as on Linux.</summary>
public sealed record TmpOptions
{
    /// <summary>As /proc/mounts names it: devtmpfs is the same thing.</summary>
    public string TypeName { get; init; } = "tmpfs";

    /// <summary>Bytes; null for half of the memory.</summary>
    public long? Size { get; init; }

    /// <summary>The most inodes; null for half of the memory's pages.</summary>
    public long? Inodes { get; init; }

    /// <summary>Permission bits of the root directory: 01777.</summary>
    public uint RootPermissions { get; init; } = 0x3ff;

    public uint Uid { get; init; }

    public uint Gid { get; init; }
}
