using Kennel.Abi;
using Kennel.Files;
using Kennel.Tasks;

namespace Kennel.Syscalls;

/// <summary>Event counters (man 2 eventfd).</summary>
public static class EventFdSyscalls
{
    [Syscall(284, "eventfd")]
    public static SyscallResult EventFd(LinuxTask current, uint count) => EventFd2(current, count, OpenFlags.ReadOnly);

    [Syscall(290, "eventfd2")]
    public static SyscallResult EventFd2(LinuxTask current, uint count, OpenFlags flags)
    {
        const OpenFlags semaphore = (OpenFlags)1;
        if ((flags & ~(semaphore | OpenFlags.CloseOnExec | OpenFlags.NonBlock)) != 0) return Errno.EINVAL;
        var file = new EventFile(flags & OpenFlags.NonBlock, count, (flags & semaphore) != 0);
        return Descriptors.Install(current, file, (flags & OpenFlags.CloseOnExec) != 0);
    }
}
