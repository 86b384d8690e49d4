using System.Diagnostics;
using System.Runtime.CompilerServices;
using Xunit;

namespace Kennel.Hosting.Tests.Hostile;

/// <summary>Guests of this folder: compiled once into a directory of their own, which sandboxes see as /guest.</summary>
public sealed class HostileGuests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("kennel-hostile-").FullName;

    public HostileGuests()
    {
        Run("chmod", ["755", _directory]); // guests of any user run them
        foreach (string source in Directory.GetFiles(Sources(), "*.c"))
            Run("gcc", ["-O1", "-static", "-w", "-o", Native(Path.GetFileNameWithoutExtension(source)), source]);
    }

    /// <summary>How many times as much as usual is to be tried (KENNEL_SOAK).</summary>
    public static int Soak => int.TryParse(Environment.GetEnvironmentVariable("KENNEL_SOAK"), out int times) ? Math.Max(times, 1) : 1;

    /// <summary>A guest's path on the host.</summary>
    public string Native(string name) => Path.Combine(_directory, name);

    /// <summary>A sandbox whose time is its own, so that what sleeps costs nothing; it sees the guests, and the view has no more.</summary>
    public Task<Sandbox> SandboxAsync(SandboxOptions? options = null, bool virtualTime = true)
    {
        options ??= new SandboxOptions();
        return Sandbox.CreateAsync(options with
        {
            Seed = virtualTime ? 1 : null,
            ShowCurrentDirectory = false,
            WorkingDirectory = "/tmp",
            Mounts = [.. options.Mounts, new SandboxMount(_directory, "/guest", SandboxMountMode.ReadOnly)],
        });
    }

    /// <summary>Runs a program on the host.</summary>
    public static string Run(string program, IReadOnlyList<string> arguments, string input = "")
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output.GetAwaiter().GetResult();
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private static string Sources([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "guests");
}

/// <summary>What must hold after whatever was done to a sandbox.</summary>
internal static class HostileChecks
{
    /// <summary>Ends every process, then: no oops, programs still run, and all memory has come back.</summary>
    public static async Task AssertSoundAsync(this Sandbox sandbox, int framesBefore, CancellationToken cancel)
    {
        await sandbox.RunAndCaptureTextAsync("/bin/sh", ["-c", "kill -9 -1; rm -rf /tmp/* /dev/shm/* 2>/dev/null; true"], cancellationToken: cancel);
        sandbox.AssertNoOops();
        CapturedText echo = await sandbox.RunAndCaptureTextAsync("/bin/sh", ["-c", "echo alive | cat"], cancellationToken: cancel);
        Assert.Equal(new CapturedText(0, "alive\n", ""), echo);
        Assert.Empty(sandbox.Processes);
        Assert.Equal(framesBefore, sandbox.AnonymousFrames);
    }

    /// <summary>No kernel fault so far; if there was one, the log tells.</summary>
    public static void AssertNoOops(this Sandbox sandbox)
    {
        if (sandbox.Statistics.KernelFaults == 0) return;
        string[] oopses = [.. sandbox.KernelLog.Where(line => line.Contains("Oops", StringComparison.Ordinal))];
        Assert.Fail($"{sandbox.Statistics.KernelFaults} kernel faults:\n{string.Join("\n", oopses)}");
    }

    /// <summary>Frames in use after a first program has run.</summary>
    public static async Task<int> WarmUpAsync(this Sandbox sandbox, CancellationToken cancel)
    {
        await sandbox.RunAndCaptureTextAsync("/bin/sh", ["-c", "kill -9 -1; rm -rf /tmp/none; true | cat"], cancellationToken: cancel);
        return sandbox.AnonymousFrames;
    }
}
