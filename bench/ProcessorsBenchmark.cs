using System.Globalization;

namespace Kennel.Bench;

/// <summary>Whether two virtual CPUs do twice the work of one: two threads that compute, with one and with two, in turns.</summary>
internal static class ProcessorsBenchmark
{
    /// <summary>What two processors may take of the time of one.</summary>
    private const double Wanted = 0.6;

    /// <summary>Runs it; the answer is the process' exit status.</summary>
    public static int Run(BenchOptions options)
    {
        using var programs = GuestPrograms.CompileOne(options, "processors.c");
        double one = double.MaxValue, two = double.MaxValue;
        for (int round = 0; round < (options.Quick ? 3 : 10); round++)
        {
            one = Math.Min(one, RunAsync(programs.Directory, 1).GetAwaiter().GetResult());
            two = Math.Min(two, RunAsync(programs.Directory, 2).GetAwaiter().GetResult());
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"two threads: {one:F3} s with one virtual CPU, {two:F3} s with two: {two / one:F2}×, wanted less than {Wanted:F2}×"));
        return two / one < Wanted ? 0 : 1;
    }

    // Seconds, as the program measures them.
    private static async Task<double> RunAsync(string directory, int processors)
    {
        await using Sandbox sandbox = await Sandbox.CreateAsync(new SandboxOptions { Mounts = [new SandboxMount(directory, directory)], WorkingDirectory = directory, Processors = processors });
        CapturedText result = await sandbox.RunAndCaptureTextAsync(Path.Combine(directory, "processors"), []);
        return double.Parse(result.StandardOutput.Split(' ')[0], CultureInfo.InvariantCulture);
    }
}
