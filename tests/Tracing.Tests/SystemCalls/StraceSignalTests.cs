using Kennel.Abi;
using Kennel.Probes;
using Kennel.Tracing.SystemCalls;
using Kennel.Tracing.Tests.Timeline;

namespace Kennel.Tracing.Tests.SystemCalls;

public sealed class StraceSignalTests
{
    [Fact]
    public void Ignored_signals_are_kept_as_they_would_be_pending()
    {
        var machine = new FakeMachine();
        var task = new FakeTask(7, "sleeper");
        machine.AllTasks.Add(task);
        var text = new StringWriter();
        var tracer = new StraceTracer(new StraceOptions(), text, text);
        tracer.Attach(machine);
        tracer.SetTarget(7);
        machine.Fire(EventKind.SyscallEntered, task, number: 230);
        for (int i = 0; i < 100_000; i++) machine.Fire(EventKind.SignalDiscarded, new FakeTask(8, "sender"), target: task, number: i % 2 == 0 ? (int)Signal.SIGCHLD : (int)Signal.SIGRTMIN + 1);
        machine.Fire(EventKind.SyscallReturned, task, number: 230);
        tracer.Detach();
        Assert.Equal(1, Count("--- SIGCHLD"));
        Assert.Equal(1023, Count("--- SIGRT_1"));

        int Count(string line) => text.ToString().Split('\n').Count(l => l.StartsWith(line, StringComparison.Ordinal));
    }
}
