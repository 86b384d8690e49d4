using Kennel.Abi;
using Kennel.Tasks;

namespace Kennel.Syscalls;

public static partial class SyscallTable
{
    /// <summary>A call's name; syscall_0x1f4 when there is none of that number.</summary>
    public static string NameOf(int number) => FindName(number) ?? $"syscall_0x{number:x}";

    private static SyscallResult Unknown(LinuxTask current, int number)
    {
        current.Kernel.Log.WriteOnce($"{current}: system call {number} is not supported");
        return Errno.ENOSYS;
    }
}

/// <summary>What is known of a system call; the family is the class that it is in.</summary>
public sealed record SyscallInfo(int Number, string Name, IReadOnlyList<SyscallParameter> Parameters, string Family);

/// <summary>One argument of a system call: its name and its type here.</summary>
public sealed record SyscallParameter(string Name, Type Type);
