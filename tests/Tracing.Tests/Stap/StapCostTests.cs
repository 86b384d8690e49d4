using Kennel.Probes;
using Kennel.Tracing.Tests.Timeline;

namespace Kennel.Tracing.Tests.Stap;

public sealed class StapCostTests
{
    [Theory]
    [InlineData("probe syscall_any { if (pid() == 999) println(1) }")]
    [InlineData("probe __syscall(\"*\") if (pid() == 999) { println(1) }")]
    [InlineData("global s probe syscall_any { s <<< 1 }")]
    [InlineData("global s probe syscall_any { s[execname()] <<< 1 }")]
    [InlineData("global s probe syscall_any { s[execname(), name] <<< 1 }")]
    [InlineData("global s probe syscall_any { s[pid()]++ }")]
    public void A_firing_allocates_nothing(string script)
    {
        var fixture = new StapFixture();
        fixture.Start(script + " probe begin { }");
        Assert.Equal("", fixture.Errors);
        var record = new KernelEvent { Kind = EventKind.SyscallEntered, Time = fixture.Machine.Now, Task = new FakeTask(7, "bash"), Number = 0 };
        FiringCost.AssertAllocatesNothing(script, () => fixture.Machine.Probes.SyscallEntered.Fire(record));
        fixture.Stop();
    }
}
