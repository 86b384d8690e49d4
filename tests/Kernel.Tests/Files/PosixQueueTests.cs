using Kennel.Abi;
using Kennel.Signals;

namespace Kennel.Tests.Files;

public sealed class PosixQueueTests : IDisposable
{
    private readonly SyscallMachine _machine = new();
    private readonly TestTask _task;

    public PosixQueueTests() => _task = _machine.NewTask();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void HighPrioritiesComeFirst()
    {
        int queue = Open(10, 16);
        Send(queue, "low", 1);
        Send(queue, "high", 5);
        Send(queue, "second", 5);
        Assert.Equal(("high", 5u), Receive(queue));
        Assert.Equal(("second", 5u), Receive(queue));
        Assert.Equal(("low", 1u), Receive(queue));
        _task.Fails(Errno.EMSGSIZE, "mq_timedsend", queue, _task.Room(17), 17, 0, 0);
        _task.Fails(Errno.EMSGSIZE, "mq_timedreceive", queue, _task.Room(15), 15, 0, 0);
        _task.Fails(Errno.EINVAL, "mq_timedsend", queue, _task.Room(1), 1, 32768, 0);
    }

    [Fact]
    public void FullAndEmptyQueuesMakeWait()
    {
        int queue = Open(1, 16);
        TestTask child = _machine.Fork(_task);
        ulong buffer = child.Room(16);
        PendingCall receiving = child.Start("mq_timedreceive", queue, buffer, 16, 0, 0);
        _machine.RunUntilIdle();
        Assert.False(receiving.IsCompleted);
        Send(queue, "one", 0);
        _machine.RunUntilIdle();
        Assert.Equal(3, receiving.Value);
        Send(queue, "two", 0);
        PendingCall sending = child.Start("mq_timedsend", queue, child.Put("three"u8), 5, 0, 0);
        _machine.RunUntilIdle();
        Assert.False(sending.IsCompleted);
        Assert.Equal(("two", 0u), Receive(queue));
        _machine.RunUntilIdle();
        Assert.Equal(0, sending.Value);
        ulong past = _task.Put(new TimeSpec { Seconds = 1 });
        _task.Fails(Errno.ETIMEDOUT, "mq_timedsend", queue, _task.Room(1), 1, 0, past);
    }

    [Fact]
    public void NamesAndAttributes()
    {
        int queue = Open(3, 16);
        ulong attributes = _task.Room(64);
        Send(queue, "x", 0);
        _task.Ok("mq_getsetattr", queue, _task.Put(new MessageQueueAttributes { Flags = 0x800 }), attributes);
        Assert.Equal((3L, 16L, 1L), (_task.Get<long>(attributes + 8), _task.Get<long>(attributes + 16), _task.Get<long>(attributes + 24)));
        Receive(queue);
        _task.Fails(Errno.EAGAIN, "mq_timedreceive", queue, _task.Room(16), 16, 0, 0);
        _task.Fails(Errno.EEXIST, "mq_open", "q", OpenFlags.Create | OpenFlags.Exclusive, 0x180, 0);
        _machine.NewTask(5, 5).Fails(Errno.EACCES, "mq_open", "q", OpenFlags.ReadWrite, 0, 0);
        _machine.NewTask(5, 5).Fails(Errno.EACCES, "mq_unlink", "q");
        _task.Ok("mq_unlink", "q");
        _task.Fails(Errno.ENOENT, "mq_open", "q", OpenFlags.ReadWrite, 0, 0);
        _task.Fails(Errno.EACCES, "mq_open", "a/b", OpenFlags.Create, 0, 0);
    }

    [Fact]
    public void AMessageSignalsOnce()
    {
        int queue = Open(3, 16);
        ulong request = _task.Put(7UL, (ulong)Signal.SIGUSR1);
        _task.Ok("mq_notify", queue, request);
        _machine.Fork(_task).Fails(Errno.EBUSY, "mq_notify", queue, request);
        Send(queue, "x", 0);
        Assert.True(_task.Task.Group.Pending.Mask.Has(Signal.SIGUSR1));
        _task.Ok("mq_notify", queue, request);
    }

    [Fact]
    public void MessagesAreBounded()
    {
        long before = _machine.Kernel.Vfs.HostBytes;
        int queue = Open(3, 16);
        Send(queue, "x", 0);
        Assert.NotEqual(before, _machine.Kernel.Vfs.HostBytes);
        _task.Ok("mq_unlink", "q");
        _task.Ok("close", queue);
        Assert.Equal(before, _machine.Kernel.Vfs.HostBytes);
        _task.Fails(Errno.EMFILE, "mq_open", "big", OpenFlags.Create | OpenFlags.ReadWrite, 0x180,
            _task.Put(new MessageQueueAttributes { MostMessages = 60000, MostBytes = 1000 }));
    }

    private int Open(int messages, int bytes)
    {
        ulong attributes = _task.Put(new MessageQueueAttributes { MostMessages = messages, MostBytes = bytes });
        return (int)_task.Ok("mq_open", "q", OpenFlags.Create | OpenFlags.ReadWrite, 0x180, attributes);
    }

    private void Send(int queue, string text, uint priority) =>
        _task.Ok("mq_timedsend", queue, _task.Put(System.Text.Encoding.ASCII.GetBytes(text)), text.Length, priority, 0);

    private (string Text, uint Priority) Receive(int queue)
    {
        ulong buffer = _task.Room(16), priority = _task.Room(4);
        long length = _task.Ok("mq_timedreceive", queue, buffer, 16, priority, 0);
        return (_task.GetText(buffer, length), _task.Get<uint>(priority));
    }
}
