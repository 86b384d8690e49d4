using Kennel.Abi;
using Kennel.Tasks;

namespace Kennel.Syscalls;

public static partial class SyscallTable
{
    private static SyscallResult Unknown(LinuxTask current, int number)
    {
        current.Kernel.Log.WriteOnce($"{current}: system call {number} is not supported");
        return Errno.ENOSYS;
    }
}

/// <summary>What is known of a system call.</summary>
public sealed record SyscallInfo(int Number, string Name, IReadOnlyList<SyscallParameter> Parameters);

/// <summary>One argument of a system call: its name and its type here.</summary>
public sealed record SyscallParameter(string Name, Type Type);
