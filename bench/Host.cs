using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Kennel.Bench;

/// <summary>What a program printed, or why it did not.</summary>
/// <param name="Lines">Its output: names and values.</param>
/// <param name="Instructions">Guest instructions run, where the host counts them.</param>
/// <param name="Failure">One line, null when it ended well.</param>
internal sealed record HostRun(Dictionary<string, string> Lines, long Instructions, string? Failure);

/// <summary>Something that runs Linux programs: the host's kernel, Kennel or qemu.</summary>
/// <param name="Name">Its column.</param>
/// <param name="Command">What stands before the program.</param>
internal sealed partial record Host(string Name, string[] Command)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <summary>The hosts that there are here; the first is the native one.</summary>
    public static List<Host> Available(BenchOptions options, string directory)
    {
        // One run first, so that the launcher's build is not measured.
        using Process build = Process.Start(new ProcessStartInfo(options.Kennel, ["--version"]) { RedirectStandardOutput = true })!;
        build.WaitForExit();
        List<Host> hosts =
        [
            new("native", []),
            new("kennel", [options.Kennel, "run", "--stats", "--mount", directory, "--"]),
        ];
        string? qemu = Environment.GetEnvironmentVariable("PATH")!.Split(':')
            .Select(d => Path.Combine(d, "qemu-x86_64")).FirstOrDefault(File.Exists);
        if (qemu is not null && !options.NoQemu)
            hosts.Add(new Host("qemu", [qemu]));
        return hosts;
    }

    /// <summary>Runs a program to its end.</summary>
    public HostRun Run(GuestProgram program)
    {
        string[] all = [.. Command, program.Path, .. program.Arguments];
        var info = new ProcessStartInfo(all[0], all[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetDirectoryName(program.Path)!,
        };
        info.Environment["KENNEL_NO_BUILD"] = "1";
        using var process = Process.Start(info)!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Limit))
        {
            process.Kill(entireProcessTree: true);
            return new HostRun([], 0, "no end in time");
        }

        Dictionary<string, string> lines = output.Result.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' ', 2)).Where(parts => parts.Length == 2)
            .GroupBy(parts => parts[0]).ToDictionary(g => g.Key, g => g.Last()[1]);
        Match instructions = Instructions().Match(error.Result);
        string? failure = process.ExitCode == 0
            ? null
            : $"status {process.ExitCode}: {error.Result.Split('\n', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault()}";
        return new HostRun(lines, instructions.Success ? long.Parse(instructions.Groups[1].Value, CultureInfo.InvariantCulture) : 0, failure);
    }

    [GeneratedRegex(@"instructions (\d+)")]
    private static partial Regex Instructions();
}
