using System.Runtime.CompilerServices;
using Kennel.Abi;
using Kennel.Memory;
using Kennel.Tasks;
using Kennel.Waiting;

namespace Kennel.Syscalls;

/// <summary>Ending, and what the kernel clears and wakes then.</summary>
public static class ExitSyscalls
{
    private const int RobustHeadSize = 24;

    [Syscall(60, "exit")]
    [AsyncMethodBuilder(typeof(KernelMethodBuilder<>))]
    public static async ValueTask<SyscallResult> Exit(LinuxTask current, int status)
    {
        await current.ExitAsync(WaitStatus.Exited(status).Value);
        return 0;
    }

    [Syscall(231, "exit_group")]
    [AsyncMethodBuilder(typeof(KernelMethodBuilder<>))]
    public static async ValueTask<SyscallResult> ExitGroup(LinuxTask current, int status)
    {
        await current.ExitGroupAsync(WaitStatus.Exited(status).Value);
        return 0;
    }

    [Syscall(218, "set_tid_address")]
    public static SyscallResult SetTidAddress(LinuxTask current, UserPtr<int> address)
    {
        current.ClearChildTid = address.Address;
        return current.Numbers.Innermost;
    }

    [Syscall(273, "set_robust_list")]
    public static SyscallResult SetRobustList(LinuxTask current, GuestAddress head, ulong length)
    {
        if (length != RobustHeadSize) return Errno.EINVAL;
        current.RobustList = head.Value;
        return 0;
    }

    [Syscall(274, "get_robust_list")]
    public static SyscallResult GetRobustList(LinuxTask current, int pid, UserPtr<ulong> head, UserPtr<ulong> length)
    {
        LinuxTask? task = pid == 0 ? current : current.Find(pid);
        if (task == null) return Errno.ESRCH;
        if (!current.MayInspect(task)) return Errno.EPERM;
        return length.TryWrite(current.Memory, RobustHeadSize) && head.TryWrite(current.Memory, task.RobustList) ? 0 : Errno.EFAULT;
    }
}
