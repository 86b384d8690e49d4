using Kennel.Tasks;

namespace Kennel.Syscalls;

/// <summary>Who am I: process, user and group ids.</summary>
public static class IdentitySyscalls
{
    [Syscall(39, "getpid")]
    public static SyscallResult GetPid(LinuxTask current) => current.Group.Leader.Numbers.In(current.Numbers.Owner).Value;

    [Syscall(186, "gettid")]
    public static SyscallResult GetTid(LinuxTask current) => current.Numbers.In(current.Numbers.Owner).Value;
}
