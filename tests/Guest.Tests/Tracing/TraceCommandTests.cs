using System.Text;
using System.Text.Json;

namespace Kennel.Guest.Tests.Tracing;

/// <summary>What <c>kennel trace</c> and <c>kennel tree</c> can beside showing calls: choosing, tampering, the table, JSON; who was whose child.</summary>
public sealed class TraceCommandTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("kg-trace-").FullName;

    public TraceCommandTests()
    {
        if (GuestSettings.NativeOnly > 0 || GuestSettings.Filter.Length > 0 && !GuestSettings.Filter.Contains("strace")) Assert.Skip("only guests were asked for");
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Only_what_was_asked_for_is_shown()
    {
        Run run = await RunAsync("trace", "-e", "trace=write", "-e", "signal=none", "-qq", "--", "echo", "hello");
        Assert.Equal(new Run(0, "hello\n", "write(1, \"hello\\n\", 6)                  = 6\n"), run);
    }

    [Fact]
    public async Task Options_are_read_as_getopt_reads_them()
    {
        Run run = await RunAsync("trace", "-qqyttTs2", "-ewrite", "echo", "-n", "hello");
        Assert.Equal("hello", run.Output);
        Assert.Matches(@"^\d\d:\d\d:\d\d\.\d{6} write\(1<pipe:\[\d+\]>, ""he""\.\.\., 5\) = 5 <\d\.\d{6}>\n$", run.Error);
    }

    [Fact]
    public async Task Errors_are_injected()
    {
        Run run = await RunAsync("trace", "-e", "inject=openat:error=EMFILE:when=3", "-e", "trace=openat", "-z", "--", "cat", "/etc/hostname");
        Assert.DoesNotContain("INJECTED", run.Error, StringComparison.Ordinal);
        run = await RunAsync("trace", "-e", "fault=write:error=ENOSPC", "-e", "write", "-qq", "--", "echo", "hi");
        Assert.Equal(1, run.Status);
        Assert.Equal("", run.Output);
        Assert.Contains("write(1, \"hi\\n\", 3)                     = -1 ENOSPC (No space left on device) (INJECTED)\n", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Results_and_signals_and_delays_are_injected()
    {
        Run run = await RunAsync("trace", "-e", "inject=getppid:retval=77", "-e", "getppid", "-qq", "--", "sh", "-c", "echo $PPID");
        Assert.Equal("77\n", run.Output);
        run = await RunAsync("trace", "-e", "inject=write:signal=TERM", "-e", "write", "--", "echo", "hi");
        Assert.Equal(143, run.Status);
        Assert.Contains("= 3\n--- SIGTERM {si_signo=SIGTERM, si_code=SI_KERNEL} ---\n+++ killed by SIGTERM +++\n", run.Error, StringComparison.Ordinal);
        run = await RunAsync("trace", "-T", "-e", "inject=write:delay_enter=50ms", "-e", "write", "-qq", "--", "echo", "hi");
        Assert.Matches(@"= 3 \(DELAYED\) <0\.(0[5-9]|[1-9])\d+>\n", run.Error);
    }

    [Fact]
    public async Task The_table_counts_calls_and_errors()
    {
        Run run = await RunAsync("trace", "-c", "--", "sh", "-c", "test -e /no/such; test -e /none; exit 0");
        string[] lines = run.Error.Split('\n');
        Assert.Equal("% time     seconds  usecs/call     calls    errors syscall", lines[0]);
        Assert.Equal("------ ----------- ----------- --------- --------- ----------------", lines[1]);
        Assert.Contains(lines, l => l.EndsWith(" 2 newfstatat", StringComparison.Ordinal) && l.Contains(" 2 newfstatat", StringComparison.Ordinal));
        Assert.EndsWith(" total", lines[^2]);
        Assert.DoesNotContain("openat(", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_has_one_object_a_line()
    {
        Run run = await RunAsync("trace", "--json", "-o", "out.json", "--mount", _directory, "--", "sh", "-c", "echo \"a, b\"; exit 3");
        Assert.Equal((3, "a, b\n"), (run.Status, run.Output));
        JsonElement[] events = [.. (await File.ReadAllLinesAsync(Path.Combine(_directory, "out.json"), TestContext.Current.CancellationToken)).Select(l => JsonDocument.Parse(l).RootElement)];
        JsonElement write = Assert.Single(events, e => e.TryGetProperty("call", out JsonElement c) && c.GetString() == "write");
        Assert.Equal(["1", "\"a, b\\n\"", "5"], write.GetProperty("args").EnumerateArray().Select(a => a.GetString()));
        Assert.Equal(5, write.GetProperty("result").GetInt64());
        Assert.Equal(("exit", 3), (events[^1].GetProperty("event").GetString(), events[^1].GetProperty("status").GetInt32()));
        Assert.Equal("execve", events[0].GetProperty("call").GetString());
    }

    [Fact]
    public async Task Each_thread_has_a_file_with_ff()
    {
        Run run = await RunAsync("trace", "-ff", "-o", "out", "-e", "execve", "--", "sh", "-c", "/bin/true; exit 4");
        Assert.Equal(4, run.Status);
        string[] files = [.. Directory.GetFiles(_directory, "out.*").Order(StringComparer.Ordinal)];
        Assert.Equal(2, files.Length);
        string first = await File.ReadAllTextAsync(files[0], TestContext.Current.CancellationToken), second = await File.ReadAllTextAsync(files[1], TestContext.Current.CancellationToken);
        Assert.StartsWith("execve(\"/usr/bin/sh\", [", first);
        Assert.EndsWith("\n+++ exited with 4 +++\n", first);
        Assert.StartsWith("execve(\"/bin/true\", [\"/bin/true\"]", second);
        Assert.EndsWith(" = 0\n+++ exited with 0 +++\n", second);
    }

    [Fact]
    public async Task Calls_are_chosen_by_file()
    {
        Run run = await RunAsync("trace", "-e", "trace=openat,read", "-P", "hostname", "-qq", "--workdir", "/etc", "--", "cat", "/etc/hostname", "hostname");
        string[] lines = run.Error.TrimEnd('\n').Split('\n');
        Assert.Equal("strace: Requested path \"hostname\" resolved into \"/etc/hostname\"", lines[0]);
        Assert.Equal("openat(AT_FDCWD, \"/etc/hostname\", O_RDONLY) = 3", lines[1]);
        Assert.Equal(7, lines.Length);
        Assert.StartsWith("openat(AT_FDCWD, \"hostname\", O_RDONLY)", lines[4]);
    }

    [Theory]
    [InlineData('|')]
    [InlineData('!')]
    public async Task A_command_reads_the_text(char sign)
    {
        Run run = await RunAsync("trace", "-e", "trace=write", "-o", sign + "sed s/write/WRITE/ >&2", "--", "echo", "hello");
        Assert.Equal("hello\n", run.Output);
        Assert.Matches(@"^\d+ +WRITE\(1, ""hello\\n"", 6\) +\= 6\n\d+ +\+\+\+ exited with 0 \+\+\+\n$", run.Error);
    }

    [Fact]
    public async Task A_command_that_has_read_enough_harms_nobody()
    {
        Run run = await RunAsync("trace", "-o", "|head -n 1 >&2", "--", "sh", "-c", "i=0; while [ $i -lt 2000 ]; do echo $i; i=$((i+1)); done >/dev/null; exit 3");
        Assert.Equal(3, run.Status);
        Assert.Matches(@"^\d+ +execve\([^\n]*\n$", run.Error);
    }

    [Fact]
    public async Task A_file_is_appended_to()
    {
        await RunAsync("trace", "-e", "trace=none", "-o", "out", "--", "true");
        await RunAsync("trace", "-A", "-e", "trace=none", "-o", "out", "--", "false");
        string text = await File.ReadAllTextAsync(Path.Combine(_directory, "out"), TestContext.Current.CancellationToken);
        Assert.Matches(@"^\d+ +\+\+\+ exited with 0 \+\+\+\n\d+ +\+\+\+ exited with 1 \+\+\+\n$", text);
        await RunAsync("trace", "-e", "trace=none", "-o", "out", "--", "true");
        text = await File.ReadAllTextAsync(Path.Combine(_directory, "out"), TestContext.Current.CancellationToken);
        Assert.Matches(@"^\d+ +\+\+\+ exited with 0 \+\+\+\n$", text);
    }

    [Theory]
    [InlineData("-r", @"^     0\.000000 write\(1, ""hi\\n"", 3\) += 3\n {4,}\d+\.\d{6} \+\+\+ exited with 0 \+\+\+\n$")]
    [InlineData("-t", @"^\d\d:\d\d:\d\d write")]
    [InlineData("-tt", @"^\d\d:\d\d:\d\d\.\d{6} write")]
    [InlineData("-ttt", @"^\d{10}\.\d{6} write")]
    [InlineData("-T", @"= 3 <\d\.\d{6}>\n")]
    [InlineData("--syscall-times=ns", @"= 3 <\d\.\d{9}>\n")]
    [InlineData("--relative-timestamps=ms", @"^     0\.000 write")]
    [InlineData("--timestamps=unix,ns", @"^\d{10}\.\d{9} write")]
    [InlineData("--absolute-timestamps=format:time,precision:ms", @"^\d\d:\d\d:\d\d\.\d{3} write")]
    [InlineData("-i", @"^\[0000[0-9a-f]{12}\] write.*\n\[\?{16}\] \+\+\+ exited")]
    [InlineData("-k", @"^write.*\n( > /[^ ]+\(\w*(\+0x[0-9a-f]+)?\) \[0x[0-9a-f]+\]\n){3,}\+\+\+ exited")]
    public async Task Lines_have_what_was_asked_for(string option, string pattern)
    {
        Run run = await RunAsync("trace", option, "-e", "trace=write", "--", "echo", "hi");
        Assert.Equal("hi\n", run.Output);
        Assert.Matches(pattern, run.Error);
    }

    [Theory]
    [InlineData("-v")]
    [InlineData("-e", "abbrev=none")]
    [InlineData("--abbrev=!execve")]
    public async Task Structures_are_shown_in_full(params string[] options)
    {
        Run run = await RunAsync(["trace", .. options, "-e", "trace=execve", "-s", "100", "-E", "COLOUR=red", "-E", "HOME", "-qq", "--", "true"]);
        Assert.Matches(@"^execve\(""[^""]*/true"", \[""true""\], \[(?!.*""HOME=).*""COLOUR=red"".*\]\) = 0\n$", run.Error);
    }

    [Fact]
    public async Task The_table_has_time_on_the_processor_or_on_the_wall()
    {
        string[] options = ["-U", "total-time,name", "-e", "trace=clock_nanosleep", "--", "sleep", "0.3"];
        double cpu = Time(await RunAsync(["trace", "-c", .. options])), wall = Time(await RunAsync(["trace", "-c", "-w", .. options]));
        Assert.InRange(cpu, 0, 0.29);
        Assert.InRange(wall, 0.3, 60);
        Run both = await RunAsync(["trace", "-C", "-w", .. options]);
        Assert.Matches(@"^clock_nanosleep\(CLOCK_REALTIME, 0, \{tv_sec=0, tv_nsec=300000000\}, 0x7\w+\) = 0\n\+\+\+ exited with 0 \+\+\+\n    seconds syscall\n", both.Error);

        static double Time(Run run) => double.Parse(run.Error.Split('\n')[2].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0], System.Globalization.CultureInfo.InvariantCulture);
    }

    [Theory]
    [InlineData("-p: there is nothing to attach to: a sandbox's processes are followed from the start, so name the program to run", "-p", "1")]
    [InlineData("-c/--summary-only and -C/--summary are mutually exclusive", "-cC")]
    [InlineData("(-c/--summary-only or -C/--summary) and -ff/--output-separately are mutually exclusive", "-c", "-ff", "-o", "x")]
    [InlineData("piping the output and -ff/--output-separately are mutually exclusive", "-ff", "-o", "|cat")]
    [InlineData("unknown column name: 'foo'", "-c", "-U", "foo")]
    [InlineData("invalid sortby: 'foo'", "-c", "-S", "foo")]
    [InlineData("invalid -O argument: 'foo'", "-c", "-O", "foo")]
    [InlineData("invalid status 'foo'", "-e", "status=foo")]
    [InlineData("invalid quiet 'foo'", "-e", "quiet=foo")]
    [InlineData("invalid -s argument: '-1'", "-s", "-1")]
    [InlineData("invalid --syscall-times argument: 'years'", "--syscall-times=years")]
    [InlineData("invalid system call 'nosuch'", "-e", "nosuch")]
    [InlineData("invalid signal 'FOO'", "-e", "signal=FOO")]
    [InlineData("invalid argument 'read' to '-e inject'", "-e", "inject=read")]
    public async Task Mistakes_are_told_as_strace_tells_them(string message, params string[] options) =>
        Assert.Equal(new Run(1, "", $"strace: {message}\n"), await RunAsync(["trace", .. options, "--", "true"]));

    [Fact]
    public async Task Children_that_outlive_the_program_are_followed_to_their_end()
    {
        Run run = await RunAsync("trace", "-q", "-e", "trace=none", "--", "sh", "-c", "(sleep 0.2; exit 5) & exit 0");
        Assert.Equal(0, run.Status);
        Assert.Contains("+++ exited with 5 +++", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_family_tree_has_everybody_with_end_and_times()
    {
        Run run = await RunAsync("tree", "--", "bash", "-c", "ls /none 2>/dev/null; (true; sh -c 'exit 3'; kill -9 $BASHPID); exit 7");
        Assert.Equal(7, run.Status);
        string[] lines = run.Error[run.Error.IndexOf("PROCESS", StringComparison.Ordinal)..].TrimEnd('\n').Split('\n');
        Assert.Matches(@"^PROCESS +END +USER +SYSTEM +FROM +TO$", lines[0]);
        Assert.Matches(@"^bash -c ls .* \(\d+\) +exit 7 ( +\d+\.\d{3}){4}$", lines[1]);
        Assert.Matches(@"^├─ls /none \(\d+\) +exit 2 ", lines[2]);
        Assert.Matches(@"^└─bash \(\d+\) +SIGKILL ", lines[3]);
        Assert.Matches(@"^  └─sh -c exit 3 \(\d+\) +exit 3 ", lines[4]);
        Assert.Equal(5, lines.Length);
    }

    [Fact]
    public async Task Scripts_find_programs_by_relative_paths()
    {
        await File.WriteAllTextAsync(Path.Combine(_directory, "twice.c"), "int twice(int n) { return n * 2; } int main(void) { return twice(21) - 42; }", TestContext.Current.CancellationToken);
        using (var gcc = System.Diagnostics.Process.Start("gcc", ["-g", "-O0", "-o", Path.Combine(_directory, "twice"), Path.Combine(_directory, "twice.c")])) await gcc.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(new Run(0, "21\n", ""), await RunAsync("stap", "-e", "probe process.function(\"twice\") { println($n) }", "-c", "./twice"));
        Assert.Equal(new Run(0, "21\n", ""), await RunAsync("stap", "-e", "probe process(\"./twice\").function(\"twice\") { println($n) }", "-c", "sh -c ./twice"));
        Assert.Equal("21", (await RunAsync("dtrace", "-qn", "pid$target:a.out:twice:entry { trace(arg0); }", "-c", "./twice")).Output.Trim());
    }

    private async Task<Run> RunAsync(params string[] arguments)
    {
        Dictionary<string, string> environment = new() { ["PATH"] = "/usr/local/bin:/usr/bin:/bin", ["HOME"] = _directory, ["LANG"] = "C", ["TZ"] = "UTC" };
        ProcessOutcome outcome = await GuestSettings.Command.RunAsync(
            arguments, _directory, environment, null, TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.False(outcome.TimedOut, "did not end in time");
        return new Run(outcome.Status, Encoding.UTF8.GetString(outcome.Output), Encoding.UTF8.GetString(outcome.Error));
    }

    private sealed record Run(int Status, string Output, string Error);
}
