using System.CommandLine;
using Kennel.Cli;

// A program is to begin soon: making the others' options takes longer than all of the parsing, and a root command's own, with their help texts, half of that.
bool runs = args.Length > 0 && args[0] == "run" && !CalledAs.IsTracer;
bool asksForHelp = args.TakeWhile(a => a != "--").Any(a => a is "--help" or "-h" or "-?" or "/h" or "/?");
Command root = runs && !asksForHelp ? new Command("kennel") : new RootCommand("Runs Linux programs under a kernel of its own, inside one .NET process.");
root.Subcommands.Add(RunCommand.Create());
if (!runs)
{
    root.Subcommands.Add(TraceCommand.Create());
    root.Subcommands.Add(TreeCommand.Create());
    root.Subcommands.Add(StapCommand.Create());
    root.Subcommands.Add(DtraceCommand.Create());
    root.Subcommands.Add(CompletionCommand.Create());
}
args = [.. CalledAs.Words(args)];
ParseResult parsed = root.Parse(args.Length == 0 ? ["--help"] : GetoptWords.Apply(root, args));
if (parsed.Errors.Count > 0)
{
    foreach (string message in parsed.Errors.Select(e => e.Message).Distinct()) Console.Error.WriteLine($"kennel: {message}");
    Console.Error.WriteLine("kennel: see 'kennel --help' and 'kennel run --help'");
    return TracedRun.OwnError;
}
return parsed.Invoke();
