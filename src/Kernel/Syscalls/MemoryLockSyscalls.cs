using Kennel.Abi;
using Kennel.Tasks;

namespace Kennel.Syscalls;

/// <summary>Locking memory (man 2 mlock). Nothing is ever swapped out here, so this is about limits and about bringing pages in.</summary>
public static class MemoryLockSyscalls
{
    private const int OnFault = 1; // MLOCK_ONFAULT

    [Syscall(149, "mlock")]
    public static SyscallResult Lock(LinuxTask current, GuestAddress address, ulong length) => current.Memory!.Lock(address.Value, length, true);

    [Syscall(325, "mlock2")]
    public static SyscallResult Lock2(LinuxTask current, GuestAddress address, ulong length, int flags) =>
        (flags & ~OnFault) != 0 ? Errno.EINVAL : current.Memory!.Lock(address.Value, length, true, flags == OnFault);

    [Syscall(150, "munlock")]
    public static SyscallResult Unlock(LinuxTask current, GuestAddress address, ulong length) => current.Memory!.Lock(address.Value, length, false);

    [Syscall(151, "mlockall")]
    public static SyscallResult LockAll(LinuxTask current, LockAllFlags flags)
    {
        const LockAllFlags known = LockAllFlags.MCL_CURRENT | LockAllFlags.MCL_FUTURE | LockAllFlags.MCL_ONFAULT;
        if (flags == 0 || flags == LockAllFlags.MCL_ONFAULT || (flags & ~known) != 0) return Errno.EINVAL;
        return current.Memory!.LockAll(flags);
    }

    [Syscall(152, "munlockall")]
    public static SyscallResult UnlockAll(LinuxTask current) => current.Memory!.LockAll(LockAllFlags.None);
}
