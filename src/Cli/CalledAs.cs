namespace Kennel.Cli;

/// <summary>A link named after one of the tracing commands calls it: dtrace -n ... is kennel dtrace -n ...</summary>
internal static class CalledAs
{
    /// <summary>The launcher passes on the name by which it was called.</summary>
    private const string Variable = "KENNEL_CALLED_AS";

    /// <summary>Whether it was called by such a link.</summary>
    public static bool IsTracer => Name is "dtrace" or "stap";

    private static string Name => Path.GetFileName(Environment.GetEnvironmentVariable(Variable) ?? Environment.GetCommandLineArgs()[0]);

    /// <summary>The words with the command in front that the link stands for.</summary>
    public static IEnumerable<string> Words(string[] args) => IsTracer ? [Name, .. args] : args;
}
