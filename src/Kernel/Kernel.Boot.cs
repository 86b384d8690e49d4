using System.Runtime.CompilerServices;
using Kennel.Abi;
using Kennel.Credentials;
using Kennel.Files;
using Kennel.Syscalls;
using Kennel.Tasks;
using Kennel.Waiting;

namespace Kennel;

/// <summary>From an empty machine to running programs: pid 0 is there from the start, init is pid 1, kthreadd pid 2.</summary>
public sealed partial class Kernel
{
    /// <summary>
    /// Makes init and kthreadd. init is the kernel's own: it adopts orphans, reaps, and never dies. Once, inside the kernel lock
    /// or before <see cref="Start"/>.
    /// </summary>
    /// <param name="mounts">The initial mount namespace.</param>
    /// <param name="fs">Root and working directory of init.</param>
    public LinuxTask CreateInit(MountNamespace mounts, FsContext fs)
    {
        Vdso = Loading.VdsoImage.MakePages(this);
        LinuxTask idle = Tasks.Idle;
        idle.Namespaces = idle.Namespaces with { Mounts = mounts };
        idle.Fs = fs;
        LinuxTask init = NewTask("init", TaskFlags.None, ReapForEverAsync);
        init.Fs = fs.Clone();
        init.Handlers = new Signals.SignalHandlers();
        Tasks.Attach(init, idle);
        init.Group.MoveTo(Tasks.NewSession(init.Group));
        init.WakeUpNew();
        KernelThreads = new KernelThreads(this);
        return init;
    }

    /// <summary>What every program finds mapped to read the clocks with (man 7 vdso); null before init is made.</summary>
    internal Memory.PageCache? Vdso { get; private set; }

    /// <summary>kthreadd, and who wants threads of it.</summary>
    public KernelThreads KernelThreads { get; private set; } = null!;

    /// <summary>
    /// Starts a program as a child of init, in a session of its own. Inside the kernel lock. EAGAIN when there is no room for another
    /// task. Whether the program itself can be run comes out when the new process calls exec: see <see cref="SpawnRequest.Ended"/>.
    /// </summary>
    public Errno Spawn(SpawnRequest request, out LinuxTask? process)
    {
        process = null;
        if (Tasks.Count >= Options.TaskLimit) return Errno.EAGAIN;
        Errno execError = Errno.None;
        Errno error = Tasks.RootNamespace.Allocate([], out Namespaces.PidNumbers? numbers);
        if (error != Errno.None) return error;
        LinuxTask init = Tasks.Init;
        process = new LinuxTask(this, numbers!, init.Group.Fork(), init.Namespaces, request.Credential)
        {
            Comm = LinuxTask.Truncate(request.Path[(request.Path.LastIndexOf('/') + 1)..]),
            Fs = request.Fs,
            Files = request.Files,
            Handlers = new Signals.SignalHandlers(),
            StartTime = Time.Now(),
            ExitSignal = (int)Signal.SIGCHLD,
            Entry = async task => execError = await task.ExecInitialAsync(request),
        };
        process.Group.Reaped = group => request.Ended?.Invoke(new SpawnResult(execError, group.ExitStatus, group.TotalUsage));
        Tasks.Attach(process, init);
        process.Group.MoveTo(Tasks.NewSession(process.Group));
        request.Prepare?.Invoke(process);
        process.WakeUpNew();
        return Errno.None;
    }

    internal LinuxTask NewTask(string name, TaskFlags flags, Func<LinuxTask, ValueTask> body)
    {
        LinuxTask idle = Tasks.Idle;
        Errno error = Tasks.RootNamespace.Allocate([], out Namespaces.PidNumbers? numbers);
        if (error != Errno.None) throw new InvalidOperationException($"no pid for {name}: {error}");
        return new LinuxTask(this, numbers!, idle.Group.Fork(), idle.Namespaces, idle.Credential)
        {
            Comm = LinuxTask.Truncate(name),
            Flags = flags,
            StartTime = Time.Now(),
            ExitSignal = (int)Signal.SIGCHLD,
            Entry = body,
        };
    }

    // init's whole life.
    [AsyncMethodBuilder(typeof(KernelMethodBuilder))]
    private static async ValueTask ReapForEverAsync(LinuxTask init)
    {
        while (true)
        {
            await init.Group.ChildWaiters.WaitAsync(init, init, static t => ReapAll(t), WaitMode.Interruptible);
            init.Pending.Flush(ulong.MaxValue);
            init.Group.Pending.Flush(ulong.MaxValue);
        }
    }

    // Never true: there is always a next child to wait for.
    private static bool ReapAll(LinuxTask init)
    {
        WaitRequest reap;
        do reap = new WaitRequest(init) { Options = WaitOptions.Exited | WaitOptions.All };
        while (reap.TryFind() && reap.Error == Errno.None);
        return false;
    }
}

/// <summary>A program to start.</summary>
/// <param name="Path">The file, as the new process sees it.</param>
/// <param name="Args">Arguments, the first included.</param>
/// <param name="Env">Environment: NAME=VALUE.</param>
public sealed record SpawnRequest(string Path, IReadOnlyList<byte[]> Args, IReadOnlyList<byte[]> Env)
{
    /// <summary>Root, working directory, umask; becomes the process's own.</summary>
    public required FsContext Fs { get; init; }

    /// <summary>Its descriptors; becomes the process's own.</summary>
    public required FileTable Files { get; init; }

    public required Credential Credential { get; init; }

    /// <summary>Called inside the kernel lock before it first runs: limits, controlling terminal.</summary>
    public Action<LinuxTask>? Prepare { get; init; }

    /// <summary>Called inside the kernel lock when the program has been loaded and is about to run.</summary>
    public Action? Executed { get; init; }

    /// <summary>Called inside the kernel lock when init has reaped it.</summary>
    public Action<SpawnResult>? Ended { get; init; }
}

/// <summary>What became of a program.</summary>
/// <param name="ExecError">Why it could not be run; None when it ran.</param>
/// <param name="Status">Its status word; 127 or 126 when it could not be run, as in shells.</param>
/// <param name="Usage">What it and its waited-for children have used.</param>
public readonly record struct SpawnResult(Errno ExecError, WaitStatus Status, ResourceUsageRecord Usage);
