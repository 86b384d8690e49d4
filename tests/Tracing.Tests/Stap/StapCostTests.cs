using System.Diagnostics;
using Kennel.Probes;
using Kennel.Tracing.Tests.Timeline;

namespace Kennel.Tracing.Tests.Stap;

/// <summary>What a firing costs. With KENNEL_BENCH=1 the figures are printed; else only bounds are checked that no busy machine breaks.</summary>
public sealed class StapCostTests
{
    [Theory]
    [InlineData("predicate", "probe syscall_any { if (pid() == 999) println(1) }")]
    [InlineData("condition", "probe __syscall(\"*\") if (pid() == 999) { println(1) }")]
    [InlineData("count", "global s probe syscall_any { s <<< 1 }")]
    [InlineData("count by name", "global s probe syscall_any { s[execname()] <<< 1 }")]
    [InlineData("count by name and call", "global s probe syscall_any { s[execname(), name] <<< 1 }")]
    [InlineData("number by pid", "global s probe syscall_any { s[pid()]++ }")]
    public void Firing_is_cheap(string name, string script)
    {
        var fixture = new StapFixture();
        fixture.Start(script + " probe begin { }");
        Assert.Equal("", fixture.Errors);
        var task = new FakeTask(7, "bash");
        Run(fixture, task, 200_000);
        long start = Stopwatch.GetTimestamp();
        const int Count = 1_000_000;
        Run(fixture, task, Count);
        double nanoseconds = Stopwatch.GetElapsedTime(start).TotalNanoseconds / Count;
        if (Environment.GetEnvironmentVariable("KENNEL_BENCH") == "1") TestContext.Current.SendDiagnosticMessage($"{name}: {nanoseconds:f0} ns");
        if (Environment.GetEnvironmentVariable("KENNEL_BENCH") == "1") Console.WriteLine($"{name}: {nanoseconds:f0} ns");
        Assert.True(nanoseconds < 20_000, $"{name}: {nanoseconds:f0} ns");
        fixture.Stop();
    }

    private static void Run(StapFixture fixture, FakeTask task, int count)
    {
        Probe probe = fixture.Machine.Probes.SyscallEntered;
        var record = new KernelEvent { Kind = EventKind.SyscallEntered, Time = fixture.Machine.Now, Task = task, Number = 0 };
        for (int i = 0; i < count; i++) probe.Fire(record);
    }
}
