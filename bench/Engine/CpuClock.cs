using System.Runtime.InteropServices;

namespace Kennel.Bench.Engine;

/// <summary>Processor time, which other people's work on the machine disturbs less than the clock on the wall.</summary>
internal static partial class CpuClock
{
    private const int ThreadCpuTime = 3, Children = -1;

    /// <summary>Seconds that the calling thread has run.</summary>
    public static double Thread()
    {
        _ = ClockGetTime(ThreadCpuTime, out Time time);
        return time.Seconds + (time.Fraction / 1e9);
    }

    /// <summary>The same in nanoseconds.</summary>
    public static long ThreadNanoseconds()
    {
        _ = ClockGetTime(ThreadCpuTime, out Time time);
        return (time.Seconds * 1_000_000_000) + time.Fraction;
    }

    /// <summary>Seconds that finished child processes have run.</summary>
    public static double OfChildren()
    {
        _ = GetUsage(Children, out Usage usage);
        return usage.User.Seconds + usage.System.Seconds + ((usage.User.Fraction + usage.System.Fraction) / 1e6);
    }

    private struct Time
    {
        public long Seconds, Fraction;
    }

    private unsafe struct Usage
    {
        public Time User, System;
        private fixed long _rest[14];
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int ClockGetTime(int clock, out Time time);

    [LibraryImport("libc", EntryPoint = "getrusage")]
    private static partial int GetUsage(int who, out Usage usage);
}
