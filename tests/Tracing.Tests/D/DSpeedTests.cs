using Kennel.Probes;
using Kennel.Tracing.D;

namespace Kennel.Tracing.Tests.D;

public sealed class DSpeedTests
{
    [Theory]
    [InlineData("syscall:::entry /pid == 7/ { exit(0); }")]
    [InlineData("syscall:::entry /execname == \"nosuch\"/ { exit(0); }")]
    [InlineData("syscall:::entry { @ = count(); }")]
    [InlineData("syscall:::entry { @[probefunc] = count(); }")]
    [InlineData("syscall:::entry { @[execname, pid] = count(); }")]
    [InlineData("syscall:::entry { self->ts = timestamp; } syscall:::return /self->ts/ { @ = quantize(timestamp - self->ts); self->ts = 0; }")]
    public void A_firing_allocates_nothing(string script)
    {
        var target = new FakeTarget();
        using var session = new DtraceSession(new DtraceOptions { Scripts = [new DtraceScript(script, null)] }, Stream.Null, TextWriter.Null);
        session.Attach(target);
        var e = new KernelEvent { Kind = EventKind.SyscallEntered, Task = target.Cat, Number = 1 };
        var r = new KernelEvent { Kind = EventKind.SyscallReturned, Task = target.Cat, Number = 1 };
        bool returns = target.Probes.SyscallReturned.IsEnabled;
        FiringCost.AssertAllocatesNothing(script, () =>
        {
            target.Probes.SyscallEntered.Fire(e);
            if (returns) target.Probes.SyscallReturned.Fire(r);
        });
        session.Detach();
    }
}
