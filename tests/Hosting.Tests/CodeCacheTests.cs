using System.Runtime.Versioning;
using Kennel.Cpu.Translator;
using Xunit;

namespace Kennel.Hosting.Tests;

/// <summary>Translated code is kept from one sandbox to the next, where that is safe.</summary>
[SupportedOSPlatform("linux")]
public sealed class CodeCacheTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("kennel-code").FullName;
    private readonly List<string> _log = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Cache => Path.Combine(_directory, "deep", "cache");

    private SandboxOptions Options => new() { CodeCache = Cache, Engine = "translator", Log = line => _log.Add(line) };

    [Fact]
    public async Task A_second_sandbox_translates_nearly_nothing()
    {
        Run first = await RunAsync(Options);
        byte[] kept = File.ReadAllBytes(Cache);
        Run second = await RunAsync(Options);
        Assert.InRange(second.Translated, 0, first.Translated / 20);
        Assert.Equal(first.Output, second.Output);
        Assert.Equal(kept, File.ReadAllBytes(Cache)); // not worth another
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, ModeOf(Cache));
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(Cache)!));
    }

    [Fact]
    public async Task Another_program_adds_its_own()
    {
        Run shell = await RunAsync(Options);
        Run sort = await RunAsync(Options, "sort", "/etc/passwd");
        Assert.InRange(sort.Translated, 1000, long.MaxValue);
        Assert.InRange((await RunAsync(Options, "sort", "/etc/passwd")).Translated, 0, sort.Translated / 20);
        Assert.InRange((await RunAsync(Options)).Translated, 0, shell.Translated / 20);
    }

    [Fact]
    public async Task A_program_that_has_just_changed_is_not_kept()
    {
        string program = Path.Combine(_directory, "program");
        SandboxOptions options = Options with { Mounts = [new SandboxMount(_directory, "/program", SandboxMountMode.ReadOnly)] };
        foreach ((string source, string output) in ((string, string)[])[("/bin/true", ""), ("/bin/pwd", "/\n"), ("/bin/true", "")])
        {
            File.Copy(source, program, overwrite: true);
            Run run = await RunAsync(options with { WorkingDirectory = "/" }, "/program/program");
            Assert.NotEqual(0, run.Translated);
            Assert.Equal(output, run.Output);
        }
    }

    [Fact]
    public async Task Not_where_the_guest_can_write()
    {
        await RunAsync(Options with { Mounts = [new SandboxMount(_directory, "/writable", SandboxMountMode.ReadWrite)] });
        Assert.False(File.Exists(Cache));
        Run first = await RunAsync(Options);
        string link = Path.Combine(_directory, "link");
        Directory.CreateSymbolicLink(link, _directory);
        SandboxMount[] mounts = [new(Path.Combine(link, "deep"), "/writable", SandboxMountMode.ReadWrite)];
        Run second = await RunAsync(Options with { Mounts = mounts });
        Assert.InRange(second.Translated, first.Translated / 2, long.MaxValue);
        Assert.Contains(_log, line => line.Contains("the guest can write to", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Not_what_others_can_write_to()
    {
        Run first = await RunAsync(Options);
        File.SetUnixFileMode(Cache, ModeOf(Cache) | UnixFileMode.OtherWrite);
        Run second = await RunAsync(Options);
        Assert.InRange(second.Translated, first.Translated / 2, long.MaxValue);
        Assert.Contains(_log, line => line.Contains("others can write to it", StringComparison.Ordinal));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, ModeOf(Cache)); // written anew
    }

    [Fact]
    public async Task What_cannot_be_read_or_written_is_told_and_does_no_harm()
    {
        File.WriteAllText(Path.Combine(_directory, "deep"), "no directory");
        Run run = await RunAsync(Options);
        Assert.Equal("done 3\n", run.Output);
        Assert.Contains(_log, line => line.Contains("not written", StringComparison.Ordinal));
        File.Delete(Path.Combine(_directory, "deep"));
        Directory.CreateDirectory(Path.GetDirectoryName(Cache)!);
        File.WriteAllText(Cache, "no code");
        Assert.Equal("done 3\n", (await RunAsync(Options)).Output);
        Assert.InRange((await RunAsync(Options)).Translated, 0, run.Translated / 20);
    }

    [Fact]
    public async Task Neither_with_a_seed_nor_without_the_translator()
    {
        await RunAsync(Options with { Seed = 1 });
        await RunAsync(Options with { Engine = "interpreter" });
        await RunAsync(Options with { CodeCache = "none" });
        Assert.Empty(Directory.GetFileSystemEntries(_directory));
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private static UnixFileMode ModeOf(string path) => File.GetUnixFileMode(path);

    private static Task<Run> RunAsync(SandboxOptions options) => RunAsync(options, "sh", "-c", "n=0; for i in a b c; do n=$((n + 1)); done; echo done $n");

    private static async Task<Run> RunAsync(SandboxOptions options, string program, params string[] arguments)
    {
        await using Sandbox sandbox = await Sandbox.CreateAsync(options, Cancel);
        CapturedText result = await sandbox.RunAndCaptureTextAsync(program, arguments, cancellationToken: Cancel);
        Assert.Equal("", result.StandardError);
        return new Run(result.StandardOutput, (sandbox.Engine as TranslatorEngine)?.Translated ?? 0);
    }

    private sealed record Run(string Output, long Translated);
}
