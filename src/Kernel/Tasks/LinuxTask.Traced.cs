using Kennel.Abi;
using Kennel.Files;
using Kennel.Machine;
using Kennel.Probes;
using Kennel.Views;
using Kennel.Views.Programs;

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

    (long User, long System) ITracedTask.CpuTimeAt(long now) => CpuTimeAt(now);

    char ITracedTask.State => State.Letter();

    int ITracedTask.Cpu => Scheduling.LastProcessor;

    int ITracedTask.Syscall => InSyscall;

    /// <summary>CPU time up to now, nanoseconds.</summary>
    internal (long User, long System) LiveCpuTime => CpuTimeAt(Processor == null ? 0 : Kernel.Time.Now());

    private (long User, long System) CpuTimeAt(long now) =>
        Processor == null ? (Accounting.UserTime, Accounting.SystemTime) : Accounting.Live(now, Kernel.Scheduler.Speed, IsInUserMode);

    int ITracedTask.ReadMemory(ulong address, Span<byte> destination) => Memory?.Peek(address, destination) ?? 0;

    int ITracedTask.WriteMemory(ulong address, ReadOnlySpan<byte> source) => Memory?.CopyOutPartial(address, source) ?? 0;

    unsafe ulong ITracedTask.Register(int number)
    {
        if (Cpu == null) return 0;
        if (number != 17) return RegistersNow()[number];
        if (!IsInUserMode) Kernel.Engine.MaterializeFlags(Cpu);
        return Cpu->Eflags;
    }

    unsafe int ITracedTask.UserStack(Span<ulong> frames)
    {
        if (Cpu == null || Memory == null || frames.IsEmpty) return 0;
        return new UserUnwinder(Memory, RegistersNow()).Walk(frames);
    }

    int ITracedTask.KernelStack(Span<ulong> frames) => Kernel.Functions.Stack(_kernelCalls ?? [], InSyscall, frames);

    UserSymbol? ITracedTask.FindUserSymbol(ulong address) => Memory == null ? null : Kernel.Programs.FindSymbol(Memory, address);

    TracedFile? ITracedTask.FindFile(int descriptor)
    {
        if (descriptor == Fd.WorkingDirectory.Value && Fs is { } fs) return FileNames.Describe(fs.WorkingDirectory, fs);
        return Files?[new Fd(descriptor)] is { } file ? FileNames.Describe(file, Fs) : null;
    }

    string? ITracedTask.RealPath(string path) =>
        Fs != null && PathWalk.Resolve(this, Fd.WorkingDirectory, path, WalkFlags.Follow, out VfsPath place) == Errno.None ? FileNames.Of(place, Fs) : null;

    void ITracedTask.SendSignal(int signal) => Group.Send(SignalInfo.FromKernel((Signal)signal));

    /// <summary>The kernel functions that it is in, noted while functions are watched.</summary>
    internal Stack<int> KernelCalls => _kernelCalls ??= new Stack<int>();

    private Stack<int>? _kernelCalls;

    // RAX to R15, RIP. While it runs guest code on another processor, that processor is held for a moment: its registers go together only
    // between slices.
    private unsafe ReadOnlySpan<ulong> RegistersNow()
    {
        if (!IsInUserMode) return CopyRegisters();
        Kernel.Machine.Quiesce(static (_, t) => t.CopyRegisters(), this);
        return _registers;
    }

    private unsafe ulong[] CopyRegisters()
    {
        ulong[] copy = _registers ??= new ulong[17];
        new ReadOnlySpan<ulong>(Cpu->R, 16).CopyTo(copy);
        copy[16] = Cpu->Rip;
        return copy;
    }

    private ulong[]? _registers;

    // Its registers are the engine's then.
    private bool IsInUserMode => Processor is { Machine.IsInGuest: true };
}
