using Kennel.Tracing.SystemCalls.Arguments;
using Kennel.Tracing.SystemCalls.Tables;
using static Kennel.Tracing.SystemCalls.Arguments.Plain;
using static Kennel.Tracing.SystemCalls.CallClass;

namespace Kennel.Tracing.SystemCalls.Calls;

/// <summary>Clocks, timers, sleeping, usage and limits.</summary>
internal static class TimeCalls
{
    private static readonly Arg ClockId = Value(TimeNames.Clocks);

    private static readonly Arg TimerId = Int;

    private static readonly Arg Zone = Out(8, static (p, r) => p.Text($"tz_minuteswest={r.S32(0)}, tz_dsttime={r.S32(4)}"));

    private static readonly Arg OutTimes = Out(32, static (p, r) => p.Text($"tms_utime={SignalText.Ticks(r.U64(0))}, tms_stime={SignalText.Ticks(r.U64(8))}, tms_cutime={SignalText.Ticks(r.U64(16))}, tms_cstime={SignalText.Ticks(r.U64(24))}"));

    private static readonly Arg OutTime = Exit(static (p, v) =>
    {
        if (p.Failed) p.Address(v);
        else p.Boxed(v, 8, static (p, r) => p.Text($"{r.S64(0)}{TimeStructs.Moment(r.S64(0), 0, 9)}"));
    });

    public static readonly CallShape[] All =
    [
        new(35, "nanosleep", Clock, TimeStructs.InSpec, TimeStructs.Remaining),
        new(36, "getitimer", None, Value(TimeNames.IntervalTimers), TimeStructs.OutIntervalVal),
        new(37, "alarm", None, UInt),
        new(38, "setitimer", None, Value(TimeNames.IntervalTimers), TimeStructs.InIntervalVal, TimeStructs.OutIntervalVal),
        new(96, "gettimeofday", Clock, TimeStructs.OutVal, Zone),
        new(97, "getrlimit", None, Value(ProcessNames.Resources), TimeStructs.OutOldLimit),
        new(98, "getrusage", None, Value(ProcessNames.UsageWho), TimeStructs.OutUsage),
        new(100, "times", None, OutTimes),
        new(159, "adjtimex", Clock, Address),
        new(160, "setrlimit", None, Value(ProcessNames.Resources), TimeStructs.InOldLimit),
        new(164, "settimeofday", Clock, TimeStructs.InVal, In(8, static (p, r) => p.Text($"tz_minuteswest={r.S32(0)}, tz_dsttime={r.S32(4)}"))),
        new(201, "time", Clock, OutTime) { Note = static p => TimeStructs.Moment(p.Result, 0, 9) is { Length: > 6 } text ? text.Trim(' ', '/', '*') : null },
        new(222, "timer_create", None, ClockId, TimeStructs.SignalEvent, OutInt),
        new(223, "timer_settime", None, TimerId, Flags(TimeNames.ClockFlags), TimeStructs.InIntervalSpec, TimeStructs.OutIntervalSpec),
        new(224, "timer_gettime", None, TimerId, TimeStructs.OutIntervalSpec),
        new(225, "timer_getoverrun", None, TimerId),
        new(226, "timer_delete", None, TimerId),
        new(227, "clock_settime", Clock, ClockId, TimeStructs.InSpec),
        new(228, "clock_gettime", Clock, ClockId, TimeStructs.OutSpec),
        new(229, "clock_getres", Clock, ClockId, TimeStructs.OutSpec),
        new(230, "clock_nanosleep", Clock, ClockId, Flags(TimeNames.ClockFlags), TimeStructs.InSpec, TimeStructs.Remaining),
        new(283, "timerfd_create", Desc, ClockId, Flags(FileNames.TimerFlags)) { Result = ResultKind.Descriptor },
        new(286, "timerfd_settime", Desc, Fd, Flags(FileNames.TimerSetFlags), TimeStructs.InIntervalSpec, TimeStructs.OutIntervalSpec),
        new(287, "timerfd_gettime", Desc, Fd, TimeStructs.OutIntervalSpec),
        new(305, "clock_adjtime", Clock, ClockId, Address),
    ];
}
