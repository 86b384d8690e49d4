using Kennel.Abi;

namespace Kennel.Tests.Ipc;

public sealed class SharedSegmentTests : IDisposable
{
    private const int Create = 0x200, ReadOnly = 0x1000, Round = 0x2000, Remap = 0x4000;
    private const int Remove = 0, Stat = 2;

    private readonly SyscallMachine _machine = new();
    private readonly TestTask _task, _other;

    public SharedSegmentTests()
    {
        _task = _machine.NewTask();
        _other = _machine.NewTask();
    }

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void ASegmentIsOneForAllWhoAttachIt()
    {
        int id = (int)_task.Ok("shmget", 5, 10000, Create | 0x1b6);
        Assert.Equal(id, _other.Ok("shmget", 5, 10000, 0));
        _other.Fails(Errno.EINVAL, "shmget", 5, 10001, 0);
        ulong mine = (ulong)_task.Ok("shmat", id, 0, 0), theirs = (ulong)_other.Ok("shmat", id, 0, ReadOnly);
        Assert.True(_task.Task.Memory!.CopyOut(mine + 9000, "shared"u8));
        Assert.Equal("shared"u8.ToArray(), _other.Get(theirs + 9000, 6));
        Assert.False(_other.Task.Memory!.CopyOut(theirs, [1]));
        SharedSegmentRecord record = Describe(id);
        Assert.Equal((10000UL, 2UL, _task.Pid, _other.Pid), (record.Size, record.Attached, record.Creator, record.Last));
        _other.Ok("shmdt", theirs);
        _other.Fails(Errno.EINVAL, "shmdt", theirs);
        Assert.Equal(1UL, Describe(id).Attached);
    }

    [Fact]
    public void ARemovedSegmentGoesWithItsLastAttachment()
    {
        int before = _machine.Kernel.Frames.InUse;
        int id = (int)_task.Ok("shmget", 5, 4096, Create | 0x180);
        ulong at = (ulong)_task.Ok("shmat", id, 0, 0);
        _task.Task.Memory!.CopyOut(at, [1]);
        _task.Ok("shmctl", id, Remove, 0);
        _task.Fails(Errno.ENOENT, "shmget", 5, 0, 0); // the key is free again
        Assert.Equal(0x200u, Describe(id).Permission.Mode & 0x200);
        _other.Ok("shmdt", _other.Ok("shmat", id, 0, 0)); // the id still leads to it
        _task.Ok("shmdt", at);
        _task.Fails(Errno.EINVAL, "shmctl", id, Remove, 0);
        Assert.Equal(before, _machine.Kernel.Frames.InUse);
        Assert.Equal(0, _machine.Kernel.Ipc.SharedPages);
    }

    [Fact]
    public void AForkedChildIsAttachedToo()
    {
        int id = (int)_task.Ok("shmget", 0, 4096, 0x180);
        _task.Ok("shmat", id, 0, 0);
        Kennel.Memory.AddressSpace child = _task.Task.Memory!.Fork();
        Assert.Equal(2UL, Describe(id).Attached);
        _task.Ok("shmctl", id, Remove, 0);
        child.Release();
        Assert.Equal(1UL, Describe(id).Attached);
    }

    [Fact]
    public void AddressesAreCheckedAndRounded()
    {
        int id = (int)_task.Ok("shmget", 0, 4096, 0x180);
        _task.Fails(Errno.EINVAL, "shmat", id, 0x70000123, 0);
        Assert.Equal(0x70000000, _task.Ok("shmat", id, 0x70000123, Round));
        _task.Fails(Errno.EINVAL, "shmat", id, 0x70000000, 0);
        Assert.Equal(0x70000000, _task.Ok("shmat", id, 0x70000000, Remap));
        _task.Fails(Errno.EINVAL, "shmat", id, 0, Remap);
        _task.Fails(Errno.EINVAL, "shmat", 12345, 0, 0);
        _task.Fails(Errno.EINVAL, "shmget", 0, 0, 0x180);
    }

    [Fact]
    public void RightsAreChecked()
    {
        TestTask user = _machine.NewTask(1000, 1000), stranger = _machine.NewTask(1001, 1001);
        int id = (int)user.Ok("shmget", 0, 4096, 0x1a4);
        stranger.Ok("shmat", id, 0, ReadOnly);
        stranger.Fails(Errno.EACCES, "shmat", id, 0, 0);
        stranger.Fails(Errno.EPERM, "shmctl", id, Remove, 0);
    }

    private SharedSegmentRecord Describe(int id)
    {
        ulong buffer = _task.Room(112);
        _task.Ok("shmctl", id, Stat, buffer);
        return _task.Get<SharedSegmentRecord>(buffer);
    }
}
