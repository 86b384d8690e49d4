using Kennel.Abi;

namespace Kennel.Tests.Ipc;

public sealed class MessageQueueTests : IDisposable
{
    private const int NoWait = 0x800, NoError = 0x1000, Except = 0x2000, Copy = 0x4000;
    private const int Remove = 0, Stat = 2;

    private readonly SyscallMachine _machine = new();
    private readonly TestTask _task, _other;
    private readonly int _queue;

    public MessageQueueTests()
    {
        _task = _machine.NewTask();
        _other = _machine.NewTask();
        _queue = (int)_task.Ok("msgget", 9, 0x3b6);
    }

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void MessagesComeByOrderAndByType()
    {
        foreach ((long type, string text) in new[] { (3L, "three"), (1L, "one"), (2L, "two"), (1L, "uno") }) Send(type, text);
        Assert.Equal((1, "one"), Receive(1));
        Assert.Equal((1, "uno"), Receive(-2)); // the lowest type up to 2
        Assert.Equal((2, "two"), Receive(3, Except));
        Assert.Equal((3, "three"), Receive(0));
        _task.Fails(Errno.ENOMSG, "msgrcv", _queue, _task.Room(64), 56, 0, NoWait);
    }

    [Fact]
    public void LongMessagesAreCutOnlyOnRequest()
    {
        Send(1, "content");
        _task.Fails(Errno.E2BIG, "msgrcv", _queue, _task.Room(64), 3, 0, NoWait);
        Assert.Equal(3, _task.Ok("msgrcv", _queue, _task.Room(64), 3, 0, NoError));
        _task.Fails(Errno.EINVAL, "msgsnd", _queue, _task.Room(64), 8193, 0);
        _task.Fails(Errno.EINVAL, "msgsnd", _queue, _task.Room(64), 1, 0); // type 0
    }

    [Fact]
    public void CopiesStayInTheQueue()
    {
        Send(1, "a");
        Send(2, "b");
        Assert.Equal((2, "b"), Receive(1, Copy | NoWait));
        Assert.Equal((1, "a"), Receive(0));
        _task.Fails(Errno.EINVAL, "msgrcv", _queue, _task.Room(64), 56, 0, Copy);
    }

    [Fact]
    public void ReceiversAndSendersSleep()
    {
        ulong buffer = _other.Room(64);
        PendingCall receiver = _other.Start("msgrcv", _queue, buffer, 56, 5, 0);
        Send(4, "not this");
        _machine.RunUntilIdle();
        Assert.False(receiver.IsCompleted);
        Send(5, "this");
        _machine.RunUntilIdle();
        Assert.Equal(4, receiver.Value);
        Assert.Equal("this", _other.GetText(buffer + 8, 4));

        for (int i = 0; i < 2; i++) _task.Ok("msgsnd", _queue, Put(1, new string('x', 8000)), 8000, NoWait);
        _task.Fails(Errno.EAGAIN, "msgsnd", _queue, Put(1, new string('x', 8000)), 8000, NoWait);
        PendingCall sender = _task.Start("msgsnd", _queue, Put(1, new string('x', 8000)), 8000, 0);
        Assert.False(sender.IsCompleted);
        Receive(0);
        Receive(0);
        _machine.RunUntilIdle();
        Assert.Equal(0, sender.Value);
    }

    [Fact]
    public void RemovalWakesSleepers()
    {
        Send(1, "left over");
        PendingCall receiver = _other.Start("msgrcv", _queue, _other.Room(64), 56, 5, 0);
        _task.Ok("msgctl", _queue, Remove, 0);
        _machine.RunUntilIdle();
        Assert.Equal(Errno.EIDRM, receiver.Error);
        Assert.Equal(0, _machine.Kernel.Ipc.MessageBytes);
        _task.Fails(Errno.EINVAL, "msgsnd", _queue, Put(1, "x"), 1, 0);
    }

    [Fact]
    public void TheQueueTellsWhatIsInIt()
    {
        Send(1, "abc");
        ulong buffer = _task.Room(120);
        _task.Ok("msgctl", _queue, Stat, buffer);
        MessageQueueRecord record = _task.Get<MessageQueueRecord>(buffer);
        Assert.Equal((3UL, 1UL, 16384UL, _task.Pid, 0), (record.Bytes, record.Messages, record.MostBytes, record.LastSender, record.LastReceiver));
        Assert.Equal((9, 0x1b6u), (record.Permission.Key, record.Permission.Mode));
    }

    private void Send(long type, string text) => _task.Ok("msgsnd", _queue, Put(type, text), text.Length, NoWait);

    private ulong Put(long type, string text) => _task.Put([.. BitConverter.GetBytes(type), .. text.Select(c => (byte)c)]);

    private (long Type, string Text) Receive(long type, int flags = 0)
    {
        ulong buffer = _task.Room(8008);
        long length = _task.Ok("msgrcv", _queue, buffer, 8000, type, flags);
        return (_task.Get<long>(buffer), _task.GetText(buffer + 8, length));
    }
}
