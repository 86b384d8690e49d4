using System.Runtime.InteropServices;
using Kennel.Abi;
using Kennel.Credentials;
using Kennel.Files;
using Kennel.Machine;
using Kennel.Memory;
using Kennel.Namespaces;
using Kennel.Scheduling;
using Kennel.Signals;

namespace Kennel.Tasks;

/// <summary>
/// One thread of execution (Linux: task_struct): who it is, what it is doing, and what it shares with others. Whom it is
/// related to is in LinuxTask.Relations; its life is in the files beside: Clone (birth), Run, Sleep, Signals, Stop, Exec, Exit, Wait.
/// </summary>
/// <remarks>
/// What a clone flag can share is a class of its own: <see cref="AddressSpace"/>, <see cref="FileTable"/>,
/// <see cref="FsContext"/>, <see cref="SignalHandlers"/>, <see cref="ThreadGroup"/>, <see cref="NamespaceSet"/>.
/// guard-note: every field is guarded by the kernel lock, except <see cref="Cpu"/>, which the processor that runs the task owns.
/// </remarks>
public sealed partial class LinuxTask
{
    // Identity

    /// <summary>The machine that it lives in.</summary>
    public Kernel Kernel { get; }

    /// <summary>Its number in every pid namespace that can see it.</summary>
    public PidNumbers Numbers { get; internal set; }

    /// <summary>The global thread id (Linux: task->pid).</summary>
    public Pid Id => Numbers.Global;

    /// <summary>The process that it belongs to; shared with CLONE_THREAD.</summary>
    public ThreadGroup Group { get; internal set; }

    /// <summary>Name, at most 15 bytes (man 2 prctl, PR_SET_NAME).</summary>
    public string Comm { get; set; } = "";

    /// <summary>PF_* bits that others may see (/proc/PID/stat, field 9).</summary>
    public TaskFlags Flags { get; set; }

    /// <summary>Whether it is a kernel thread: no memory, never in user mode.</summary>
    public bool IsKernelThread => (Flags & TaskFlags.KernelThread) != 0;

    /// <summary>Whether it leads its thread group.</summary>
    public bool IsGroupLeader => Group.Leader == this;

    /// <summary>When it was made, monotonic nanoseconds (Linux: start_time; start_boottime is the same here, nothing suspends).</summary>
    public long StartTime { get; internal set; }

    // State

    /// <summary>What it is doing.</summary>
    public TaskState State { get; internal set; } = TaskState.New;

    /// <summary>Status word for its parent, valid from Zombie on.</summary>
    public WaitStatus ExitStatus { get; internal set; }

    /// <summary>CPU time, faults and switches.</summary>
    public TaskAccounting Accounting { get; } = new();

    /// <summary>Policy, nice value, processors, and how much it has run.</summary>
    public TaskScheduling Scheduling { get; internal set; } = new();

    internal bool HasExited => State is TaskState.Zombie or TaskState.Dead;

    // Shared parts, null once released at exit

    public AddressSpace? Memory { get; internal set; }

    public FileTable? Files { get; internal set; }

    public FsContext? Fs { get; internal set; }

    public SignalHandlers? Handlers { get; internal set; }

    public NamespaceSet Namespaces { get; internal set; }

    /// <summary>Who it acts as. Immutable; replaced as a whole (Linux: struct cred).</summary>
    public Credential Credential { get; internal set; }

    // Of its own

    /// <summary>Registers, in native memory; freed when the task has exited.</summary>
    public unsafe CpuState* Cpu { get; private set; }

    /// <summary>man 2 personality.</summary>
    public uint Personality { get; set; }

    /// <summary>How much later than asked a sleep may end, nanoseconds (PR_SET_TIMERSLACK).</summary>
    public long TimerSlack { get; set; } = 50_000;

    /// <summary>man 2 ioprio_set; 0 for none.</summary>
    public int IoPriority { get; set; }

    /// <summary>Where the robust mutexes that it holds are listed (man 2 set_robust_list).</summary>
    internal ulong RobustList { get; set; }

    internal unsafe LinuxTask(Kernel kernel, PidNumbers numbers, ThreadGroup group, NamespaceSet namespaces, Credential credential)
    {
        Kernel = kernel;
        Numbers = numbers;
        Group = group;
        Namespaces = namespaces;
        Credential = credential;
        Cpu = (CpuState*)NativeMemory.AlignedAlloc((nuint)sizeof(CpuState), 64);
        Cpu->Reset();
    }

    /// <summary>Gives back the registers; nobody asks a zombie for them. Linux: kernel/fork.c, free_task.</summary>
    internal unsafe void FreeNative()
    {
        if (Cpu == null) return;
        NativeMemory.AlignedFree(Cpu);
        Cpu = null;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Comm}[{Id}]";
}

/// <summary>PF_* of include/linux/sched.h, the values that /proc/PID/stat shows.</summary>
[Flags]
public enum TaskFlags : uint
{
    None = 0,
    Idle = 0x2,
    Exiting = 0x4,
    ForkedNotExeced = 0x40,
    SuperPrivileges = 0x100,
    DumpedCore = 0x200,
    Signaled = 0x400,
    KernelThread = 0x200000,
    Randomize = 0x400000,
}
