using Kennel.Bench;

// Measures process operations and CPU kernels natively, inside Kennel and under qemu-x86_64 in one run, and prints one table.
//     dotnet run --project bench -c Release -- [NAME]... [--quick] [--write] [--no-qemu]
// A NAME chooses the rows whose name contains it; "operations" and "kernels" choose a whole part; "tracing" measures what tracing costs,
// "probes" what the probe points cost that nobody watches; names behind them choose among their rows.
// "processors" compares one virtual CPU with two;
// "million [--count N] [--libc]" has that many processes alive at once.
BenchOptions? options = BenchOptions.Parse(args);
if (options is null)
{
    Console.Error.WriteLine("usage: bench [NAME]... [--quick] [--write] [--no-qemu] [--kennel COMMAND] | bench million [--count N] [--libc]");
    return 2;
}

if (options.Names is ["tracing", ..]) return TracingBenchmark.Run(options);
if (options.Names is ["probes", ..]) return ProbeBenchmark.Run(options);
if (options.Names is ["processors"]) return ProcessorsBenchmark.Run(options);
if (options.Names is ["million"]) return MillionBenchmark.Run(options);
using var programs = GuestPrograms.Compile(options);
List<Host> hosts = Host.Available(options, programs.Directory);
Console.Error.WriteLine($"measuring {programs.All.Count} rows on: {string.Join(", ", hosts.Select(h => h.Name))}");
var table = new ResultTable(hosts);
foreach (GuestProgram program in programs.All)
{
    Console.Error.Write($"\r{program.Row,-24}");
    table.Add(Measurement.Take(program, hosts, options));
}

Console.Error.Write("\r");
string text = table.ToMarkdown();
Console.Write(text);
foreach (string note in table.Notes)
    Console.Error.WriteLine(note);
if (options.Write)
    PerformanceDocument.Update(options.Repository, text);
return table.Notes.Count == 0 ? 0 : 1;
