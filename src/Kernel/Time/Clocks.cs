using Kennel.Abi;
using Kennel.Tasks;

namespace Kennel.Time;

/// <summary>CLOCK_* (man 2 clock_gettime). Negative numbers are CPU-time clocks of a process or thread.</summary>
public enum ClockId
{
    Realtime = 0,
    Monotonic = 1,
    ProcessCpuTime = 2,
    ThreadCpuTime = 3,
    MonotonicRaw = 4,
    RealtimeCoarse = 5,
    MonotonicCoarse = 6,
    BootTime = 7,
    RealtimeAlarm = 8,
    BootTimeAlarm = 9,
    Tai = 11,
}

/// <summary>Reading the clocks that programs know.</summary>
public static class Clocks
{
    /// <summary>What the coarse clocks count in: a tick of 4 ms (CONFIG_HZ 250).</summary>
    public const long CoarseResolution = 4_000_000;

    // A CPU clock's number: the id's complement, shifted, then bit 2 for a thread, then what it counts (Linux: posix-timers_types.h).
    private const int ThreadBit = 4, KindMask = 3, KindCount = 3;

    /// <summary>The time of a clock in nanoseconds: EINVAL for a clock that does not exist.</summary>
    public static Errno Read(LinuxTask current, ClockId id, out long nanoseconds)
    {
        Timekeeper time = current.Kernel.Time;
        nanoseconds = 0;
        switch (id)
        {
            case ClockId.Realtime:
            case ClockId.RealtimeAlarm:
            case ClockId.Tai:
                nanoseconds = time.Realtime;
                return Errno.None;
            case ClockId.Monotonic:
            case ClockId.MonotonicRaw:
            case ClockId.BootTime:
            case ClockId.BootTimeAlarm:
                nanoseconds = time.Monotonic;
                return Errno.None;
            case ClockId.RealtimeCoarse:
                nanoseconds = time.Realtime / CoarseResolution * CoarseResolution;
                return Errno.None;
            case ClockId.MonotonicCoarse:
                nanoseconds = time.Monotonic / CoarseResolution * CoarseResolution;
                return Errno.None;
        }
        Errno error = FindCpuClock(current, id, out CpuClock clock);
        if (error == Errno.None) nanoseconds = clock.Read();
        return error;
    }

    /// <summary>Whether it counts CPU time.</summary>
    public static bool IsCpuClock(ClockId id) => id is ClockId.ProcessCpuTime or ClockId.ThreadCpuTime || (int)id < 0;

    /// <summary>Whether it follows the time of day.</summary>
    public static bool IsRealtime(ClockId id) => id is ClockId.Realtime or ClockId.RealtimeAlarm or ClockId.Tai;

    /// <summary>Whether timers can run on it, other than CPU-time ones: EINVAL, or EOPNOTSUPP for clocks that can only be read.</summary>
    public static Errno CheckTimer(ClockId id) => id switch
    {
        ClockId.Realtime or ClockId.Monotonic or ClockId.BootTime or ClockId.Tai => Errno.None,
        ClockId.RealtimeAlarm or ClockId.BootTimeAlarm => Errno.None,
        ClockId.MonotonicRaw or ClockId.RealtimeCoarse or ClockId.MonotonicCoarse => Errno.EOPNOTSUPP,
        _ => Errno.EINVAL,
    };

    /// <summary>A time of a clock as monotonic time.</summary>
    public static long ToMonotonic(Timekeeper time, ClockId id, long nanoseconds) =>
        IsRealtime(id) && nanoseconds != long.MaxValue ? nanoseconds - time.RealtimeOffset : nanoseconds;

    /// <summary>The CPU-time clock behind a number. Linux: kernel/time/posix-cpu-timers.c, pid_for_clock.</summary>
    internal static Errno FindCpuClock(LinuxTask current, ClockId id, out CpuClock clock)
    {
        clock = id switch
        {
            ClockId.ProcessCpuTime => new CpuClock(current, IsThread: false, CpuClockKind.All),
            ClockId.ThreadCpuTime => new CpuClock(current, IsThread: true, CpuClockKind.All),
            _ => default,
        };
        if (clock.Task != null) return Errno.None;
        int number = (int)id;
        if (number >= 0 || (number & KindMask) == KindCount) return Errno.EINVAL;
        bool isThread = (number & ThreadBit) != 0;
        int pid = ~(number >> 3);
        LinuxTask? task = pid == 0 ? current : current.Find(pid);
        if (task == null || (isThread && task.Group != current.Group) || (!isThread && pid != 0 && !task.IsGroupLeader)) return Errno.EINVAL;
        clock = new CpuClock(task, isThread, (CpuClockKind)(number & KindMask));
        return Errno.None;
    }
}

/// <summary>What a CPU-time clock counts.</summary>
internal enum CpuClockKind
{
    /// <summary>User and system time, by ticks (CPUCLOCK_PROF).</summary>
    UserAndSystem = 0,

    /// <summary>User time (CPUCLOCK_VIRT).</summary>
    User = 1,

    /// <summary>All of it (CPUCLOCK_SCHED).</summary>
    All = 2,
}

/// <summary>The CPU time of a thread or of its process.</summary>
internal readonly record struct CpuClock(LinuxTask Task, bool IsThread, CpuClockKind Kind)
{
    /// <summary>Nanoseconds used.</summary>
    public long Read()
    {
        Task.Kernel.Current?.SettleAccounting();
        UsageCounters usage = IsThread ? Task.Accounting.Counters : Task.Group.Usage;
        return Kind == CpuClockKind.User ? usage.UserTime : usage.CpuTime;
    }
}
