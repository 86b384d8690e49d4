using Kennel.Abi;
using Kennel.Credentials;
using Kennel.Files;

namespace Kennel.Tests.Files;

public sealed class PermissionTests : IDisposable
{
    private readonly SyscallMachine _machine = new();
    private readonly TestTask _root, _user, _other;

    public PermissionTests()
    {
        _root = _machine.NewTask();
        _user = _machine.NewTask(1000, 1000, 50);
        _other = _machine.NewTask(1001, 1001);
        _root.Ok("mkdir", "/tmp", 0x1ff);
        _root.Ok("chmod", "/tmp", 0x3ff);
    }

    public void Dispose() => _machine.Dispose();

    [Theory]
    [InlineData(0x1c0u, 7, 1000u, 1u, true)] // owner's bits
    [InlineData(0x038u, 4, 1000u, 1000u, false)] // the owner does not fall back to the group's bits
    [InlineData(0x038u, 7, 1u, 50u, true)] // a supplementary group
    [InlineData(0x007u, 7, 1u, 1u, true)]
    [InlineData(0x1f8u, 4, 1u, 1u, false)]
    public void ModeBits(uint mode, int access, uint uid, uint gid, bool allowed)
    {
        var attributes = new InodeAttributes { Type = FileType.Regular, Permissions = mode, Uid = uid, Gid = gid };
        Errno expected = allowed ? Errno.None : Errno.EACCES;
        Assert.Equal(expected, Permissions.Check(attributes, Credential.For(1000, 1000, [50]), (AccessMode)access));
    }

    [Fact]
    public void RootExecutesOnlyWhatSomebodyMay()
    {
        var file = new InodeAttributes { Type = FileType.Regular, Permissions = 0, Uid = 5 };
        Credential root = Credential.For(0, 0);
        Assert.Equal(Errno.None, Permissions.Check(file, root, AccessMode.Read | AccessMode.Write));
        Assert.Equal(Errno.EACCES, Permissions.Check(file, root, AccessMode.Execute));
        file.Permissions = 1;
        Assert.Equal(Errno.None, Permissions.Check(file, root, AccessMode.Execute));
        var directory = new InodeAttributes { Type = FileType.Directory, Permissions = 0, Uid = 5 };
        Assert.Equal(Errno.None, Permissions.Check(directory, root, AccessMode.Execute | AccessMode.Write));
    }

    [Fact]
    public void SearchPermissionCountsOnTheWay()
    {
        _user.Ok("mkdir", "/tmp/mine", 0x1c0);
        _user.WriteFile("/tmp/mine/f", "x");
        _other.Fails(Errno.EACCES, "open", "/tmp/mine/f", OpenFlags.ReadOnly);
        _other.Fails(Errno.EACCES, "lstat", "/tmp/mine/none", _other.Room(144));
        _other.Ok("lstat", "/tmp/mine", _other.Room(144));
        _user.Ok("chmod", "/tmp/mine", 0x1c1);
        Assert.Equal("x", _other.ReadFile("/tmp/mine/f"));
        _other.Fails(Errno.EACCES, "open", "/tmp/mine", OpenFlags.ReadOnly);
    }

    [Fact]
    public void StickyDirectories()
    {
        _user.WriteFile("/tmp/f", "x");
        _other.Fails(Errno.EPERM, "unlink", "/tmp/f");
        _other.WriteFile("/tmp/g", "y");
        _other.Fails(Errno.EPERM, "rename", "/tmp/f", "/tmp/h");
        _other.Fails(Errno.EPERM, "rename", "/tmp/g", "/tmp/f");
        _root.Ok("unlink", "/tmp/f");
    }

    [Fact]
    public void UmaskAndSetGidDirectories()
    {
        _user.Ok("umask", 0x17);
        _user.WriteFile("/tmp/u", "x");
        Assert.Equal(0x81a0u, _user.Stat("/tmp/u").Mode);
        _root.Ok("mkdir", "/shared", 0x1ff);
        _root.Ok("chown", "/shared", 0, 50);
        _root.Ok("chmod", "/shared", 0x5ff);
        _user.Ok("umask", 0);
        _user.WriteFile("/shared/f", "x");
        _user.Ok("mkdir", "/shared/d", 0x1ff);
        Assert.Equal(50u, _user.Stat("/shared/f").Gid);
        Assert.Equal(0x45ffu, _user.Stat("/shared/d").Mode);
        _other.Ok("mkdir", "/shared/d/e", 0x1ff);
        Assert.Equal(50u, _other.Stat("/shared/d/e").Gid);
    }

    [Fact]
    public void ChangingOwnersAndModes()
    {
        _user.WriteFile("/tmp/f", "x");
        _other.Fails(Errno.EPERM, "chmod", "/tmp/f", 0x1ff);
        _user.Fails(Errno.EPERM, "chown", "/tmp/f", 1001, -1);
        _user.Ok("chown", "/tmp/f", -1, 50);
        _user.Fails(Errno.EPERM, "chown", "/tmp/f", -1, 51);
        _user.Ok("chmod", "/tmp/f", 0xdff);
        Assert.Equal(0x8dffu, _user.Stat("/tmp/f").Mode);
        _user.Ok("chown", "/tmp/f", -1, 1000);
        Assert.Equal(0x81ffu, _user.Stat("/tmp/f").Mode);
        _root.Ok("chown", "/tmp/f", 1001, 7);
        _user.Fails(Errno.EPERM, "utimensat", -100, "/tmp/f", _user.Put(new TimeSpec(), new TimeSpec()), 0);
        _user.Ok("utimensat", -100, "/tmp/f", 0, 0); // everybody may write it
    }

    [Fact]
    public void WritingDropsSetId()
    {
        _user.WriteFile("/tmp/f", "x");
        _user.Ok("chmod", "/tmp/f", 0x9ff);
        int fd = _user.Open("/tmp/f", OpenFlags.WriteOnly);
        _user.Write(fd, "y");
        Assert.Equal(0x81ffu, _user.Stat("/tmp/f").Mode);
    }

    [Fact]
    public void AccessLooksAtTheRealUser()
    {
        _root.WriteFile("/tmp/secret", "x");
        _root.Ok("chmod", "/tmp/secret", 0x180);
        _user.Fails(Errno.EACCES, "access", "/tmp/secret", 4);
        _user.Ok("access", "/tmp/secret", 0);
        _user.Task.Credential = _user.Task.Credential with { EffectiveUid = 0, FsUid = 0, Effective = Capabilities.All, Permitted = Capabilities.All };
        _user.Fails(Errno.EACCES, "access", "/tmp/secret", 4);
        _user.Ok("faccessat2", -100, "/tmp/secret", 4, 0x200);
    }
}
