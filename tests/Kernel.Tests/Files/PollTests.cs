using Kennel.Abi;

namespace Kennel.Tests.Files;

public sealed class PollTests : IDisposable
{
    private const short In = 1, Out = 4, Err = 8, Hup = 16, Nval = 32;

    private readonly SyscallMachine _machine = new();
    private readonly TestTask _task;

    public PollTests() => _task = _machine.NewTask();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void TellsWhatIsReady()
    {
        (int read, int write) = _task.Pipe();
        Assert.Equal((1, 0, Out), Poll(0, (read, In), (write, Out)));
        _task.Write(write, "x");
        Assert.Equal((2, In, Out), Poll(0, (read, In), (write, Out)));
        Assert.Equal((1, Nval, 0), Poll(0, (99, In), (-1, In)));
        _task.Ok("close", write);
        Assert.Equal((1, In | Hup, 0), Poll(0, (read, In), (-1, 0)));
        _task.Read(read);
        Assert.Equal((1, Hup, 0), Poll(0, (read, 0), (-1, 0)));
    }

    [Fact]
    public void TheWriteEndHasAnErrorWithoutReaders()
    {
        (int read, int write) = _task.Pipe();
        _task.Ok("close", read);
        Assert.Equal((1, Out | Err, 0), Poll(0, (write, Out), (-1, 0)));
    }

    [Fact]
    public void SleepsUntilSomethingHappens()
    {
        (int read, int write) = _task.Pipe();
        TestTask child = _machine.Fork(_task);
        ulong set = child.Put(new PollFdStruct { Fd = read, Events = In });
        PendingCall polling = child.Start("poll", set, 1, -1);
        _machine.RunUntilIdle();
        Assert.False(polling.IsCompleted);
        _task.Write(write, "x");
        _machine.RunUntilIdle();
        Assert.Equal(1, polling.Value);
        Assert.Equal(In, child.Get<PollFdStruct>(set).ReturnedEvents);
    }

    [Fact]
    public void TimesOut()
    {
        (int read, _) = _task.Pipe();
        PendingCall polling = _task.Start("poll", _task.Put(new PollFdStruct { Fd = read, Events = In }), 1, 10);
        _machine.Advance(9_999_999);
        Assert.False(polling.IsCompleted);
        _machine.Advance(1);
        Assert.Equal(0, polling.Value);
    }

    [Fact]
    public void SelectFindsBits()
    {
        (int read, int write) = _task.Pipe();
        ulong readable = _task.Put(1UL << read), writable = _task.Put(1UL << write);
        ulong zero = _task.Put(new TimeVal());
        Assert.Equal(1, _task.Ok("select", 16, readable, writable, 0, zero));
        Assert.Equal((0UL, 1UL << write), (_task.Get<ulong>(readable), _task.Get<ulong>(writable)));
        _task.Fails(Errno.EBADF, "select", 64, _task.Put(1UL << 50), 0, 0, zero);
        _task.Fails(Errno.EINVAL, "select", -1, 0, 0, 0, zero);
        _task.Write(write, "x");
        readable = _task.Put(1UL << read);
        Assert.Equal(1, _task.Ok("select", read + 1, readable, 0, 0, 0));
    }

    [Fact]
    public void SelectWritesTheTimeLeftBack()
    {
        (int read, int write) = _task.Pipe();
        ulong timeout = _task.Put(new TimeVal { Seconds = 2 });
        PendingCall selecting = _task.Start("select", read + 1, _task.Put(1UL << read), 0, 0, timeout);
        _machine.Advance(500_000_000);
        Assert.False(selecting.IsCompleted);
        TestTask child = _machine.Fork(_task);
        child.Write(write, "x");
        _machine.RunUntilIdle();
        Assert.Equal(1, selecting.Value);
        Assert.Equal((1, 500_000), (_task.Get<TimeVal>(timeout).Seconds, _task.Get<TimeVal>(timeout).Microseconds));
    }

    [Fact]
    public void EventCounters()
    {
        int fd = (int)_task.Ok("eventfd2", 3, OpenFlags.NonBlock);
        ulong value = _task.Room(8);
        Assert.Equal(8, _task.Ok("read", fd, value, 8));
        Assert.Equal(3UL, _task.Get<ulong>(value));
        _task.Fails(Errno.EAGAIN, "read", fd, value, 8);
        _task.Fails(Errno.EINVAL, "read", fd, value, 7);
        _task.Ok("write", fd, _task.Put(ulong.MaxValue - 1), 8);
        _task.Fails(Errno.EAGAIN, "write", fd, _task.Put(1UL), 8);
        _task.Fails(Errno.EINVAL, "write", fd, _task.Put(ulong.MaxValue), 8);
        Assert.Equal((1, In, 0), Poll(0, (fd, In | Out), (-1, 0)));
        int semaphore = (int)_task.Ok("eventfd2", 2, (OpenFlags)1);
        _task.Ok("read", semaphore, value, 8);
        Assert.Equal(1UL, _task.Get<ulong>(value));
    }

    private (int Ready, int First, int Second) Poll(int timeout, (int Fd, int Events) one, (int Fd, int Events) two)
    {
        ulong set = _task.Put(
            new PollFdStruct { Fd = one.Fd, Events = (short)one.Events }, new PollFdStruct { Fd = two.Fd, Events = (short)two.Events });
        int ready = (int)_task.Ok("poll", set, 2, timeout);
        return (ready, _task.Get<PollFdStruct>(set).ReturnedEvents, _task.Get<PollFdStruct>(set + 8).ReturnedEvents);
    }
}
