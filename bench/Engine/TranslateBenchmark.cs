using System.Globalization;
using Kennel.Cpu.Translator;

namespace Kennel.Bench.Engine;

/// <summary>Runs a program in a sandbox with the translator and tells on stderr what translating it took, without what running it did.</summary>
internal static class TranslateBenchmark
{
    /// <summary>Answers the program's exit code.</summary>
    public static async Task<int> RunAsync(string program, string[] arguments)
    {
        var meter = new TranslationMeter(CpuClock.ThreadNanoseconds);
        await using Sandbox sandbox = await Sandbox.CreateAsync(new SandboxOptions { Engine = "translator" });
        ((TranslatorEngine)sandbox.Engine).Meter = meter;
        SandboxProcess process = await sandbox.StartAsync(new ProcessStartOptions(program, arguments) { Streams = StandardStreams.Inherit });
        SandboxExit exit = await process.WaitForExitAsync();
        double all = meter.Instructions;
        Console.Error.WriteLine(Line($"{meter.Instructions} guest instructions translated in {meter.Blocks} blocks ({all / meter.Blocks:f1} each) of {meter.Pages} pages, {meter.Time / 1e6:f1} ms"));
        Console.Error.WriteLine(Line($"µs an instruction: {PerInstruction(meter.FirstTime, meter.FirstInstructions):f2} for the first {meter.FirstInstructions}, {PerInstruction(meter.Time - meter.FirstTime, meter.Instructions - meter.FirstInstructions):f2} for the others"));
        Console.Error.WriteLine(Line($"bytes an instruction: {meter.Hot / all:f1} that are run often, {meter.Cold / all:f1} that seldom are"));
        Console.Error.WriteLine(Line($"translated again: {100 * meter.Again / all:f1} % in another block of the page, {100 * meter.Elsewhere / all:f1} % at the same address of another page"));
        return exit.ExitCode;
    }

    private static double PerInstruction(long nanoseconds, long instructions) => instructions == 0 ? 0 : nanoseconds / 1e3 / instructions;

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
