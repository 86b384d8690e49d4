using Kennel.Files;
using Kennel.Machine;
using Kennel.Namespaces;
using Kennel.Probes;
using Kennel.Scheduling;
using Kennel.Tasks;
using Kennel.Time;

namespace Kennel;

/// <summary>
/// One running kernel: everything of it hangs here, nothing is static, so several live in one .NET process.
/// </summary>
public sealed class Kernel : IDisposable
{
    private readonly Queue<Action> _posted = new();
    private readonly Thread[] _threads;
    private volatile bool _hasPending;
    private volatile bool _halted;
    private int _idle;

    /// <param name="engine">Makes the engine for this machine's memory and processors.</param>
    public Kernel(KernelOptions options, IHostPlatform host, Func<FramePool, ProcessorSet, IExecutionEngine> engine)
    {
        Options = options;
        Host = host;
        Time = new Timekeeper(host, options.Seed != null);
        Vfs = new VfsState(Time);
        Log = new KernelLog(() => Time.Monotonic);
        Frames = new FramePool(options.MemoryLimit);
        Nodes = new PageNodePool(options.MemoryLimit / 8);
        Machine = new ProcessorSet(options.Processors);
        Engine = engine(Frames, Machine);
        Scheduler = new Scheduler(this);
        Tasks = new TaskTable(this);
        Processors = [.. Enumerable.Range(0, options.Processors).Select(i => new VirtualCpu(this, Machine[i]))];
        foreach (VirtualCpu cpu in Processors) cpu.Machine.ReadTimeStamp = () => (ulong)Time.Monotonic;
        _threads = [.. Processors.Select(cpu => new Thread(cpu.Run, 16 << 20) { IsBackground = true, Name = $"kennel cpu {cpu.Id}" })];
    }

    public KernelOptions Options { get; }

    public IHostPlatform Host { get; }

    /// <summary>The one kernel lock: kernel code runs inside it, guest code outside.</summary>
    public object Lock { get; } = new();

    public KernelLog Log { get; }

    public ProbeSet Probes { get; } = new();

    public Timekeeper Time { get; }

    public FramePool Frames { get; }

    public PageNodePool Nodes { get; }

    /// <summary>All address spaces, for whoever must find the mappings of a file.</summary>
    internal LinkedList<Memory.AddressSpace> AddressSpaces { get; } = [];

    /// <summary>Areas in all address spaces together, and the most there may be: they are host memory, too.</summary>
    internal int AreaCount { get; set; }

    internal int AreaLimit => (int)Math.Clamp(Options.MemoryLimit / 2048, Memory.AddressSpace.MaxAreas, int.MaxValue);

    public ProcessorSet Machine { get; }

    public IExecutionEngine Engine { get; }

    public Scheduler Scheduler { get; }

    public IReadOnlyList<VirtualCpu> Processors { get; }

    public TaskTable Tasks { get; }

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
        foreach (VirtualCpu cpu in Processors) cpu.Machine.RequestPreemption();
        lock (Lock) Monitor.Pulse(Lock);
    }

    internal void RunPosted()
    {
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
    }

    /// <summary>Wakes an idle processor because a task became runnable.</summary>
    internal void Kick()
    {
        if (_idle > 0) Monitor.Pulse(Lock);
    }

    /// <summary>Nothing to run: wait for a timer, a posted action or a new runnable task.</summary>
    internal void Idle()
    {
        long deadline = Time.NextDeadline;
        if (Time.IsVirtual && deadline != long.MaxValue && _idle == Processors.Count - 1)
        {
            Time.SkipTo(deadline);
            return;
        }
        long wait = deadline == long.MaxValue ? Timeout.Infinite : Math.Clamp((deadline - Time.Monotonic + 999_999) / 1_000_000, 0, int.MaxValue);
        if (wait == 0 || _hasPending || _halted) return;
        _idle++;
        Monitor.Wait(Lock, (int)wait);
        _idle--;
    }

    internal void SetCurrent(LinuxTask? task) => Current = task;

    /// <summary>Stops the virtual CPUs; tasks are left as they are.</summary>
    public void Halt()
    {
        _halted = true;
        foreach (VirtualCpu cpu in Processors) cpu.Machine.RequestPreemption();
        lock (Lock) Monitor.PulseAll(Lock);
        foreach (Thread thread in _threads)
        {
            if (thread.IsAlive && thread != Thread.CurrentThread) thread.Join();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Halt();
        Engine.Dispose();
        Machine.Dispose();
        Nodes.Dispose();
        Frames.Dispose();
    }
}
