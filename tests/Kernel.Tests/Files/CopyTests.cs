using System.Text;
using Kennel.Abi;

namespace Kennel.Tests.Files;

public sealed class CopyTests : IDisposable
{
    private readonly SyscallMachine _machine = new();
    private readonly TestTask _task;

    public CopyTests() => _task = _machine.NewTask();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void SendFileMovesPositionsOrOffsets()
    {
        _task.WriteFile("/f", "hello world");
        int from = _task.Open("/f"), to = _task.Open("/g", OpenFlags.Create | OpenFlags.ReadWrite);
        Assert.Equal(5, _task.Ok("sendfile", to, from, 0, 5));
        ulong offset = _task.Put(6L);
        Assert.Equal(5, _task.Ok("sendfile", to, from, offset, 100));
        Assert.Equal(11L, _task.Get<long>(offset));
        Assert.Equal("helloworld", _task.ReadFile("/g"));
        Assert.Equal(5, _task.Ok("lseek", from, 0, 1));
    }

    [Fact]
    public void CopyFileRange()
    {
        string text = new('x', 300_000);
        _task.WriteFile("/f", "start");
        int from = _task.Open("/f", OpenFlags.ReadWrite), to = _task.Open("/g", OpenFlags.Create | OpenFlags.ReadWrite);
        _task.Write(from, text[..100_000]);
        Assert.Equal(99_990, _task.Ok("copy_file_range", from, _task.Put(10L), to, 0, 1 << 20, 0));
        Assert.Equal(99_990, _task.Stat("/g").Size);
        _task.Fails(Errno.EINVAL, "copy_file_range", from, _task.Put(0L), from, _task.Put(5L), 10, 0);
        _task.Fails(Errno.EISDIR, "copy_file_range", _task.Open("/"), 0, to, 0, 1, 0);
        (int read, _) = _task.Pipe();
        _task.Fails(Errno.EINVAL, "copy_file_range", read, 0, to, 0, 1, 0);
    }

    [Fact]
    public void SpliceThroughAPipe()
    {
        _task.WriteFile("/f", "through a pipe");
        int from = _task.Open("/f"), to = _task.Open("/g", OpenFlags.Create | OpenFlags.ReadWrite);
        (int read, int write) = _task.Pipe();
        Assert.Equal(14, _task.Ok("splice", from, 0, write, 0, 100, 0));
        Assert.Equal(7, _task.Ok("splice", read, 0, to, 0, 7, 0));
        Assert.Equal(" a pipe", _task.Read(read));
        Assert.Equal("through", _task.ReadFile("/g"));
        _task.Fails(Errno.EINVAL, "splice", from, 0, to, 0, 1, 0);
        _task.Fails(Errno.EAGAIN, "splice", read, 0, to, 0, 1, 2);
    }

    [Fact]
    public void TeeCopiesAndSpliceMoves()
    {
        (int read, int write) = _task.Pipe();
        (int read2, int write2) = _task.Pipe();
        _task.Write(write, "both");
        Assert.Equal(4, _task.Ok("tee", read, write2, 100, 0));
        _task.Write(write, " more");
        Assert.Equal("both", _task.Read(read2));
        Assert.Equal(9, _task.Ok("splice", read, 0, write2, 0, 100, 0));
        Assert.Equal("both more", _task.Read(read2));
        _task.Fails(Errno.EINVAL, "tee", read, write, 1, 0);
    }

    [Fact]
    public void SealedMemory()
    {
        int fd = (int)_task.Ok("memfd_create", "name", 2);
        _task.Write(fd, "data");
        Assert.Equal(0, _task.Ok("fcntl", fd, 1034, 0));
        _task.Ok("fcntl", fd, 1033, 2 | 4);
        _task.Fails(Errno.EPERM, "write", fd, _task.Room(1), 1);
        _task.Fails(Errno.EPERM, "ftruncate", fd, 1);
        _task.Ok("pwrite64", fd, _task.Put(Encoding.ASCII.GetBytes("D")), 1, 0);
        _task.Ok("fcntl", fd, 1033, 8 | 1);
        _task.Fails(Errno.EPERM, "pwrite64", fd, _task.Room(1), 1, 0);
        _task.Fails(Errno.EPERM, "fcntl", fd, 1033, 4);
        _task.Ok("lseek", fd, 0, 0);
        Assert.Equal("Data", _task.Read(fd));
        _task.Fails(Errno.EPERM, "fcntl", (int)_task.Ok("memfd_create", "x", 0), 1033, 4);
        int before = _machine.Kernel.Frames.InUse;
        _task.Ok("close", fd);
        Assert.Equal(before - 1, _machine.Kernel.Frames.InUse);
    }
}
