using Kennel.Credentials;
using Kennel.Memory;

namespace Kennel.Loading;

/// <summary>What exec runs next: a new address space with the program in it, and where to begin.</summary>
public sealed record LoadedProgram
{
    /// <summary>Becomes the task's memory; whoever drops the program instead must release it.</summary>
    public required AddressSpace Memory { get; init; }

    /// <summary>First instruction: the program's, or its dynamic linker's.</summary>
    public ulong Entry { get; init; }

    /// <summary>Where argc lies.</summary>
    public ulong StackPointer { get; init; }

    /// <summary>The task's new name, at most 15 bytes.</summary>
    public required string Comm { get; init; }

    /// <summary>Its arguments, as its stack holds them; the first is its name, or the interpreter's.</summary>
    public IReadOnlyList<byte[]> Arguments { get; init; } = [];

    /// <summary>Who the program acts as: another credential than before if the file is set-id.</summary>
    public required Credential Credential { get; init; }

    /// <summary>AT_SECURE: the credential gained something, so the environment is not to be trusted.</summary>
    public bool IsSecure { get; init; }

    /// <summary>
    /// The file turned out to be broken when the old program was gone already: the caller replaces the memory and dies of SIGSEGV
    /// (Linux: fs/exec.c, bprm->point_of_no_return).
    /// </summary>
    public bool IsBroken { get; init; }
}
