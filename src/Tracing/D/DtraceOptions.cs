namespace Kennel.Tracing.D;

/// <summary>A script: a file, or text from the command line.</summary>
/// <param name="Text">The script.</param>
/// <param name="File">Its file; null for text.</param>
public sealed record DtraceScript(string Text, string? File)
{
    /// <summary>How messages name it.</summary>
    public string Name { get; init; } = File ?? Text.Trim();
}

/// <summary>What dtrace's command line says.</summary>
public sealed record DtraceOptions
{
    /// <summary>-s, -n and the like, in their order.</summary>
    public required IReadOnlyList<DtraceScript> Scripts { get; init; }

    /// <summary>$0 and the script's arguments.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = ["dtrace"];

    /// <summary>-x and what stands for it (-q, -w, -F, -Z, -C, -b), and DTRACE_OPT_*: names and values.</summary>
    public IReadOnlyList<(string Name, string? Value)> Settings { get; init; } = [];

    /// <summary>-D and -U (with a leading minus sign), in their order.</summary>
    public IReadOnlyList<string> Macros { get; init; } = [];

    /// <summary>-I.</summary>
    public IReadOnlyList<string> IncludeDirectories { get; init; } = [];

    /// <summary>-l: list the probes that match.</summary>
    public bool List { get; init; }

    /// <summary>-e: compile, and no more.</summary>
    public bool CompileOnly { get; init; }

    /// <summary>-h: write the header of the script's providers to this file, and no more.</summary>
    public string? HeaderFile { get; init; }

    /// <summary>-S: show what the program is compiled to.</summary>
    public bool Disassemble { get; init; }

    /// <summary>-H: name the files that are included.</summary>
    public bool NameIncluded { get; init; }

    /// <summary>-v: say what the programs are.</summary>
    public bool Verbose { get; init; }

    /// <summary>Whether a program will be started: the session then begins when its pid is known, before its first instruction.</summary>
    public bool HasCommand { get; init; }

    /// <summary>The program's path, for pid probes on a.out.</summary>
    public string? ProgramPath { get; init; }

    /// <summary>Leaves out what differs from run to run (_DTRACE_TESTING).</summary>
    public bool Testing { get; init; }
}

/// <summary>A session that cannot begin; the message is what dtrace prints.</summary>
public sealed class DtraceException(string message) : Exception(message);
