using Kennel.Probes;
using Kennel.Tracing.D.Runtime;
using Kennel.Tracing.Types;

namespace Kennel.Tracing.D.Providers;

/// <summary>
/// The providers whose probes are the kernel's events under another name: proc, sched, io, vminfo, sysinfo, and rawtp and sdt for Linux' own names. What an event becomes is a list of
/// lines, in the order in which the probes of one event fire.
/// </summary>
internal sealed class EventProvider(ITraceTarget target, TypeTable types) : IProvider
{
    private readonly Dictionary<EventKind, List<Point>> _points = [];
    private readonly List<EventKind> _attached = [];
    private DDispatcher? _dispatcher;

    /// <summary>Fills in a probe's arguments; false when the event is none for it.</summary>
    internal delegate bool Fill(in KernelEvent e, DRuntime rt);

    public void Publish(ProbeTable table)
    {
        foreach ((EventKind kind, string provider, string name, string[] arguments, Fill fill) in ProcPoints.Concat(SchedPoints).Concat(IoPoints).Concat(CounterPoints))
        {
            Add(kind, table.Add(provider, "vmlinux", "", name, () => [.. arguments.Select(Parse)]), fill);
        }
        foreach ((EventKind kind, string group, string name, string[] arguments, Fill fill) in TracePoints.All)
        {
            Add(kind, table.Add("rawtp", group, "", name, () => [.. arguments.Select(Parse)]), fill);
        }
    }

    private void Add(EventKind kind, DProbe probe, Fill fill)
    {
        if (!_points.TryGetValue(kind, out List<Point>? list)) _points[kind] = list = [];
        list.Add(new Point(probe, fill));
    }

    public void PublishFor(ProbeDescription description, ProbeTable table)
    {
        // All are known from the start.
    }

    public void Enable(DDispatcher dispatcher)
    {
        _dispatcher = dispatcher;
        foreach ((EventKind kind, List<Point> points) in _points)
        {
            points.RemoveAll(p => p.Probe.Clauses.Count == 0);
            if (points.Count == 0) continue;
            target.Probes[kind].Attach(OnEvent);
            _attached.Add(kind);
        }
    }

    public void Disable()
    {
        foreach (EventKind kind in _attached) target.Probes[kind].Detach(OnEvent);
        _attached.Clear();
    }

    private void OnEvent(in KernelEvent e)
    {
        foreach (Point point in _points[e.Kind])
        {
            if (!_dispatcher!.Begin(e)) return;
            if (point.Fill(e, _dispatcher.Runtime)) _dispatcher.Fire(point.Probe);
        }
    }

    private CType Parse(string type) => type == "string" ? new CText(256) : TypeParser.Parse(type, types) ?? types.PointerTo(types.Void);

    private const string Thread = "lwpsinfo_t *", Process = "psinfo_t *";

    private static (EventKind, string, string, string[], Fill)[] ProcPoints =>
    [
        (EventKind.ThreadCreated, "proc", "lwp-create", [Thread, Process], Target),
        (EventKind.ProcessCreated, "proc", "create", [Process], (in KernelEvent e, DRuntime rt) => Set(rt, e.Target)),
        (EventKind.TaskStarted, "proc", "start", [], (in KernelEvent e, DRuntime rt) => e.Number == 1),
        (EventKind.TaskStarted, "proc", "lwp-start", [], None),
        (EventKind.ExecEntered, "proc", "exec", ["string"], (in KernelEvent e, DRuntime rt) => Set(rt, e.Text)),
        (EventKind.ExecSucceeded, "proc", "exec-success", [], None),
        (EventKind.ExecFailed, "proc", "exec-failure", ["int"], Number),
        (EventKind.ThreadExited, "proc", "lwp-exit", [], None),
        (EventKind.ProcessExited, "proc", "exit", ["int"], Exit),
        (EventKind.Faulted, "proc", "fault", ["int", "siginfo_t *"], Signal),
        (EventKind.SignalSent, "proc", "signal-send", [Thread, Process, "int"], Sent),
        (EventKind.SignalDiscarded, "proc", "signal-discard", [Thread, Process, "int"], Sent),
        (EventKind.SignalHandled, "proc", "signal-handle", ["int", "siginfo_t *", "uintptr_t"], Signal),
        (EventKind.SignalCleared, "proc", "signal-clear", ["int"], Number),
    ];

    private static (EventKind, string, string, string[], Fill)[] SchedPoints =>
    [
        (EventKind.OnCpu, "sched", "on-cpu", [], None),
        (EventKind.OffCpu, "sched", "off-cpu", [Thread, Process], Target),
        (EventKind.Sleep, "sched", "sleep", [], None),
        (EventKind.Wakeup, "sched", "wakeup", [Thread, Process], Target),
        (EventKind.Enqueued, "sched", "enqueue", [Thread, Process, "cpuinfo_t *", "int"], Queue),
        (EventKind.Dequeued, "sched", "dequeue", [Thread, Process, "cpuinfo_t *"], Queue),
        (EventKind.Tick, "sched", "tick", [Thread, Process], Own),
        (EventKind.Preempted, "sched", "preempt", [], None),
        (EventKind.RemainedOnCpu, "sched", "remain-cpu", [], None),
        (EventKind.Surrendered, "sched", "surrender", [Thread, Process], Own),
        (EventKind.PriorityChanged, "sched", "change-pri", [Thread, Process, "int"], (in KernelEvent e, DRuntime rt) =>
        {
            rt.Arguments[2] = e.Number;
            return Target(e, rt);
        }),
    ];

    // Who wants the bytes waits for them.
    private static (EventKind, string, string, string[], Fill)[] IoPoints =>
    [
        (EventKind.TransferStarted, "io", "start", Transfer, FillTransfer),
        (EventKind.TransferStarted, "io", "wait-start", Transfer, FillTransfer),
        (EventKind.TransferDone, "io", "done", Transfer, FillTransfer),
        (EventKind.TransferDone, "io", "wait-done", Transfer, FillTransfer),
    ];

    private static string[] Transfer => ["bufinfo_t *", "devinfo_t *", "fileinfo_t *"];

    private static bool FillTransfer(in KernelEvent e, DRuntime rt)
    {
        if (e.Data is not FileTransfer t) return false;
        rt.SetArgument(0, t);
        rt.SetArgument(1, t);
        rt.SetArgument(2, new TracedFile(t.Path, t.Offset, 0, t.FileSystem, t.MountPoint, null));
        return true;
    }

    private static (EventKind, string, string, string[], Fill)[] CounterPoints =>
    [
        (EventKind.PageFault, "vminfo", "as_fault", ["int"], One),
        (EventKind.PageFaultReturned, "vminfo", "maj_fault", ["int"], (in KernelEvent e, DRuntime rt) => (e.Result & 4) != 0 && One(e, rt)),
        (EventKind.PageFaultReturned, "vminfo", "pgin", ["int"], (in KernelEvent e, DRuntime rt) => (e.Result & 4) != 0 && One(e, rt)),
        (EventKind.PageFaultReturned, "vminfo", "cow_fault", ["int"], (in KernelEvent e, DRuntime rt) => e.Number == 1 && One(e, rt)),
        (EventKind.PageFaultReturned, "vminfo", "prot_fault", ["int"], (in KernelEvent e, DRuntime rt) => e.Number == 2 && One(e, rt)),
        (EventKind.SyscallEntered, "sysinfo", "sysread", ["int"], (in KernelEvent e, DRuntime rt) => e.Number is 0 or 17 or 19 && One(e, rt)),
        (EventKind.SyscallEntered, "sysinfo", "syswrite", ["int"], (in KernelEvent e, DRuntime rt) => e.Number is 1 or 18 or 20 && One(e, rt)),
        (EventKind.SyscallEntered, "sysinfo", "sysfork", ["int"], (in KernelEvent e, DRuntime rt) => e.Number is 57 or 56 or 435 && One(e, rt)),
        (EventKind.SyscallEntered, "sysinfo", "sysvfork", ["int"], (in KernelEvent e, DRuntime rt) => e.Number == 58 && One(e, rt)),
        (EventKind.SyscallEntered, "sysinfo", "sysexec", ["int"], (in KernelEvent e, DRuntime rt) => e.Number is 59 or 322 && One(e, rt)),
        (EventKind.SyscallReturned, "sysinfo", "readch", ["int"], (in KernelEvent e, DRuntime rt) => e.Number is 0 or 17 or 19 && Bytes(e, rt)),
        (EventKind.SyscallReturned, "sysinfo", "writech", ["int"], (in KernelEvent e, DRuntime rt) => e.Number is 1 or 18 or 20 && Bytes(e, rt)),
        (EventKind.OnCpu, "sysinfo", "pswitch", ["int"], One),
        (EventKind.Preempted, "sysinfo", "inv_swtch", ["int"], One),
        (EventKind.Faulted, "sysinfo", "trap", ["int"], One),
    ];

    private static bool None(in KernelEvent e, DRuntime rt) => true;

    private static bool One(in KernelEvent e, DRuntime rt)
    {
        rt.Arguments[0] = 1;
        return true;
    }

    private static bool Bytes(in KernelEvent e, DRuntime rt)
    {
        rt.Arguments[0] = e.Result;
        return e.Result > 0;
    }

    private static bool Number(in KernelEvent e, DRuntime rt)
    {
        rt.Arguments[0] = e.Number;
        return true;
    }

    private static bool Set(DRuntime rt, object? item)
    {
        rt.SetArgument(0, item);
        return true;
    }

    private static bool Target(in KernelEvent e, DRuntime rt)
    {
        rt.SetArgument(0, e.Target);
        rt.SetArgument(1, e.Target);
        return true;
    }

    private static bool Own(in KernelEvent e, DRuntime rt)
    {
        rt.SetArgument(0, e.Task);
        rt.SetArgument(1, e.Task);
        return true;
    }

    private static bool Queue(in KernelEvent e, DRuntime rt)
    {
        rt.SetArgument(2, new CpuInfo(e.Number));
        rt.Arguments[3] = (long)e.A0;
        return Target(e, rt);
    }

    private static bool Sent(in KernelEvent e, DRuntime rt)
    {
        rt.Arguments[2] = e.Number;
        return Target(e, rt);
    }

    private static bool Signal(in KernelEvent e, DRuntime rt)
    {
        rt.Arguments[0] = e.Number;
        rt.SetArgument(1, e.Data);
        rt.Arguments[2] = (long)e.A0;
        return true;
    }

    // CLD_EXITED, CLD_KILLED, CLD_DUMPED.
    private static bool Exit(in KernelEvent e, DRuntime rt)
    {
        rt.Arguments[0] = (e.Number & 0x7f) == 0 ? 1 : (e.Number & 0x80) != 0 ? 3 : 2;
        return true;
    }

    private sealed record Point(DProbe Probe, Fill Fill);
}
