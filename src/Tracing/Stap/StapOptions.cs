namespace Kennel.Tracing.Stap;

/// <summary>What stap's command line says (man 1 stap).</summary>
public sealed class StapOptions
{
    /// <summary>The script's name in messages, and its text as Latin-1 bytes.</summary>
    public required string ScriptName { get; init; }

    /// <inheritdoc cref="ScriptName"/>
    public required string ScriptText { get; init; }

    /// <summary>$1 and so on.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>-g: C text and dangerous functions are allowed.</summary>
    public bool Guru { get; init; }

    /// <summary>-w: no warnings.</summary>
    public bool NoWarnings { get; init; }

    /// <summary>-v, times given.</summary>
    public int Verbose { get; init; }

    /// <summary>-I: tapset directories.</summary>
    public IReadOnlyList<string> TapsetDirectories { get; init; } = [];

    /// <summary>-D NAME=VALUE.</summary>
    public IReadOnlyDictionary<string, string> Defines { get; init; } = new Dictionary<string, string>();

    /// <summary>-G NAME=VALUE.</summary>
    public IReadOnlyDictionary<string, string> Globals { get; init; } = new Dictionary<string, string>();

    /// <summary>-p: the pass to stop after; 5 runs.</summary>
    public int LastPass { get; init; } = 5;

    /// <summary>-l or -L: the script is a probe point to list.</summary>
    public bool ListProbes { get; init; }

    /// <summary>-L: with variables.</summary>
    public bool ListVariables { get; init; }

    /// <summary>--dump-functions and its like: what to list instead of running.</summary>
    public StapDump Dump { get; init; }

    /// <summary>-T: seconds after which the session ends; 0 never.</summary>
    public int TimeLimit { get; init; }

    /// <summary>-m: the module's name, as module_name() answers it.</summary>
    public string ModuleName { get; init; } = "stap_kennel";

    /// <summary>Whether a program is run with -c; without it there is no target.</summary>
    public bool HasCommand { get; init; }

    /// <summary>The program that is run, for process probes without a path.</summary>
    public string? TargetProgram { get; init; }

    /// <summary>Where a program lies that a script names: by a relative path, or as a shell would.</summary>
    public Func<string, string> FindProgram { get; init; } = static name => name;

    /// <summary>uname -r of the traced kernel, for kernel_v.</summary>
    public string KernelRelease { get; init; } = "6.12.0-kennel";

    /// <summary>SystemTap's version that scripts see.</summary>
    public static string Version => "5.2";

    internal long Limit(string name, long standard) =>
        Defines.TryGetValue(name, out string? text) && Syntax.StapNumbers.TryParse(text, out long value) ? value : standard;

    internal static string Architecture => "x86_64";
}

/// <summary>What is listed instead of running a script.</summary>
public enum StapDump
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>--dump-probe-types.</summary>
    ProbeTypes,

    /// <summary>--dump-probe-aliases.</summary>
    ProbeAliases,

    /// <summary>--dump-functions.</summary>
    Functions,
}
