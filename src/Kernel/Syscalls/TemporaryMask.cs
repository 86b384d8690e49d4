using System.Runtime.CompilerServices;
using Kennel.Abi;
using Kennel.Memory;
using Kennel.Tasks;
using Kennel.Waiting;

namespace Kennel.Syscalls;

/// <summary>The signal mask that ppoll, pselect6 and epoll_pwait put in place while they wait (Linux: set_user_sigmask).</summary>
internal static class TemporaryMask
{
    /// <summary>Runs a wait under a mask; without a pointer, under the task's own.</summary>
    public static ValueTask<SyscallResult> Run(LinuxTask current, UserPtr<ulong> mask, ulong size, Func<ValueTask<SyscallResult>> wait)
    {
        if (mask.IsNull) return wait();
        if (size != sizeof(ulong)) return new(Errno.EINVAL);
        if (!mask.TryRead(current.Memory, out ulong value)) return new(Errno.EFAULT);
        current.UseTemporaryMask(value);
        ValueTask<SyscallResult> waiting = wait();
        return waiting.IsCompletedSuccessfully ? new(Finish(current, waiting.Result)) : FinishAsync(current, waiting);
    }

    [AsyncMethodBuilder(typeof(KernelMethodBuilder<>))]
    private static async ValueTask<SyscallResult> FinishAsync(LinuxTask current, ValueTask<SyscallResult> waiting) => Finish(current, await waiting);

    private static SyscallResult Finish(LinuxTask current, SyscallResult result)
    {
        current.EndTemporaryMask(interrupted: result.Error is Errno.EINTR or Errno.ERESTARTNOHAND);
        return result;
    }
}
