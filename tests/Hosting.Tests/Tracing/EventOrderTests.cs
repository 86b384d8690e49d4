using Kennel.Abi;
using Kennel.Probes;
using Xunit;

namespace Kennel.Hosting.Tests.Tracing;

/// <summary>In which order, and in whose context, the life of a process is told.</summary>
public sealed class EventOrderTests
{
    private const int Clone = 56, Wait4 = 61, Execve = 59, ExitGroup = 231;

    private static readonly EventKind[] LifeCycle =
    [
        EventKind.ThreadCreated, EventKind.ProcessCreated, EventKind.FirstWakeup, EventKind.TaskStarted, EventKind.ExecEntered, EventKind.ExecSucceeded,
        EventKind.ExecFailed, EventKind.ThreadExited, EventKind.ProcessExited, EventKind.WaitBlocked, EventKind.TaskReleased, EventKind.ProcessFreed,
        EventKind.SignalSent, EventKind.SignalDiscarded, EventKind.SignalHandled, EventKind.SyscallEntered, EventKind.SyscallReturned,
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_shell_that_runs_one_command()
    {
        IReadOnlyList<string> lines = await RunAsync("bash", ["-c", "/bin/uname >/dev/null; true"], LifeCycle, Line);
        string[] shell = [.. lines.Where(static l => l.StartsWith("bash ", StringComparison.Ordinal)).SkipWhile(static l => l != "bash enters clone")];
        Assert.Equal(
        [
            "bash enters clone", "bash ThreadCreated bash", "bash ProcessCreated bash", "bash FirstWakeup bash", "bash clone returns child",
        ], shell.Take(5));
        AssertInOrder(shell, "bash enters wait4", "bash WaitBlocked", "bash TaskReleased uname", "bash ProcessFreed uname", "bash wait4 returns child");
        string[] child = [.. lines.Where(static l => l.StartsWith("child ", StringComparison.Ordinal))];
        Assert.Equal(["child TaskStarted 1", "child clone returns 0"], child.Take(2));
        AssertInOrder(child, "child enters execve", "child ExecEntered /bin/uname");
        string[] program = [.. lines.Where(static l => l.StartsWith("uname ", StringComparison.Ordinal))];
        Assert.Equal(["uname ExecSucceeded /bin/uname", "uname execve returns 0"], program.Take(2));
        AssertInOrder(program, "uname enters exit_group", "uname ThreadExited 0", "uname ProcessExited 0", "uname SignalSent SIGCHLD to bash");
        AssertInOrder(
            lines, "bash enters clone", "bash ThreadCreated bash", "bash ProcessCreated bash", "bash FirstWakeup bash", "child TaskStarted 1", "child ExecEntered /bin/uname",
            "uname ExecSucceeded /bin/uname", "uname ThreadExited 0", "uname ProcessExited 0", "bash TaskReleased uname", "bash ThreadExited 0");
    }

    [Fact]
    public async Task An_exec_that_fails()
    {
        IReadOnlyList<string> lines = await RunAsync("sh", ["-c", "exec /nonexistent"], LifeCycle, static (t, e) => e.Kind is EventKind.ExecEntered or EventKind.ExecFailed ? $"{e.Kind} {e.Text} {e.Number}" : null);
        Assert.Equal(["ExecEntered /nonexistent 0", "ExecFailed /nonexistent 2"], lines.TakeLast(2));
    }

    [Fact]
    public async Task A_process_that_a_signal_kills()
    {
        EventKind[] kinds = [EventKind.ThreadExited, EventKind.ProcessExited, EventKind.SignalSent, EventKind.SignalDiscarded];
        IReadOnlyList<string> lines = await RunAsync("bash", ["-c", "kill -9 $$"], kinds, static (t, e) => $"{e.Kind} {e.Number}");
        Assert.Equal(["SignalSent 9", "ThreadExited 9", "ProcessExited 9", "SignalSent 17"], lines.Take(4));
    }

    [Fact]
    public async Task Faults_tell_what_was_done()
    {
        IReadOnlyList<string> lines = await RunAsync(
            "/bin/true", [], [EventKind.PageFault, EventKind.PageFaultReturned],
            static (t, e) => e.Kind == EventKind.PageFault ? $"in {e.A1 & 0x41} {e.Data != null}" : $"out {e.A1 & 0x41} {e.Data != null} {e.Result} {e.Number}");
        Assert.Contains("in 65 True", lines);
        Assert.Contains(lines, static l => l is "out 65 True 0 1" or "out 65 True 4 1");
        Assert.Equal(lines.Count(static l => l.StartsWith("in", StringComparison.Ordinal)), lines.Count(static l => l.StartsWith("out", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Switches_come_in_pairs()
    {
        EventKind[] kinds = [EventKind.OnCpu, EventKind.OffCpu, EventKind.Sleep, EventKind.Wakeup];
        IReadOnlyList<string> lines = await RunAsync(
            "sh", ["-c", "echo a | cat"], kinds, static (t, e) => $"{e.Kind} {e.Task.ThreadId} {e.Target?.ThreadId} {(char)e.Number}{e.Text}", new SandboxOptions { Processors = 1 });
        string[] switches = [.. lines.Where(static l => l.StartsWith('O')).SkipWhile(static l => l.StartsWith("OnCpu", StringComparison.Ordinal))];
        for (int i = 0; i + 1 < switches.Length; i += 2)
        {
            string[] off = switches[i].Split(' '), on = switches[i + 1].Split(' ');
            Assert.Equal(("OffCpu", "OnCpu", off[1], off[2]), (off[0], on[0], on[2], on[1]));
        }
        Assert.Contains(lines, static l => l.StartsWith("Sleep", StringComparison.Ordinal) && l.EndsWith("Sdo_wait", StringComparison.Ordinal));
        Assert.Contains(lines, static l => l.StartsWith("Wakeup", StringComparison.Ordinal));
    }

    private static void AssertInOrder(IReadOnlyList<string> lines, params string[] wanted)
    {
        int at = 0;
        foreach (string line in wanted)
        {
            while (at < lines.Count && lines[at] != line) at++;
            Assert.True(at < lines.Count, $"no '{line}' in its place in\n{string.Join('\n', lines)}");
        }
    }

    private static async Task<IReadOnlyList<string>> RunAsync(
        string program, string[] arguments, EventKind[] kinds, Func<RecordingTracer, KernelEvent, string?> format, SandboxOptions? options = null)
    {
        RecordingTracer? tracer = null;
        tracer = new RecordingTracer(kinds) { Format = e => format(tracer!, e) };
        await using Sandbox sandbox = await Sandbox.CreateAsync(options, Cancel);
        sandbox.Attach(tracer);
        await sandbox.RunAndCaptureTextAsync(program, arguments, cancellationToken: Cancel);
        sandbox.Detach(tracer);
        return tracer.Lines;
    }

    // Who: the name, or "child" between fork and exec.
    private static string? Line(RecordingTracer tracer, KernelEvent e)
    {
        string who = e.Task.Name == "bash" && e.Task.ProcessId != tracer.TargetId ? "child" : e.Task.Name;
        bool isCall = e.Kind is EventKind.SyscallEntered or EventKind.SyscallReturned;
        string? call = e.Number switch { Clone => "clone", Wait4 => "wait4", Execve => "execve", ExitGroup => "exit_group", _ => null };
        if (isCall && call == null) return null;
        return e.Kind switch
        {
            EventKind.SyscallEntered => $"{who} enters {call}",
            EventKind.SyscallReturned => $"{who} {call} returns {(e.Result > 0 ? "child" : e.Result)}",
            EventKind.ThreadCreated or EventKind.ProcessCreated or EventKind.FirstWakeup or EventKind.TaskReleased or EventKind.ProcessFreed => $"{who} {e.Kind} {e.Target!.Name}",
            EventKind.ExecEntered or EventKind.ExecSucceeded => $"{who} {e.Kind} {e.Text}",
            EventKind.SignalSent => $"{who} {e.Kind} {(Signal)e.Number} to {e.Target!.Name}",
            EventKind.WaitBlocked => $"{who} {e.Kind}",
            _ => $"{who} {e.Kind} {e.Number}",
        };
    }
}
