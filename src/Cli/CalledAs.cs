using System.CommandLine;

namespace Kennel.Cli;

/// <summary>A link named after one of the tracing commands calls it: dtrace -n ... is kennel dtrace -n ...</summary>
internal static class CalledAs
{
    /// <summary>The launcher passes on the name by which it was called.</summary>
    private const string Variable = "KENNEL_CALLED_AS";

    /// <summary>The words with the command in front that the link stands for.</summary>
    public static IEnumerable<string> Words(RootCommand root, string[] args)
    {
        string name = Path.GetFileName(Environment.GetEnvironmentVariable(Variable) ?? Environment.GetCommandLineArgs()[0]);
        bool isTracer = name is "dtrace" or "stap" && root.Subcommands.Any(c => c.Name == name);
        return isTracer ? [name, .. args] : args;
    }
}
