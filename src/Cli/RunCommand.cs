using System.CommandLine;
using System.CommandLine.Parsing;
using Kennel.Abi;

namespace Kennel.Cli;

/// <summary><c>kennel run</c>: one program in a sandbox of its own, on this terminal.</summary>
internal static class RunCommand
{
    public const int OwnError = 125;

    public static Command Create()
    {
        var options = new RunOptions();
        var program = new Argument<string[]>("PROGRAM") { Description = "Program and its arguments, behind --", Arity = ArgumentArity.OneOrMore, HelpName = "PROGRAM [ARGS]" };
        var command = new Command("run", "Run a program in a new sandbox");
        options.AddTo(command);
        command.Arguments.Add(program);
        command.SetAction(async (parsed, cancel) => await RunAsync(options, parsed, parsed.GetValue(program)!, cancel));
        return command;
    }

    private static async Task<int> RunAsync(RunOptions options, ParseResult parsed, string[] program, CancellationToken cancel)
    {
        try
        {
            if (program[0].StartsWith('-')) throw new SandboxException($"unknown option {program[0]}: see 'kennel run --help'");
            using StreamWriter? log = options.OpenLog(parsed);
            await using Sandbox sandbox = await Sandbox.CreateAsync(options.ToSandboxOptions(parsed, log), cancel);
            SandboxProcess process = await sandbox.StartAsync(new ProcessStartOptions(program[0], program[1..]) { Streams = StandardStreams.Inherit }, cancel);
            using var signals = new HostSignals(process);
            TimeSpan? limit = parsed.GetValue(options.Timeout);
            SandboxExit exit = await WaitAsync(process, limit, cancel);
            if (parsed.GetValue(options.Stats)) StatisticsText.Write(sandbox.Statistics, Console.Error);
            return exit.ExitCode;
        }
        catch (SandboxException problem)
        {
            Console.Error.WriteLine($"kennel: {problem.Message}");
            return problem.Kind switch
            {
                SandboxError.NotExecutable => 126,
                SandboxError.NotFound => 127,
                _ => OwnError,
            };
        }
    }

    private static async Task<SandboxExit> WaitAsync(SandboxProcess process, TimeSpan? limit, CancellationToken cancel)
    {
        if (limit == null) return await process.WaitForExitAsync(cancel);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        timeout.CancelAfter(limit.Value);
        try
        {
            return await process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            process.Kill(Signal.SIGKILL);
            return await process.WaitForExitAsync(cancel);
        }
    }
}
