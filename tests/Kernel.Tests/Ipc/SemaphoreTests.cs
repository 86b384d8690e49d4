using System.Runtime.InteropServices;
using Kennel.Abi;

namespace Kennel.Tests.Ipc;

public sealed class SemaphoreTests : IDisposable
{
    private const int Create = 0x200, NoWait = 0x800, Undo = 0x1000;
    private const int Remove = 0, GetPid = 11, GetValue = 12, GetWaiting = 14, GetWaitingForZero = 15, SetValue = 16;

    private readonly SyscallMachine _machine = new();
    private readonly TestTask _task, _other;
    private readonly int _set;

    public SemaphoreTests()
    {
        _task = _machine.NewTask();
        _other = _machine.NewTask();
        _set = (int)_task.Ok("semget", 7, 3, Create | 0x1b6);
    }

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void AKeyLeadsToTheSet()
    {
        Assert.Equal(_set, _other.Ok("semget", 7, 0, 0));
        _other.Fails(Errno.EEXIST, "semget", 7, 3, Create | 0x400);
        _other.Fails(Errno.EINVAL, "semget", 7, 4, 0);
        _other.Fails(Errno.ENOENT, "semget", 8, 1, 0);
        Assert.NotEqual(_other.Ok("semget", 0, 1, 0), _other.Ok("semget", 0, 1, 0));
    }

    [Fact]
    public void OperationsHappenTogetherOrNotAtAll()
    {
        Operate(_task, (0, 2, 0), (1, 1, 0));
        _task.Fails(Errno.EAGAIN, "semop", _set, Put(_task, (0, -1, 0), (1, -2, NoWait)), 2);
        Assert.Equal((2, 1), (Value(0), Value(1)));
        _task.Fails(Errno.EFBIG, "semop", _set, Put(_task, (3, 1, 0)), 1);
        _task.Fails(Errno.ERANGE, "semop", _set, Put(_task, (1, 1, 0), (0, 32767, 0)), 2);
        Assert.Equal((2, 1), (Value(0), Value(1)));
        Assert.Equal(_task.Pid, _task.Ok("semctl", _set, 1, GetPid));
    }

    [Fact]
    public void WaitersGoOnInTheirOrderWhenTheyCan()
    {
        PendingCall two = _task.Start("semop", _set, Put(_task, (0, -2, 0)), 1);
        PendingCall one = _other.Start("semop", _set, Put(_other, (0, -1, 0)), 1);
        Assert.Equal(2, _task.Ok("semctl", _set, 0, GetWaiting));
        Operate(_machine.NewTask(), (0, 1, 0));
        _machine.RunUntilIdle();
        Assert.False(two.IsCompleted);
        Assert.Equal(0, one.Value);
        Operate(_machine.NewTask(), (0, 2, 0));
        _machine.RunUntilIdle();
        Assert.Equal(0, two.Value);
        Assert.Equal(0, Value(0));
    }

    [Fact]
    public void ZeroIsWaitedFor()
    {
        Operate(_task, (2, 1, 0));
        PendingCall zero = _task.Start("semop", _set, Put(_task, (2, 0, 0)), 1);
        Assert.Equal(1, _task.Ok("semctl", _set, 2, GetWaitingForZero));
        _other.Ok("semctl", _set, 2, SetValue, 0);
        _machine.RunUntilIdle();
        Assert.Equal(0, zero.Value);
    }

    [Fact]
    public void RemovalAndTimeWakeSleepers()
    {
        PendingCall sleeper = _task.Start("semop", _set, Put(_task, (0, -1, 0)), 1);
        ulong second = _other.Put(MemoryMarshal.AsBytes<long>([1, 0]));
        PendingCall timed = _other.Start("semtimedop", _set, Put(_other, (0, -1, 0)), 1, second);
        _machine.Advance(1_100_000_000);
        Assert.Equal(Errno.EAGAIN, timed.Error);
        Assert.False(sleeper.IsCompleted);
        _other.Ok("semctl", _set, 0, Remove);
        _machine.RunUntilIdle();
        Assert.Equal(Errno.EIDRM, sleeper.Error);
        _other.Fails(Errno.EINVAL, "semctl", _set, 0, GetValue);
    }

    [Fact]
    public void AnExitIsUndone()
    {
        Operate(_task, (0, 5, 0), (1, 5, 0));
        Operate(_other, (0, -3, Undo), (1, -1, 0), (2, 4, Undo));
        Operate(_task, (2, -3, 0));
        Assert.Equal((2, 4, 1), (Value(0), Value(1), Value(2)));
        _other.Task.ExitSemaphores();
        Assert.Equal((5, 4, 0), (Value(0), Value(1), Value(2))); // never below zero
    }

    [Fact]
    public void RightsAreChecked()
    {
        TestTask user = _machine.NewTask(1000, 1000);
        int mine = (int)user.Ok("semget", 0, 1, 0x180);
        TestTask stranger = _machine.NewTask(1001, 1001);
        stranger.Fails(Errno.EACCES, "semop", mine, Put(stranger, (0, 1, 0)), 1);
        stranger.Fails(Errno.EACCES, "semctl", mine, 0, GetValue);
        stranger.Fails(Errno.EPERM, "semctl", mine, 0, Remove);
        user.Ok("semctl", mine, 0, Remove);
    }

    private void Operate(TestTask task, params (int Number, int Change, int Flags)[] operations) =>
        task.Ok("semop", _set, Put(task, operations), operations.Length);

    private static ulong Put(TestTask task, params (int Number, int Change, int Flags)[] operations) =>
        task.Put(MemoryMarshal.AsBytes<SemaphoreOperation>([.. operations.Select(
            o => new SemaphoreOperation { Number = (ushort)o.Number, Change = (short)o.Change, Flags = (short)o.Flags })]));

    private int Value(int number) => (int)_task.Ok("semctl", _set, number, GetValue);
}
