using Kennel.Abi;
using Kennel.Memory;
using Kennel.Tasks;
using Kennel.Views;
using Kennel.Waiting;

namespace Kennel.Syscalls;

/// <summary>futex and its relatives: time-outs and operations are decoded here; <see cref="FutexTable"/> does the rest.</summary>
public static class FutexSyscalls
{
    private const int PrivateFlag = 128, RealtimeFlag = 256, CommandMask = 127;

    private enum Operation
    {
        Wait = 0,
        Wake = 1,
        Requeue = 3,
        CompareRequeue = 4,
        WakeOperation = 5,
        LockPi = 6,
        UnlockPi = 7,
        TryLockPi = 8,
        WaitBitset = 9,
        WakeBitset = 10,
        WaitRequeuePi = 11,
        CompareRequeuePi = 12,
        LockPi2 = 13,
    }

    [Syscall(202, "futex")]
    public static ValueTask<SyscallResult> Futex(
        LinuxTask current, GuestAddress address, int operation, uint value, ulong timeout, GuestAddress address2, uint value3) =>
        Run(current, address, operation, value, timeout, address2, value3);

    /// <remarks>Linux: kernel/futex/syscalls.c, do_futex.</remarks>
    [KernelFunction("kernel/futex/syscalls.c", "long do_futex(u32 *uaddr = address.Value, int op = operation, u32 val = value, long timeout = timeout, u32 *uaddr2 = address2.Value, u32 val3 = value3)")]
    internal static ValueTask<SyscallResult> Run(
        LinuxTask current, GuestAddress address, int operation, uint value, ulong timeout, GuestAddress address2, uint value3)
    {
        var command = (Operation)(operation & CommandMask);
        bool isPrivate = (operation & PrivateFlag) != 0;
        bool isRealtime = (operation & RealtimeFlag) != 0;
        if (isRealtime && command is not (Operation.WaitBitset or Operation.WaitRequeuePi or Operation.LockPi2)) return new(Errno.ENOSYS);
        FutexTable futexes = current.Kernel.Futexes;
        ulong word = address.Value;
        switch (command)
        {
            case Operation.Wait:
            case Operation.WaitBitset:
            case Operation.LockPi:
            case Operation.LockPi2:
                Errno error = Deadline(current, command, isRealtime || command == Operation.LockPi, timeout, out long deadline);
                if (error != Errno.None) return new(error);
                if (command is Operation.LockPi or Operation.LockPi2) return futexes.LockPiAsync(current, word, isPrivate, deadline, tryOnly: false);
                return futexes.WaitAsync(current, word, isPrivate, value, command == Operation.Wait ? FutexTable.AnyBits : value3, deadline);
            case Operation.TryLockPi:
                return futexes.LockPiAsync(current, word, isPrivate, long.MaxValue, tryOnly: true);
            case Operation.UnlockPi:
                return new(futexes.UnlockPi(current, word, isPrivate));
            case Operation.Wake:
                return new(futexes.Wake(current, word, isPrivate, (int)value, FutexTable.AnyBits));
            case Operation.WakeBitset:
                return new(futexes.Wake(current, word, isPrivate, (int)value, value3));
            case Operation.Requeue:
                return new(futexes.Requeue(current, word, address2.Value, isPrivate, (int)value, (int)timeout, null));
            case Operation.CompareRequeue:
                return new(futexes.Requeue(current, word, address2.Value, isPrivate, (int)value, (int)timeout, value3));
            case Operation.WakeOperation:
                return new(futexes.WakeOperation(current, word, address2.Value, isPrivate, (int)value, (int)timeout, value3));
            default:
                current.Kernel.Log.WriteOnce($"{current}: futex operation {operation} is not supported");
                return new(Errno.ENOSYS);
        }
    }

    // WAIT's time-out is relative; the others name a time of their clock.
    private static Errno Deadline(LinuxTask current, Operation command, bool isRealtime, ulong address, out long deadline)
    {
        deadline = long.MaxValue;
        if (address == 0) return Errno.None;
        if (!new UserPtr<TimeSpec>(address).TryRead(current.Memory, out TimeSpec time)) return Errno.EFAULT;
        if (!time.IsValid) return Errno.EINVAL;
        long nanoseconds = time.ToNanoseconds();
        if (nanoseconds == long.MaxValue) return Errno.None;
        if (command == Operation.Wait) deadline = current.Kernel.Time.DeadlineIn(nanoseconds);
        else deadline = isRealtime ? nanoseconds - current.Kernel.Time.RealtimeOffset : nanoseconds;
        deadline = Math.Max(1, deadline);
        return Errno.None;
    }

    [Syscall(334, "rseq")]
    public static SyscallResult Rseq(LinuxTask current, GuestAddress area, uint length, int flags, uint signature)
    {
        const int Unregister = 1;
        if (flags == Unregister) return current.UnregisterRseq(area.Value, length, signature);
        return flags != 0 ? Errno.EINVAL : current.RegisterRseq(area.Value, length, signature);
    }

    /// <summary>Every change of memory is seen by all virtual CPUs at once when none runs guest code, so one pause serves all kinds.</summary>
    [Syscall(324, "membarrier")]
    public static SyscallResult MemoryBarrier(LinuxTask current, int command, uint flags, int cpu)
    {
        const int Query = 0, Known = 1 | 2 | 4 | 8 | 16 | 32 | 64;
        if (flags != 0) return Errno.EINVAL;
        if (command == Query) return Known;
        if (command <= 0 || (command & Known) != command || (command & (command - 1)) != 0) return Errno.EINVAL;
        current.Kernel.Machine.Quiesce(static (_, _) => { }, 0);
        return 0;
    }
}
