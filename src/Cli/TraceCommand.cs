using System.CommandLine;
using Kennel.Tracing.SystemCalls;

namespace Kennel.Cli;

/// <summary><c>kennel trace</c>: a program's system calls and signals, as strace shows them.</summary>
internal sealed class TraceCommand
{
    private const int UsageError = 1;

    private readonly RunOptions _run = new(shortNames: false);
    private readonly TraceOptions _options = new();
    private readonly Argument<string[]> _program = new("PROGRAM") { Description = "Program and its arguments", Arity = ArgumentArity.OneOrMore, HelpName = "PROGRAM [ARGS]" };

    public static Command Create()
    {
        var trace = new TraceCommand();
        var command = new Command("trace", "Show a program's system calls and signals, as strace does");
        foreach (Option option in trace._options.All) command.Options.Add(option);
        trace._run.AddTo(command);
        command.Arguments.Add(trace._program);
        command.SetAction(trace.Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        try
        {
            StraceOptions options = _options.Read(parsed);
            _run.ChangedEnvironment = _options.Environment(parsed);
            bool isSplit = _options.IsSplit(parsed);
            var output = new TraceOutput(_options.Output(parsed), _options.Append(parsed), isSplit);
            var tracer = new StraceTracer(options, output.Text, output.Messages, isSplit ? output.OpenSplit : null);
            return new TracedRun(_run, parsed) { Tracer = tracer, Linger = () => tracer.AllEnded, Finished = output.Close }.Run(parsed.GetValue(_program)!);
        }
        catch (StraceUsageException problem)
        {
            Console.Error.WriteLine($"strace: {problem.Message}");
            return UsageError;
        }
        catch (SandboxException problem)
        {
            return TracedRun.Report(problem);
        }
    }
}
