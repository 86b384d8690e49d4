using Kennel.Probes;
using Xunit;

namespace Kennel.Hosting.Tests.Tracing;

/// <summary>Events as .NET code reads them: none is lost, and a slow reader slows the guest without stopping anybody else.</summary>
public sealed class EventStreamTests
{
    private const int Getppid = 110;

    // So many calls that the queue is full several times over.
    private static readonly ProcessStartOptions Many = new("perl", ["-e", "getppid for 1 .. 20000"]) { Streams = StandardStreams.Null };

    [Fact]
    public async Task Records_come_in_order_with_what_they_carry()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        await using Sandbox sandbox = await Sandbox.CreateAsync(cancellationToken: cancel);
        IAsyncEnumerable<SandboxEvent> events = sandbox.Events(EventKind.ProcessCreated, EventKind.ExecSucceeded, EventKind.ProcessExited);
        await sandbox.RunAndCaptureTextAsync("sh", ["-c", "/bin/true; exit 3"], cancellationToken: cancel);
        List<string> seen = [];
        await foreach (SandboxEvent e in events.WithCancellation(cancel))
        {
            seen.Add($"{e.Kind} {e.Task.Name} {e.Target?.ProcessId == e.Task.ProcessId + 1} {e.Text} {e.Number}");
            if (e.Kind == EventKind.ProcessExited && e.Task.Name == "sh") break;
        }
        Assert.Equal(
        [
            "ExecSucceeded sh False /usr/bin/sh 0",
            "ProcessCreated sh True  0",
            "ExecSucceeded true False /bin/true 0",
            "ProcessExited true False  0",
            "ProcessExited sh False  768",
        ], seen.Select(s => s.Replace("/usr/local/bin/", "/usr/bin/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_slow_reader_holds_up_the_guest_and_misses_nothing()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        await using Sandbox sandbox = await Sandbox.CreateAsync(cancellationToken: cancel);
        var events = (SandboxEventStream)sandbox.Events(EventKind.SyscallEntered, EventKind.ProcessExited);
        SandboxProcess process = await sandbox.StartAsync(Many, cancel);
        await UntilFullAsync(events, cancel);
        Assert.False(process.HasExited);
        Assert.Single(sandbox.Processes); // others get into the kernel while the guest is held up
        int calls = 0;
        await foreach (SandboxEvent e in events.WithCancellation(cancel))
        {
            Assert.InRange(events.Waiting, 0, SandboxEventStream.Capacity + 16);
            if (e.Kind == EventKind.SyscallEntered && e.Number == Getppid) calls++;
            if (e.Kind == EventKind.ProcessExited) break;
        }
        Assert.Equal(20000, calls);
        Assert.Equal(0, (await process.WaitForExitAsync(cancel)).ExitCode);
    }

    [Fact]
    public async Task Who_leaves_the_loop_holds_up_nobody()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        await using Sandbox sandbox = await Sandbox.CreateAsync(cancellationToken: cancel);
        var events = (SandboxEventStream)sandbox.Events(EventKind.SyscallEntered);
        SandboxProcess process = await sandbox.StartAsync(Many, cancel);
        await UntilFullAsync(events, cancel);
        await foreach (SandboxEvent _ in events.WithCancellation(cancel)) break;
        Assert.Equal(0, (await process.WaitForExitAsync(cancel)).ExitCode);
    }

    [Fact]
    public async Task The_end_of_the_sandbox_ends_the_stream()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        Sandbox sandbox = await Sandbox.CreateAsync(cancellationToken: cancel);
        var events = (SandboxEventStream)sandbox.Events(EventKind.SyscallEntered);
        await sandbox.StartAsync(Many, cancel);
        await UntilFullAsync(events, cancel);
        await sandbox.DisposeAsync();
        int count = 0;
        await foreach (SandboxEvent _ in events.WithCancellation(cancel)) count++;
        Assert.True(count >= SandboxEventStream.Capacity, $"{count} events");
    }

    private static async Task UntilFullAsync(SandboxEventStream events, CancellationToken cancel)
    {
        while (events.Waiting < SandboxEventStream.Capacity) await Task.Delay(1, cancel);
    }
}
