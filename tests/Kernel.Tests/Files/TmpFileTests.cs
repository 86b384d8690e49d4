using Kennel.Abi;

namespace Kennel.Tests.Files;

public sealed class TmpFileTests : IDisposable
{
    private readonly SyscallMachine _machine = new();
    private readonly TestTask _task;

    public TmpFileTests() => _task = _machine.NewTask();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void SeekReadWriteTruncate()
    {
        int fd = _task.Open("/f", OpenFlags.Create | OpenFlags.ReadWrite);
        _task.Write(fd, "hello world");
        Assert.Equal(6, _task.Ok("lseek", fd, 6, 0));
        Assert.Equal("world", _task.Read(fd));
        Assert.Equal(11, _task.Ok("lseek", fd, 0, 2));
        _task.Ok("ftruncate", fd, 5);
        Assert.Equal("hello", _task.ReadFile("/f"));
        _task.Ok("pwrite64", fd, _task.Put("end"u8), 3, 8000);
        Assert.Equal(8003, _task.Stat("/f").Size);
        Assert.Equal("hello" + new string('\0', 7995) + "end", _task.ReadFile("/f"));
        _task.Fails(Errno.EINVAL, "lseek", fd, -1, 0);
        _task.Fails(Errno.EINVAL, "pread64", fd, _task.Room(1), 1, -1);
    }

    [Fact]
    public void AppendGoesToTheEnd()
    {
        _task.WriteFile("/f", "one");
        int fd = _task.Open("/f", OpenFlags.WriteOnly | OpenFlags.Append);
        _task.Write(fd, "two");
        _task.Ok("lseek", fd, 0, 0);
        _task.Write(fd, "three");
        Assert.Equal("onetwothree", _task.ReadFile("/f"));
        Assert.Equal(11, _task.Ok("lseek", fd, 0, 1));
    }

    [Fact]
    public void AFaultInTheMiddleEndsTheTransfer()
    {
        int fd = _task.Open("/f", OpenFlags.Create | OpenFlags.ReadWrite);
        ulong good = _task.Put("abcd"u8);
        ulong vector = _task.Put(new IoVec { Base = good, Length = 4 }, new IoVec { Base = TestTask.BadAddress, Length = 4 });
        Assert.Equal(4, _task.Ok("writev", fd, vector, 2));
        Assert.Equal(4, _task.Stat("/f").Size);
        _task.Fails(Errno.EFAULT, "write", fd, TestTask.BadAddress, 4);
        Assert.Equal(4, _task.Stat("/f").Size);
        Assert.Equal(4, _task.Ok("preadv", fd, vector, 2, 0, 0));
        _task.Fails(Errno.EFAULT, "pread64", fd, TestTask.BadAddress, 4, 0);
    }

    [Fact]
    public void UnlinkedFilesLiveUntilClosed()
    {
        int before = _machine.Kernel.Frames.InUse;
        int fd = _task.Open("/f", OpenFlags.Create | OpenFlags.ReadWrite);
        _task.Write(fd, "still here");
        _task.Ok("unlink", "/f");
        _task.Fails(Errno.ENOENT, "open", "/f", OpenFlags.ReadOnly);
        _task.Ok("lseek", fd, 0, 0);
        Assert.Equal("still here", _task.Read(fd));
        _task.Ok("close", fd);
        Assert.Equal(before, _machine.Kernel.Frames.InUse);
        Assert.Equal(1, _machine.RootFileSystem.InodesUsed);
    }

    [Fact]
    public void LinksCount()
    {
        _task.WriteFile("/f", "x");
        _task.Ok("link", "/f", "/g");
        Assert.Equal((2ul, 2ul), (_task.Stat("/f").Links, _task.Stat("/g").Links));
        _task.Ok("unlink", "/f");
        Assert.Equal("x", _task.ReadFile("/g"));
        _task.Fails(Errno.EPERM, "link", "/", "/root");
        _task.Fails(Errno.EEXIST, "link", "/g", "/g");
        _task.Ok("mkdir", "/d", 0x1ff);
        _task.Ok("mkdir", "/d/e", 0x1ff);
        Assert.Equal(3ul, _task.Stat("/d").Links);
        _task.Fails(Errno.ENOTEMPTY, "rmdir", "/d");
        _task.Ok("rmdir", "/d/e");
        Assert.Equal(2ul, _task.Stat("/d").Links);
    }

    [Theory]
    [InlineData("/d", Errno.EISDIR)]
    [InlineData("/d/", Errno.EISDIR)]
    [InlineData("/f/", Errno.ENOTDIR)]
    [InlineData("/none", Errno.ENOENT)]
    [InlineData("/", Errno.EISDIR)]
    public void UnlinkRefuses(string path, Errno expected)
    {
        _task.Ok("mkdir", "/d", 0x1ff);
        _task.WriteFile("/f", "x");
        _task.Fails(expected, "unlink", path);
    }

    [Theory]
    [InlineData("/f", Errno.ENOTDIR)]
    [InlineData("/d/.", Errno.EINVAL)]
    [InlineData("/d/..", Errno.ENOTEMPTY)]
    [InlineData("/", Errno.EBUSY)]
    public void RmdirRefuses(string path, Errno expected)
    {
        _task.Ok("mkdir", "/d", 0x1ff);
        _task.WriteFile("/f", "x");
        _task.Fails(expected, "rmdir", path);
    }

    [Fact]
    public void Renames()
    {
        _task.Ok("mkdir", "/d", 0x1ff);
        _task.Ok("mkdir", "/d/e", 0x1ff);
        _task.WriteFile("/f", "f");
        _task.WriteFile("/g", "g");
        _task.Ok("rename", "/f", "/g");
        Assert.Equal("f", _task.ReadFile("/g"));
        _task.Fails(Errno.ENOENT, "rename", "/f", "/h");
        _task.Fails(Errno.EINVAL, "rename", "/d", "/d/e/x");
        _task.Fails(Errno.ENOTEMPTY, "rename", "/d/e", "/d");
        _task.Fails(Errno.EISDIR, "rename", "/g", "/d");
        _task.Fails(Errno.ENOTDIR, "rename", "/d", "/g");
        _task.Fails(Errno.EEXIST, "renameat2", -100, "/g", -100, "/d", 1);
        _task.Ok("renameat2", -100, "/g", -100, "/d", 2);
        Assert.Equal("f", _task.ReadFile("/d"));
        Assert.Equal(["e"], _task.List("/g"));
        _task.Ok("rename", "/g/e", "/moved");
        Assert.Equal(2ul, _task.Stat("/g").Links);
        _task.Fails(Errno.EBUSY, "rename", "/g/.", "/x");
    }

    [Fact]
    public void TemporaryFilesGetANameLater()
    {
        int fd = _task.Open("/", OpenFlags.TemporaryFile | OpenFlags.ReadWrite);
        _task.Write(fd, "nameless");
        Assert.Empty(_task.List("/"));
        _task.Ok("linkat", fd, "", -100, "/named", 0x1000);
        Assert.Equal("nameless", _task.ReadFile("/named"));
        _task.Fails(Errno.EINVAL, "open", "/", OpenFlags.TemporaryFile);
    }

    [Fact]
    public void DirectoryListingsAreStable()
    {
        for (int i = 0; i < 300; i++) _task.WriteFile($"/file-{i:D3}", "");
        int fd = _task.Open("/", OpenFlags.Directory);
        ulong buffer = _task.Room(1000);
        int seen = 0;
        while (_task.Ok("getdents64", fd, buffer, 1000) is > 0 and var count)
        {
            byte[] bytes = _task.Get(buffer, count);
            for (int at = 0; at < count; at += BitConverter.ToUInt16(bytes, at + 16))
            {
                int end = Array.IndexOf(bytes, (byte)0, at + 19);
                string name = System.Text.Encoding.Latin1.GetString(bytes, at + 19, end - at - 19);
                if (name is "." or "..") continue;
                seen++;
                _task.Ok("unlink", "/" + name);
            }
        }
        Assert.Equal(300, seen);
        _task.Fails(Errno.EINVAL, "getdents64", _task.Open("/", OpenFlags.Directory), buffer, 10);
        _task.Fails(Errno.EISDIR, "read", fd, buffer, 10);
    }

    [Fact]
    public void PunchingHolesFreesFrames()
    {
        int fd = _task.Open("/f", OpenFlags.Create | OpenFlags.ReadWrite);
        _task.Write(fd, new string('x', 16384));
        long before = _machine.RootFileSystem.PagesUsed;
        _task.Ok("fallocate", fd, 3, 4000, 8292);
        Assert.Equal(before - 2, _machine.RootFileSystem.PagesUsed);
        string text = _task.ReadFile("/f");
        Assert.Equal(new string('x', 4000) + new string('\0', 8292) + new string('x', 16384 - 12292), text);
        _task.Ok("fallocate", fd, 0, 0, 20000);
        Assert.Equal(20000, _task.Stat("/f").Size);
        _task.Fails(Errno.ENOSPC, "fallocate", fd, 0, 0, 1L << 40);
    }
}
