using Kennel.Abi;
using Kennel.Credentials;
using Kennel.Files;
using Kennel.Machine;
using Kennel.Memory;
using Kennel.Namespaces;
using Kennel.Signals;
using Kennel.Tasks;
using Kennel.Time;

namespace Kennel.Tests.Tasks;

/// <summary>
/// A whole kernel with an engine that runs <see cref="Script"/>s, on the test's own thread, in virtual time: processes are born, get
/// signals, sleep and die as in earnest, and a run is the same every time.
/// </summary>
internal sealed class ScriptedMachine : IDisposable
{
    /// <summary>Guest memory that every program has: 64 KiB of data, and a stack.</summary>
    public const ulong Data = 0x10000000, Stack = 0x20000000, Size = 0x10000;

    // Virtual time after which a run counts as stuck.
    private const long Patience = 1000L * 1_000_000_000;

    // Steps after which it counts as running in circles.
    private const long MostSteps = 20_000_000;

    private readonly Script _script;

    public ScriptedMachine(Script script, KernelOptions? options = null)
    {
        _script = script;
        Kernel = new Kernel(options ?? new KernelOptions { MemoryLimit = 64 << 20, Seed = 1 }, new Host(), (_, _) => new Engine(this));
        Kernel.CreateInit(null!, new FsContext { Root = default, WorkingDirectory = default });
    }

    public Kernel Kernel { get; }

    /// <summary>What the script noted.</summary>
    public List<string> Trace { get; } = [];

    /// <summary>Status and usage of the program that was run.</summary>
    public SpawnResult Result { get; private set; }

    /// <summary>Runs the script in a new process until that is reaped.</summary>
    public static ScriptedMachine Run(Script script, KernelOptions? options = null, Credential? credential = null)
    {
        var machine = new ScriptedMachine(script, options);
        machine.Start("script", Script.Base, credential, result =>
        {
            machine.Result = result;
            machine.Kernel.Halt();
        });
        machine.Go();
        return machine;
    }

    /// <summary>Makes a process that begins at an address of the script.</summary>
    public LinuxTask Start(string name, ulong entry, Credential? credential, Action<SpawnResult>? ended)
    {
        LinuxTask init = Kernel.Tasks.Init;
        Assert.Equal(Errno.None, Kernel.Tasks.RootNamespace.Allocate([], out PidNumbers? numbers));
        var task = new LinuxTask(Kernel, numbers!, init.Group.Fork(), init.Namespaces, credential ?? Credential.For(0, 0))
        {
            Comm = name,
            Files = new FileTable(),
            Handlers = new SignalHandlers(),
            ExitSignal = (int)Signal.SIGCHLD,
            Entry = t => BeginAsync(t, entry),
        };
        task.Group.Reaped = g => ended?.Invoke(new SpawnResult(Errno.None, g.ExitStatus, g.TotalUsage));
        Kernel.Tasks.Attach(task, init);
        task.Group.MoveTo(Kernel.Tasks.NewSession(task.Group));
        task.WakeUpNew();
        return task;
    }

    /// <summary>Runs until the kernel is halted.</summary>
    public void Go()
    {
        var watchdog = new KernelTimer(Kernel.Time, () =>
        {
            Trace.Add("stuck");
            Kernel.Halt();
        });
        watchdog.Start(Kernel.Time.Monotonic + Patience);
        Kernel.Processors[0].Run();
        watchdog.Cancel();
        Assert.True(Kernel.OopsCount == 0, string.Join('\n', Kernel.Log.Lines));
        Assert.DoesNotContain("stuck", Trace);
    }

    public void Dispose() => Kernel.Dispose();

    private static unsafe ValueTask BeginAsync(LinuxTask task, ulong entry)
    {
        var memory = new AddressSpace(task.Kernel);
        const MapFlags Flags = MapFlags.MAP_PRIVATE | MapFlags.MAP_ANONYMOUS | MapFlags.MAP_FIXED;
        Assert.Equal(Errno.None, memory.Map(Data, Size, PageAccess.Read | PageAccess.Write, Flags, null, 0, out _));
        Assert.Equal(Errno.None, memory.Map(Stack, Size, PageAccess.Read | PageAccess.Write, Flags, null, 0, out _));
        task.Memory = memory;
        task.Cpu->Reset();
        task.Cpu->Rip = entry;
        task.Cpu->R[CpuState.Rsp] = Stack + Size;
        return default;
    }

    private sealed class Engine(ScriptedMachine machine) : IExecutionEngine
    {
        public string Name => "script";

        public unsafe StopReason Run(Processor processor, CpuState* state, PageTable memory, long budget)
        {
            var guest = new Guest(machine, state, memory);
            if (state->Retired > MostSteps)
            {
                machine.Trace.Add("stuck");
                machine.Kernel.Halt();
            }
            while (budget-- > 0)
            {
                if (processor.PreemptRequested) return StopReason.Preempted;
                ulong rip = state->Rip;
                if (!machine._script.Contains(rip)) return Fault(state, rip, PageAccess.Execute);
                state->Rip++;
                state->Retired++;
                try
                {
                    StopReason? stop = machine._script[rip](guest);
                    if (stop == StopReason.SystemCall) state->Rip++; // a system call is two bytes long, as in earnest
                    if (stop != null) return stop.Value;
                }
                catch (GuestFault fault)
                {
                    state->Rip = rip;
                    return Fault(state, fault.Address, fault.Access);
                }
            }
            return StopReason.Preempted;
        }

        public unsafe void MaterializeFlags(CpuState* state)
        {
        }

        public void Dispose()
        {
        }

        private static unsafe StopReason Fault(CpuState* state, ulong address, PageAccess access)
        {
            state->FaultAddress = address;
            state->FaultAccess = access;
            return StopReason.PageFault;
        }
    }

    private sealed class Host : IHostPlatform
    {
        public long MonotonicNanoseconds => 0;

        public long RealtimeNanoseconds => 0;

        public void FillRandom(Span<byte> bytes) => bytes.Fill(0x5a);
    }
}
