using System.Globalization;
using System.Text;

namespace Kennel.Bench;

/// <summary>
/// What tracing costs: whole programs untraced and traced, in Kennel and, by strace, on the host's kernel. CPU time of all that takes part, the tracer's own
/// start among it. The runs of a workload take turns, so that what the machine does besides hits all of them; the first row is the start alone.
/// </summary>
internal static class TracingBenchmark
{
    // A slow one is not run again once it has had so much.
    private const double MostSeconds = 40;

    private static readonly (string Name, string Script, int Rounds)[] Workloads =
    [
        ("start: true", ":", 15),
        ("shell: 400 × /bin/true", "i=0; while [ $i -lt 400 ]; do /bin/true; i=$((i+1)); done", 11),
        ("compile: gcc -O1, 100 functions", "for i in $(seq 100); do echo \"int f$i(int a) { int s = 0; for (int i = 0; i < a; i++) s += i * $i; return s; }\"; done > /tmp/kennel-bench.c; gcc -O1 -c /tmp/kennel-bench.c -o /tmp/kennel-bench.o", 7),
        ("reads: dd, 100,000 × 2 calls", "dd if=/dev/zero of=/dev/null bs=512 count=100000 2>/dev/null", 11),
    ];

    /// <summary>Runs it; the answer is the process' exit status.</summary>
    public static int Run(BenchOptions options)
    {
        string trash = Path.GetTempFileName();
        try
        {
            string[][] commands =
            [
                [options.Kennel, "run", "--"],
                [options.Kennel, "trace", "-c", "-o", trash, "--"],
                [options.Kennel, "dtrace", "-qn", "syscall:::entry { @[probefunc] = count(); }", "-o", trash, "--"],
                [],
                ["strace", "-c", "-f", "-o", trash],
            ];
            var text = new StringBuilder();
            text.AppendLine("| workload | Kennel | + trace -c | + D count | native | + strace -c -f | strace : trace | strace : D |");
            text.AppendLine("|---|---:|---:|---:|---:|---:|---:|---:|");
            foreach ((string name, string script, int rounds) in Workloads.Where(w => options.Names.Count == 1 || options.Names.Skip(1).Any(w.Name.Contains)))
            {
                string line = Line(name, Measure(name, commands, script, options.Quick ? 3 : rounds));
                Console.Error.WriteLine($"\r{line}");
                text.AppendLine(line);
            }
            Console.Write(text);
            if (options.Write) PerformanceDocument.Update(options.Repository, text.ToString(), "tracing");
            return 0;
        }
        finally
        {
            File.Delete(trash);
        }
    }

    // For each command its times, in the order of the rounds.
    private static List<double>[] Measure(string name, string[][] commands, string script, int rounds)
    {
        List<double>[] times = [.. commands.Select(_ => new List<double>())];
        foreach (string[] command in commands) CpuTime.Of([.. command, "sh", "-c", script]); // whatever has to be read from disk, now is
        for (int round = 0; round < rounds; round++)
        {
            Console.Error.Write($"\r{name,-40}{round + 1,3}/{rounds}");
            for (int i = 0; i < commands.Length; i++)
            {
                if (times[i].Sum() < MostSeconds || times[i].Count < 3) times[i].Add(CpuTime.Of([.. commands[i], "sh", "-c", script]));
            }
        }
        return times;
    }

    private static string Line(string name, List<double>[] times)
    {
        double trace = Added(times[1], times[0]), count = Added(times[2], times[0]), strace = Added(times[4], times[3]);
        string Traced(double added, List<double> with, List<double> without) => string.Create(
            CultureInfo.InvariantCulture, $"{added:F3} s ± {Spread(with, without):F3} ({added / CpuTime.Median(without):P0})");
        // Of what is lost in the spread, no more can be said than that it is below it.
        string Ratio(double added, List<double> with) => strace < Spread(with, times[0]) ? "–" : added > Spread(with, times[0])
            ? (strace / added).ToString("F0", CultureInfo.InvariantCulture)
            : "> " + (strace / Spread(with, times[0])).ToString("F0", CultureInfo.InvariantCulture);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {name} | {CpuTime.Median(times[0]):F3} s | {Traced(trace, times[1], times[0])} | {Traced(count, times[2], times[0])} | {CpuTime.Median(times[3]):F3} s | {Traced(strace, times[4], times[3])} | {Ratio(trace, times[1])} | {Ratio(count, times[2])} |");
    }

    // What one has more than the other: of the runs that stood side by side, the middle.
    private static double Added(List<double> with, List<double> without) => CpuTime.Median(with.Zip(without, static (a, b) => a - b));

    // Half of what the middle half of these differences spans.
    private static double Spread(List<double> with, List<double> without)
    {
        double[] sorted = [.. with.Zip(without, static (a, b) => a - b).Order()];
        return (sorted[sorted.Length * 3 / 4] - sorted[sorted.Length / 4]) / 2;
    }
}
