using System.Globalization;
using Kennel.Cpu.Translator;

namespace Kennel.Bench.Engine;

/// <summary>
/// Runs a program in a sandbox with the translator and lists on stderr what that left to the interpreter. With a seed, because only then are instructions counted.
/// </summary>
internal static class InterpretedBenchmark
{
    private const int Rows = 40;

    /// <summary>Answers the program's exit code.</summary>
    public static async Task<int> RunAsync(string program, string[] arguments)
    {
        var counter = new InterpretedCounter();
        await using Sandbox sandbox = await Sandbox.CreateAsync(new SandboxOptions { Engine = "translator", Seed = 1 });
        ((TranslatorEngine)sandbox.Engine).Interpreted = counter;
        SandboxProcess process = await sandbox.StartAsync(new ProcessStartOptions(program, arguments) { Streams = StandardStreams.Inherit });
        SandboxExit exit = await process.WaitForExitAsync();
        long all = sandbox.Statistics.Instructions ?? 0, interpreted = 0, times = 0;
        foreach (InterpretedCounter.Use use in counter.Uses)
        {
            interpreted += use.Instructions;
            times += use.Times;
        }
        Console.Error.WriteLine(Line($"{all / 1e6:f1} million instructions; {times} times left to the interpreter, which ran {interpreted} ({100.0 * interpreted / all:f2} %)"));
        Console.Error.WriteLine("generated code left for " + string.Join(", ", counter.Exits.Select(exit => $"{exit.Key} {exit.Value}")));
        Console.Error.WriteLine($"{"times",10} {"instructions",12} cause, form");
        foreach (InterpretedCounter.Use use in counter.Uses.Take(Rows)) Console.Error.WriteLine(Line($"{use.Times,10} {use.Instructions,12} {use.Cause}, {use.Form}"));
        return exit.ExitCode;
    }

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
