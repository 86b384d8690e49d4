using System.Runtime.InteropServices;

namespace Kennel.Abi;

/// <summary>struct timespec.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct TimeSpec
{
    public long Seconds, Nanoseconds;

    /// <summary>Whether the kernel takes it as a time: not negative, less than a second of nanoseconds.</summary>
    public readonly bool IsValid => Seconds >= 0 && (ulong)Nanoseconds < 1_000_000_000;

    /// <summary>In nanoseconds; times too far away become the greatest value (Linux: timespec64_to_ktime, KTIME_MAX).</summary>
    public readonly long ToNanoseconds() =>
        Seconds >= long.MaxValue / 1_000_000_000 ? long.MaxValue : (Seconds * 1_000_000_000) + Nanoseconds;

    /// <summary>From nanoseconds.</summary>
    public static TimeSpec From(long nanoseconds) =>
        new() { Seconds = Math.DivRem(nanoseconds, 1_000_000_000, out long rest), Nanoseconds = rest };
}

/// <summary>struct timeval.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct TimeVal
{
    public long Seconds, Microseconds;

    /// <summary>Whether the kernel takes it as a time.</summary>
    public readonly bool IsValid => Seconds >= 0 && (ulong)Microseconds < 1_000_000;

    /// <summary>In nanoseconds; times too far away become the greatest value.</summary>
    public readonly long ToNanoseconds() =>
        Seconds >= long.MaxValue / 1_000_000_000 ? long.MaxValue : (Seconds * 1_000_000_000) + (Microseconds * 1000);

    /// <summary>From nanoseconds, cut to microseconds.</summary>
    public static TimeVal From(long nanoseconds) =>
        new() { Seconds = Math.DivRem(nanoseconds, 1_000_000_000, out long rest), Microseconds = rest / 1000 };
}

/// <summary>struct itimerval: period and time left.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct IntervalTimeVal
{
    public TimeVal Interval, Value;
}

/// <summary>struct itimerspec: period and time left.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct IntervalTimeSpec
{
    public TimeSpec Interval, Value;
}
