using System.Runtime.CompilerServices;
using Kennel.Abi;
using Kennel.Memory;
using Kennel.Signals;
using Kennel.Tasks;
using Kennel.Time;
using Kennel.Waiting;

namespace Kennel.Syscalls;

/// <summary>What a task does about its own signals: handlers, masks, waiting for them.</summary>
public static class SignalSyscalls
{
    private const ulong SetSize = 8;

    private enum MaskChange
    {
        Block = 0,
        Unblock = 1,
        Set = 2,
    }

    /// <remarks>Linux: kernel/signal.c, do_sigaction.</remarks>
    [Syscall(13, "rt_sigaction")]
    public static SyscallResult Action(LinuxTask current, int signal, UserPtr<SignalAction> action, UserPtr<SignalAction> old, ulong size)
    {
        if (size != SetSize) return Errno.EINVAL;
        SignalAction wanted = default;
        if (!action.IsNull && !action.TryRead(current.Memory, out wanted)) return Errno.EFAULT;
        if (!SignalSet.IsValid(signal) || (!action.IsNull && SignalSet.KernelOnly.Has((Signal)signal))) return Errno.EINVAL;
        SignalAction before = current.Handlers![(Signal)signal];
        if (!action.IsNull) current.SetAction((Signal)signal, wanted);
        return old.IsNull || old.TryWrite(current.Memory, before) ? 0 : Errno.EFAULT;
    }

    [Syscall(14, "rt_sigprocmask")]
    public static SyscallResult ProcessMask(LinuxTask current, int how, UserPtr<ulong> set, UserPtr<ulong> old, ulong size)
    {
        if (size != SetSize) return Errno.EINVAL;
        ulong before = current.Blocked;
        if (!set.IsNull)
        {
            if (!set.TryRead(current.Memory, out ulong value)) return Errno.EFAULT;
            switch ((MaskChange)how)
            {
                case MaskChange.Block: current.SetBlocked(before | value); break;
                case MaskChange.Unblock: current.SetBlocked(before & ~value); break;
                case MaskChange.Set: current.SetBlocked(value); break;
                default: return Errno.EINVAL;
            }
        }
        return old.IsNull || old.TryWrite(current.Memory, before) ? 0 : Errno.EFAULT;
    }

    [Syscall(15, "rt_sigreturn")]
    public static SyscallResult Return(LinuxTask current)
    {
        current.ReturnFromHandler();
        return 0;
    }

    [Syscall(127, "rt_sigpending")]
    public static SyscallResult Pending(LinuxTask current, UserPtr<ulong> set, ulong size)
    {
        if (size > SetSize) return Errno.EINVAL;
        ulong pending = (current.Pending.Mask | current.Group.Pending.Mask) & current.Blocked;
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BitConverter.TryWriteBytes(bytes, pending);
        return current.Memory!.CopyOut(set.Address, bytes[..(int)size]) ? 0 : Errno.EFAULT;
    }

    [Syscall(131, "sigaltstack")]
    public static unsafe SyscallResult AlternateStack(LinuxTask current, UserPtr<StackRecord> stack, UserPtr<StackRecord> old)
    {
        AlternateStack before = current.AlternateStack;
        uint state = current.StackFlags(current.Cpu->R[Machine.CpuState.Rsp]) | (before.Flags & Signals.AlternateStack.AutoDisarm);
        if (!stack.IsNull)
        {
            if (!stack.TryRead(current.Memory, out StackRecord record)) return Errno.EFAULT;
            Errno error = current.SetAlternateStack(record.Address, record.Size, record.Flags);
            if (error != Errno.None) return error;
        }
        var result = new StackRecord { Address = before.Address, Size = before.Size, Flags = state };
        return old.IsNull || old.TryWrite(current.Memory, result) ? 0 : Errno.EFAULT;
    }

    [Syscall(34, "pause")]
    [AsyncMethodBuilder(typeof(KernelMethodBuilder<>))]
    public static async ValueTask<SyscallResult> Pause(LinuxTask current)
    {
        await current.Nothing.WaitAsync(current, 0, static _ => false, WaitMode.Interruptible);
        return Errno.ERESTARTNOHAND;
    }

    [Syscall(130, "rt_sigsuspend")]
    [AsyncMethodBuilder(typeof(KernelMethodBuilder<>))]
    public static async ValueTask<SyscallResult> Suspend(LinuxTask current, UserPtr<ulong> set, ulong size)
    {
        if (size != SetSize) return Errno.EINVAL;
        if (!set.TryRead(current.Memory, out ulong mask)) return Errno.EFAULT;
        current.UseTemporaryMask(mask);
        await current.Nothing.WaitAsync(current, 0, static _ => false, WaitMode.Interruptible);
        return Errno.ERESTARTNOHAND;
    }

    /// <remarks>Linux: kernel/signal.c, do_sigtimedwait.</remarks>
    [Syscall(128, "rt_sigtimedwait")]
    public static async ValueTask<SyscallResult> TimedWait(
        LinuxTask current, UserPtr<ulong> set, UserPtr<SignalInfo> info, UserPtr<TimeSpec> timeout, ulong size)
    {
        if (size != SetSize) return Errno.EINVAL;
        if (!set.TryRead(current.Memory, out ulong wanted)) return Errno.EFAULT;
        long deadline = long.MaxValue;
        if (!timeout.IsNull)
        {
            if (!timeout.TryRead(current.Memory, out TimeSpec time)) return Errno.EFAULT;
            if (!time.IsValid) return Errno.EINVAL;
            deadline = time.ToNanoseconds() == 0 ? 0 : current.Kernel.Time.DeadlineIn(time.ToNanoseconds());
        }
        wanted &= ~SignalSet.KernelOnly;
        if (!current.TryClearSignal(~wanted, out SignalInfo taken))
        {
            // Let them through for a while, so that they wake us; RealBlocked keeps them from doing what they do by default.
            ulong blocked = current.Blocked;
            current.RealBlocked = blocked;
            current.SetBlocked(blocked & ~wanted);
            Errno error = await current.Nothing.WaitAsync(current, 0, static _ => false, WaitMode.Interruptible, deadline);
            current.SetBlocked(blocked);
            current.RealBlocked = 0;
            if (!current.TryClearSignal(~wanted, out taken)) return error == Errno.ETIMEDOUT ? Errno.EAGAIN : Errno.EINTR;
        }
        return info.IsNull || info.TryWrite(current.Memory, taken) ? taken.Number : Errno.EFAULT;
    }

    [Syscall(219, "restart_syscall")]
    public static ValueTask<SyscallResult> Restart(LinuxTask current)
    {
        RestartBlock? block = current.RestartBlock;
        current.RestartBlock = null;
        return block?.RestartAsync(current) ?? new(Errno.EINTR);
    }
}
