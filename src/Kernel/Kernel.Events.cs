using Kennel.Abi;
using Kennel.Probes;
using Kennel.Scheduling;
using Kennel.Tasks;

namespace Kennel;

/// <summary>Records of what happens here. A point tests first whether anybody wants its: <see cref="Watching"/>.</summary>
public sealed partial class Kernel
{
    /// <summary>A copy of <see cref="ProbeSet.Watched"/>, close at hand.</summary>
    internal ulong Watched { get; private set; }

    /// <summary>Programs as tracers read them.</summary>
    internal Views.Programs.ProgramFiles Programs => field ??= new Views.Programs.ProgramFiles(this);

    /// <summary>Instructions of guest programs that are watched.</summary>
    internal Views.Programs.CodeWatches CodeWatches => field ??= new Views.Programs.CodeWatches(this);

    private Views.KernelFunctions? _functions;
    private Views.WatchedCalls? _functionCalls;
    private int _stackKeepers;

    /// <summary>The functions that can be watched.</summary>
    internal Views.KernelFunctions Functions => _functions ??= new Views.KernelFunctions(UpdateFunctions, OnTracerBug);

    /// <summary>Where their calls are told.</summary>
    internal Views.WatchedCalls FunctionCalls => _functionCalls ??= new Views.WatchedCalls(this, Functions.All);

    /// <summary>
    /// Has <see cref="EventKind.UserBreakpoint"/> fired before an instruction of a file runs: in a process, or in all (0). Null when no code can be mapped
    /// from it, or the engine cannot watch. Dispose to end it; both inside the kernel lock.
    /// </summary>
    public IDisposable? WatchCode(Files.Inode file, long offset, int processId, out int id)
    {
        id = 0;
        return Engine.CanWatch && file.Pages is { } pages && offset >= 0 && offset < pages.Size ? CodeWatches.Add(pages, offset, processId, out id) : null;
    }

    /// <summary>The functions of a program file; empty when it is none.</summary>
    public IReadOnlyList<ElfFunction> FunctionsOf(Files.Inode file) => file.Pages is { } pages ? Programs.Of(pages)?.Functions ?? [] : [];

    /// <summary>A section of a program file, unpacked; empty when there is none.</summary>
    public byte[] SectionOf(Files.Inode file, string name) => file.Pages is { } pages ? Programs.Of(pages)?.Section(name) ?? [] : [];

    /// <summary>Where an address, as a program file was linked, lies in the file; -1 for nowhere.</summary>
    public long FileOffset(Files.Inode file, ulong address) => file.Pages is { } pages && Programs.Of(pages) is { } program ? program.OffsetOf(address) : -1;

    /// <summary>One more, or one less, wants the stacks of tasks.</summary>
    internal void KeepStacks(bool keep)
    {
        _stackKeepers += keep ? 1 : -1;
        UpdateFunctions();
    }

    /// <summary>The first exception of a tracer's; null while there was none.</summary>
    public Exception? TracerBug { get; private set; }

    /// <summary>A tracer threw: it is logged, and costs the guest nothing.</summary>
    public void OnTracerBug(Exception bug)
    {
        TracerBug ??= bug;
        Log.Write($"Bug of a tracer: {bug}");
    }

    private void UpdateFunctions()
    {
        Probes.AreFunctionsWatched = _stackKeepers > 0 || Functions.IsAnyOn;
        Probes.AreSyscallFunctionsWatched = Functions.IsAnyCallOn;
    }

    // Who serves interrupts now; only for records.
    private VirtualCpu? _interrupted;

    /// <summary>A record with time, processor and task filled in, to be completed and fired.</summary>
    internal KernelEvent NewRecord(EventKind kind)
    {
        LinuxTask? task = Current;
        return new KernelEvent { Kind = kind, Time = Time.Now(), Task = task ?? Tasks.Idle, Cpu = (task?.Processor ?? _interrupted)?.Id ?? 0 };
    }

    /// <summary>Fires a record that has a number and another task at most.</summary>
    internal void Fire(Probe probe, int number = 0, ITracedTask? target = null, string? text = null)
    {
        KernelEvent record = NewRecord(probe.Kind);
        record.Number = number;
        record.Target = target;
        record.Text = text;
        probe.Fire(record);
    }

    /// <summary>Fires a record about a signal that was sent.</summary>
    internal void FireSignal(Probe probe, LinuxTask target, in SignalInfo info, bool toProcess)
    {
        KernelEvent record = NewRecord(probe.Kind);
        record.Target = target;
        record.Number = info.Number;
        record.A0 = unchecked((ulong)(long)info.Code);
        record.A1 = toProcess ? 1ul : 0;
        record.Data = info;
        probe.Fire(record);
    }

    /// <summary>Fires a record about bytes that a file system reads or writes under itself.</summary>
    public void FireTransfer(Probe probe, FileTransfer transfer)
    {
        KernelEvent record = NewRecord(probe.Kind);
        record.Data = transfer;
        probe.Fire(record);
    }

    /// <summary>Fires a record about a signal that the running task has taken, or an exception that it has caused.</summary>
    internal void FireTaken(Probe probe, in SignalInfo info, ulong address = 0)
    {
        KernelEvent record = NewRecord(probe.Kind);
        record.Number = info.Number;
        record.A0 = address;
        record.Data = info;
        probe.Fire(record);
    }
}
