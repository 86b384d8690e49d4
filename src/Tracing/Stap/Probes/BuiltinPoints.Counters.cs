using Kennel.Probes;
using Kennel.Tracing.Stap.Binding;
using Kennel.Tracing.Stap.Syntax;

namespace Kennel.Tracing.Stap.Probes;

/// <content>
/// Counters of events (perf.*), watched data, packets. Of counters, those that the kernel keeps itself are to be had; a processor's own are not, for there
/// is none, and a probe on them is refused when it is attached, as on a machine without a PMU.
/// </content>
internal sealed partial class BuiltinPoints
{
    private const int NoEntry = 2;
    private const int NoDevice = 19;
    private const long UsualSample = 1_000_000;

    private static readonly (string Name, long Type, long Config)[] _counters =
    [
        ("hw.cpu_cycles", 0, 0), ("hw.instructions", 0, 1), ("hw.cache_references", 0, 2), ("hw.cache_misses", 0, 3), ("hw.branch_instructions", 0, 4),
        ("hw.branch_misses", 0, 5), ("hw.bus_cycles", 0, 6), ("hw.stalled_cycles_frontend", 0, 7), ("hw.stalled_cycles_backend", 0, 8), ("hw.ref_cpu_cycles", 0, 9),
        ("sw.cpu_clock", 1, 0), ("sw.task_clock", 1, 1), ("sw.page_faults", 1, 2), ("sw.context_switches", 1, 3), ("sw.cpu_migrations", 1, 4),
        ("sw.page_faults_min", 1, 5), ("sw.page_faults_maj", 1, 6), ("sw.alignment_faults", 1, 7), ("sw.emulation_faults", 1, 8),
    ];

    private static void AddCounters(ProbeTree tree)
    {
        foreach ((string name, long type, long config) in _counters) AddCounter(tree, "perf." + name, (_, _) => (type, config));
        AddCounter(tree, "perf.type(n).config(n)", static (parts, at) => (parts[1].Number, parts[2].Number));
        foreach (string head in (ReadOnlySpan<string>)["kernel.data(s)", "kernel.data(n)", "kernel.data(n).length(n)"])
        {
            foreach (string way in (ReadOnlySpan<string>)[".write", ".rw"]) tree.AddBuiltin(head + way, Refused);
        }
        foreach (string hook in (ReadOnlySpan<string>)["netfilter.hook(s).pf(s)", "netfilter.pf(s).hook(s)", "netfilter.hook(s).pf(s).priority(s)", "netfilter.pf(s).hook(s).priority(s)"])
            tree.AddBuiltin(hook, static _ => throw new StapSemanticException("no match: this kernel has no IP network", null));
    }

    private static void AddCounter(ProbeTree tree, string name, Func<IReadOnlyList<PointPart>, int, (long Type, long Config)> find)
    {
        foreach (string suffix in (ReadOnlySpan<string>)["", ".sample(n)", ".hz(n)", ".process(s)", ".process(s).counter(s)", ".process", ".process.counter(s)", ".counter(s)"])
            tree.AddBuiltin(name + suffix, parts => [Counter(parts, find(parts, 0))]);
    }

    private static ProbeSource Counter(IReadOnlyList<PointPart> parts, (long Type, long Config) counter)
    {
        PointPart last = parts[^1];
        long sample = last.Name == "sample" ? last.Number : UsualSample;
        if (last.Name is "sample" or "hz" && last.Number < 1) throw new StapSemanticException($"invalid {last.Name} for perf probe, at least 1", last.At);
        string name = string.Join('.', parts);
        if (counter is (1, 0) or (1, 1))
        {
            long period = last.Name == "hz" ? 1_000_000_000 / last.Number : sample;
            return new ProbeSource { Kind = SourceKind.Profile, Name = name, Period = Math.Max(ShortestTimer, period) };
        }
        EventKind? kind = counter switch
        {
            (1, 2) or (1, 5) or (1, 6) => EventKind.PageFault,
            (1, 3) => EventKind.OffCpu,
            (1, 4) => EventKind.Migrated,
            _ => null,
        };
        return kind is { } known
            ? new ProbeSource { Kind = SourceKind.Event, Name = name, Event = known, Every = last.Name == "hz" ? 1 : sample }
            : new ProbeSource { Kind = SourceKind.Never, Name = name, Refusal = NoEntry };
    }

    private static IEnumerable<ProbeSource> Refused(IReadOnlyList<PointPart> parts) => [new ProbeSource { Kind = SourceKind.Never, Name = string.Join('.', parts), Refusal = NoDevice }];
}
