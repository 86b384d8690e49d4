using Kennel.Probes;

namespace Kennel.Tracing.D.Runtime;

/// <summary>The tracer itself: BEGIN and END fire in its context.</summary>
internal sealed class ConsumerTask(string name, int processId, HostProcess host, ITracedTask? parent) : ITracedTask
{
    public int ThreadId => processId;

    public int ProcessId => processId;

    public object Process => this;

    public ITracedTask? Parent => parent;

    public string Name => name;

    public IReadOnlyList<string> Arguments => [name];

    public uint UserId => host.Uid;

    public uint GroupId => host.Gid;

    public uint EffectiveUserId => host.EffectiveUid;

    public uint EffectiveGroupId => host.EffectiveGid;

    public (long User, long System) CpuTime => ((long)(Environment.CpuUsage.UserTime.TotalMilliseconds * 1e6), (long)(Environment.CpuUsage.PrivilegedTime.TotalMilliseconds * 1e6));

    public char State => 'R';

    public int Cpu => 0;

    public long StartTime => 0;

    public int Syscall => -1;

    public int ReadMemory(ulong address, Span<byte> destination) => 0;

    public int WriteMemory(ulong address, ReadOnlySpan<byte> source) => 0;

    public ulong Register(int number) => 0;

    public int UserStack(Span<ulong> frames) => 0;

    public int KernelStack(Span<ulong> frames) => 0;

    public UserSymbol? FindUserSymbol(ulong address) => null;

    public TracedFile? FindFile(int descriptor) => null;

    public void SendSignal(int signal)
    {
        // Signals of a script go to guests; the tracer is none.
    }
}
