using Kennel.Abi;
using Kennel.Files;
using Kennel.Machine;
using Kennel.Probes;
using Kennel.Views;

namespace Kennel.Tasks;

/// <summary>A task as probes hand it over.</summary>
public sealed partial class LinuxTask : ITracedTask
{
    int ITracedTask.ThreadId => Id.Value;

    int ITracedTask.ProcessId => Group.Leader.Id.Value;

    object ITracedTask.Process => Group;

    ITracedTask? ITracedTask.Parent => RealParent?.Group.Leader;

    string ITracedTask.Name => Comm;

    IReadOnlyList<string> ITracedTask.Arguments => IsKernelThread ? [] : [.. Group.Arguments.Select(static a => System.Text.Encoding.Latin1.GetString(a))];

    uint ITracedTask.UserId => Credential.Uid;

    uint ITracedTask.GroupId => Credential.Gid;

    uint ITracedTask.EffectiveUserId => Credential.EffectiveUid;

    uint ITracedTask.EffectiveGroupId => Credential.EffectiveGid;

    (long User, long System) ITracedTask.CpuTime => LiveCpuTime;

    char ITracedTask.State => State.Letter();

    int ITracedTask.Cpu => Scheduling.LastProcessor;

    int ITracedTask.Syscall => InSyscall;

    /// <summary>CPU time up to now, nanoseconds.</summary>
    internal (long User, long System) LiveCpuTime =>
        Processor == null ? (Accounting.UserTime, Accounting.SystemTime) : Accounting.Live(Kernel.Time.Now(), Kernel.Scheduler.Speed, IsInUserMode);

    int ITracedTask.ReadMemory(ulong address, Span<byte> destination) => Memory?.Peek(address, destination) ?? 0;

    int ITracedTask.WriteMemory(ulong address, ReadOnlySpan<byte> source) => Memory?.CopyOutPartial(address, source) ?? 0;

    unsafe ulong ITracedTask.Register(int number)
    {
        if (Cpu == null) return 0;
        if (number == 17 && !IsInUserMode) Kernel.Engine.MaterializeFlags(Cpu);
        return number switch
        {
            16 => Cpu->Rip,
            17 => Cpu->Eflags,
            _ => Cpu->R[number],
        };
    }

    unsafe int ITracedTask.UserStack(Span<ulong> frames)
    {
        if (Cpu == null || Memory == null || frames.IsEmpty) return 0;
        frames[0] = Cpu->Rip;
        return 1;
    }

    int ITracedTask.KernelStack(Span<ulong> frames) => Kernel.Functions.Stack(_kernelCalls ?? [], InSyscall, frames);

    UserSymbol? ITracedTask.FindUserSymbol(ulong address) => null;

    TracedFile? ITracedTask.FindFile(int descriptor) => Files?[new Fd(descriptor)] is { } file ? FileNames.Describe(file, Fs) : null;

    void ITracedTask.SendSignal(int signal) => Group.Send(SignalInfo.FromKernel((Signal)signal));

    /// <summary>The kernel functions that it is in, noted while functions are watched.</summary>
    internal Stack<int> KernelCalls => _kernelCalls ??= new Stack<int>();

    private Stack<int>? _kernelCalls;

    // Its registers are the engine's then, and what CpuState holds is some instructions old.
    private bool IsInUserMode { get; set; }
}
