using System.Text;

namespace Kennel.Guest.Tests;

/// <summary>What <c>kennel run</c> promises beside running the program: statuses, what is visible, what stays behind, limits.</summary>
public sealed class CommandTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("kg-command-").FullName;

    public CommandTests()
    {
        if (GuestSettings.NativeOnly > 0 || GuestSettings.Filter.Length > 0 && !GuestSettings.Filter.Contains("command"))
            Assert.Skip("only guests were asked for");
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task The_first_example_prints_what_bash_prints_and_leaves_nothing_on_the_host()
    {
        string file = $"/tmp/kennel-example-{Guid.NewGuid():N}";
        Run run = await RunAsync("--", "bash", "-c", $"for i in 3 1 2; do echo $i; done | sort | tee {file} | wc -l; cat {file}");
        Assert.Equal(new Run(0, "3\n1\n2\n3\n", ""), run);
        Assert.False(File.Exists(file));
    }

    [Theory]
    [InlineData("exit 0", 0)]
    [InlineData("exit 7", 7)]
    [InlineData("exit 255", 255)]
    [InlineData("kill -TERM $$", 143)]
    [InlineData("kill -KILL $$", 137)]
    [InlineData("kill -SEGV $$", 139)]
    public async Task The_exit_status_is_the_guest_s(string script, int status) =>
        Assert.Equal(status, (await RunAsync("--", "sh", "-c", script)).Status);

    [Fact]
    public async Task Completion_knows_the_options()
    {
        Run script = await ExecuteAsync(GuestSettings.Command, [], ["completion", "bash"]);
        Assert.Equal(0, script.Status);
        string file = Path.Combine(_directory, "completion.bash");
        await File.WriteAllTextAsync(file, script.Output + """

            COMP_WORDS=(kennel run --m) COMP_CWORD=2 COMP_LINE='kennel run --m' COMP_POINT=14
            _kennel
            printf '%s\n' "${COMPREPLY[@]}"
            """, TestContext.Current.CancellationToken);
        var launcher = new Dictionary<string, string> { ["KENNEL"] = Path.Combine(GuestSettings.Repository, "kennel") };
        Assert.Equal(new Run(0, "--memory\n--mount\n", ""), await ExecuteAsync(new KennelCommand(["bash"]), launcher, [file]));
    }

    [Theory]
    [InlineData(127, "--", "/no/such/program")]
    [InlineData(127, "--", "no-such-program-in-the-path")]
    [InlineData(126, "--", "/etc/passwd")]
    [InlineData(126, "--", "/usr")]
    [InlineData(125, "--mount", "/no/such/directory", "--", "true")]
    [InlineData(125, "--no-such-option", "--", "true")]
    [InlineData(125, "--memory", "nonsense", "--", "true")]
    [InlineData(125, "--cpu-level", "v3", "--engine", "interpreter", "--", "true")]
    public async Task What_cannot_be_run_has_a_status_of_its_own_and_one_line_of_text(int status, params string[] arguments)
    {
        Run run = await RunAsync(arguments);
        Assert.Equal(status, run.Status);
        Assert.Equal("", run.Output);
        Assert.StartsWith("kennel: ", run.Error);
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_environment_passes_only_what_is_harmless()
    {
        Run run = await RunWithAsync(new() { ["SECRET"] = "token", ["LC_TIME"] = "C" }, "--env", "GIVEN=1", "--", "env");
        Assert.DoesNotContain("SECRET", run.Output, StringComparison.Ordinal);
        Assert.Contains("LC_TIME=C\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("GIVEN=1\n", run.Output, StringComparison.Ordinal);
        Run all = await RunWithAsync(new() { ["SECRET"] = "token" }, "--env-all", "--", "env");
        Assert.Contains("SECRET=token\n", all.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_system_directories_and_the_working_directory_are_visible()
    {
        File.WriteAllText(Path.Combine(_directory, "here"), "content");
        Run run = await RunAsync("--", "sh", "-c", "cat here; ls /var /run /home /root 2>/dev/null | wc -l; ls /usr/bin/env /etc/passwd; ls /tmp");
        Assert.Equal(0, run.Status);
        Assert.StartsWith("content", run.Output);
        Assert.Contains("/etc/passwd\n/usr/bin/env\n", run.Output, StringComparison.Ordinal);
        foreach (string other in Directory.EnumerateFiles("/tmp").Select(f => Path.GetFileName(f)!).Take(20))
            Assert.DoesNotContain($"\n{other}\n", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Writes_reach_the_host_only_through_a_mount_that_says_so()
    {
        string plain = Directory.CreateDirectory(Path.Combine(_directory, "plain")).FullName;
        string through = Directory.CreateDirectory(Path.Combine(_directory, "through")).FullName;
        string closed = Directory.CreateDirectory(Path.Combine(_directory, "closed")).FullName;
        Run run = await RunAsync("--mount", plain, "--mount", $"{through}:/data:rw", "--mount", $"{closed}:/closed:ro", "--",
            "sh", "-c", $"echo a >{plain}/a; cat {plain}/a; echo b >/data/b; echo c >/closed/c; echo d >here; rm -rf /etc/passwd; ls /etc/passwd");
        Assert.StartsWith("a\n", run.Output);
        Assert.Contains("Read-only file system", run.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(plain));
        Assert.Equal("b\n", File.ReadAllText(Path.Combine(through, "b")));
        Assert.Empty(Directory.GetFiles(closed));
        Assert.False(File.Exists(Path.Combine(_directory, "here")));
        Assert.True(File.Exists("/etc/passwd"));
    }

    [Fact]
    public async Task Statistics_are_one_line_at_the_end()
    {
        Run run = await RunAsync("--stats", "--engine", "interpreter", "--cpu-level", "v2", "--", "sh", "-c", "for i in 1 2 3; do true | true; done; echo err >&2");
        Assert.Equal(0, run.Status);
        string[] lines = run.Error.TrimEnd('\n').Split('\n');
        Assert.Equal("err", lines[0]);
        Assert.Matches(@"processes \d+, left 0; cpu .* instructions \d+; system calls \d+", Assert.Single(lines[1..]));
    }

    [Fact]
    public async Task Time_is_limited()
    {
        Run run = await RunAsync("--timeout", "300ms", "--", "sh", "-c", "echo started; sleep 1000 & while :; do :; done");
        Assert.Equal((137, "started\n"), (run.Status, run.Output));
    }

    [Fact]
    public async Task The_number_of_processes_is_limited()
    {
        const string script = """
            import os, time
            n = 0
            try:
                while n < 100:
                    if os.fork() == 0:
                        time.sleep(1000)
                    n += 1
            except OSError as e:
                print(0 < n < 12, os.strerror(e.errno))
            """;
        Run run = await RunAsync("--pids", "12", "--", "python3", "-c", script);
        Assert.Equal(new Run(0, "True Resource temporarily unavailable\n", ""), run);
    }

    [Fact]
    public async Task Memory_is_limited()
    {
        Run run = await RunAsync("--memory", "64M", "--", "python3", "-c", "x = []\nwhile True: x.append(bytearray(1 << 20))");
        Assert.True(run.Status is 1 or 137, $"status {run.Status}: {run.Error}");
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_seed_makes_two_runs_equal()
    {
        string[] arguments = ["--seed", "42", "--", "bash", "-c", "echo $RANDOM $RANDOM $$; date +%s%N; head -c 16 /dev/urandom | od -An -tx1; cat /proc/sys/kernel/random/uuid"];
        Run first = await RunAsync(arguments);
        Assert.Equal(0, first.Status);
        Assert.Equal(first, await RunAsync(arguments));
    }

    private Task<Run> RunAsync(params string[] arguments) => RunWithAsync([], arguments);

    private Task<Run> RunWithAsync(Dictionary<string, string> more, params string[] arguments) =>
        ExecuteAsync(GuestSettings.Command, more, ["run", .. arguments]);

    private async Task<Run> ExecuteAsync(KennelCommand command, Dictionary<string, string> more, string[] arguments)
    {
        Dictionary<string, string> environment = new(more)
        {
            ["PATH"] = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
            ["HOME"] = _directory,
            ["LANG"] = "C",
            ["TZ"] = "UTC",
        };
        ProcessOutcome outcome = await command.RunAsync(
            arguments, _directory, environment, null, TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.False(outcome.TimedOut, "did not end in time");
        return new Run(outcome.Status, Encoding.UTF8.GetString(outcome.Output), Encoding.UTF8.GetString(outcome.Error));
    }

    private sealed record Run(int Status, string Output, string Error);
}
