using Kennel.Probes;
using Xunit;

namespace Kennel.Hosting.Tests.Tracing;

/// <summary>Tampering with system calls.</summary>
public sealed class InjectorTests
{
    private const int Write = 1, UnlinkAt = 263;
    private const int NoSpace = 28, Terminate = 15;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_call_can_be_answered_without_being_made()
    {
        (CapturedText result, List<string> lines) = await RunAsync(new Injection(true, -NoSpace, 0, 0), Write, "echo hello; echo $? >&2");
        Assert.Equal("", result.StandardOutput);
        Assert.Contains("No space left on device", result.StandardError);
        Assert.Contains($"{Write} = -{NoSpace}", lines);
    }

    [Fact]
    public async Task A_call_can_be_delayed()
    {
        const long Delay = 20_000_000;
        (CapturedText result, List<string> lines) = await RunAsync(new Injection(false, 0, Delay, 0), Write, "echo hello");
        Assert.Equal("hello\n", result.StandardOutput);
        Assert.Contains(lines, static l => l.StartsWith("took ", StringComparison.Ordinal) && long.Parse(l[5..]) >= Delay);
    }

    [Fact]
    public async Task A_caller_can_be_sent_a_signal()
    {
        (CapturedText result, _) = await RunAsync(new Injection(false, 0, 0, Terminate), UnlinkAt, "rm /tmp/x 2>/dev/null; echo $?");
        Assert.Equal($"{128 + Terminate}\n", result.StandardOutput);
    }

    private static async Task<(CapturedText Result, List<string> Lines)> RunAsync(Injection injection, int call, string script)
    {
        long entered = 0;
        var tracer = new RecordingTracer(EventKind.SyscallEntered, EventKind.SyscallReturned)
        {
            Attached = t => t.Target.Probes.Injector = new Injector(injection, call),
            Format = e =>
            {
                if (e.Number != call) return null;
                if (e.Kind == EventKind.SyscallEntered) entered = e.Time;
                return e.Kind == EventKind.SyscallEntered ? null : e.Result < 0 ? $"{e.Number} = {e.Result}" : $"took {e.Time - entered}";
            },
        };
        await using Sandbox sandbox = await Sandbox.CreateAsync(cancellationToken: Cancel);
        sandbox.Attach(tracer);
        CapturedText result = await sandbox.RunAndCaptureTextAsync("bash", ["-c", script], cancellationToken: Cancel);
        return (result, tracer.Lines);
    }

    // Only the first of the calls.
    private sealed class Injector(Injection injection, int number) : ISyscallInjector
    {
        private bool _done;

        public Injection Enter(in KernelEvent call)
        {
            if (_done || call.Number != number) return default;
            _done = true;
            return injection;
        }

        public long Exit(in KernelEvent call) => 0;
    }
}
