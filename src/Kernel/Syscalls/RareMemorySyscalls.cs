using Kennel.Abi;
using Kennel.Credentials;
using Kennel.Memory;
using Kennel.Tasks;

namespace Kennel.Syscalls;

/// <summary>Memory calls that this machine answers as one without the feature does.</summary>
public static class RareMemorySyscalls
{
    // Differs from Linux, which still emulates this obsolete call.
    [Syscall(216, "remap_file_pages")]
    public static SyscallResult RemapFilePages(LinuxTask current, GuestAddress start, ulong size, MemoryProtection protection, ulong offset, MapFlags flags) =>
        NotSupported(current, "remap_file_pages");

    // As with vm.unprivileged_userfaultfd = 0, and without the feature for the privileged.
    [Syscall(323, "userfaultfd")]
    public static SyscallResult CreateUserFault(LinuxTask current, int flags) =>
        current.Credential.Has(Capability.SysPtrace) ? NotSupported(current, "userfaultfd") : Errno.EPERM;

    [Syscall(447, "memfd_secret")]
    public static SyscallResult CreateSecret(LinuxTask current, uint flags) => NotSupported(current, "memfd_secret");

    [Syscall(167, "swapon")]
    public static SyscallResult SwapOn(LinuxTask current, UserString path, int flags) => RefuseSwap(current);

    [Syscall(168, "swapoff")]
    public static SyscallResult SwapOff(LinuxTask current, UserString path) => RefuseSwap(current);

    private static Errno RefuseSwap(LinuxTask current) => current.Credential.Has(Capability.SysAdmin) ? Errno.EINVAL : Errno.EPERM;

    private static Errno NotSupported(LinuxTask current, string name)
    {
        current.Kernel.Log.WriteOnce($"{current}: {name} is not supported");
        return Errno.ENOSYS;
    }
}
