using System.CommandLine;

namespace Kennel.Cli;

/// <summary><c>kennel run</c>: one program in a sandbox of its own, on this terminal.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var options = new RunOptions();
        var program = new Argument<string[]>("PROGRAM") { Description = "Program and its arguments, behind --", Arity = ArgumentArity.OneOrMore, HelpName = "PROGRAM [ARGS]" };
        var command = new Command("run", "Run a program in a new sandbox");
        options.AddTo(command);
        command.Arguments.Add(program);
        command.SetAction(parsed => new TracedRun(options, parsed).Run(parsed.GetValue(program)!));
        return command;
    }
}
