using Kennel.Abi;
using Kennel.Memory;
using Kennel.Tasks;
using Kennel.Time;

namespace Kennel.Syscalls;

/// <summary>What time it is. The guest cannot set it.</summary>
public static class ClockSyscalls
{
    private const long NanosecondsPerTick = 10_000_000;

    [Syscall(228, "clock_gettime")]
    public static SyscallResult GetTime(LinuxTask current, ClockId clock, UserPtr<TimeSpec> time)
    {
        Errno error = Clocks.Read(current, clock, out long now);
        if (error != Errno.None) return error;
        return time.TryWrite(current.Memory, TimeSpec.From(now)) ? 0 : Errno.EFAULT;
    }

    [Syscall(229, "clock_getres")]
    public static SyscallResult GetResolution(LinuxTask current, ClockId clock, UserPtr<TimeSpec> resolution)
    {
        Errno error = Clocks.Read(current, clock, out _);
        if (error != Errno.None) return error;
        long value = clock is ClockId.RealtimeCoarse or ClockId.MonotonicCoarse ? Clocks.CoarseResolution : 1;
        return resolution.IsNull || resolution.TryWrite(current.Memory, TimeSpec.From(value)) ? 0 : Errno.EFAULT;
    }

    [Syscall(227, "clock_settime")]
    public static SyscallResult SetTime(LinuxTask current, ClockId clock, UserPtr<TimeSpec> time)
    {
        if (clock != ClockId.Realtime) return Errno.EINVAL;
        if (!time.TryRead(current.Memory, out TimeSpec value)) return Errno.EFAULT;
        return value.IsValid ? Errno.EPERM : Errno.EINVAL;
    }

    [Syscall(305, "clock_adjtime")]
    public static SyscallResult AdjustClock(LinuxTask current, ClockId clock, GuestAddress adjustment) => Errno.EPERM;

    [Syscall(159, "adjtimex")]
    public static SyscallResult Adjust(LinuxTask current, GuestAddress adjustment) => Errno.EPERM;

    [Syscall(96, "gettimeofday")]
    public static SyscallResult GetTimeOfDay(LinuxTask current, UserPtr<TimeVal> time, UserPtr<ulong> zone)
    {
        if (!time.IsNull && !time.TryWrite(current.Memory, TimeVal.From(current.Kernel.Time.Realtime))) return Errno.EFAULT;
        return zone.IsNull || zone.TryWrite(current.Memory, 0UL) ? 0 : Errno.EFAULT;
    }

    [Syscall(164, "settimeofday")]
    public static SyscallResult SetTimeOfDay(LinuxTask current, GuestAddress time, GuestAddress zone) => Errno.EPERM;

    [Syscall(201, "time")]
    public static SyscallResult Seconds(LinuxTask current, UserPtr<long> time)
    {
        long now = current.Kernel.Time.Realtime / 1_000_000_000;
        return time.IsNull || time.TryWrite(current.Memory, now) ? now : Errno.EFAULT;
    }

    /// <summary>CPU times in ticks of 1/100 s; the result counts ticks since boot.</summary>
    [Syscall(100, "times")]
    public static SyscallResult Times(LinuxTask current, UserPtr<long> buffer)
    {
        current.SettleAccounting();
        UsageCounters own = current.Group.Usage;
        UsageCounters children = current.Group.WaitedChildren;
        ReadOnlySpan<long> record =
        [
            own.UserTime / NanosecondsPerTick, own.SystemTime / NanosecondsPerTick,
            children.UserTime / NanosecondsPerTick, children.SystemTime / NanosecondsPerTick,
        ];
        if (!buffer.IsNull && !buffer.TryWrite(current.Memory, record)) return Errno.EFAULT;
        return current.Kernel.Time.Monotonic / NanosecondsPerTick;
    }
}
