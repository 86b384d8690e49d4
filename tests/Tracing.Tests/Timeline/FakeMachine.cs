using Kennel.Probes;

namespace Kennel.Tracing.Tests.Timeline;

/// <summary>A machine without a kernel: tests say what happens in it.</summary>
internal sealed class FakeMachine(int processors = 1) : ITraceTarget, IKernelModel
{
    private readonly List<Action> _timers = [];

    public ProbeSet Probes { get; } = new();

    public IKernelModel Model => this;

    public Lock Lock { get; } = new();

    public long Now { get; set; } = 1_000_000_000_000;

    public long WallClock => 1_750_000_000_000_000_000;

    public int Processors => processors;

    public FakeTask[] Current { get; } = [.. Enumerable.Range(0, processors).Select(_ => new FakeTask(0, "swapper/0"))];

    public long TimerPeriod { get; private set; }

    public int Timers => _timers.Count;

    public List<ITracedTask> AllTasks { get; } = [];

    public IReadOnlyCollection<KernelStruct> Structs => [];

    public IReadOnlyList<KernelFunction> Functions => [];

    public IReadOnlyList<SyscallShape> Syscalls { get; } = [new(0, "read", []), new(61, "wait4", []), new(230, "clock_nanosleep", [])];

    public IEnumerable<ITracedTask> Tasks => AllTasks;

    public ITracedTask Idle { get; } = new FakeTask(0, "swapper/0");

    public ITracedTask CurrentOn(int processor) => Current[processor];

    public IDisposable StartTimer(long period, Action tick, bool samples = false)
    {
        TimerPeriod = period;
        _timers.Add(tick);
        return new Ending(() => _timers.Remove(tick));
    }

    /// <summary>Lets all timers expire.</summary>
    public void Tick()
    {
        foreach (Action tick in _timers.ToArray()) tick();
    }

    /// <summary>Lets time pass, and something happen.</summary>
    public void Fire(EventKind kind, ITracedTask task, long after = 1000, ITracedTask? target = null, int number = 0, string? text = null, int cpu = 0, long result = 0, ulong a0 = 0)
    {
        Now += after;
        Probes[kind].Fire(new KernelEvent { Kind = kind, Time = Now, Task = task, Target = target, Number = number, Text = text, Cpu = cpu, Result = result, A0 = a0 });
    }

    /// <summary>The places that are watched; each by its index.</summary>
    public List<(string Path, long Offset)> Watched { get; } = [];

    public IDisposable? WatchCode(string path, long offset, int processId, out int id)
    {
        id = Watched.Count;
        Watched.Add((path, offset));
        return new Ending(static () => { });
    }

    public IReadOnlyList<ElfFunction> FunctionsOf(string path) => [];

    /// <summary>The sections of its only program, which is loaded as it lies in the file.</summary>
    public Dictionary<string, byte[]> Sections { get; } = [];

    public byte[] SectionOf(string path, string name) => Sections.GetValueOrDefault(name, []);

    public long FileOffset(string path, ulong address) => (long)address;

    public KernelStruct? FindStruct(string name) => null;

    public ulong AddressOf(object? item) => 0;

    public object? ObjectAt(ulong address, out int offset)
    {
        offset = 0;
        return null;
    }

    public KernelVariable? FindVariable(string name) => null;

    public KernelFunction? FindFunction(ulong address) => null;

    public ITracedTask? FindTask(int threadId) => AllTasks.Find(t => t.ThreadId == threadId);

    private sealed class Ending(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}

/// <summary>A task that is what a test says.</summary>
internal sealed class FakeTask(int threadId, string name, FakeTask? leader = null, FakeTask? parent = null) : ITracedTask
{
    public FakeTask Leader => leader ?? this;

    public int ThreadId { get; set; } = threadId;

    public int ProcessId => leader?.ThreadId ?? ThreadId;

    public object Process { get; } = leader?.Process ?? new object();

    public ITracedTask? Parent => parent;

    public string Name { get; set; } = name;

    public IReadOnlyList<string> Arguments { get; set; } = [];

    public uint UserId => 0;

    public uint GroupId => 0;

    public uint EffectiveUserId => 0;

    public uint EffectiveGroupId => 0;

    public (long User, long System) CpuTime { get; set; }

    public char State => 'R';

    public int Cpu => 0;

    public long StartTime => 0;

    public int Syscall { get; set; } = -1;

    public ulong[] Stack { get; set; } = [];

    public Dictionary<ulong, UserSymbol> Symbols { get; } = [];

    /// <summary>Its memory: numbers of eight bytes.</summary>
    public Dictionary<ulong, ulong> Words { get; } = [];

    public ulong StackPointer { get; set; }

    /// <summary>What reads as anything at all.</summary>
    public Random? Garbage { get; init; }

    public int ReadMemory(ulong address, Span<byte> destination)
    {
        if (Garbage == null) return Words.TryGetValue(address, out ulong word) && BitConverter.TryWriteBytes(destination, word) ? sizeof(ulong) : 0;
        int count = Garbage.Next(8) == 0 ? Garbage.Next(destination.Length + 1) : destination.Length;
        for (int i = 0; i < count; i++) destination[i] = (byte)(Garbage.Next(3) == 0 ? Garbage.Next(4) : Garbage.Next(256));
        return count;
    }

    public int WriteMemory(ulong address, ReadOnlySpan<byte> source) => 0;

    public ulong Register(int number) => number == 4 ? StackPointer : 0;

    public int UserStack(Span<ulong> frames)
    {
        Stack.CopyTo(frames);
        return Stack.Length;
    }

    public int KernelStack(Span<ulong> frames) => 0;

    public UserSymbol? FindUserSymbol(ulong address) => Symbols.Values.Cast<UserSymbol?>().FirstOrDefault(s => address - s!.Value.Start < s.Value.Size);

    public TracedFile? FindFile(int descriptor) => null;

    public void SendSignal(int signal)
    {
    }
}
