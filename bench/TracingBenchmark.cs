using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Kennel.Bench;

/// <summary>
/// What tracing costs: whole programs untraced and traced, in Kennel and, by strace, on the host's kernel. The time of a tracer's own
/// start (a script's compilation) is taken off by tracing <c>true</c> the same way.
/// </summary>
internal static class TracingBenchmark
{
    private const int Runs = 3;

    private static readonly (string Name, string Script)[] Workloads =
    [
        ("shell: 400 × /bin/true", "i=0; while [ $i -lt 400 ]; do /bin/true; i=$((i+1)); done"),
        ("compile: gcc -O1, 400 functions", "for i in $(seq 400); do echo \"int f$i(int a) { int s = 0; for (int i = 0; i < a; i++) s += i * $i; return s; }\"; done > /tmp/kennel-bench.c; gcc -O1 -c /tmp/kennel-bench.c -o /tmp/kennel-bench.o"),
        ("reads: dd, 200,000 × 2 calls", "dd if=/dev/zero of=/dev/null bs=512 count=200000 2>/dev/null"),
    ];

    /// <summary>Runs it; the answer is the process' exit status.</summary>
    public static int Run(BenchOptions options)
    {
        string trash = Path.GetTempFileName();
        try
        {
            (string Name, string[] Command)[] kennel =
            [
                ("run", [options.Kennel, "run", "--"]),
                ("trace -c", [options.Kennel, "trace", "-c", "-o", trash, "--"]),
                ("D count", [options.Kennel, "dtrace", "-qn", "syscall:::entry { @[probefunc] = count(); }", "-o", trash, "--"]),
            ];
            (string Name, string[] Command)[] host = [("native", []), ("strace -c -f", ["strace", "-c", "-f", "-o", trash])];
            var text = new StringBuilder();
            text.AppendLine("| workload | Kennel | + trace -c | + D count | native | + strace -c -f | strace : trace | strace : D |");
            text.AppendLine("|---|---:|---:|---:|---:|---:|---:|---:|");
            foreach ((string name, string script) in Workloads)
            {
                double[] ours = [.. kennel.Select(k => Net(k.Command, script))];
                double[] theirs = [.. host.Select(h => Net(h.Command, script))];
                double trace = Math.Max(ours[1] - ours[0], 0.001), count = Math.Max(ours[2] - ours[0], 0.001), strace = theirs[1] - theirs[0];
                text.AppendLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {name} | {ours[0]:F2} s | {trace:F2} s | {count:F2} s | {theirs[0]:F2} s | {strace:F2} s | {strace / trace:F0} | {strace / count:F0} |"));
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

    private static double Net(string[] command, string script) => Best(command, script) - Best(command, "true");

    private static double Best(string[] command, string script) => Enumerable.Range(0, Runs).Min(_ => Time([.. command, "sh", "-c", script]));

    private static double Time(string[] command)
    {
        var info = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true, RedirectStandardOutput = true };
        info.Environment["KENNEL_NO_BUILD"] = "1";
        long start = Stopwatch.GetTimestamp();
        using Process process = Process.Start(info)!;
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{string.Join(' ', command)} ended with status {process.ExitCode}: {error}");
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
