using Kennel.Abi;
using Kennel.Signals;

namespace Kennel.Tests.Files;

public sealed class FileSignalTests : IDisposable
{
    private readonly SyscallMachine _machine = new();
    private readonly TestTask _task;

    public FileSignalTests() => _task = _machine.NewTask();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void ABrokenPipeSignals()
    {
        (int read, int write) = _task.Pipe();
        _task.Ok("close", read);
        _task.Fails(Errno.EPIPE, "write", write, _task.Room(1), 1);
        Assert.True(_task.Task.Pending.Mask.Has(Signal.SIGPIPE));
    }

    [Fact]
    public void FilesGrowToTheLimit()
    {
        _task.Task.Group.Limits[Resource.FileSize] = new ResourceLimit { Soft = 10, Hard = 10 };
        int fd = _task.Open("/f", OpenFlags.Create | OpenFlags.ReadWrite);
        Assert.Equal(10, _task.Ok("write", fd, _task.Room(16), 16));
        _task.Fails(Errno.EFBIG, "write", fd, _task.Room(1), 1);
        Assert.True(_task.Task.Pending.Mask.Has(Signal.SIGXFSZ));
        _task.Fails(Errno.EFBIG, "ftruncate", fd, 11);
        _task.Ok("ftruncate", fd, 3);
    }

    [Fact]
    public void DescriptorsEndAtTheLimit()
    {
        _task.Task.Group.Limits[Resource.OpenFiles] = new ResourceLimit { Soft = 3, Hard = 3 };
        Assert.Equal(0, _task.Open("/"));
        _task.Ok("dup2", 0, 2);
        Assert.Equal(1, _task.Open("/"));
        _task.Fails(Errno.EMFILE, "open", "/none", OpenFlags.Create | OpenFlags.WriteOnly, 0x1b6);
        _task.Fails(Errno.ENOENT, "lstat", "/none", _task.Room(144));
        _task.Fails(Errno.EMFILE, "dup", 0);
        _task.Fails(Errno.EBADF, "dup2", 0, 3);
        _task.Fails(Errno.EINVAL, "fcntl", 0, 0, 3);
        _task.Ok("close", 1);
        _task.Fails(Errno.EMFILE, "pipe", _task.Room(8));
        Assert.Equal(1, _task.Open("/"));
    }

    [Fact]
    public void ASignalEndsASleep()
    {
        (int read, _) = _task.Pipe();
        Handle(Signal.SIGUSR1);
        PendingCall reading = _task.Start("read", read, _task.Room(1), 1);
        PollWithSignal(reading, Errno.ERESTARTSYS);
        PollWithSignal(_task.Start("poll", _task.Put(new PollFdStruct { Fd = read, Events = 1 }), 1, -1), Errno.ERESTART_RESTARTBLOCK);
        PollWithSignal(_task.Start("select", read + 1, _task.Put(1UL << read), 0, 0, 0), Errno.ERESTARTNOHAND);
        PollWithSignal(_task.Start("epoll_wait", (int)_task.Ok("epoll_create1", 0), _task.Room(12), 1, -1), Errno.EINTR);
    }

    [Fact]
    public void PPollPutsAMaskInPlace()
    {
        (int read, _) = _task.Pipe();
        Handle(Signal.SIGUSR1);
        _task.Task.SetBlocked(1UL << ((int)Signal.SIGUSR1 - 1));
        ulong set = _task.Put(new PollFdStruct { Fd = read, Events = 1 });
        PendingCall plain = _task.Start("ppoll", set, 1, _task.Put(new TimeSpec { Seconds = 1 }), 0, 8);
        _task.Task.Send(SignalInfo.FromKernel(Signal.SIGUSR1));
        _machine.RunUntilIdle();
        Assert.False(plain.IsCompleted);
        _machine.Advance(1_000_000_000);
        Assert.Equal(0, plain.Value);
        PendingCall open = _task.Start("ppoll", set, 1, 0, _task.Put(0UL), 8);
        _machine.RunUntilIdle();
        Assert.Equal(Errno.ERESTARTNOHAND, open.Error);
        _task.Fails(Errno.EINVAL, "ppoll", set, 1, 0, _task.Put(0UL), 4);
    }

    private void PollWithSignal(PendingCall call, Errno expected)
    {
        _machine.RunUntilIdle();
        Assert.False(call.IsCompleted);
        _task.Task.Send(SignalInfo.FromKernel(Signal.SIGUSR1));
        _machine.RunUntilIdle();
        Assert.Equal(expected, call.Error);
        _task.Task.Pending.Flush(ulong.MaxValue);
    }

    private void Handle(Signal signal) => _task.Task.Handlers!.Change(signal).Handler = 0x1000;
}
