using Kennel.Abi;

namespace Kennel.Syscalls;

/// <summary>What a system call answers: a value, or a negated <see cref="Errno"/>, as RAX carries it.</summary>
public readonly record struct SyscallResult(long Value)
{
    /// <summary>Whether it is an error (-4095 to -1).</summary>
    public bool IsError => (ulong)Value >= unchecked((ulong)-4095L);

    /// <summary>The error; None when it is a value.</summary>
    public Errno Error => IsError ? (Errno)(-Value) : Errno.None;

    public static implicit operator SyscallResult(Errno error) => new(-(long)error);
    public static implicit operator SyscallResult(long value) => new(value);
    public static implicit operator SyscallResult(int value) => new(value);
    public static implicit operator ValueTask<SyscallResult>(SyscallResult result) => new(result);
}
