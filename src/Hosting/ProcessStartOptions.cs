namespace Kennel;

/// <summary>How to start a process in a sandbox.</summary>
/// <param name="Program">A path, or a name that is looked for in the sandbox's PATH.</param>
/// <param name="Arguments">Arguments behind the program's name.</param>
public sealed record ProcessStartOptions(string Program, params IReadOnlyList<string> Arguments)
{
    /// <summary>Working directory as the guest names it; null for the sandbox's.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>The whole environment; null for the sandbox's.</summary>
    public IReadOnlyDictionary<string, string>? Environment { get; init; }

    /// <summary>Where descriptors 0, 1 and 2 lead.</summary>
    public StandardStreams Streams { get; init; } = StandardStreams.Pipes;
}

/// <summary>Where a process's standard streams lead.</summary>
public enum StandardStreams
{
    /// <summary>To the streams of <see cref="SandboxProcess"/>.</summary>
    Pipes,

    /// <summary>To those of the host process; a terminal becomes the guest's controlling terminal.</summary>
    Inherit,

    /// <summary>To /dev/null.</summary>
    Null,
}
