using System.Runtime.CompilerServices;
using Kennel.Abi;
using Kennel.Memory;
using Kennel.Signals;
using Kennel.Tasks;
using Kennel.Time;
using Kennel.Views;
using Kennel.Waiting;

namespace Kennel.Syscalls;

/// <summary>Sleeping for a time.</summary>
public static class SleepSyscalls
{
    private const int Absolute = 1; // TIMER_ABSTIME

    [Syscall(35, "nanosleep")]
    public static ValueTask<SyscallResult> Nanosleep(LinuxTask current, UserPtr<TimeSpec> request, UserPtr<TimeSpec> remaining) =>
        ClockNanosleep(current, ClockId.Monotonic, 0, request, remaining);

    /// <remarks>Linux: kernel/time/posix-timers.c, clock_nanosleep; hrtimer.c, hrtimer_nanosleep.</remarks>
    [Syscall(230, "clock_nanosleep")]
    public static ValueTask<SyscallResult> ClockNanosleep(
        LinuxTask current, ClockId clock, int flags, UserPtr<TimeSpec> request, UserPtr<TimeSpec> remaining)
    {
        if (Clocks.IsCpuClock(clock)) return RefuseCpuClock(current, clock);
        Errno error = Clocks.CheckTimer(clock);
        if (error != Errno.None) return new(error);
        if (!request.TryRead(current.Memory, out TimeSpec time)) return new(Errno.EFAULT);
        if (!time.IsValid) return new(Errno.EINVAL);
        Timekeeper keeper = current.Kernel.Time;
        if ((flags & Absolute) != 0)
        {
            return SleepUntilAsync(current, Math.Max(1, Clocks.ToMonotonic(keeper, clock, time.ToNanoseconds())));
        }
        return SleepForAsync(current, new NanosleepRestart(keeper.DeadlineIn(time.ToNanoseconds()), remaining));
    }

    [AsyncMethodBuilder(typeof(KernelMethodBuilder<>))]
    private static async ValueTask<SyscallResult> SleepUntilAsync(LinuxTask current, long deadline)
    {
        Errno error = await current.Nothing.WaitAsync(current, 0, static _ => false, WaitMode.Interruptible, deadline);
        return error == Errno.ETIMEDOUT ? 0 : Errno.ERESTARTNOHAND;
    }

    // A handler sees EINTR and the time that was left; without one, the sleep goes on to the deadline it had.
    [KernelFunction("kernel/time/hrtimer.c", "long hrtimer_nanosleep(long rqtp = call.Deadline)")]
    [AsyncMethodBuilder(typeof(KernelMethodBuilder<>))]
    internal static async ValueTask<SyscallResult> SleepForAsync(LinuxTask current, NanosleepRestart call)
    {
        Errno error = await current.Nothing.WaitAsync(current, 0, static _ => false, WaitMode.Interruptible, call.Deadline);
        if (error == Errno.ETIMEDOUT) return 0;
        long left = call.Deadline - current.Kernel.Time.Monotonic;
        if (left <= 0) return 0;
        if (!call.Remaining.IsNull && !call.Remaining.TryWrite(current.Memory, TimeSpec.From(left))) return Errno.EFAULT;
        current.RestartBlock = call;
        return Errno.ERESTART_RESTARTBLOCK;
    }

    private static ValueTask<SyscallResult> RefuseCpuClock(LinuxTask current, ClockId clock)
    {
        if (clock == ClockId.ThreadCpuTime || Clocks.FindCpuClock(current, clock, out _) != Errno.None) return new(Errno.EINVAL);
        current.Kernel.Log.WriteOnce($"{current}: sleeping on a CPU-time clock is not supported");
        return new(Errno.EOPNOTSUPP);
    }

    internal sealed class NanosleepRestart(long deadline, UserPtr<TimeSpec> remaining) : RestartBlock
    {
        public long Deadline => deadline;

        public UserPtr<TimeSpec> Remaining => remaining;

        public override ValueTask<SyscallResult> RestartAsync(LinuxTask current) => SleepForAsync(current, this);
    }
}
