using System.Diagnostics;
using System.Globalization;

namespace Kennel.Bench;

/// <summary>How many processes can be alive at once: made, counted, weighed and reaped in one sandbox of this very process.</summary>
internal static class MillionBenchmark
{
    private const int Standard = 1_000_000, Spare = 100;

    /// <summary>Runs it; the answer is the process' exit status.</summary>
    public static int Run(BenchOptions options)
    {
        using var programs = GuestPrograms.CompileOne(options, "million.c");
        return RunAsync(options, programs.Directory).GetAwaiter().GetResult();
    }

    private static async Task<int> RunAsync(BenchOptions options, string directory)
    {
        int count = options.Count ?? Standard;
        long memory = (long)count * (options.WithLibrary ? 64 << 10 : 4 << 10) + (1L << 30);
        await using Sandbox sandbox = await Sandbox.CreateAsync(new SandboxOptions
        {
            Mounts = [new SandboxMount(directory, directory)],
            ProcessLimit = (2 * count) + Spare, // RLIMIT_NPROC is half of it,
            MemoryLimit = memory,
            WorkingDirectory = directory,
        });
        string program = Path.Combine(directory, "million");
        string[] kind = options.WithLibrary ? ["libc"] : [];
        await RunAsync(sandbox, program, ["1000", .. kind], null); // what is made once, code and caches, is not counted
        var before = Weight.Now();
        string[] arguments = [count.ToString(CultureInfo.InvariantCulture), .. kind];
        Weight full = default;
        int alive = 0;
        string[] lines = await RunAsync(sandbox, program, arguments, () =>
        {
            alive = sandbox.Statistics.ProcessesLeft - 1;
            full = Weight.Now();
        });
        var after = Weight.Now();
        SandboxStatistics statistics = sandbox.Statistics;
        (int made, double makeSeconds) = Parse(lines[0]);
        (int reaped, double reapSeconds) = Parse(lines[1]);
        Print($"alive at once   {alive:N0} of {count:N0} asked for, in {makeSeconds:F1} s: {made / makeSeconds:N0} a second");
        Print($"reaped          {reaped:N0} in {reapSeconds:F1} s: {reaped / reapSeconds:N0} a second");
        Print($"bytes a process {(full.Resident - before.Resident) / Math.Max(alive, 1):N0} of the host's memory, {(full.Managed - before.Managed) / Math.Max(alive, 1):N0} of them managed");
        Print($"guest memory    {statistics.PeakMemory / 1048576.0:N1} MiB at most, {(double)statistics.PeakMemory / Math.Max(alive, 1):N0} bytes a process");
        Print($"left            {statistics.ProcessesLeft} processes; managed heap {before.Managed / 1048576.0:F1} MiB before, {full.Managed / 1048576.0:F1} then, {after.Managed / 1048576.0:F1} after");
        return alive == count && reaped == count && statistics.ProcessesLeft == 0 ? 0 : 1;
    }

    private static async Task<string[]> RunAsync(Sandbox sandbox, string program, string[] arguments, Action? whenMade)
    {
        SandboxProcess process = await sandbox.StartAsync(new ProcessStartOptions(program, arguments));
        using var output = new StreamReader(process.StandardOutput!);
        string first = await ReadAsync();
        whenMade?.Invoke();
        await process.StandardInput!.WriteAsync("\n"u8.ToArray());
        await process.StandardInput.DisposeAsync();
        string second = await ReadAsync();
        await process.WaitForExitAsync();
        return [first, second];

        // Its children hold the pipe open: should it be killed, no end of file tells.
        async Task<string> ReadAsync()
        {
            Task<string?> line = output.ReadLineAsync();
            Task<SandboxExit> exit = process.WaitForExitAsync();
            await Task.WhenAny(line, exit);
            await Task.WhenAny(line, Task.Delay(TimeSpan.FromSeconds(5)));
            return line.IsCompleted && await line is { } text ? text : throw new InvalidOperationException("the program has ended before its time");
        }
    }

    private static (int Count, double Seconds) Parse(string line)
    {
        string[] words = line.Split(' ');
        return (int.Parse(words[1], CultureInfo.InvariantCulture), long.Parse(words[2], CultureInfo.InvariantCulture) / 1e9);
    }

    private static void Print(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));

    private readonly record struct Weight(long Managed, long Resident)
    {
        public static Weight Now()
        {
            long managed = GC.GetTotalMemory(forceFullCollection: true);
            using var self = Process.GetCurrentProcess();
            return new Weight(managed, self.WorkingSet64);
        }
    }
}
