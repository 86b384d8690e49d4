using Kennel.Abi;
using Kennel.FileSystems.Tmp;

namespace Kennel.Tests.Files;

public sealed class MountTests : IDisposable
{
    private const int Bind = 4096, ReadOnly = 1, Remount = 32, Move = 8192, Recursive = 16384;

    private readonly SyscallMachine _machine = new();
    private readonly TestTask _task;

    public MountTests()
    {
        _machine.Kernel.Vfs.FileSystemTypes["tmpfs"] = TmpOptionText.Make;
        _task = _machine.NewTask();
        _task.Ok("mkdir", "/m", 0x1ff);
        _task.Ok("mkdir", "/other", 0x1ff);
        _task.WriteFile("/m/below", "below");
    }

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void AMountHidesWhatIsBelow()
    {
        _task.Ok("mount", "none", "/m", "tmpfs", 0, "size=1m,mode=700");
        Assert.Empty(_task.List("/m"));
        Assert.Equal(0x41c0u, _task.Stat("/m").Mode);
        Assert.NotEqual(_task.Stat("/").Device, _task.Stat("/m").Device);
        _task.WriteFile("/m/in", "in");
        _task.Ok("chdir", "/m");
        Assert.Equal(["m", "other"], _task.List(".."));
        ulong buffer = _task.Room(16);
        _task.Ok("getcwd", buffer, 16);
        Assert.Equal("/m\0", _task.GetText(buffer, 3));
        _task.Fails(Errno.EBUSY, "umount2", "/m", 0);
        _task.Ok("chdir", "/");
        _task.Fails(Errno.EBUSY, "rmdir", "/m");
        _task.Fails(Errno.EXDEV, "rename", "/m/in", "/in");
        _task.Fails(Errno.EXDEV, "link", "/m/in", "/in");
        int before = _machine.Kernel.Frames.InUse;
        _task.Ok("umount2", "/m", 0);
        Assert.Equal(before - 1, _machine.Kernel.Frames.InUse);
        Assert.Equal("below", _task.ReadFile("/m/below"));
        _task.Fails(Errno.EINVAL, "umount2", "/m", 0);
    }

    [Fact]
    public void BindMountsShowTheSameThing()
    {
        _task.Ok("mount", "/m", "/other", 0, Bind, 0);
        Assert.Equal("below", _task.ReadFile("/other/below"));
        _task.WriteFile("/other/new", "x");
        Assert.Equal("x", _task.ReadFile("/m/new"));
        _task.Ok("mount", "none", "/other", 0, Bind | Remount | ReadOnly, 0);
        _task.Fails(Errno.EROFS, "open", "/other/new", OpenFlags.WriteOnly);
        _task.Fails(Errno.EROFS, "unlink", "/other/new");
        _task.Fails(Errno.EROFS, "mkdir", "/other/d", 0x1ff);
        _task.Fails(Errno.EROFS, "chmod", "/other/new", 0);
        _task.Fails(Errno.EROFS, "access", "/other/new", 2);
        _task.WriteFile("/m/new", "still");
        _task.Fails(Errno.EXDEV, "rename", "/m/new", "/other/newer");
        Assert.Equal(["below", "new"], _task.List("/other/../other"));
    }

    [Fact]
    public void RecursiveBindAndMove()
    {
        _task.Ok("mkdir", "/m/sub", 0x1ff);
        _task.Ok("mount", "none", "/m/sub", "tmpfs", 0, 0);
        _task.WriteFile("/m/sub/f", "f");
        _task.Ok("mount", "/m", "/other", 0, Bind | Recursive, 0);
        Assert.Equal("f", _task.ReadFile("/other/sub/f"));
        _task.Ok("mkdir", "/third", 0x1ff);
        _task.Ok("mount", "/other", "/third", 0, Move, 0);
        Assert.Empty(_task.List("/other"));
        Assert.Equal("f", _task.ReadFile("/third/sub/f"));
        _task.Fails(Errno.EBUSY, "umount2", "/third", 0);
        _task.Ok("umount2", "/third", 2);
        Assert.Equal("f", _task.ReadFile("/m/sub/f"));
    }

    [Fact]
    public void PivotRoot()
    {
        _task.Ok("mount", "none", "/m", "tmpfs", 0, 0);
        _task.Ok("mkdir", "/m/old", 0x1ff);
        _task.Fails(Errno.EBUSY, "pivot_root", "/other", "/other");
        _task.Ok("pivot_root", "/m", "/m/old");
        Assert.Equal(["old"], _task.List("/"));
        Assert.Equal("below", _task.ReadFile("/old/m/below"));
        _task.Ok("umount2", "/old", 2);
        Assert.Empty(_task.List("/old"));
    }

    [Fact]
    public void OnlyTheAdministrator()
    {
        TestTask user = _machine.NewTask(1000, 1000);
        user.Fails(Errno.EPERM, "mount", "none", "/m", "tmpfs", 0, 0);
        user.Fails(Errno.EPERM, "umount2", "/", 0);
        _task.Fails(Errno.ENODEV, "mount", "none", "/m", "ext4", 0, 0);
        _task.Fails(Errno.EINVAL, "mount", "none", "/m", "tmpfs", 0, "nonsense");
        _task.Fails(Errno.ENOENT, "mount", "none", "/none", "tmpfs", 0, 0);
    }
}
