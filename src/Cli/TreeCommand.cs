using System.CommandLine;
using Kennel.Tracing;

namespace Kennel.Cli;

/// <summary><c>kennel tree</c>: the family tree of all processes that a program made, when it has ended.</summary>
internal static class TreeCommand
{
    public static Command Create()
    {
        var options = new RunOptions(shortNames: false);
        var output = new Option<string?>("-o", "--output") { Description = "Write the tree to this file instead of standard error", HelpName = "FILE" };
        var threads = new Option<bool>("-t", "--threads") { Description = "Show threads, too" };
        var program = new Argument<string[]>("PROGRAM") { Description = "Program and its arguments", Arity = ArgumentArity.OneOrMore, HelpName = "PROGRAM [ARGS]" };
        var command = new Command("tree", "Show the family tree of all processes that a program made") { output, threads };
        options.AddTo(command);
        command.Arguments.Add(program);
        command.SetAction(parsed =>
        {
            var tracer = new FamilyTreeTracer();
            int status = new TracedRun(options, parsed) { Tracer = tracer, Linger = () => tracer.AllEnded }.Run(parsed.GetValue(program)!);
            if (tracer.Root is not { } root) return status;
            string text = FamilyTreeText.Format(root, parsed.GetValue(threads));
            return Write(text, parsed.GetValue(output)) ? status : TracedRun.OwnError;
        });
        return command;
    }

    private static bool Write(string text, string? path)
    {
        try
        {
            if (path == null) Console.Error.Write(text);
            else File.WriteAllText(path, text);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            Console.Error.WriteLine($"kennel: cannot write {path}: {e.Message}");
            return false;
        }
    }
}
