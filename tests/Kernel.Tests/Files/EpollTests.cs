using Kennel.Abi;

namespace Kennel.Tests.Files;

public sealed class EpollTests : IDisposable
{
    private const uint In = 1, Out = 4, Hup = 16, Edge = 1u << 31, OneShot = 1u << 30, Exclusive = 1u << 28;
    private const int Add = 1, Delete = 2, Modify = 3;

    private readonly SyscallMachine _machine = new();
    private readonly TestTask _task;
    private readonly int _set;

    public EpollTests()
    {
        _task = _machine.NewTask();
        _set = (int)_task.Ok("epoll_create1", 0);
    }

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void LevelTriggeredTellsAgainAndAgain()
    {
        (int read, int write) = _task.Pipe();
        Control(Add, read, In, 7);
        Assert.Empty(Wait());
        _task.Write(write, "ab");
        Assert.Equal([(In, 7UL)], Wait());
        Assert.Equal([(In, 7UL)], Wait());
        _task.Read(read);
        Assert.Empty(Wait());
    }

    [Fact]
    public void EdgeTriggeredTellsOnce()
    {
        (int read, int write) = _task.Pipe();
        Control(Add, read, In | Edge, 1);
        _task.Write(write, "a");
        Assert.Equal([(In, 1UL)], Wait());
        Assert.Empty(Wait());
        _task.Write(write, "b");
        Assert.Equal([(In, 1UL)], Wait());
        _task.Ok("close", write);
        Assert.Equal([(In | Hup, 1UL)], Wait());
        Assert.Empty(Wait());
    }

    [Fact]
    public void OneShotIsDisarmed()
    {
        (int read, int write) = _task.Pipe();
        Control(Add, read, In | OneShot, 1);
        _task.Write(write, "a");
        Assert.Single(Wait());
        _task.Write(write, "b");
        Assert.Empty(Wait());
        Control(Modify, read, In, 2);
        Assert.Equal([(In, 2UL)], Wait());
    }

    [Fact]
    public void SleepersAreWoken()
    {
        (int read, int write) = _task.Pipe();
        Control(Add, read, In, 5);
        TestTask child = _machine.Fork(_task);
        ulong events = child.Room(12);
        PendingCall waiting = child.Start("epoll_wait", _set, events, 1, -1);
        _machine.RunUntilIdle();
        Assert.False(waiting.IsCompleted);
        _task.Write(write, "x");
        _machine.RunUntilIdle();
        Assert.Equal(1, waiting.Value);
        Assert.Equal(5UL, child.Get<EpollEventStruct>(events).Data);
    }

    [Fact]
    public void TimesOut()
    {
        PendingCall waiting = _task.Start("epoll_wait", _set, _task.Room(12), 1, 5);
        _machine.Advance(4_000_000);
        Assert.False(waiting.IsCompleted);
        _machine.Advance(1_000_000);
        Assert.Equal(0, waiting.Value);
    }

    [Fact]
    public void MembersLeaveWhenTheLastReferenceIsClosed()
    {
        (int read, int write) = _task.Pipe();
        int copy = (int)_task.Ok("dup", read);
        Control(Add, read, In, 1);
        _task.Write(write, "x");
        _task.Ok("close", read);
        Assert.Single(Wait()); // the open file is still there
        _task.Ok("close", copy);
        Assert.Empty(Wait());
    }

    [Fact]
    public void ManyReadyFilesTakeTurns()
    {
        for (int i = 0; i < 5; i++)
        {
            (int read, int write) = _task.Pipe();
            _task.Write(write, "x");
            Control(Add, read, In, (ulong)i);
        }
        Assert.Equal([0UL, 1, 2], Wait(3).Select(e => e.Data));
        Assert.Equal([3UL, 4, 0], Wait(3).Select(e => e.Data));
    }

    [Fact]
    public void Refusals()
    {
        (int read, _) = _task.Pipe();
        int file = _task.Open("/f", OpenFlags.Create | OpenFlags.ReadWrite);
        ulong value = _task.Put(new EpollEventStruct { Events = In });
        _task.Fails(Errno.EPERM, "epoll_ctl", _set, Add, file, value);
        _task.Fails(Errno.EINVAL, "epoll_ctl", _set, Add, _set, value);
        _task.Fails(Errno.EINVAL, "epoll_ctl", read, Add, _set, value);
        _task.Fails(Errno.ENOENT, "epoll_ctl", _set, Delete, read, value);
        _task.Fails(Errno.ENOENT, "epoll_ctl", _set, Modify, read, value);
        _task.Fails(Errno.EBADF, "epoll_ctl", _set, Add, 99, value);
        _task.Fails(Errno.EFAULT, "epoll_ctl", _set, Add, read, 0);
        Control(Add, read, In | Exclusive, 0);
        _task.Fails(Errno.EEXIST, "epoll_ctl", _set, Add, read, value);
        _task.Fails(Errno.EINVAL, "epoll_ctl", _set, Modify, read, value);
        _task.Fails(Errno.EINVAL, "epoll_wait", _set, _task.Room(12), 0, 0);
    }

    [Fact]
    public void SetsNest()
    {
        (int read, int write) = _task.Pipe();
        int outer = (int)_task.Ok("epoll_create1", 0);
        Control(Add, read, In, 1);
        _task.Ok("epoll_ctl", outer, Add, _set, _task.Put(new EpollEventStruct { Events = In, Data = 9 }));
        _task.Fails(Errno.ELOOP, "epoll_ctl", _set, Add, outer, _task.Put(new EpollEventStruct { Events = In }));
        ulong events = _task.Room(12);
        Assert.Equal(0, _task.Ok("epoll_wait", outer, events, 1, 0));
        _task.Write(write, "x");
        Assert.Equal(1, _task.Ok("epoll_wait", outer, events, 1, 0));
        Assert.Equal(9UL, _task.Get<EpollEventStruct>(events).Data);
    }

    private void Control(int operation, int fd, uint events, ulong data) =>
        _task.Ok("epoll_ctl", _set, operation, fd, _task.Put(new EpollEventStruct { Events = events, Data = data }));

    private (uint Events, ulong Data)[] Wait(int most = 10)
    {
        ulong events = _task.Room(12 * most);
        int count = (int)_task.Ok("epoll_wait", _set, events, most, 0);
        return [.. Enumerable.Range(0, count).Select(i => _task.Get<EpollEventStruct>(events + (ulong)(12 * i))).Select(e => (e.Events, e.Data))];
    }
}
