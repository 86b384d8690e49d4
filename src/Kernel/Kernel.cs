using Kennel.Credentials;
using Kennel.Files;
using Kennel.Machine;
using Kennel.Namespaces;
using Kennel.Probes;
using Kennel.Scheduling;
using Kennel.Tasks;
using Kennel.Time;
using Kennel.Waiting;

namespace Kennel;

/// <summary>
/// One running kernel: everything of it hangs here, nothing is static, so several live in one .NET process.
/// </summary>
public sealed partial class Kernel : IDisposable
{
    private readonly Queue<Action> _posted = new();
    private readonly Thread[] _threads;
    private volatile bool _hasPending;
    private volatile bool _halted;

    /// <param name="engine">Makes the engine for this machine's memory and processors.</param>
    public Kernel(KernelOptions options, IHostPlatform host, Func<FramePool, ProcessorSet, IExecutionEngine> engine)
    {
        Options = options;
        Host = host;
        Time = new Timekeeper(host, options.Seed != null);
        Probes.SinkFailed = OnTracerBug;
        Probes.Changed = () => Watched = Probes.Watched;
        Vfs = new VfsState(Time, options.MemoryLimit);
        Log = new KernelLog(() => Time.Monotonic);
        Frames = new FramePool(options.MemoryLimit);
        Frames.Reclaim = () => Memory.OutOfMemory.Relieve(this); // whoever has pages to give puts itself in front of this
        Nodes = new PageNodePool(options.MemoryLimit / 8);
        Machine = new ProcessorSet(options.Processors);
        Engine = engine(Frames, Machine);
        Scheduler = new Scheduler(this);
        Tasks = new TaskTable(this);
        var cpus = new VirtualCpu[options.Processors];
        _threads = new Thread[cpus.Length];
        for (int i = 0; i < cpus.Length; i++)
        {
            VirtualCpu cpu = cpus[i] = new VirtualCpu(this, Machine[i]);
            cpu.Machine.ReadTimeStamp = () => (ulong)Time.Monotonic;
            _threads[i] = new Thread(cpu.Run, 16 << 20) { IsBackground = true, Name = $"kennel cpu {i}" };
        }
        Cpus = cpus;
    }

    public KernelOptions Options { get; }

    public IHostPlatform Host { get; }

    /// <summary>The one kernel lock: kernel code runs inside it, guest code outside.</summary>
    public Lock Lock { get; } = new();

    public KernelLog Log { get; }

    public ProbeSet Probes { get; } = new();

    /// <summary>Its objects as tracing scripts see them.</summary>
    public IKernelModel Model => field ??= new Views.KernelModel(this);

    public Timekeeper Time { get; }

    public FramePool Frames { get; }

    public PageNodePool Nodes { get; }

    /// <summary>System V shared memory, semaphores and message queues.</summary>
    public Ipc.IpcNamespace Ipc { get; } = new();

    /// <summary>All address spaces, for whoever must find the mappings of a file.</summary>
    internal LinkedList<Memory.AddressSpace> AddressSpaces { get; } = [];

    /// <summary>Which address spaces have the same code.</summary>
    internal Memory.CodeLayouts CodeLayouts { get; } = new();

    /// <summary>Areas in all address spaces together, and the most there may be: they are host memory, too.</summary>
    internal int AreaCount { get; set; }

    internal int AreaLimit => (int)Math.Clamp(Options.MemoryLimit / 2048, Memory.AddressSpace.MaxAreas, int.MaxValue);

    public ProcessorSet Machine { get; }

    public IExecutionEngine Engine { get; }

    public Scheduler Scheduler { get; }

    public IReadOnlyList<VirtualCpu> Processors => Cpus;

    /// <summary>The same, for loops on hot paths.</summary>
    internal VirtualCpu[] Cpus { get; }

    public TaskTable Tasks { get; }

    /// <summary>What all tasks of a user have together.</summary>
    public UserAccounts Users { get; } = new();

    /// <summary>Sleepers on words of guest memory.</summary>
    internal FutexTable Futexes { get; } = new();

    /// <summary>What the file layer keeps for the whole machine.</summary>
    public VfsState Vfs { get; }

    /// <summary>System calls since boot.</summary>
    public long SystemCalls { get; internal set; }

    /// <summary>Kernel bugs met so far; each is in the log.</summary>
    public int OopsCount { get; internal set; }

    /// <summary>The task in whose context kernel code runs now; null in interrupt context.</summary>
    /// <remarks>Meaningful under the kernel lock only.</remarks>
    public LinuxTask? Current { get; private set; }

    /// <summary>Whether the machine is being taken down.</summary>
    public bool IsHalted => _halted;

    internal bool HasPending => _hasPending;

    /// <summary>Starts the virtual CPUs.</summary>
    public void Start()
    {
        foreach (Thread thread in _threads) thread.Start();
    }

    /// <summary>Has <paramref name="action"/> run soon, inside the kernel lock, in interrupt context. Any thread.</summary>
    public void Post(Action action)
    {
        lock (_posted) _posted.Enqueue(action);
        _hasPending = true;
        Interlocked.MemoryBarrier();
        VirtualCpu? idle = null;
        foreach (VirtualCpu cpu in Cpus)
        {
            cpu.Machine.RequestPreemption();
            if (cpu.IsIdle) idle = cpu;
        }
        idle?.Wake();
    }

    /// <summary>Runs what was posted and the timers that are due, in interrupt context: there is no current task, and no sleeping.</summary>
    internal void RunInterrupts(long now, VirtualCpu? cpu = null)
    {
        if (!_hasPending && Time.NextDeadline > now) return;
        LinuxTask? interrupted = Current;
        Current = null;
        _interrupted = cpu;
        while (_hasPending)
        {
            Action? action;
            lock (_posted)
            {
                _posted.TryDequeue(out action);
                if (_posted.Count == 0) _hasPending = false;
            }
            action?.Invoke();
        }
        Time.ExpireTimers(now);
        _interrupted = null;
        Current = interrupted;
    }

    internal void SetCurrent(LinuxTask? task) => Current = task;

    /// <summary>Stops the virtual CPUs; tasks are left as they are.</summary>
    public void Halt()
    {
        _halted = true;
        foreach (VirtualCpu cpu in Cpus)
        {
            cpu.Machine.RequestPreemption();
            cpu.Wake();
        }
        foreach (Thread thread in _threads)
        {
            if (thread.IsAlive && thread != Thread.CurrentThread) thread.Join();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Halt();
        foreach (VirtualCpu cpu in Cpus) cpu.Dispose();
        Engine.Dispose();
        Machine.Dispose();
        Nodes.Dispose();
        Frames.Dispose();
    }
}
