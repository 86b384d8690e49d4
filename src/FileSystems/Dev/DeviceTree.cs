using Kennel.Abi;
using Kennel.Credentials;
using Kennel.Files;
using Kennel.FileSystems.Dev.Devices;
using Kennel.FileSystems.Dev.Terminals;
using Kennel.FileSystems.Tmp;

namespace Kennel.FileSystems.Dev;

/// <summary>/dev with all that is below it, and the drivers behind its nodes. One for a machine.</summary>
public sealed class DeviceTree
{
    private readonly Kernel _kernel;

    /// <summary>Makes the file systems and registers the drivers.</summary>
    public DeviceTree(Kernel kernel)
    {
        _kernel = kernel;
        Terminals = new PtsFileSystem(kernel);
        Devices = new TmpFileSystem(kernel, new TmpOptions { TypeName = "devtmpfs", RootPermissions = 0x1ed });
        SharedMemory = new TmpFileSystem(kernel, new TmpOptions());
        StandardDevices.Register(kernel, Terminals);
        Fill();
    }

    /// <summary>/dev: a tmpfs, so guests may add nodes, links and sockets.</summary>
    public TmpFileSystem Devices { get; }

    /// <summary>/dev/pts.</summary>
    public PtsFileSystem Terminals { get; }

    /// <summary>/dev/shm.</summary>
    public TmpFileSystem SharedMemory { get; }

    /// <summary>Mounts all of it on /dev, which must be a directory: ENOENT, ENOTDIR otherwise.</summary>
    public Errno Attach(MountNamespace mounts)
    {
        Errno error = Attach(mounts, "/dev", Devices, "udev", MountFlags.NoSuid);
        if (error == Errno.None) error = Attach(mounts, "/dev/pts", Terminals, "devpts", MountFlags.NoSuid | MountFlags.NoExec);
        if (error == Errno.None) error = Attach(mounts, "/dev/shm", SharedMemory, "tmpfs", MountFlags.NoSuid | MountFlags.NoDev);
        return error;
    }

    private static Errno Attach(MountNamespace mounts, string path, FileSystem fileSystem, string source, MountFlags flags)
    {
        Errno error = PathWalk.Resolve(WalkContext.ForHost(mounts), path, WalkFlags.Directory | WalkFlags.Follow, out VfsPath place);
        if (error != Errno.None) return error;
        mounts.Attach(place, fileSystem, new Dentry(null, "", fileSystem.Root), flags, source);
        return Errno.None;
    }

    private void Fill()
    {
        Credential root = Credential.For(0, 0), tty = Credential.For(0, 5);
        Inode dev = Devices.Root;
        foreach (DeviceNode node in StandardDevices.Nodes)
        {
            Must(dev.Create(node.Name, FileType.CharacterDevice, node.Permissions, node.Number, node.Name is "tty" or "ptmx" ? tty : root, out _));
        }
        foreach (string name in (string[])["pts", "shm"]) Must(dev.Create(name, FileType.Directory, 0x1ed, default, root, out _));
        Must(dev.Symlink("fd", "/proc/self/fd", root, out _));
        string[] streams = ["stdin", "stdout", "stderr"];
        for (int fd = 0; fd < streams.Length; fd++) Must(dev.Symlink(streams[fd], $"/proc/self/fd/{fd}", root, out _));
    }

    private void Must(Errno error)
    {
        if (error != Errno.None) _kernel.Log.Write($"/dev could not be filled: {error}");
    }
}
