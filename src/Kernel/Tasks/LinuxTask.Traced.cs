using Kennel.Machine;
using Kennel.Memory;
using Kennel.Probes;
using Kennel.Abi;

namespace Kennel.Tasks;

/// <summary>A task as probes hand it over.</summary>
public sealed partial class LinuxTask : ITracedTask
{
    int ITracedTask.ThreadId => Id.Value;

    int ITracedTask.ProcessId => Group.Leader.Id.Value;

    object ITracedTask.Process => Group;

    ITracedTask? ITracedTask.Parent => RealParent?.Group.Leader;

    string ITracedTask.Name => Comm;

    IReadOnlyList<string> ITracedTask.Arguments => [];

    uint ITracedTask.UserId => Credential.Uid;

    uint ITracedTask.GroupId => Credential.Gid;

    uint ITracedTask.EffectiveUserId => Credential.EffectiveUid;

    uint ITracedTask.EffectiveGroupId => Credential.EffectiveGid;

    (long User, long System) ITracedTask.CpuTime => (Accounting.UserTime, Accounting.SystemTime);

    char ITracedTask.State => State.Letter();

    int ITracedTask.Cpu => Scheduling.LastProcessor;

    int ITracedTask.Syscall => InSyscall;

    int ITracedTask.ReadMemory(ulong address, Span<byte> destination) => Memory?.CopyInPartial(address, destination) ?? 0;

    int ITracedTask.WriteMemory(ulong address, ReadOnlySpan<byte> source) => Memory?.CopyOutPartial(address, source) ?? 0;

    unsafe ulong ITracedTask.Register(int number) => Cpu == null ? 0 : number switch
    {
        16 => Cpu->Rip,
        17 => Cpu->Eflags,
        _ => Cpu->R[number],
    };

    unsafe int ITracedTask.UserStack(Span<ulong> frames)
    {
        if (Cpu == null || frames.IsEmpty) return 0;
        frames[0] = Cpu->Rip;
        return 1;
    }

    int ITracedTask.KernelStack(Span<ulong> frames) => 0;

    UserSymbol? ITracedTask.FindUserSymbol(ulong address) => null;

    TracedFile? ITracedTask.FindFile(int descriptor) => null;

    void ITracedTask.SendSignal(int signal) => Group.Send(SignalInfo.FromKernel((Signal)signal));
}
