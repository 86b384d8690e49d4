using System.Globalization;

namespace Kennel.Bench;

/// <summary>One row: nanoseconds on each host, or what went wrong there.</summary>
internal sealed record Measurement(string Row, bool IsKernel, double?[] Nanoseconds, double InstructionRate, List<string> Notes)
{
    private const int KernelRuns = 3;

    /// <summary>Measures a program on all hosts.</summary>
    public static Measurement Take(GuestProgram program, List<Host> hosts, BenchOptions options)
    {
        double?[] nanoseconds = new double?[hosts.Count];
        List<string> notes = [];
        double rate = 0;
        string? checksum = null;
        for (int i = 0; i < hosts.Count; i++)
        {
            // The shortest of several runs is the least disturbed one; the slow hosts are given fewer.
            int runs = !program.IsKernel ? 1 : i == 0 ? KernelRuns : options.Quick ? 1 : 2;
            for (int run = 0; run < runs; run++)
            {
                HostRun result = hosts[i].Run(program);
                string key = program.IsKernel ? "nanoseconds" : program.Row;
                if (result.Failure is not null || !result.Lines.TryGetValue(key, out string? text))
                {
                    notes.Add($"{program.Row} on {hosts[i].Name}: {result.Failure ?? "no result"}");
                    break;
                }
                double value = double.Parse(text, CultureInfo.InvariantCulture);
                if (nanoseconds[i] is not { } before || value < before)
                    nanoseconds[i] = value;
                if (program.IsKernel && result.Instructions > 0)
                    rate = Math.Max(rate, result.Instructions / value * 1e9);
                if (program.IsKernel && result.Lines["checksum"] != (checksum ??= result.Lines["checksum"]))
                    notes.Add($"{program.Row} on {hosts[i].Name}: WRONG checksum {result.Lines["checksum"]}, natively {checksum}");
            }
        }
        return new Measurement(program.Row, program.IsKernel, nanoseconds, rate, notes);
    }
}
