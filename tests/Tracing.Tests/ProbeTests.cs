using Kennel.Probes;

namespace Kennel.Tracing.Tests;

/// <summary>A probe point without a kernel.</summary>
public sealed class ProbeTests
{
    [Fact]
    public void Sinks_run_in_the_order_of_their_adding_until_they_are_removed()
    {
        var probe = new Probe(EventKind.Tick);
        List<string> seen = [];
        EventSink first = (in KernelEvent e) => seen.Add($"first {e.Number}"), second = (in KernelEvent e) => seen.Add($"second {e.Number}");
        Assert.False(probe.IsEnabled);
        probe.Attach(first);
        probe.Attach(second);
        Assert.True(probe.IsEnabled);
        probe.Fire(new KernelEvent { Kind = EventKind.Tick, Number = 1 });
        probe.Detach(first);
        probe.Fire(new KernelEvent { Kind = EventKind.Tick, Number = 2 });
        probe.Detach(second);
        Assert.False(probe.IsEnabled);
        Assert.Equal(["first 1", "second 1", "second 2"], seen);
    }

    [Fact]
    public void A_sink_that_throws_is_removed_and_the_others_go_on()
    {
        List<string> seen = [];
        var probes = new ProbeSet { SinkFailed = bug => seen.Add(bug.Message) };
        probes.Tick.Attach((in KernelEvent _) => throw new InvalidOperationException("a bug"));
        probes.Tick.Attach((in KernelEvent e) => seen.Add($"told {e.Number}"));
        probes.Tick.Fire(new KernelEvent { Kind = EventKind.Tick, Number = 1 });
        probes.Tick.Fire(new KernelEvent { Kind = EventKind.Tick, Number = 2 });
        Assert.Equal(["a bug", "told 1", "told 2"], seen);
    }

    [Fact]
    public void A_set_has_a_point_of_each_kind()
    {
        var probes = new ProbeSet();
        EventKind[] manyPoints = [EventKind.FunctionEntered, EventKind.FunctionReturned]; // each function has its own
        foreach (EventKind kind in Enum.GetValues<EventKind>().Except(manyPoints)) Assert.Equal(kind, probes[kind].Kind);
    }
}
