using System.Text;
using Kennel.Abi;
using Xunit;

namespace Kennel.Hosting.Tests;

/// <summary>The public library, as a .NET program uses it.</summary>
public sealed class SandboxTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Runs_a_program_and_returns_what_it_printed()
    {
        await using Sandbox sandbox = await Sandbox.CreateAsync(cancellationToken: Cancel);
        CapturedText result = await sandbox.RunAndCaptureTextAsync("sh", ["-c", "echo out; echo err >&2; exit 3"], cancellationToken: Cancel);
        Assert.Equal(new CapturedText(3, "out\n", "err\n"), result);
    }

    [Fact]
    public async Task Gives_a_program_its_input()
    {
        await using Sandbox sandbox = await Sandbox.CreateAsync(cancellationToken: Cancel);
        CapturedText result = await sandbox.RunAndCaptureTextAsync("tr", ["a-z", "A-Z"], "grüße\n", Cancel);
        Assert.Equal("GRüßE\n", result.StandardOutput);
    }

    [Fact]
    public async Task Streams_work_while_the_program_runs()
    {
        await using Sandbox sandbox = await Sandbox.CreateAsync(cancellationToken: Cancel);
        SandboxProcess process = await sandbox.StartAsync(new ProcessStartOptions("cat"), Cancel);
        var reader = new StreamReader(process.StandardOutput!);
        foreach (string line in (string[])["one", "two"])
        {
            await process.StandardInput!.WriteAsync(Encoding.UTF8.GetBytes(line + "\n"), Cancel);
            await process.StandardInput.FlushAsync(Cancel);
            Assert.Equal(line, await reader.ReadLineAsync(Cancel));
        }
        await process.StandardInput!.DisposeAsync();
        Assert.Equal(0, (await process.WaitForExitAsync(Cancel)).ExitCode);
    }

    [Fact]
    public async Task Lists_and_kills_processes()
    {
        await using Sandbox sandbox = await Sandbox.CreateAsync(cancellationToken: Cancel);
        SandboxProcess process = await sandbox.StartAsync(new ProcessStartOptions("sleep", "1000"), Cancel);
        SandboxProcessInfo info = Assert.Single(sandbox.Processes);
        Assert.Equal((process.Id, "sleep"), (info.Id, info.Name));
        process.Kill();
        SandboxExit exit = await process.WaitForExitAsync(Cancel);
        Assert.Equal((Signal.SIGKILL, 137), (exit.Signal, exit.ExitCode));
        Assert.Empty(sandbox.Processes);
    }

    [Fact]
    public async Task Cancelling_a_capture_kills_the_program()
    {
        await using Sandbox sandbox = await Sandbox.CreateAsync(cancellationToken: Cancel);
        using var source = new CancellationTokenSource();
        Task<CapturedText> running = sandbox.RunAndCaptureTextAsync("sleep", ["1000"], cancellationToken: source.Token);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Empty(sandbox.Processes);
    }

    [Fact]
    public async Task Two_sandboxes_know_nothing_of_each_other()
    {
        await using Sandbox first = await Sandbox.CreateAsync(cancellationToken: Cancel);
        await using Sandbox second = await Sandbox.CreateAsync(cancellationToken: Cancel);
        await first.RunAndCaptureTextAsync("sh", ["-c", "echo secret > /tmp/file"], cancellationToken: Cancel);
        Assert.Equal("secret\n", (await first.RunAndCaptureTextAsync("cat", ["/tmp/file"], cancellationToken: Cancel)).StandardOutput);
        Assert.Equal(1, (await second.RunAndCaptureTextAsync("cat", ["/tmp/file"], cancellationToken: Cancel)).ExitCode);
    }

    [Fact]
    public async Task Disposing_ends_every_process()
    {
        Sandbox sandbox = await Sandbox.CreateAsync(cancellationToken: Cancel);
        SandboxProcess process = await sandbox.StartAsync(new ProcessStartOptions("sh", "-c", "sleep 1000 & sleep 1000"), Cancel);
        await sandbox.DisposeAsync();
        Assert.Equal(Signal.SIGKILL, (await process.WaitForExitAsync(Cancel)).Signal);
    }

    [Theory]
    [InlineData("no-such-program", SandboxError.NotFound)]
    [InlineData("/no/such/program", SandboxError.NotFound)]
    [InlineData("/etc/passwd", SandboxError.NotExecutable)]
    [InlineData("/tmp", SandboxError.NotExecutable)]
    public async Task Says_why_a_program_cannot_be_started(string program, SandboxError expected)
    {
        await using Sandbox sandbox = await Sandbox.CreateAsync(cancellationToken: Cancel);
        SandboxException e = await Assert.ThrowsAsync<SandboxException>(() => sandbox.StartAsync(new ProcessStartOptions(program), Cancel));
        Assert.Equal(expected, e.Kind);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Theory]
    [InlineData("interpreter")]
    [InlineData("translator")]
    public async Task The_engine_can_be_chosen(string name)
    {
        await using Sandbox sandbox = await Sandbox.CreateAsync(new SandboxOptions { Engine = name }, Cancel);
        Assert.Equal(name, sandbox.EngineName);
    }

    [Fact]
    public async Task There_is_no_engine_of_another_name()
    {
        SandboxException e = await Assert.ThrowsAsync<SandboxException>(() => Sandbox.CreateAsync(new SandboxOptions { Engine = "steam" }, Cancel));
        Assert.Contains("steam", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mount_that_does_not_exist_is_refused()
    {
        var options = new SandboxOptions { Mounts = [new SandboxMount("/no/such/directory", "/x")] };
        SandboxException e = await Assert.ThrowsAsync<SandboxException>(() => Sandbox.CreateAsync(options, Cancel));
        Assert.Contains("/no/such/directory", e.Message);
    }

    [Theory]
    [InlineData(SandboxMountMode.Overlay, 0, false)]
    [InlineData(SandboxMountMode.ReadOnly, 2, false)]
    [InlineData(SandboxMountMode.ReadWrite, 0, true)]
    public async Task Mounts_take_writes_as_their_mode_says(SandboxMountMode mode, int exitCode, bool reachesHost)
    {
        string directory = Directory.CreateTempSubdirectory("kennel-test-").FullName;
        try
        {
            await File.WriteAllTextAsync(Path.Combine(directory, "there"), "old\n", Cancel);
            await using Sandbox sandbox = await Sandbox.CreateAsync(new SandboxOptions { Mounts = [new SandboxMount(directory, "/data", mode)] }, Cancel);
            CapturedText result = await sandbox.RunAndCaptureTextAsync("sh", ["-c", "cat /data/there; echo new > /data/made"], cancellationToken: Cancel);
            Assert.Equal("old\n", result.StandardOutput);
            Assert.Equal(exitCode, result.ExitCode);
            Assert.Equal(reachesHost, File.Exists(Path.Combine(directory, "made")));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public async Task The_environment_passes_little()
    {
        Environment.SetEnvironmentVariable("KENNEL_TEST_SECRET", "x");
        await using Sandbox sandbox = await Sandbox.CreateAsync(cancellationToken: Cancel);
        CapturedText result = await sandbox.RunAndCaptureTextAsync("/usr/bin/env", [], cancellationToken: Cancel);
        Assert.DoesNotContain("SECRET", result.StandardOutput);
        Assert.Contains("PATH=", result.StandardOutput);
    }

    [Fact]
    public async Task Limits_on_processes_and_memory_hold()
    {
        var options = new SandboxOptions { ProcessLimit = 20, MemoryLimit = 64 << 20 };
        await using Sandbox sandbox = await Sandbox.CreateAsync(options, Cancel);
        CapturedText forks = await sandbox.RunAndCaptureTextAsync(
            "sh", ["-c", "i=0; while [ $i -lt 50 ]; do sleep 1000 >/dev/null 2>&1 & i=$((i+1)); done; echo all"], cancellationToken: Cancel);
        Assert.NotEqual(0, forks.ExitCode);
        Assert.Contains("fork", forks.StandardError, StringComparison.OrdinalIgnoreCase);
        CapturedText memory = await sandbox.RunAndCaptureTextAsync("sh", ["-c", "exec head -c 300000000 /dev/zero | tail -c 200000000 | wc -c"], cancellationToken: Cancel);
        Assert.NotEqual("200000000\n", memory.StandardOutput);
        Assert.True(sandbox.Statistics.PeakMemory <= 64 << 20);
    }

    [Fact]
    public async Task A_seed_makes_runs_equal()
    {
        async Task<(string, long?)> RunAsync()
        {
            await using Sandbox sandbox = await Sandbox.CreateAsync(new SandboxOptions { Seed = 7 }, Cancel);
            CapturedText result = await sandbox.RunAndCaptureTextAsync("bash", ["-c", "echo $RANDOM; date; sleep 1; date; od -An -tx1 -N8 /dev/urandom"], cancellationToken: Cancel);
            return (result.StandardOutput, sandbox.Statistics.Instructions);
        }

        (string, long?) first = await RunAsync();
        Assert.True(first.Item2 > 0);
        Assert.Equal(first, await RunAsync());
    }

    [Fact]
    public async Task All_memory_comes_back()
    {
        await using Sandbox sandbox = await Sandbox.CreateAsync(cancellationToken: Cancel);
        await sandbox.RunAndCaptureTextAsync("sh", ["-c", "true | cat"], cancellationToken: Cancel);
        int before = sandbox.AnonymousFrames;
        await sandbox.RunAndCaptureTextAsync("sh", ["-c", "for i in 1 2 3; do (echo $i | cat >/dev/null) & done; wait"], cancellationToken: Cancel);
        Assert.Equal(before, sandbox.AnonymousFrames);
    }
}
