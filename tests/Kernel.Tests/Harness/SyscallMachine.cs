using Kennel.Abi;
using Kennel.Credentials;
using Kennel.Files;
using Kennel.FileSystems.Tmp;
using Kennel.Namespaces;
using Kennel.Tasks;

namespace Kennel.Tests;

/// <summary>
/// A kernel with a tmpfs at its root and tasks that make system calls on a test's behalf. No virtual CPU runs: sleeping calls
/// go on when the test calls <see cref="RunUntilIdle"/>, so every interleaving is the test's choice.
/// </summary>
internal sealed class SyscallMachine : IDisposable
{
    public SyscallMachine()
    {
        Kernel = new Kernel(new KernelOptions { MemoryLimit = 64 << 20 }, Host, (_, _) => new NoEngine());
        Kernel.Lock.Enter();
        RootFileSystem = new TmpFileSystem(Kernel, new TmpOptions { RootPermissions = 0x1ed });
        Mounts = new MountNamespace(RootFileSystem, "tmpfs");
        var root = new VfsPath(Mounts.Root, Mounts.Root.Root);
        Kernel.CreateInit(Mounts, new FsContext { Root = root, WorkingDirectory = root });
        RunUntilIdle();
    }

    public TestHost Host { get; } = new();

    public Kernel Kernel { get; }

    public TmpFileSystem RootFileSystem { get; }

    public MountNamespace Mounts { get; }

    /// <summary>A process of its own, with an empty descriptor table, standing at "/".</summary>
    public TestTask NewTask(uint uid = 0, uint gid = 0, params uint[] groups)
    {
        var root = new VfsPath(Mounts.Root, Mounts.Root.Root);
        return NewTask(Credential.For(uid, gid, groups), new FileTable(), new FsContext { Root = root, WorkingDirectory = root });
    }

    /// <summary>A child as fork makes it: the same open files, descriptors of its own.</summary>
    public TestTask Fork(TestTask parent) => NewTask(parent.Task.Credential, parent.Task.Files!.Clone(), parent.Task.Fs!.Clone());

    /// <summary>Lets every task run that can.</summary>
    public void RunUntilIdle()
    {
        Kernel.RunInterrupts(Kernel.Time.Monotonic);
        while (Kernel.Scheduler.PickNext(Kernel.Processors[0]) is { } next)
        {
            Kernel.SetCurrent(next);
            next.Resume();
            Kernel.SetCurrent(null);
        }
    }

    /// <summary>Moves the clock and runs what becomes due.</summary>
    public void Advance(long nanoseconds)
    {
        Host.MonotonicNanoseconds += nanoseconds;
        RunUntilIdle();
    }

    public void Dispose()
    {
        Kernel.Lock.Exit();
        Kernel.Dispose();
    }

    private TestTask NewTask(Credential credential, FileTable files, FsContext fs)
    {
        LinuxTask init = Kernel.Tasks.Init;
        Assert.Equal(Errno.None, Kernel.Tasks.RootNamespace.Allocate([], out PidNumbers? numbers));
        var task = new LinuxTask(Kernel, numbers!, init.Group.Fork(), init.Namespaces, credential)
        {
            Comm = "test",
            Memory = new Kennel.Memory.AddressSpace(Kernel),
            Files = files,
            Fs = fs,
            Handlers = new Kennel.Signals.SignalHandlers(),
            State = TaskState.Running,
            Processor = Kernel.Processors[0],
        };
        Kernel.Tasks.Attach(task, init);
        return new TestTask(this, task);
    }
}
