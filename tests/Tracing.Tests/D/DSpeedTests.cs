using System.Diagnostics;
using Kennel.Probes;
using Kennel.Tracing.D;

namespace Kennel.Tracing.Tests.D;

/// <summary>What a firing costs. The limits are wide, for busy machines; KENNEL_SPEED=1 prints the figures.</summary>
public sealed class DSpeedTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("syscall:::entry /pid == 7/ { exit(0); }", 100)]
    [InlineData("syscall:::entry /execname == \"nosuch\"/ { exit(0); }", 100)]
    [InlineData("syscall:::entry { @ = count(); }", 200)]
    [InlineData("syscall:::entry { @[probefunc] = count(); }", 200)]
    [InlineData("syscall:::entry { @[execname, pid] = count(); }", 250)]
    [InlineData("syscall:::entry { self->ts = timestamp; } syscall:::return /self->ts/ { @ = quantize(timestamp - self->ts); self->ts = 0; }", 400)]
    public void A_firing_is_cheap(string script, int nanoseconds)
    {
        const int Rounds = 100_000;
        var target = new FakeTarget();
        using var session = new DtraceSession(new DtraceOptions { Scripts = [new DtraceScript(script, null)] }, Stream.Null, TextWriter.Null);
        session.Attach(target);
        var e = new KernelEvent { Kind = EventKind.SyscallEntered, Task = target.Cat, Number = 1 };
        var r = new KernelEvent { Kind = EventKind.SyscallReturned, Task = target.Cat, Number = 1 };
        bool returns = target.Probes.SyscallReturned.IsEnabled;
        double best = double.MaxValue;
        for (int round = 0; round < 30; round++)
        {
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < Rounds; i++)
            {
                target.Probes.SyscallEntered.Fire(e);
                if (returns) target.Probes.SyscallReturned.Fire(r);
            }
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalNanoseconds / Rounds);
        }
        session.Detach();
        output.WriteLine($"{best:F0} ns  {script}");
        if (Environment.GetEnvironmentVariable("KENNEL_SPEED") == "1") Console.WriteLine($"{best:F0} ns  {script}");
        Assert.True(best < nanoseconds * 5, $"{best:F0} ns");
    }
}
