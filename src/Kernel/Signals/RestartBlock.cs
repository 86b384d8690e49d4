using Kennel.Syscalls;
using Kennel.Tasks;

namespace Kennel.Signals;

/// <summary>
/// What restart_syscall has to do: the rest of a call with a relative time-out, which cannot simply be made again after a stop
/// or a debugger's visit (Linux: struct restart_block).
/// </summary>
public abstract class RestartBlock
{
    /// <summary>Goes on with the call.</summary>
    public abstract ValueTask<SyscallResult> RestartAsync(LinuxTask current);
}

/// <summary>sigaltstack's memory (stack_t); the flags are SS_*.</summary>
internal readonly record struct AlternateStack(ulong Address, ulong Size, uint Flags)
{
    public const uint OnStack = 1, Disable = 2, AutoDisarm = 1u << 31;

    public static readonly AlternateStack None = new(0, 0, Disable);

    /// <summary>Whether a stack pointer lies in it. Linux: on_sig_stack.</summary>
    public bool Contains(ulong sp) => (Flags & AutoDisarm) == 0 && sp > Address && sp - Address <= Size;
}
