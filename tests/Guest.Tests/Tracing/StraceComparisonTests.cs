using System.Text;

namespace Kennel.Guest.Tests.Tracing;

/// <summary>
/// <c>kennel trace</c> writes what the host's <c>strace -f</c> writes of the same program, but for what <see cref="StraceText"/> masks.
/// Skipped, with the reason, where strace is missing, is another version than the one whose text is ours, or may not trace.
/// </summary>
public sealed class StraceComparisonTests : IDisposable
{
    private const string Version = "6.1";
    // Nothing that this process happens to have open or ignores reaches the program.
    private const string Clean = "for ((i = 3; i < 64; i++)); do eval \"exec $i>&-\"; done; exec env -u _ -u SHLVL -u PWD -u OLDPWD strace \"$@\"";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);
    private static readonly Lazy<Task<string?>> Obstacle = new(FindObstacleAsync);

    private static readonly Dictionary<string, string> Environment = new()
    {
        ["PATH"] = "/usr/local/bin:/usr/bin:/bin",
        ["HOME"] = "/tmp",
        ["LANG"] = "C",
        ["TZ"] = "UTC",
    };

    private readonly string _directory = Directory.CreateTempSubdirectory("kg-strace-").FullName;

    public static TheoryData<string> Guests => new(
        ["files/memfd_seals", "files/sparse_truncate", "files/xattrs", "files/sendfile_copy", "ipc/epoll", "ipc/eventfd", "ipc/fifo",
        "ipc/scm_rights", "ipc/unix_stream", "ipc/pty_session_end", "ipc/splice_tee", "libc/printf_scanf", "libc/setjmp_longjmp", "memory/malloc_stress",
        "memory/mremap_madvise", "memory/protection", "memory/process_vm", "memory/shared_over_fork", "process/clone_flags", "process/exec_at", "process/exec_cloexec",
        "process/exit_codes", "process/fork_basic", "process/fork_inherits", "process/fork_shares_offset", "process/vfork_exec",
        "signals/fault_deaths", "signals/handler_context", "signals/mask_pending", "signals/restart", "signals/sigaction_flags",
        "signals/sigaltstack", "signals/sigsuspend_wait", "signals/stack_fault"]);

    public static TheoryData<string> Commands => new(
        ["true", "echo hello world", "cat /etc/passwd", "head -3 /etc/passwd", "tail -2 /etc/passwd", "wc /etc/passwd", "touch x", "nice -n 5 true", "pwd", "sleep 0.01",
        "basename /a/b", "seq 3", "printf %d 7", "tr a b", "cut -d: -f1 /etc/passwd", "od -c /etc/hostname", "uniq /etc/passwd", "readlink /proc/self/cwd", "false"]);

    /// <summary>Options, and what is run with them. What depends on times, addresses and inodes is in <see cref="TraceCommandTests"/>.</summary>
    public static TheoryData<string, string> Options => new()
    {
        { "-x -e trace=write", "printf \\351a\\n" },
        { "-xx -e trace=write,openat", "cat /etc/hostname" },
        { "--strings-in-hex=non-ascii -e trace=write", "printf \\351a\\n" },
        { "-s 3 -e trace=read,write", "cat /etc/passwd" },
        { "-y -e trace=openat,read,close,newfstatat", "cat /etc/hostname" },
        { "-yy -e trace=openat,read,close", "head -c 2 /dev/zero" },
        { "-z", "cat /etc/hostname" },
        { "-Z", "cat /no/such" },
        { "-e status=unfinished,failed", "cat /no/such" },
        { "-e status=!successful", "cat /etc/hostname" },
        { "-n -e trace=openat,read,close,exit_group", "cat /etc/hostname" },
        { "-P /etc/hostname", "cat /etc/hostname /etc/passwd" },
        { "-P /etc/hostname -P /etc/passwd -e trace=openat,close", "cat /etc/hostname /etc/passwd" },
        { "-a 12 -e trace=close", "true" },
        { "-e raw=close,exit_group", "cat /etc/hostname" },
        { "-e read=3 -e trace=read", "cat /etc/passwd" },
        { "-e write=1 -e trace=write", "head -c 100 /etc/passwd" },
        { "-e write=!2 -e read=!3 -e trace=read,write", "cat /etc/hostname" },
        { "-e quiet=exit -e trace=write", "echo hi" },
        { "-e signal=none", "sh -c kill\u00a0-CHLD\u00a0$$" },
        { "-qqq -e trace=exit_group", "true" },
        { "--quiet=exit -e trace=exit_group", "true" },
        { "-e trace=%%stat", "cat /etc/hostname" },
        { "-e trace=!%memory,%file", "true" },
        { "-E A=b -e trace=write", "sh -c echo\u00a0$A" },
    };

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [MemberData(nameof(Guests))]
    public async Task Guests_have_the_same_text(string name)
    {
        await SkipIfImpossibleAsync();
        GuestCase guest = GuestCatalog.Get($"c/{name}.c");
        string program = await GuestCompiler.CompileAsync(guest, TestContext.Current.CancellationToken);
        await CompareAsync([program], "--mount", program);
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Commands_have_the_same_text(string line)
    {
        await SkipIfImpossibleAsync();
        await CompareAsync(line.Split(' '));
    }

    [Theory]
    [MemberData(nameof(Options))]
    public async Task Options_have_the_same_effect(string options, string line)
    {
        await SkipIfImpossibleAsync();
        await CompareAsync([.. line.Split(' ').Select(static w => w.Replace('\u00a0', ' '))], [], options.Split(' '));
    }

    [Theory]
    [InlineData("-c -S name -U name,calls,errors")]
    [InlineData("-c -S name -U errors,calls,name")]
    [InlineData("-c -z -S name -U calls,name")]
    [InlineData("-c -S calls -U calls,name -e trace=write,read,close,openat")]
    public async Task Tables_are_the_same(string options)
    {
        await SkipIfImpossibleAsync();
        (string expected, string actual) = await BothAsync(["cat", "/etc/hostname"], [], options.Split(' '));
        Assert.Equal(expected, actual);
    }

    private Task CompareAsync(string[] program, params string[] sandbox) => CompareAsync(program, sandbox, []);

    private async Task CompareAsync(string[] program, string[] sandbox, string[] options)
    {
        (string expected, string actual) = await BothAsync(program, sandbox, options);
        List<string> differences = [];
        GuestDiff.Add(differences, "the text", Encoding.UTF8.GetBytes(Joined(expected)), Encoding.UTF8.GetBytes(Joined(actual)), "kennel trace");
        Assert.True(differences.Count == 0, string.Join('\n', differences));
    }

    // The text of the host's strace and ours.
    private async Task<(string Expected, string Actual)> BothAsync(string[] program, string[] sandbox, string[] options)
    {
        string expected = await TraceAsync("host", file => ProcessRunner.RunAsync(
            new ProcessRequest("env", ["--default-signal", "bash", "-c", Clean, "bash", "-f", "-o", file, .. options, .. program]) { WorkingDirectory = Fresh(), Environment = Environment }, Limit, TestContext.Current.CancellationToken));
        string actual = await TraceAsync("kennel", file => GuestSettings.Command.RunAsync(
            ["trace", "-f", "-o", file, .. options, .. sandbox, "--", .. program], Fresh(), Environment, null, Limit, TestContext.Current.CancellationToken));
        return (expected, actual);
    }

    private async Task<string> TraceAsync(string name, Func<string, Task<ProcessOutcome>> run)
    {
        string file = Path.Combine(_directory, name);
        ProcessOutcome outcome = await run(file);
        Assert.False(outcome.TimedOut, $"{name} did not end in time");
        return await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
    }

    private static string Joined(string text) => string.Join('\n', StraceText.Normalize(text)) + "\n";

    private string Fresh()
    {
        string work = Path.Combine(_directory, "work");
        if (Directory.Exists(work)) Directory.Delete(work, recursive: true);
        return Directory.CreateDirectory(work).FullName;
    }

    private static async Task SkipIfImpossibleAsync()
    {
        if (GuestSettings.NativeOnly > 0 || (GuestSettings.Filter.Length > 0 && !GuestSettings.Filter.Contains("strace"))) Assert.Skip("only guests were asked for");
        if (await Obstacle.Value is { } obstacle) Assert.Skip(obstacle);
    }

    private static async Task<string?> FindObstacleAsync()
    {
        try
        {
            ProcessOutcome version = await RunStraceAsync("--version");
            string first = Encoding.UTF8.GetString(version.Output).Split('\n')[0];
            if (!first.EndsWith($"version {Version}", StringComparison.Ordinal)) return $"the text is that of strace {Version}; the host's is: {first}";
            ProcessOutcome trial = await RunStraceAsync("-o", "/dev/null", "true");
            return trial.Status == 0 ? null : $"strace cannot trace here: {Encoding.UTF8.GetString(trial.Error).Trim()}";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "strace is not installed";
        }
    }

    private static Task<ProcessOutcome> RunStraceAsync(params string[] arguments) =>
        ProcessRunner.RunAsync(new ProcessRequest("strace", arguments), TimeSpan.FromSeconds(20), CancellationToken.None);
}
