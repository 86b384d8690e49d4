using Kennel.Abi;
using Kennel.Files;

namespace Kennel.Tests.Memory;

public sealed class MemoryFileTests : IDisposable
{
    private const int Shared = 1, ReadWrite = 3;
    private const int AddSeals = 1033, GetSeals = 1034;

    private readonly SyscallMachine _machine = new();
    private readonly TestTask _task;

    public MemoryFileTests() => _task = _machine.NewTask();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void SealsForbidWhatTheyName()
    {
        int fd = Create(MemoryFileFlags.MFD_ALLOW_SEALING);
        _task.Write(fd, "content");
        _task.Ok("fcntl", fd, AddSeals, (int)(FileSeals.Shrink | FileSeals.Grow));
        _task.Fails(Errno.EPERM, "ftruncate", fd, 3);
        _task.Fails(Errno.EPERM, "ftruncate", fd, 30);
        _task.Fails(Errno.EPERM, "pwrite64", fd, _task.Put("x"u8), 1, 7);
        Assert.Equal(1, _task.Ok("pwrite64", fd, _task.Put("x"u8), 1, 6));
        _task.Ok("fcntl", fd, AddSeals, (int)(FileSeals.Write | FileSeals.Seal));
        _task.Fails(Errno.EPERM, "pwrite64", fd, _task.Put("x"u8), 1, 0);
        _task.Fails(Errno.EPERM, "mmap", 0, 4096, ReadWrite, Shared, fd, 0);
        ulong map = (ulong)_task.Ok("mmap", 0, 4096, 1, Shared, fd, 0);
        _task.Fails(Errno.EACCES, "mprotect", map, 4096, ReadWrite);
        _task.Fails(Errno.EPERM, "fcntl", fd, AddSeals, (int)FileSeals.Shrink);
        Assert.Equal((long)(FileSeals.Shrink | FileSeals.Grow | FileSeals.Write | FileSeals.Seal), _task.Ok("fcntl", fd, GetSeals));
    }

    [Fact]
    public void WritableMappingsKeepTheSealOff()
    {
        int fd = Create(MemoryFileFlags.MFD_ALLOW_SEALING);
        _task.Ok("ftruncate", fd, 4096);
        long map = _task.Ok("mmap", 0, 4096, ReadWrite, Shared, fd, 0);
        _task.Fails(Errno.EBUSY, "fcntl", fd, AddSeals, (int)FileSeals.Write);
        _task.Ok("fcntl", fd, AddSeals, (int)FileSeals.FutureWrite);
        Assert.True(_task.Task.Memory!.CopyOut((ulong)map, [1])); // the old mapping goes on
        _task.Ok("munmap", map, 4096);
        _task.Ok("fcntl", fd, AddSeals, (int)FileSeals.Write);
    }

    [Fact]
    public void WithoutLeaveToSealItIsSealedAgainstSeals()
    {
        int fd = Create(MemoryFileFlags.None);
        Assert.Equal((long)FileSeals.Seal, _task.Ok("fcntl", fd, GetSeals));
        _task.Fails(Errno.EPERM, "fcntl", fd, AddSeals, (int)FileSeals.Write);
    }

    [Fact]
    public void ContentLivesAsLongAsSomebodyHasIt()
    {
        int before = _machine.Kernel.Frames.InUse;
        int fd = Create(MemoryFileFlags.None);
        _task.Write(fd, "content");
        long map = _task.Ok("mmap", 0, 4096, ReadWrite, Shared, fd, 0);
        _task.Ok("close", fd);
        var seen = new byte[7];
        Assert.True(_task.Task.Memory!.CopyIn((ulong)map, seen));
        Assert.Equal("content"u8.ToArray(), seen);
        _task.Ok("munmap", map, 4096);
        Assert.Equal(before, _machine.Kernel.Frames.InUse);
    }

    [Fact]
    public void TruncationTakesPagesAwayFromMappings()
    {
        int fd = Create(MemoryFileFlags.None);
        _task.Ok("ftruncate", fd, 8192);
        ulong map = (ulong)_task.Ok("mmap", 0, 8192, ReadWrite, Shared, fd, 0);
        Assert.True(_task.Task.Memory!.CopyOut(map + 4096, [1]));
        _task.Ok("ftruncate", fd, 4096);
        Assert.False(_task.Task.Memory!.CopyIn(map + 4096, new byte[1]));
        _task.Ok("ftruncate", fd, 8192);
        var seen = new byte[] { 9 };
        Assert.True(_task.Task.Memory!.CopyIn(map + 4096, seen));
        Assert.Equal(0, seen[0]);
    }

    [Theory]
    [InlineData(24, Errno.EINVAL)] // executable and not
    [InlineData(4, Errno.EINVAL)] // huge pages
    [InlineData(64, Errno.EINVAL)]
    public void OddFlagsAreRefused(int flags, Errno expected) => _task.Fails(expected, "memfd_create", "x", flags);

    private int Create(MemoryFileFlags flags) => (int)_task.Ok("memfd_create", "name", flags);
}
