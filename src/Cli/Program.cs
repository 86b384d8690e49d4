using System.CommandLine;
using Kennel.Cli;

var root = new RootCommand("Runs Linux programs under a kernel of its own, inside one .NET process.");
bool runs = args.Length > 0 && args[0] == "run" && !CalledAs.IsTracer; // making the others' options takes longer than all of the parsing
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
