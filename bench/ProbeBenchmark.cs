using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Kennel.Bench;

/// <summary>
/// What probe points cost while nobody watches: a build with them against one without (-p:KennelProbes=false), in turns, so that what the machine does
/// besides hits both. Each round is with, without, without, with; and CPU time is what counts.
/// </summary>
internal static class ProbeBenchmark
{
    // So many batches that a run takes about a second.
    private static readonly (string Row, int Batches)[] Rows =
    [
        ("fork-exit-wait", 12_000), ("vfork-exec-wait", 900), ("getppid", 10_000), ("pipe-ping-pong", 4_000), ("1000-children", 30),
    ];

    /// <summary>Runs it; the answer is the process' exit status.</summary>
    public static int Run(BenchOptions options)
    {
        (string Row, int Batches)[] rows = [.. Rows.Where(r => options.Names.Count == 1 || options.Names.Skip(1).Any(r.Row.Contains))];
        using GuestPrograms programs = GuestPrograms.Compile(options, [.. rows.Select(r => r.Row)]);
        string with = Publish(options, hasProbes: true), without = Publish(options, hasProbes: false);
        int rounds = options.Quick ? 3 : 12;
        var text = new StringBuilder();
        text.AppendLine("| | with: median | least | itself | without: median | least | itself | with : without | of the low quarters |");
        text.AppendLine("|---|---:|---:|---:|---:|---:|---:|---:|---:|");
        foreach ((string row, int batches) in rows)
        {
            GuestProgram program = programs.All.First(p => p.Row == row);
            double Time(string kennel, int count) => CpuTime.Of(kennel, "run", "--mount", programs.Directory, "--", program.Path, row, "0", $"{count}");
            double startWith = CpuTime.Median(Enumerable.Range(0, rounds).Select(_ => Time(with, 1)));
            double startWithout = CpuTime.Median(Enumerable.Range(0, rounds).Select(_ => Time(without, 1)));
            var results = new List<(double First, double Second)>[] { [], [] };
            for (int i = 0; i < rounds; i++)
            {
                double a = Time(with, batches) - startWith, b = Time(without, batches) - startWithout;
                double c = Time(without, batches) - startWithout, d = Time(with, batches) - startWith;
                results[0].Add((a, d));
                results[1].Add((b, c));
                Console.Error.Write($"\r{row,-24}{i + 1,3}/{rounds}");
            }
            string line = Line(row, results[0], results[1]);
            Console.Error.WriteLine($"\r{line}");
            text.AppendLine(line);
        }
        Console.Error.Write('\r');
        Console.Write(text);
        if (options.Write) PerformanceDocument.Update(options.Repository, text.ToString(), "probes");
        return 0;
    }

    private static string Line(string row, List<(double First, double Second)> with, List<(double First, double Second)> without)
    {
        double[] ratios = [.. with.Zip(without, static (a, b) => (a.First + a.Second) / (b.First + b.Second)).Order()];
        // An interval that holds the median in 19 of 20 cases: by ranks, so that no distribution need be assumed.
        int margin = (int)Math.Floor((ratios.Length - (1.96 * Math.Sqrt(ratios.Length))) / 2);
        (double low, double high) = (ratios[Math.Max(margin, 0)], ratios[^(Math.Max(margin, 0) + 1)]);
        string Variant(List<(double First, double Second)> runs)
        {
            double[] all = [.. runs.SelectMany(static r => new[] { r.First, r.Second })];
            double itself = CpuTime.Median(runs.Select(static r => Math.Abs((r.First / r.Second) - 1)));
            return string.Create(CultureInfo.InvariantCulture, $"{CpuTime.Median(all):F3} s | {all.Min():F3} s | ±{itself:P1}");
        }
        double least = LowQuarter(with) / LowQuarter(without);
        return string.Create(CultureInfo.InvariantCulture, $"| {row} | {Variant(with)} | {Variant(without)} | {CpuTime.Median(ratios):F3} ({low:F3}–{high:F3}) | {least:F3} |");
    }

    // What disturbs a run makes it longer: the low ones are the undisturbed.
    private static double LowQuarter(List<(double First, double Second)> runs)
    {
        double[] sorted = [.. runs.SelectMany(static r => new[] { r.First, r.Second }).Order()];
        return sorted[..Math.Max(sorted.Length / 4, 1)].Average();
    }

    // As the launcher publishes for any processor, into a folder of its own with everything that a build leaves.
    private static string Publish(BenchOptions options, bool hasProbes)
    {
        string place = Path.Combine(options.Repository, ".kennel", hasProbes ? "with-probes" : "without-probes");
        Console.Error.Write($"\rbuilding {(hasProbes ? "with" : "without")} probe points ...  ");
        string architecture = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "x64";
        string[] words =
        [
            "publish", Path.Combine(options.Repository, "src", "Cli", "Cli.csproj"), "-c", "Release", "-r", $"linux-{architecture}",
            $"-p:KennelProbes={(hasProbes ? "true" : "false")}", "--artifacts-path", Path.Combine(place, "artifacts"), "-o", Path.Combine(place, "bin"), "-v", "q", "--nologo",
        ];
        using Process build = Process.Start(new ProcessStartInfo("dotnet", words) { RedirectStandardOutput = true })!;
        string output = build.StandardOutput.ReadToEnd();
        build.WaitForExit();
        return build.ExitCode == 0 ? Path.Combine(place, "bin", "kennel") : throw new InvalidOperationException($"the build fails: {output}");
    }
}
