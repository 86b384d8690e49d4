namespace Kennel;

/// <summary>Something that the caller asked of a sandbox cannot be done; the message is one line with the cause and what to do.</summary>
public sealed class SandboxException : Exception
{
    /// <param name="message">One line.</param>
    /// <param name="kind">What kind of failure it is.</param>
    public SandboxException(string message, SandboxError kind = SandboxError.Setup)
        : base(message) => Kind = kind;

    /// <summary>What kind of failure it is.</summary>
    public SandboxError Kind { get; }
}

/// <summary>Kinds of <see cref="SandboxException"/>; a shell's exit status follows from them.</summary>
public enum SandboxError
{
    /// <summary>The sandbox cannot be made as asked (exit status 125).</summary>
    Setup,

    /// <summary>The program was found but cannot be run (126).</summary>
    NotExecutable,

    /// <summary>There is no such program (127).</summary>
    NotFound,
}
