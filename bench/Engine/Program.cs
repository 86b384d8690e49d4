using System.Diagnostics;
using System.Globalization;
using Kennel.Bench.Engine;

// Compiles the kernels with gcc -O2, runs each natively and on the bare engine, and prints how fast.
//     Kennel.Bench.Engine [--translator] [KERNEL]...
//     Kennel.Bench.Engine --decode PROGRAM
//     Kennel.Bench.Engine --interpreted PROGRAM [ARGUMENT]...    what of a program the translator leaves to the interpreter
//     Kennel.Bench.Engine --translate PROGRAM [ARGUMENT]...      what translating a program costs
if (args is ["--decode", var subject])
{
    DecodeBenchmark.Run(subject);
    return 0;
}
if (args is ["--interpreted", var guest, .. var arguments]) return await InterpretedBenchmark.RunAsync(guest, arguments);
if (args is ["--translate", var translated, .. var rest]) return await TranslateBenchmark.RunAsync(translated, rest);
bool translate = args is ["--translator", ..];
if (translate) args = args[1..];
string kernels = Path.Combine(AppContext.BaseDirectory, "kernels");
string build = Directory.CreateTempSubdirectory("kennel-bench-").FullName;
try
{
    Console.WriteLine($"{"kernel",-12} {"native s",9} {"kennel s",9} {"ratio",7} {"Minstr",9} {"MIPS",7}");
    foreach (string source in Directory.GetFiles(kernels, "*.c").Order(StringComparer.Ordinal))
    {
        string name = Path.GetFileNameWithoutExtension(source);
        if (args.Length > 0 && !args.Contains(name)) continue;
        string program = Path.Combine(build, name);
        Execute("gcc", "-O2", "-static", "-nostdlib", "-fno-stack-protector", "-fno-pie", "-no-pie", "-march=x86-64-v2",
            "-fno-tree-vectorize", "-o", program, source);
        int expected = 0, status = 0;
        double native = double.MaxValue, ours = double.MaxValue;
        ulong retired = 0;
        for (int round = 0; round < 3; round++)
        {
            double start = CpuClock.OfChildren();
            expected = Execute(program);
            native = Math.Min(native, CpuClock.OfChildren() - start);
            var flat = new FlatGuest(program, translate);
            start = CpuClock.Thread();
            status = flat.Run();
            ours = Math.Min(ours, CpuClock.Thread() - start);
        }
        var counted = new FlatGuest(program, translate, counts: true);
        counted.Run();
        retired = counted.Retired;
        string verdict = status == expected ? "" : $"  WRONG: {status}, natively {expected}";
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{name,-12} {native,9:f3} {ours,9:f3} {ours / native,7:f1} {retired / 1e6,9:f1} {retired / ours / 1e6,7:f0}{verdict}"));
    }
}
finally
{
    Directory.Delete(build, recursive: true);
}
return 0;

static int Execute(string program, params string[] arguments)
{
    using Process process = Process.Start(program, arguments);
    process.WaitForExit();
    return process.ExitCode;
}
