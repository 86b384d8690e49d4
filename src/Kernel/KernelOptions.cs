namespace Kennel;

/// <summary>What a machine is made of. Everything has the value that a default run uses.</summary>
public sealed record KernelOptions
{
    /// <summary>Virtual CPUs.</summary>
    public int Processors { get; init; } = 1;

    /// <summary>The most memory for all guests together, in bytes.</summary>
    public long MemoryLimit { get; init; } = 8L << 30;

    /// <summary>The most tasks at once (the guest sees EAGAIN beyond).</summary>
    public int TaskLimit { get; init; } = 32768;

    /// <summary>uname's node name.</summary>
    public string HostName { get; init; } = "kennel";

    /// <summary>Seed of a repeatable run: randomness and time come from it and from the instructions run.</summary>
    public long? Seed { get; init; }
}
