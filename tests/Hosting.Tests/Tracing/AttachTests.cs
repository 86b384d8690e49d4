using Kennel.Probes;
using Xunit;

namespace Kennel.Hosting.Tests.Tracing;

public sealed class AttachTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_tracer_sees_the_first_program_from_its_start_to_its_end()
    {
        var tracer = new RecordingTracer(EventKind.ExecSucceeded, EventKind.ProcessExited)
        {
            Format = static e => $"{e.Kind} {e.Task.ProcessId} {e.Task.Name} {e.Text}",
        };
        await using Sandbox sandbox = await Sandbox.CreateAsync(cancellationToken: Cancel);
        sandbox.Attach(tracer);
        await sandbox.RunAndCaptureTextAsync("/bin/true", [], cancellationToken: Cancel);
        Assert.Null(sandbox.Detach(tracer));
        Assert.Equal([$"ExecSucceeded {tracer.TargetId} true /bin/true", $"ProcessExited {tracer.TargetId} true "], tracer.Lines);
    }

    [Fact]
    public async Task Timers_tick_while_nothing_runs()
    {
        var ticks = new TaskCompletionSource();
        int count = 0;
        var tracer = new RecordingTracer
        {
            Attached = t =>
            {
                IDisposable? timer = null;
                timer = t.Target.StartTimer(1_000_000, () =>
                {
                    if (++count < 3) return;
                    timer!.Dispose();
                    ticks.SetResult();
                });
            },
        };
        await using Sandbox sandbox = await Sandbox.CreateAsync(cancellationToken: Cancel);
        sandbox.Attach(tracer);
        await ticks.Task.WaitAsync(TimeSpan.FromSeconds(60), Cancel);
    }

    [Fact]
    public async Task Every_system_call_has_the_arguments_of_its_manual_page()
    {
        var tracer = new RecordingTracer();
        await using Sandbox sandbox = await Sandbox.CreateAsync(cancellationToken: Cancel);
        sandbox.Attach(tracer);
        Assert.NotEmpty(tracer.Target.Model.Syscalls);
        Assert.All(tracer.Target.Model.Syscalls, static c => Assert.All(c.Parameters, p => Assert.True(p is { Name: not "", Type: not "" }, c.Name)));
        SyscallShape write = Assert.Single(tracer.Target.Model.Syscalls, static c => c.Name == "write");
        Assert.Equal([new("fd", "int"), new("buf", "const void *"), new("count", "size_t")], write.Parameters);
    }
}
