using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text;
using Kennel.Tracing.SystemCalls;

namespace Kennel.Cli;

/// <summary><c>kennel trace</c>: a program's system calls and signals, as strace shows them.</summary>
internal sealed class TraceCommand
{
    private const int UsageError = 1;

    private readonly RunOptions _run = new(shortNames: false);
    private readonly Option<string[]> _expressions = new("-e", "--expr") { Description = "What to show and to change: trace=%file,/^open,!close  signal=SET  inject=CALLS:error=EIO:when=3  fault=CALLS  status=failed", HelpName = "EXPR", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string[]> _trace = new("--trace") { Description = "The same as -e trace=SET", HelpName = "SET" };
    private readonly Option<string[]> _inject = new("--inject") { Description = "The same as -e inject=...", HelpName = "SET:..." };
    private readonly Option<bool> _summaryOnly = new("-c", "--summary-only") { Description = "Print only a table of calls, errors and time" };
    private readonly Option<bool> _summary = new("-C", "--summary") { Description = "Print the table, too" };
    private readonly Option<bool> _wall = new("-w", "--summary-wall-clock") { Description = "Wall time in the table" };
    private readonly Option<string> _sort = new("-S", "--summary-sort-by") { Description = "Sort the table by time, calls, errors, name or nothing", HelpName = "COLUMN", DefaultValueFactory = _ => "time" };
    private readonly Option<bool> _paths = new("-y", "--decode-fds") { Description = "Show what descriptors lead to; -yy with devices" };
    private readonly Option<int> _size = new("-s", "--string-limit") { Description = "Show so many bytes of a string", HelpName = "N", DefaultValueFactory = _ => 32 };
    private readonly Option<string?> _output = new("-o", "--output") { Description = "Write to this file instead of standard error", HelpName = "FILE" };
    private readonly Option<bool> _append = new("-A", "--output-append-mode") { Description = "Append to that file" };
    private readonly Option<bool> _json = new("--json") { Description = "One JSON object a line" };
    private readonly Option<bool> _time = new("-t", "--absolute-timestamps") { Description = "The time of day in front; -tt with microseconds, -ttt seconds since 1970" };
    private readonly Option<bool> _relative = new("-r", "--relative-timestamps") { Description = "The time since the line before in front" };
    private readonly Option<bool> _callTimes = new("-T", "--syscall-times") { Description = "The time in each call behind it" };
    private readonly Option<bool> _pointer = new("-i", "--instruction-pointer") { Description = "The instruction pointer in front" };
    private readonly Option<bool> _number = new("-n", "--syscall-number") { Description = "The call's number in front" };
    private readonly Option<bool> _stacks = new("-k", "--stack-trace") { Description = "The stack behind each call" };
    private readonly Option<bool> _quiet = new("-q", "--quiet") { Description = "No messages about attaching; -qq nor about ends" };
    private readonly Option<bool> _verbose = new("-v", "--no-abbrev") { Description = "Structures in full" };
    private readonly Option<bool> _hex = new("-x", "--strings-in-hex") { Description = "Strings that are not ASCII in hexadecimal; -xx all" };
    private readonly Option<bool> _follow = new("-f", "--follow-forks") { Description = "Follow all processes and threads (they always are); -ff with -o: a file for each, FILE.PID" };
    private readonly Option<int> _column = new("-a", "--columns") { Description = "The column of results", HelpName = "N", DefaultValueFactory = _ => 40 };
    private readonly Option<bool> _succeeding = new("-z", "--successful-only") { Description = "Only calls that succeed" };
    private readonly Option<bool> _failing = new("-Z", "--failed-only") { Description = "Only calls that fail" };
    private readonly Argument<string[]> _program = new("PROGRAM") { Description = "Program and its arguments", Arity = ArgumentArity.OneOrMore, HelpName = "PROGRAM [ARGS]" };

    private Option[] Own =>
    [
        _expressions, _trace, _inject, _summaryOnly, _summary, _wall, _sort, _paths, _size, _output, _append, _json, _time, _relative, _callTimes, _pointer,
        _number, _stacks, _quiet, _verbose, _hex, _follow, _column, _succeeding, _failing,
    ];

    public static Command Create()
    {
        var trace = new TraceCommand();
        var command = new Command("trace", "Show a program's system calls and signals, as strace does");
        foreach (Option option in trace.Own) command.Options.Add(option);
        trace._run.AddTo(command);
        command.Arguments.Add(trace._program);
        command.SetAction(trace.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        try
        {
            StraceOptions options = Options(parsed);
            await using TextWriter messages = Writer(Console.OpenStandardError());
            string? path = parsed.GetValue(_output);
            bool isSplit = Count(parsed, _follow) > 1 && path != null && !options.Json;
            using MeteredStream? output = path == null || isSplit ? null : OpenOutput(parsed, path);
            await using StreamWriter? file = output == null ? null : Writer(output);
            var tracer = new StraceTracer(options, file ?? messages, messages, isSplit ? id => OpenSplit(parsed, $"{path}.{id}", messages) : null);
            int status = await new TracedRun(_run, parsed) { Tracer = tracer, Linger = () => tracer.AllEnded }.RunAsync(parsed.GetValue(_program)!, cancel);
            if (output?.Report(path!) is { } report) await messages.WriteLineAsync(report);
            return status;
        }
        catch (StraceUsageException problem)
        {
            await Console.Error.WriteLineAsync($"strace: {problem.Message}");
            return UsageError;
        }
        catch (SandboxException problem)
        {
            return TracedRun.Report(problem);
        }
    }

    private StraceOptions Options(ParseResult parsed)
    {
        var expressions = new StraceExpressions();
        foreach (string e in parsed.GetValue(_expressions) ?? []) expressions.Add(e);
        foreach (string e in parsed.GetValue(_trace) ?? []) expressions.Add("trace=" + e);
        foreach (string e in parsed.GetValue(_inject) ?? []) expressions.Add("inject=" + e);
        string sort = parsed.GetValue(_sort)!;
        if (sort is not ("time" or "time_total" or "calls" or "count" or "errors" or "name" or "syscall" or "nothing" or "none")) throw new StraceUsageException($"invalid sortby: '{sort}'");
        int size = parsed.GetValue(_size), column = parsed.GetValue(_column);
        if (size < 0) throw new StraceUsageException($"invalid -s argument: '{size}'");
        if (column < 0) throw new StraceUsageException($"invalid -a argument: '{column}'");
        bool failing = parsed.GetValue(_failing);
        return new StraceOptions
        {
            Expressions = expressions,
            StringSize = Math.Min(size, 1 << 20),
            Column = column,
            Verbose = parsed.GetValue(_verbose),
            Paths = Math.Min(Count(parsed, _paths), 2),
            Hex = Math.Min(Count(parsed, _hex), 2),
            Times = parsed.GetValue(_relative) ? TimeStamps.Relative : (TimeStamps)Math.Min(Count(parsed, _time), (int)TimeStamps.Epoch),
            CallTimes = parsed.GetValue(_callTimes),
            InstructionPointer = parsed.GetValue(_pointer),
            CallNumber = parsed.GetValue(_number),
            Quiet = Count(parsed, _quiet),
            Stacks = parsed.GetValue(_stacks),
            Summary = parsed.GetValue(_summary),
            SummaryOnly = parsed.GetValue(_summaryOnly),
            SummaryWall = parsed.GetValue(_wall),
            SummarySort = sort switch { "count" => "calls", "syscall" => "name", "none" => "nothing", "time_total" => "time", _ => sort },
            AlwaysPid = parsed.GetValue(_output) != null,
            Json = parsed.GetValue(_json),
            Succeeding = failing ? false : parsed.GetValue(_succeeding) ? true : null,
        };
    }

    // How often an option without a value was given.
    private static int Count(ParseResult parsed, Option<bool> option) => parsed.GetResult(option) is { Implicit: false } result ? result.IdentifierTokenCount : 0;

    private MeteredStream OpenOutput(ParseResult parsed, string path)
    {
        try
        {
            return new MeteredStream(new FileStream(path, parsed.GetValue(_append) ? FileMode.Append : FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new SandboxException($"cannot write {path}: {e.Message}");
        }
    }

    // While the program runs: what cannot be written costs that thread's text, not the program.
    private TextWriter OpenSplit(ParseResult parsed, string path, TextWriter messages)
    {
        try
        {
            return Writer(OpenOutput(parsed, path));
        }
        catch (SandboxException problem)
        {
            messages.WriteLine($"kennel: {problem.Message}");
            return TextWriter.Null;
        }
    }

    private static StreamWriter Writer(Stream stream) => new(stream, new UTF8Encoding(false), 1 << 16) { NewLine = "\n" };
}
