namespace Kennel.Tracing.SystemCalls.Tables;

/// <summary>Names of clocks and timers. The order is that of strace's output.</summary>
internal static class TimeNames
{
    public static readonly Xlat Clocks = new("CLOCK_???",
        [(0x0, "CLOCK_REALTIME"), (0x1, "CLOCK_MONOTONIC"), (0x2, "CLOCK_PROCESS_CPUTIME_ID"), (0x3, "CLOCK_THREAD_CPUTIME_ID"),
         (0x4, "CLOCK_MONOTONIC_RAW"), (0x5, "CLOCK_REALTIME_COARSE"), (0x6, "CLOCK_MONOTONIC_COARSE"), (0x7, "CLOCK_BOOTTIME"),
         (0x8, "CLOCK_REALTIME_ALARM"), (0x9, "CLOCK_BOOTTIME_ALARM"), (0xa, "CLOCK_SGI_CYCLE"), (0xb, "CLOCK_TAI")]);

    public static readonly Xlat ClockFlags = new("TIMER_???",
        [(0x1, "TIMER_ABSTIME")]);

    public static readonly Xlat IntervalTimers = new("ITIMER_???",
        [(0x0, "ITIMER_REAL"), (0x1, "ITIMER_VIRTUAL"), (0x2, "ITIMER_PROF")]);

    public static readonly Xlat SignalEventKinds = new("SIGEV_???",
        [(0x0, "SIGEV_SIGNAL"), (0x1, "SIGEV_NONE"), (0x2, "SIGEV_THREAD"), (0x4, "SIGEV_THREAD_ID")]);
}
