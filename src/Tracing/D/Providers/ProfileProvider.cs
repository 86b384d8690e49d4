using System.Globalization;
using Kennel.Probes;
using Kennel.Tracing.D.Runtime;

namespace Kennel.Tracing.D.Providers;

/// <summary>tick-N on one processor, profile-N on each. Without a unit N is a rate.</summary>
internal sealed class ProfileProvider(ITraceTarget target, Types.TypeTable types) : IProvider
{
    // Shorter ones are no probes: 5000 Hz is the most.
    private const long Shortest = 200_000;

    private readonly List<(DProbe Probe, long Period, bool IsTick)> _points = [];
    private readonly List<IDisposable> _timers = [];

    public void Publish(ProbeTable table)
    {
        // There is one for each rate that somebody names, too.
        foreach (string name in Usual) Add(table, name);
    }

    public void PublishFor(ProbeDescription description, ProbeTable table)
    {
        if (Glob.Matches(description.Provider, "profile") && description.Module.Length == 0 && description.Function.Length == 0) Add(table, description.Name);
    }

    private static string[] Usual =>
        ["profile-97", "profile-199", "profile-499", "profile-997", "profile-1999", "profile-4001", "profile-4999", "tick-1", "tick-10", "tick-100", "tick-500", "tick-1000", "tick-5000"];

    private void Add(ProbeTable table, string name)
    {
        bool isTick = name.StartsWith("tick-", StringComparison.Ordinal);
        if (!isTick && !name.StartsWith("profile-", StringComparison.Ordinal)) return;
        if (Period(name[(isTick ? 5 : 8)..]) is not { } period || period < Shortest) return;
        DProbe probe = table.Add("profile", "", "", name, isTick ? null : () => [types.UnsignedLong, types.UnsignedLong]);
        if (_points.All(p => p.Probe != probe)) _points.Add((probe, period, isTick));
    }

    public void Enable(DDispatcher dispatcher)
    {
        foreach ((DProbe probe, long period, bool isTick) in _points.Where(p => p.Probe.Clauses.Count > 0))
        {
            _timers.Add(target.StartTimer(period, () =>
            {
                for (int cpu = 0; cpu < (isTick ? 1 : target.Processors); cpu++) Fire(dispatcher, probe, cpu, isTick);
            }, samples: !isTick));
        }
    }

    public void Disable()
    {
        foreach (IDisposable timer in _timers) timer.Dispose();
        _timers.Clear();
    }

    private void Fire(DDispatcher dispatcher, DProbe probe, int cpu, bool isTick)
    {
        ITracedTask task = target.CurrentOn(cpu);
        if (!dispatcher.Begin(task, target.Now, cpu)) return;
        if (!isTick)
        {
            bool user = task.ThreadId != 0 && task.Syscall < 0;
            dispatcher.Runtime.Arguments[user ? 1 : 0] = user ? (long)task.Register(16) : KernelAddress(task);
        }
        dispatcher.Fire(probe);
    }

    private static long KernelAddress(ITracedTask task)
    {
        Span<ulong> frames = stackalloc ulong[1];
        return task.KernelStack(frames) > 0 ? (long)frames[0] : unchecked((long)0xffff_ffff_8100_0000);
    }

    /// <summary>Nanoseconds; null for what is no rate.</summary>
    internal static long? Period(string text)
    {
        int digits = 0;
        while (digits < text.Length && char.IsAsciiDigit(text[digits])) digits++;
        if (!long.TryParse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out long number) || number == 0) return null;
        Int128? period = text[digits..].ToLowerInvariant() switch
        {
            "" or "hz" => 1_000_000_000 / number,
            "ns" or "nsec" => number,
            "us" or "usec" => (Int128)number * 1000,
            "ms" or "msec" => (Int128)number * 1_000_000,
            "s" or "sec" => (Int128)number * 1_000_000_000,
            "m" or "min" => (Int128)number * 60_000_000_000,
            "h" or "hour" => (Int128)number * 3_600_000_000_000,
            "d" or "day" => (Int128)number * 86_400_000_000_000,
            _ => null,
        };
        return period is { } p && p <= long.MaxValue ? (long)p : null;
    }
}
