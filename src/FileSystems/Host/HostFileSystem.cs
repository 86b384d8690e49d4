using Kennel.Abi;
using Kennel.Files;
using Kennel.Machine;

namespace Kennel.FileSystems.Host;

/// <summary>How a host directory is let in.</summary>
public sealed record HostMountOptions
{
    /// <summary>Whether the guest's changes go to the host. Otherwise every change answers EROFS.</summary>
    public bool IsWritable { get; init; }

    /// <summary>
    /// Whether names and attributes are taken to stay as they are for the run (/usr, /lib, /etc): looked up once, absent names
    /// remembered too. Otherwise each look-up and each stat asks the host.
    /// </summary>
    public bool IsStable { get; init; }
}

/// <summary>
/// A directory of the host as a file system. Inodes are known by the host's device and inode number, so hard links are one
/// inode. Attributes, owners and times are the host's.
/// </summary>
/// <remarks>
/// What keeps the guest inside: an inode is reached from its parent directory's descriptor by one plain name, and never
/// through a symbolic link; symbolic links and ".." are the guest's path walk's business, which sees only what was let in.
/// What is found is compared with what was known (device, inode number) before it is used.
/// </remarks>
public sealed class HostFileSystem : FileSystem
{
    // guard-note: the kernel lock. Weak, since dentries and open files say which inodes are in use.
    private readonly Dictionary<(DeviceNumber, ulong), WeakReference<HostInode>> _inodes = new(new ByIdentity());
    private readonly string _hostPath;
    private int _sweepAt = 4096;

    private HostFileSystem(string hostPath, int fd, in InodeAttributes attributes, HostMountOptions options, HostPagePool pages)
        : base("hostfs", attributes.Device)
    {
        _hostPath = hostPath;
        Options = options;
        Pages = pages;
        RootInode = new HostInode(this, attributes, fd);
        _inodes[(attributes.Device, attributes.Number)] = new(RootInode);
    }

    /// <summary>Lets a host directory in.</summary>
    /// <param name="hostPath">The directory, as the host names it.</param>
    /// <param name="pages">Where the content of files is cached; one for all file systems of a machine.</param>
    public static Errno Open(string hostPath, HostMountOptions options, HostPagePool pages, out HostFileSystem? fileSystem)
    {
        fileSystem = null;
        Errno error = HostCalls.OpenRoot(hostPath, out int fd);
        if (error != Errno.None) return error;
        error = HostCalls.Stat(fd, out InodeAttributes attributes);
        if (error != Errno.None)
        {
            HostCalls.CloseFd(fd);
            return error;
        }
        fileSystem = new HostFileSystem(hostPath, fd, attributes, options, pages);
        return Errno.None;
    }

    /// <inheritdoc/>
    public override Inode Root => RootInode;

    /// <summary>User-mode Linux' hostfs.</summary>
    public override long Magic => 0x00c0ffee;

    /// <inheritdoc/>
    public override (long BlockSize, long Blocks, long Free, long Files, long FreeFiles) Usage
    {
        get
        {
            var drive = new DriveInfo(_hostPath);
            return (4096, drive.TotalSize / 4096, drive.AvailableFreeSpace / 4096, 0, 0);
        }
    }

    public HostMountOptions Options { get; }

    internal FramePool Frames => Pages.Frames;

    internal HostPagePool Pages { get; }

    /// <summary>The directory that is let in, as the host names it.</summary>
    internal string HostPath => _hostPath;

    internal HostHandles Handles { get; } = new();

    internal HostInode RootInode { get; }

    /// <summary>Bytes on their way between a host file and a guest; used and done with inside one call.</summary>
    internal byte[] Scratch => field ??= GC.AllocateUninitializedArray<byte>(256 << 10, pinned: true);

    /// <summary>The inode for what was found under a name: the one that is known, or a new one.</summary>
    internal HostInode InodeFor(HostInode parent, string name, in InodeAttributes attributes)
    {
        (DeviceNumber Device, ulong Number) key = (attributes.Device, attributes.Number);
        if (_inodes.TryGetValue(key, out WeakReference<HostInode>? known) && known.TryGetTarget(out HostInode? inode)
            && inode.IsSameAs(attributes))
        {
            inode.FoundAt(parent, name, attributes);
            return inode;
        }
        inode = new HostInode(this, parent, name, attributes);
        _inodes[key] = new(inode);
        if (_inodes.Count > _sweepAt) Sweep();
        return inode;
    }

    /// <summary>The last name is gone: its number may come back as another file.</summary>
    internal void Forget(HostInode inode) => _inodes.Remove(inode.Key);

    private void Sweep()
    {
        foreach (var entry in _inodes)
        {
            if (!entry.Value.TryGetTarget(out _)) _inodes.Remove(entry.Key);
        }
        _sweepAt = Math.Max(4096, _inodes.Count * 2);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        Pages.WriteBack(this);
        Pages.Drop(this);
        Handles.CloseAll();
        RootInode.CloseHandle();
    }

    // The framework's own comparer of such pairs would be compiled at run time.
    private sealed class ByIdentity : IEqualityComparer<(DeviceNumber Device, ulong Number)>
    {
        public bool Equals((DeviceNumber Device, ulong Number) a, (DeviceNumber Device, ulong Number) b) =>
            a.Number == b.Number && a.Device.Major == b.Device.Major && a.Device.Minor == b.Device.Minor;

        public int GetHashCode((DeviceNumber Device, ulong Number) key) => (int)((key.Number ^ key.Number >> 32) * 31) ^ (int)(key.Device.Major << 20 ^ key.Device.Minor);
    }
}
