using System.Text;
using Kennel.Probes;

namespace Kennel.Tracing.Tests.D;

/// <summary>A machine without a machine: events are fired by hand, and timers run when the clock is set.</summary>
public sealed class FakeTarget : ITraceTarget, IKernelModel
{
    private readonly List<(FakeTimer Timer, long Period, Action Tick)> _timers = [];
    private readonly Dictionary<object, ulong> _addresses = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<ulong, object> _objects = [];
    private long _now = 1_000_000_000;
    private int _watches;

    public FakeTarget()
    {
        Structs =
        [
            new KernelStruct("proc_t", true, "solaris",
            [
                new("p_parent", "proc_t *", o => o is FakeTask t ? FieldValue.Of(t.Parent) : null),
                new("p_user", "user_t", o => o is FakeTask ? FieldValue.Of(o) : null),
                new("p_mstart", "hrtime_t", o => o is FakeTask t ? t.StartTime : null),
            ]),
            new KernelStruct("user_t", true, "solaris",
            [
                new("u_comm", "char[17]", o => o is FakeTask t ? FieldValue.Of(t.Name) : null),
                new("u_finfo", "uf_info_t", o => o is FakeTask ? FieldValue.Of(o) : null),
                new("u_argv", "uintptr_t", o => o is FakeTask ? 0x1000 : null),
            ]),
            new KernelStruct("uf_info_t", true, "solaris",
            [
                new("fi_nfiles", "int", o => o is FakeTask t ? t.Files.Count : null),
                new("fi_list", "uf_entry_t *", o => o is FakeTask t ? FieldValue.Of(t.Files) : null),
            ]),
            new KernelStruct("uf_entry_t", true, "solaris", [new("uf_file", "file_t *", o => o is FakeSlot s ? FieldValue.Of(s.Path == null ? null : s) : null)]),
            new KernelStruct("file_t", true, "solaris", [new("f_path", "char *", o => o is FakeSlot s ? FieldValue.Of(s.Path) : null), new("f_flag", "ushort_t", o => o is FakeSlot ? 2 : null)]),
            new KernelStruct("kthread_t", true, "solaris",
            [
                new("t_tid", "id_t", o => o is FakeTask t ? t.ThreadId : null),
                new("t_procp", "proc_t *", o => o is FakeTask ? FieldValue.Of(o) : null),
            ]),
            new KernelStruct("psinfo_t", true, "solaris",
            [
                new("pr_pid", "pid_t", o => o is FakeTask t ? t.ProcessId : null),
                new("pr_psargs", "char[80]", o => o is FakeTask t ? FieldValue.Of(string.Join(' ', t.Arguments)) : null),
                new("pr_fname", "char[16]", o => o is FakeTask t ? FieldValue.Of(t.Name) : null),
            ]),
            new KernelStruct("lwpsinfo_t", true, "solaris", [new("pr_lwpid", "id_t", o => o is FakeTask t ? t.ThreadId : null), new("pr_sname", "char", o => o is FakeTask t ? t.State : null)]),
            new KernelStruct("task_struct", false, "linux", [new("pid", "pid_t", o => o is FakeTask t ? t.ThreadId : null), new("comm", "char[16]", o => o is FakeTask t ? FieldValue.Of(t.Name) : null)]),
            new KernelStruct("timespec", false, "linux", [new("tv_sec", "long", static _ => null), new("tv_nsec", "long", static _ => null)]),
        ];
        Init = new FakeTask(1, "init", null);
        Shell = new FakeTask(50, "sh", Init) { Arguments = ["sh", "-c", "cat x"] };
        Cat = new FakeTask(100, "cat", Shell) { Arguments = ["cat", "x"] };
    }

    public FakeTask Init { get; }

    public FakeTask Shell { get; }

    public FakeTask Cat { get; }

    public ProbeSet Probes { get; } = new();

    public IKernelModel Model => this;

    public Lock Lock { get; } = new();

    public long Now => _now;

    public long WallClock => 1_772_719_329_000_000_000;

    public int Processors => 2;

    public IReadOnlyCollection<KernelStruct> Structs { get; }

    public IReadOnlyList<KernelFunction> Functions { get; } =
    [
        new(0, "do_exit", "kernel/exit.c", "void", [new("code", "long")]),
        new(1, "vfs_read", "fs/read_write.c", "ssize_t", [new("file", "struct file *"), new("count", "size_t")]),
    ];

    public IReadOnlyList<SyscallShape> Syscalls { get; } =
    [
        new(0, "read", [new("fd", "int"), new("buf", "void *"), new("count", "size_t")]),
        new(1, "write", [new("fd", "int"), new("buf", "const void *"), new("count", "size_t")]),
        new(56, "clone", [new("flags", "unsigned long")]),
        new(57, "fork", []),
        new(58, "vfork", []),
        new(59, "execve", [new("pathname", "const char *"), new("argv", "char **"), new("envp", "char **")]),
        new(61, "wait4", [new("pid", "pid_t")]),
    ];

    public IEnumerable<ITracedTask> Tasks => [Init, Shell, Cat];

    public ITracedTask Idle { get; } = new FakeTask(0, "swapper/0", null);

    public KernelStruct? FindStruct(string name) => Structs.FirstOrDefault(s => s.Name == name);

    public ulong AddressOf(object? item)
    {
        if (item == null) return 0;
        if (_addresses.TryGetValue(item, out ulong address)) return address;
        address = 0xffff_8880_0000_0000 + ((ulong)(_addresses.Count + 1) << 20);
        _objects[address] = item;
        return _addresses[item] = address;
    }

    public object? ObjectAt(ulong address, out int offset)
    {
        offset = (int)(address & 0xfffff);
        return _objects.GetValueOrDefault(address & ~0xfffffUL);
    }

    public KernelVariable? FindVariable(string name) => name switch
    {
        "nsec_per_tick" => new KernelVariable(name, "int", static () => 10_000_000),
        "init_task" => new KernelVariable(name, "struct task_struct", () => FieldValue.Of(Init)),
        _ => null,
    };

    public KernelFunction? FindFunction(ulong address) => address is >= 0x100 and < 0x102 ? Functions[(int)(address - 0x100)] : null;

    public ITracedTask? FindTask(int threadId) => Tasks.FirstOrDefault(t => t.ThreadId == threadId);

    public ITracedTask CurrentOn(int processor) => processor == 0 ? Cat : Idle;

    public IDisposable StartTimer(long period, Action tick, bool samples = false)
    {
        var timer = new FakeTimer();
        _timers.Add((timer, period, tick));
        return timer;
    }

    public IDisposable? WatchCode(string path, long offset, int processId, out int id)
    {
        id = ++_watches;
        return new FakeTimer();
    }

    public IReadOnlyList<ElfFunction> FunctionsOf(string path) => path == "/bin/cat" ? [new("main", 0x100, 0x40), new("helper", 0x200, 0x10)] : [];

    /// <summary>Lets time pass; what is due runs.</summary>
    public void Advance(long nanoseconds)
    {
        long end = _now + nanoseconds;
        List<(long At, Action Tick, FakeTimer Timer)> due = [];
        foreach ((FakeTimer timer, long period, Action tick) in _timers)
        {
            for (long at = ((_now / period) + 1) * period; at <= end; at += period) due.Add((at, tick, timer));
        }
        foreach ((long at, Action tick, FakeTimer timer) in due.OrderBy(d => d.At))
        {
            _now = at;
            if (!timer.IsDisposed) tick();
        }
        _now = end;
    }

    /// <summary>A call and its return, a microsecond apart.</summary>
    public void Call(FakeTask task, int number, long result, params ulong[] arguments)
    {
        ulong A(int i) => i < arguments.Length ? arguments[i] : 0;
        Fire(new KernelEvent { Kind = EventKind.SyscallEntered, Task = task, Number = number, A0 = A(0), A1 = A(1), A2 = A(2) });
        _now += 1000;
        Fire(new KernelEvent { Kind = EventKind.SyscallReturned, Task = task, Number = number, A0 = A(0), A1 = A(1), A2 = A(2), Result = result });
    }

    public void Fire(KernelEvent e)
    {
        e.Time = _now;
        Probes[e.Kind].Fire(e);
    }

    public sealed class FakeTimer : IDisposable
    {
        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }
}

public sealed record FakeSlot(string? Path);

/// <summary>A task of it.</summary>
public sealed class FakeTask(int id, string name, FakeTask? parent) : ITracedTask
{
    private static readonly byte[] MemoryBytes = Encoding.Latin1.GetBytes("/etc/passwd\0" + "four" + new string('\0', 8)).Concat(BitConverter.GetBytes(42L)).ToArray();

    public int ThreadId => id;

    public int ProcessId => id;

    public object Process => this;

    public ITracedTask? Parent => parent;

    public string Name { get; set; } = name;

    public IReadOnlyList<string> Arguments { get; init; } = [];

    public KernelArray Files { get; } = new("uf_entry_t", 3, static i => FieldValue.Of(Slots[i]));

    private static FakeSlot[] Slots { get; } = [new("/dev/tty"), new(null), new("/tmp/out")];

    public uint UserId => 1000;

    public uint GroupId => 100;

    public uint EffectiveUserId => 0;

    public uint EffectiveGroupId => 100;

    public (long User, long System) CpuTime => (5000, 2000);

    public char State => 'R';

    public int Cpu => 0;

    public long StartTime => 77;

    public int Syscall => -1;

    /// <summary>A page at 0x1000: a path, then at 0x1018 the number 42.</summary>
    public int ReadMemory(ulong address, Span<byte> destination)
    {
        if (address is < 0x1000 or >= 0x2000) return 0;
        int offset = (int)(address - 0x1000), count = Math.Min(destination.Length, 0x2000 - (int)address);
        for (int i = 0; i < count; i++) destination[i] = offset + i < MemoryBytes.Length ? MemoryBytes[offset + i] : (byte)0;
        return count;
    }

    public int WriteMemory(ulong address, ReadOnlySpan<byte> source) => address is >= 0x1000 and < 0x2000 ? source.Length : 0;

    public ulong Register(int number) => number == 16 ? 0x401004 : (ulong)number;

    public int UserStack(Span<ulong> frames)
    {
        ulong[] all = [0x401004, 0x401050, 0x500000];
        int count = Math.Min(frames.Length, all.Length);
        all.AsSpan(0, count).CopyTo(frames);
        return count;
    }

    public int KernelStack(Span<ulong> frames)
    {
        ulong[] all = [0x101, 0x100];
        int count = Math.Min(frames.Length, all.Length);
        all.AsSpan(0, count).CopyTo(frames);
        return count;
    }

    public UserSymbol? FindUserSymbol(ulong address) => address switch
    {
        >= 0x401000 and < 0x401040 => new UserSymbol("/bin/cat", "main", 0x401000, 0x40),
        >= 0x401040 and < 0x402000 => new UserSymbol("/bin/cat", "helper", 0x401050, 0x10),
        _ => null,
    };

    public TracedFile? FindFile(int descriptor) => descriptor == 1 ? new TracedFile("/dev/pts/0", 10, 2, "devpts", "/dev/pts", "char 136:0") : null;

    public void SendSignal(int signal) => Signals.Add(signal);

    public List<int> Signals { get; } = [];
}
