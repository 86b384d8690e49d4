using Kennel.Abi;
using Kennel.FileSystems.Dev;
using Kennel.FileSystems.Tmp;
using Kennel.Files;

namespace Kennel.FileSystems.Tests.Dev;

public sealed class DeviceTreeTests : IDisposable
{
    private readonly Kernel _kernel = IdleMachine.Create();
    private readonly TmpFileSystem _root;
    private readonly MountNamespace _mounts;

    public DeviceTreeTests()
    {
        _root = new TmpFileSystem(_kernel, new TmpOptions());
        _root.Root.Make("dev", FileType.Directory);
        _mounts = new MountNamespace(_root, "root");
        Assert.Equal(Errno.None, new DeviceTree(_kernel).Attach(_mounts));
    }

    public void Dispose() => _kernel.Dispose();

    private Inode At(string path)
    {
        Assert.Equal(Errno.None, PathWalk.Resolve(WalkContext.ForHost(_mounts), path, WalkFlags.None, out VfsPath place));
        return place.Inode;
    }

    [Fact]
    public void Nodes_have_the_numbers_of_Linux()
    {
        foreach ((string name, uint major, uint minor) in (ReadOnlySpan<(string, uint, uint)>)
            [("null", 1, 3), ("zero", 1, 5), ("full", 1, 7), ("random", 1, 8), ("urandom", 1, 9), ("tty", 5, 0), ("console", 5, 1), ("ptmx", 5, 2), ("pts/ptmx", 5, 2)])
        {
            InodeAttributes a = At("/dev/" + name).Stat();
            Assert.Equal(FileType.CharacterDevice, a.Type);
            Assert.Equal(new DeviceNumber(major, minor), a.RawDevice);
        }
        Assert.Equal("/proc/self/fd/1", At("/dev/stdout").Target());
        Assert.Equal(0x3ffu, At("/dev/shm").Stat().Permissions);
        Assert.Equal("devtmpfs", At("/dev").FileSystem.TypeName);
    }
}
