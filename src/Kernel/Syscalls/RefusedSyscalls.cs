using Kennel.Abi;
using Kennel.Credentials;
using Kennel.Tasks;

namespace Kennel.Syscalls;

/// <summary>
/// Calls that this kernel knows and refuses, as a Linux does that was built or set up without the feature. Each leaves one line in
/// the log.
/// </summary>
public static class RefusedSyscalls
{
    [Syscall(101, "ptrace")]
    public static SyscallResult Ptrace(LinuxTask current, long request, int pid, GuestAddress address, GuestAddress data) =>
        Refuse(current, "ptrace", Errno.EPERM);

    /// <summary>Answers as a kernel without seccomp.</summary>
    [Syscall(317, "seccomp")]
    public static SyscallResult Seccomp(LinuxTask current, uint operation, uint flags, GuestAddress arguments) =>
        Refuse(current, "seccomp", Errno.EINVAL);

    [Syscall(321, "bpf")]
    public static SyscallResult Bpf(LinuxTask current, int command, GuestAddress attributes, uint size) => Refuse(current, "bpf", Errno.EPERM);

    [Syscall(298, "perf_event_open")]
    public static SyscallResult PerfEvent(LinuxTask current, GuestAddress attributes, int pid, int cpu, Fd group, ulong flags) =>
        Refuse(current, "perf_event_open", Errno.EACCES);

    [Syscall(175, "init_module")]
    public static SyscallResult InitModule(LinuxTask current, GuestAddress image, ulong length, GuestAddress parameters) =>
        Refuse(current, "init_module", Errno.EPERM);

    [Syscall(163, "acct")]
    public static SyscallResult Accounting(LinuxTask current, GuestAddress name) =>
        current.Credential.Has(Capability.SysAdmin) ? Errno.ENOSYS : Errno.EPERM;

    [Syscall(172, "iopl")]
    public static SyscallResult IoPrivilege(LinuxTask current, uint level) => level > 3 ? Errno.EINVAL : level == 0 ? Errno.None : Errno.EPERM;

    [Syscall(173, "ioperm")]
    public static SyscallResult IoPermission(LinuxTask current, ulong from, ulong count, int on) => on != 0 ? Errno.EPERM : Errno.None;

    [Syscall(154, "modify_ldt")]
    public static SyscallResult ModifyLdt(LinuxTask current, int function, GuestAddress pointer, ulong size) =>
        Refuse(current, "modify_ldt", Errno.ENOSYS);

    private static SyscallResult Refuse(LinuxTask current, string name, Errno error)
    {
        current.Kernel.Log.WriteOnce($"{current}: {name} is not supported");
        return error;
    }
}

