using Kennel.Probes;
using Kennel.Tracing.D.Runtime;
using Kennel.Tracing.Types;

namespace Kennel.Tracing.D.Providers;

/// <summary>fbt: entries and returns of the kernel's functions; and, where there are none of that name, of Solaris' as_fault and as_segat.</summary>
internal sealed class FunctionProvider(ITraceTarget target, TypeTable types) : IProvider
{
    private readonly List<(DProbe Probe, KernelFunction Function, bool IsReturn)> _points = [];
    private readonly Dictionary<int, DProbe> _entries = [], _returns = [];
    private readonly List<(Probe Point, EventSink Sink)> _attached = [];
    private readonly Dictionary<ITracedTask, long> _faultStarts = new(ReferenceEqualityComparer.Instance);
    private DDispatcher? _dispatcher;
    private DProbe? _asFault, _asFaultReturn, _asSegat, _asSegatReturn;

    public void Publish(ProbeTable table)
    {
        foreach (KernelFunction f in target.Model.Functions)
        {
            IReadOnlyList<CType> Parameters() => [.. f.Parameters.Select(p => TypeParser.Parse(p.Type, types) ?? types.Long)];
            _points.Add((table.Add("fbt", "vmlinux", f.Name, "entry", Parameters), f, false));
            _points.Add((table.Add("fbt", "vmlinux", f.Name, "return", () => [types.Int, TypeParser.Parse(f.ReturnType, types) ?? types.Long]), f, true));
        }
        if (target.Model.Functions.Any(f => f.Name == "as_fault")) return;
        // Solaris' page fault handler, over the events of ours.
        CType Pointer(string name) => types.PointerTo(types.Tag("struct", name));
        _asFault = table.Add("fbt", "vmlinux", "as_fault", "entry", () => [Pointer("hat"), Pointer("as"), types.FindName("caddr_t")!, types.FindName("size_t")!, types.Tag("enum", "fault_type"), types.Tag("enum", "seg_rw")]);
        _asFaultReturn = table.Add("fbt", "vmlinux", "as_fault", "return", () => [types.Int, types.Int]);
        _asSegat = table.Add("fbt", "vmlinux", "as_segat", "entry", () => [Pointer("as"), types.FindName("caddr_t")!]);
        _asSegatReturn = table.Add("fbt", "vmlinux", "as_segat", "return", () => [types.Int, Pointer("seg")]);
    }

    public void PublishFor(ProbeDescription description, ProbeTable table)
    {
        // All functions are known from the start.
    }

    public void Enable(DDispatcher dispatcher)
    {
        _dispatcher = dispatcher;
        foreach ((DProbe probe, KernelFunction function, bool isReturn) in _points.Where(p => p.Probe.Clauses.Count > 0))
        {
            (isReturn ? _returns : _entries)[function.Id] = probe;
            Attach(isReturn ? function.Return : function.Entry, isReturn ? OnReturn : OnEntry);
        }
        if (new[] { _asFault, _asFaultReturn, _asSegat, _asSegatReturn }.All(p => p == null || p.Clauses.Count == 0)) return;
        Attach(target.Probes.PageFault, (in KernelEvent e) => _faultStarts[e.Task] = e.Time);
        Attach(target.Probes.PageFaultReturned, OnFault);
    }

    public void Disable()
    {
        foreach ((Probe point, EventSink sink) in _attached) point.Detach(sink);
        _attached.Clear();
    }

    private void Attach(Probe point, EventSink sink)
    {
        point.Attach(sink);
        _attached.Add((point, sink));
    }

    private void OnEntry(in KernelEvent e)
    {
        if (!_entries.TryGetValue(e.Number, out DProbe? probe) || !_dispatcher!.Begin(e)) return;
        if (e.Data is object?[] arguments)
        {
            for (int i = 0; i < Math.Min(arguments.Length, 10); i++) Set(_dispatcher.Runtime, i, arguments[i]);
        }
        _dispatcher.Fire(probe);
    }

    private void OnReturn(in KernelEvent e)
    {
        if (!_returns.TryGetValue(e.Number, out DProbe? probe) || !_dispatcher!.Begin(e)) return;
        _dispatcher.Runtime.Arguments[1] = e.Result;
        if (e.Object != null) _dispatcher.Runtime.SetArgument(1, e.Object);
        _dispatcher.Fire(probe);
    }

    internal static void Set(DRuntime rt, int index, object? value)
    {
        switch (value)
        {
            case null:
                break;
            case bool b:
                rt.Arguments[index] = b ? 1 : 0;
                break;
            case ulong u:
                rt.Arguments[index] = (long)u;
                break;
            case Enum e:
                rt.Arguments[index] = Convert.ToInt64(e, System.Globalization.CultureInfo.InvariantCulture);
                break;
            case IConvertible number and not string and not char:
                rt.Arguments[index] = Convert.ToInt64(number, System.Globalization.CultureInfo.InvariantCulture);
                break;
            default:
                rt.SetArgument(index, value);
                break;
        }
    }

    // Whether a page is missing or only protected is known when the fault has been dealt with; so all four fire then.
    private void OnFault(in KernelEvent e)
    {
        if (!_faultStarts.Remove(e.Task, out long start)) start = e.Time;
        object? space = null;
        if (target.Model.FindStruct("task_struct")?.Fields.FirstOrDefault(f => f.Name == "mm") is { } field) space = field.Read(e.Task)?.Object;
        if (_dispatcher!.Begin(e.Task, start, e.Cpu))
        {
            DRuntime rt = _dispatcher.Runtime;
            rt.SetArgument(1, space);
            rt.Arguments[2] = (long)(e.A0 & ~0xfffUL);
            rt.Arguments[3] = 4096;
            rt.Arguments[4] = e.Number is 1 or 2 ? 1 : 0;
            rt.Arguments[5] = (e.A1 & 1) != 0 ? 2 : (e.A1 & 0x100) != 0 ? 3 : 1;
            _dispatcher.Fire(_asFault!);
        }
        if (_dispatcher.Begin(e.Task, start, e.Cpu))
        {
            _dispatcher.Runtime.SetArgument(0, space);
            _dispatcher.Runtime.Arguments[1] = (long)e.A0;
            _dispatcher.Fire(_asSegat!);
        }
        if (_dispatcher.Begin(e))
        {
            _dispatcher.Runtime.SetArgument(1, e.Data);
            _dispatcher.Fire(_asSegatReturn!);
        }
        if (_dispatcher.Begin(e))
        {
            _dispatcher.Runtime.Arguments[1] = e.Result is 0 or 4 ? 0 : 14;
            _dispatcher.Fire(_asFaultReturn!);
        }
    }
}
