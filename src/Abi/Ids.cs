namespace Kennel.Abi;

/// <summary>A global (initial pid namespace) process id. The id inside a nested namespace is <see cref="NamespacePid"/>.</summary>
public readonly record struct Pid(int Value)
{
    /// <inheritdoc/>
    public override string ToString() => Value.ToString();
}

/// <summary>A process id as one pid namespace numbers it; what guests of that namespace see.</summary>
public readonly record struct NamespacePid(int Value)
{
    /// <inheritdoc/>
    public override string ToString() => Value.ToString();
}

/// <summary>A file descriptor number of a guest process.</summary>
public readonly record struct Fd(int Value)
{
    /// <summary>The *at calls' "relative to the working directory" (AT_FDCWD).</summary>
    public static readonly Fd WorkingDirectory = new(-100);

    /// <inheritdoc/>
    public override string ToString() => Value == -100 ? "AT_FDCWD" : Value.ToString();
}

/// <summary>An address in a guest's address space, in bytes; never dereferenced without translation.</summary>
public readonly record struct GuestAddress(ulong Value)
{
    /// <inheritdoc/>
    public override string ToString() => Value == 0 ? "NULL" : $"0x{Value:x}";
}
