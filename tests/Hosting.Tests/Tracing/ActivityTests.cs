using System.Collections.Concurrent;
using System.Diagnostics;
using Kennel.Tracing.Activities;
using Xunit;

namespace Kennel.Hosting.Tests.Tracing;

/// <summary>Spans of a run: the process tree, what each process ran, and how it ended.</summary>
public sealed class ActivityTests
{
    private readonly ConcurrentQueue<Activity> _spans = new();

    [Fact]
    public async Task Spans_are_nested_as_processes_are()
    {
        await RunAsync("bash", "-c", "sh -c '/bin/true; exit 3'; kill -9 $$");
        Activity bash = Assert.Single(_spans, s => s.DisplayName == "bash" && s.ParentId == Parent);
        Activity sh = Assert.Single(_spans, s => s.ParentId == bash.Id);
        Activity child = Assert.Single(_spans, s => s.ParentId == sh.Id);
        Assert.Equal(3, _spans.Count);
        Assert.Equal(("sh", "true"), (sh.DisplayName, child.DisplayName));
        Assert.Equal(3, sh.GetTagItem("process.exit.code"));
        Assert.Equal("SIGKILL", bash.GetTagItem("process.exit.signal"));
        Assert.Equal((ActivityStatusCode.Error, ActivityStatusCode.Unset), (bash.Status, sh.Status));
        Assert.Equal(["exec", "exit"], child.Events.Select(e => e.Name));
        Assert.Equal(["/bin/true"], (string[])child.GetTagItem("process.command_args")!);
        Assert.Equal(bash.GetTagItem("process.pid"), sh.GetTagItem("process.parent_pid"));
        Assert.True(child.StartTimeUtc >= sh.StartTimeUtc && child.StartTimeUtc + child.Duration <= sh.StartTimeUtc + sh.Duration);
        Assert.True((double)bash.GetTagItem("process.cpu.user_seconds")! > 0);
    }

    [Fact]
    public async Task Threads_have_spans_below_their_process()
    {
        await RunAsync("python3", "-c", "import threading\nt = threading.Thread(target=print)\nt.start()\nt.join()");
        Activity process = Assert.Single(_spans, s => s.ParentId == Parent);
        Activity thread = Assert.Single(_spans, s => s.ParentId == process.Id);
        Assert.StartsWith("thread ", thread.DisplayName);
        Assert.Equal(process.GetTagItem("process.pid"), thread.GetTagItem("process.pid"));
    }

    [Fact]
    public async Task Programs_that_cannot_be_run_are_events()
    {
        await RunAsync("sh", "-c", "exec /etc/passwd");
        ActivityEvent failed = Assert.Single(Assert.Single(_spans).Events, e => e.Name == "exec failed");
        Assert.Equal("EACCES", failed.Tags.Single(t => t.Key == "error.type").Value);
    }

    private string? Parent { get; set; }

    private async Task RunAsync(string program, params string[] arguments)
    {
        using var root = new Activity("test");
        root.SetIdFormat(ActivityIdFormat.W3C);
        root.Start();
        ActivityTraceId trace = root.TraceId;
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == ActivityTracer.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                if (span.TraceId == trace) _spans.Enqueue(span);
            },
        };
        ActivitySource.AddActivityListener(listener);
        Parent = root.Id;
        await using Sandbox sandbox = await Sandbox.CreateAsync(cancellationToken: TestContext.Current.CancellationToken);
        var tracer = new ActivityTracer();
        sandbox.Attach(tracer);
        await sandbox.RunAndCaptureTextAsync(program, arguments, cancellationToken: TestContext.Current.CancellationToken);
        sandbox.Detach(tracer);
        Assert.Same(root, Activity.Current);
    }
}
