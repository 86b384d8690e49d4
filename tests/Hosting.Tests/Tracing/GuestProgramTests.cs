using Kennel.Probes;
using Xunit;

namespace Kennel.Hosting.Tests.Tracing;

/// <summary>Guest programs as tracers see them: functions, stacks, watched instructions, memory.</summary>
public sealed class GuestProgramTests
{
    private const string Libc = "/lib/x86_64-linux-gnu/libc.so.6";
    private const int Write = 1;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_library_has_functions()
    {
        var tracer = new RecordingTracer();
        await using Sandbox sandbox = await Sandbox.CreateAsync(cancellationToken: Cancel);
        sandbox.Attach(tracer);
        IReadOnlyList<ElfFunction> functions;
        lock (tracer.Target.Lock) functions = tracer.Target.FunctionsOf(Libc);
        Assert.Contains(functions, static f => f is { Name: "write", Offset: > 0, Size: > 0 });
        Assert.Contains(functions, static f => f.Name == "fork");
        lock (tracer.Target.Lock)
        {
            Assert.Empty(tracer.Target.FunctionsOf("/etc/passwd"));
            Assert.Empty(tracer.Target.FunctionsOf("/nonexistent"));
            Assert.Null(tracer.Target.WatchCode("/nonexistent", 0, 0, out _));
            long write = functions.First(static f => f.Name == "write").Offset;
            using IDisposable? one = tracer.Target.WatchCode(Libc, write, 0, out int first), two = tracer.Target.WatchCode(Libc, write, 0, out int second);
            Assert.NotEqual(first, second); // of several tracers, each knows its own
        }
    }

    [Theory]
    [InlineData("interpreter")]
    [InlineData("translator")]
    public async Task A_watched_function_is_told_of_each_time_with_its_stack_and_arguments(string engine)
    {
        var calls = new List<(string Name, ulong Count, int Frames, string Outermost, string Text)>();
        int writes = 0, watched = 0;
        RecordingTracer? tracer = null;
        tracer = new RecordingTracer(EventKind.UserBreakpoint, EventKind.SyscallEntered)
        {
            Attached = t =>
            {
                ElfFunction function = t.Target.FunctionsOf(Libc).Single(static f => f.Name == "write");
                Assert.NotNull(t.Target.WatchCode(Libc, function.Offset, 0, out watched));
            },
            Format = e =>
            {
                if (e.Kind == EventKind.SyscallEntered)
                {
                    if (e.Number == Write) writes++;
                    return null;
                }
                Span<ulong> frames = stackalloc ulong[64];
                int count = e.Task.UserStack(frames);
                Assert.Equal((watched, e.A0), (e.Number, frames[0]));
                Span<byte> text = stackalloc byte[2];
                Assert.Equal(2, e.Task.ReadMemory(e.Task.Register(6), text));
                UserSymbol? last = e.Task.FindUserSymbol(frames[count - 1]);
                calls.Add((e.Task.FindUserSymbol(frames[0])!.Value.Name, e.Task.Register(2), count, last?.Name ?? "?", System.Text.Encoding.ASCII.GetString(text)));
                return null;
            },
        };
        await using Sandbox sandbox = await Sandbox.CreateAsync(new SandboxOptions { Engine = engine }, Cancel);
        sandbox.Attach(tracer);
        CapturedText result = await sandbox.RunAndCaptureTextAsync("bash", ["-c", "for i in 1 2 3; do echo hello; done"], cancellationToken: Cancel);
        Assert.Equal("hello\nhello\nhello\n", result.StandardOutput);
        Assert.Equal(writes, calls.Count);
        Assert.Equal(3, calls.Count);
        Assert.All(calls, static c => Assert.Equal(("write", 6ul, "he"), (c.Name, c.Count, c.Text)));
        Assert.All(calls, static c => Assert.True(c.Frames > 6, $"{c.Frames} frames"));
        Assert.All(calls, static c => Assert.Equal("_start", c.Outermost));
    }

    [Theory]
    [InlineData("interpreter")]
    [InlineData("translator")]
    public async Task A_watch_that_has_ended_or_is_for_another_process_is_silent(string engine)
    {
        var tracer = new RecordingTracer(EventKind.UserBreakpoint)
        {
            Attached = static t =>
            {
                ElfFunction function = t.Target.FunctionsOf(Libc).Single(static f => f.Name == "write");
                t.Target.WatchCode(Libc, function.Offset, 0, out _)!.Dispose();
                t.Target.WatchCode(Libc, function.Offset, 999_999, out _);
            },
        };
        await using Sandbox sandbox = await Sandbox.CreateAsync(new SandboxOptions { Engine = engine }, Cancel);
        sandbox.Attach(tracer);
        CapturedText result = await sandbox.RunAndCaptureTextAsync("bash", ["-c", "echo hello"], cancellationToken: Cancel);
        Assert.Equal("hello\n", result.StandardOutput);
        Assert.Empty(tracer.Lines);
    }

    [Fact]
    public async Task Reading_memory_faults_nothing_in()
    {
        var seen = new List<(int Unmapped, int Code, long Faults)>();
        RecordingTracer? tracer = null;
        tracer = new RecordingTracer(EventKind.ExecSucceeded)
        {
            Format = e =>
            {
                KernelField faults = tracer!.Target.Model.FindStruct("task_struct")!.Fields.Single(static f => f.Name == "min_flt");
                long before = faults.Read(e.Task)!.Value.Number;
                Span<byte> bytes = stackalloc byte[16];
                seen.Add((e.Task.ReadMemory(0x1000, bytes), e.Task.ReadMemory(e.Task.Register(16), bytes), faults.Read(e.Task)!.Value.Number - before));
                return null;
            },
        };
        await using Sandbox sandbox = await Sandbox.CreateAsync(cancellationToken: Cancel);
        sandbox.Attach(tracer);
        await sandbox.RunAndCaptureTextAsync("/bin/true", [], cancellationToken: Cancel);
        Assert.Equal([(0, 16, 0L)], seen);
    }
}
