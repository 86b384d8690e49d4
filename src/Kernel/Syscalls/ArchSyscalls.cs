using Kennel.Abi;
using Kennel.Machine;
using Kennel.Memory;
using Kennel.Tasks;

namespace Kennel.Syscalls;

/// <summary>What only x86-64 has.</summary>
public static class ArchSyscalls
{
    private const int SetGs = 0x1001, SetFs = 0x1002, GetFs = 0x1003, GetGs = 0x1004;

    /// <summary>The bases of FS and GS (man 2 arch_prctl). Linux: arch/x86/kernel/process_64.c, do_arch_prctl_64.</summary>
    [Syscall(158, "arch_prctl")]
    public static unsafe SyscallResult ArchPrctl(LinuxTask current, int code, ulong address)
    {
        ulong* registers = current.Cpu->R;
        switch (code)
        {
            case SetFs or SetGs:
                if (address >= PageTable.AddressLimit) return Errno.EPERM;
                registers[code == SetFs ? CpuState.FsBase : CpuState.GsBase] = address;
                return 0;
            case GetFs or GetGs:
                ulong value = registers[code == GetFs ? CpuState.FsBase : CpuState.GsBase];
                return new UserPtr<ulong>(address).TryWrite(current.Memory, value) ? 0 : Errno.EFAULT;
            default:
                return Errno.EINVAL; // CET, tagged addresses, CPUID faulting: not on this processor
        }
    }
}
