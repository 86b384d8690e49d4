using Kennel.Abi;

namespace Kennel.Tests.Files;

public sealed class PipeTests : IDisposable
{
    private readonly SyscallMachine _machine = new();
    private readonly TestTask _task, _peer;

    public PipeTests()
    {
        _task = _machine.NewTask();
        _peer = _machine.NewTask();
    }

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void BytesComeInOrder()
    {
        (int read, int write) = _task.Pipe();
        _task.Write(write, "hello ");
        _task.Write(write, "world");
        Assert.Equal("hell", _task.Read(read, 4));
        Assert.Equal("o world", _task.Read(read));
    }

    [Fact]
    public void AReaderSleepsUntilBytesCome()
    {
        (int read, int write) = _task.Pipe();
        TestTask child = _machine.Fork(_task);
        ulong buffer = child.Room(16);
        PendingCall reading = child.Start("read", read, buffer, 16);
        _machine.RunUntilIdle();
        Assert.False(reading.IsCompleted);
        _task.Write(write, "abc");
        _machine.RunUntilIdle();
        Assert.Equal(3, reading.Value);
        Assert.Equal("abc", child.GetText(buffer, 3));
    }

    [Fact]
    public void EndOfFileWhenTheLastWriterIsGone()
    {
        (int read, int write) = _task.Pipe();
        TestTask child = _machine.Fork(_task);
        child.Ok("close", write);
        PendingCall reading = child.Start("read", read, child.Room(16), 16);
        _task.Ok("close", write);
        _machine.RunUntilIdle();
        Assert.Equal(0, reading.Value);
    }

    [Fact]
    public void BrokenPipe()
    {
        (int read, int write) = _task.Pipe();
        _task.Ok("close", read);
        _task.Fails(Errno.EPIPE, "write", write, _task.Room(1), 1);
        Assert.Equal(0, _task.Ok("write", write, _task.Room(1), 0));
    }

    [Fact]
    public void CapacityIsSixteenPages()
    {
        (int read, int write) = _task.Pipe(OpenFlags.NonBlock);
        ulong buffer = _task.Room(65536);
        Assert.Equal(65536, _task.Ok("write", write, buffer, 70000 > 65536 ? 65536 : 0));
        _task.Fails(Errno.EAGAIN, "write", write, buffer, 1);
        Assert.Equal(1, _task.Ok("read", read, buffer, 1));
        _task.Fails(Errno.EAGAIN, "write", write, buffer, 1); // no slot is free yet
        Assert.Equal(4095, _task.Ok("read", read, buffer, 4095));
        Assert.Equal(1, _task.Ok("write", write, buffer, 1));
    }

    [Fact]
    public void SmallWritesAreAllOrNothing()
    {
        (int read, int write) = _task.Pipe(OpenFlags.NonBlock);
        ulong buffer = _task.Room(4096);
        for (int i = 0; i < 16; i++) Assert.Equal(3000, _task.Ok("write", write, buffer, 3000));
        _task.Fails(Errno.EAGAIN, "write", write, buffer, 3000);
        Assert.Equal(1000, _task.Ok("write", write, buffer, 1000)); // fits behind the last 3000
        ulong count = _task.Room(4);
        _task.Ok("ioctl", read, 0x541b, count);
        Assert.Equal(49000, _task.Get<int>(count));
    }

    [Fact]
    public void ALongWriteGoesOnAsTheReaderReads()
    {
        (int read, int write) = _task.Pipe();
        TestTask child = _machine.Fork(_task);
        var data = new byte[200_000];
        new Random(5).NextBytes(data);
        PendingCall writing = child.Start("write", write, child.Put(data), data.Length);
        var got = new List<byte>();
        ulong buffer = _task.Room(10_000);
        while (got.Count < data.Length)
        {
            long n = _task.Ok("read", read, buffer, 10_000);
            got.AddRange(_task.Get(buffer, n));
            _machine.RunUntilIdle();
        }
        Assert.Equal(data, got);
        Assert.Equal(data.Length, writing.Value);
    }

    [Fact]
    public void OneWakeUpForEachSleeper()
    {
        (int read, int write) = _task.Pipe();
        TestTask one = _machine.Fork(_task), two = _machine.Fork(_task);
        PendingCall first = one.Start("read", read, one.Room(1), 1), second = two.Start("read", read, two.Room(1), 1);
        _task.Write(write, "ab");
        _machine.RunUntilIdle();
        Assert.Equal((1, 1), (first.Value, second.Value));
    }

    [Fact]
    public void BadAddresses()
    {
        (int read, int write) = _task.Pipe();
        _task.Fails(Errno.EFAULT, "write", write, TestTask.BadAddress, 5);
        _task.Write(write, "abc");
        _task.Fails(Errno.EFAULT, "read", read, TestTask.BadAddress, 5);
        Assert.Equal("abc", _task.Read(read));
        _task.Fails(Errno.EFAULT, "pipe", TestTask.BadAddress);
        Assert.Equal(2, _task.Task.Files!.Open.Count());
    }

    [Fact]
    public void ReadingAndWritingTheWrongEnd()
    {
        (int read, int write) = _task.Pipe();
        _task.Fails(Errno.EBADF, "read", write, _task.Room(1), 1);
        _task.Fails(Errno.EBADF, "write", read, _task.Room(1), 1);
        _task.Fails(Errno.ESPIPE, "lseek", read, 0, 1);
        _task.Fails(Errno.ESPIPE, "pread64", read, _task.Room(1), 1, 0);
    }

    [Fact]
    public void FramesComeBack()
    {
        int before = _machine.Kernel.Frames.InUse;
        (int read, int write) = _task.Pipe();
        _task.Write(write, new string('x', 50_000));
        _task.Ok("close", read);
        _task.Ok("close", write);
        Assert.Equal(before, _machine.Kernel.Frames.InUse);
    }

    [Fact]
    public void FifosWaitForTheirOtherEnd()
    {
        _task.Ok("mknod", "/fifo", 0x11b6, 0);
        _task.Fails(Errno.ENXIO, "open", "/fifo", OpenFlags.WriteOnly | OpenFlags.NonBlock);
        PendingCall reader = _task.Start("open", "/fifo", OpenFlags.ReadOnly);
        _machine.RunUntilIdle();
        Assert.False(reader.IsCompleted);
        int writer = _peer.Open("/fifo", OpenFlags.WriteOnly);
        _machine.RunUntilIdle();
        _peer.Write(writer, "through");
        Assert.Equal("through", _task.Read((int)reader.Value));
        _peer.Ok("close", writer);
        Assert.Equal("", _task.Read((int)reader.Value));
    }

    [Fact]
    public void AFifoForBothNeverWaits()
    {
        _task.Ok("mknod", "/fifo", 0x11b6, 0);
        int fd = _task.Open("/fifo", OpenFlags.ReadWrite);
        _task.Write(fd, "self");
        Assert.Equal("self", _task.Read(fd));
        int lone = _task.Open("/fifo", OpenFlags.ReadOnly | OpenFlags.NonBlock);
        _task.Fails(Errno.EAGAIN, "read", lone, _task.Room(1), 1);
    }
}
