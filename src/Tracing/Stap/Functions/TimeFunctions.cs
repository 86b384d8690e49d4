using System.Globalization;
using Kennel.Tracing.Stap.Runtime;

namespace Kennel.Tracing.Stap.Functions;

/// <summary>Clocks and calendars (man 3stap, tapset::timestamp, tapset::ctime).</summary>
internal static class TimeFunctions
{
    private const long Second = 1_000_000_000;

    [StapFunction("gettimeofday_s")]
    public static long Seconds(StapRuntime rt) => rt.Target.WallClock / Second;

    [StapFunction("gettimeofday_ms")]
    public static long Milliseconds(StapRuntime rt) => rt.Target.WallClock / 1_000_000;

    [StapFunction("gettimeofday_us")]
    public static long Microseconds(StapRuntime rt) => rt.Target.WallClock / 1000;

    [StapFunction("gettimeofday_ns")]
    public static long Nanoseconds(StapRuntime rt) => rt.Target.WallClock;

    [StapFunction("local_clock_s"), StapFunction("ktime_get_s")]
    public static long LocalSeconds(StapRuntime rt) => rt.Target.Now / Second;

    [StapFunction("local_clock_ms")]
    public static long LocalMilliseconds(StapRuntime rt) => rt.Target.Now / 1_000_000;

    [StapFunction("local_clock_us")]
    public static long LocalMicroseconds(StapRuntime rt) => rt.Target.Now / 1000;

    [StapFunction("local_clock_ns"), StapFunction("ktime_get_ns"), StapFunction("ktime_get_real_ns")]
    public static long LocalNanoseconds(StapRuntime rt) => rt.Target.Now;

    [StapFunction("cpu_clock_s")]
    public static long CpuSeconds(StapRuntime rt, long cpu) => rt.Target.Now / Second;

    [StapFunction("cpu_clock_ms")]
    public static long CpuMilliseconds(StapRuntime rt, long cpu) => rt.Target.Now / 1_000_000;

    [StapFunction("cpu_clock_us")]
    public static long CpuMicroseconds(StapRuntime rt, long cpu) => rt.Target.Now / 1000;

    [StapFunction("cpu_clock_ns")]
    public static long CpuNanoseconds(StapRuntime rt, long cpu) => rt.Target.Now;

    [StapFunction("jiffies")]
    public static long Jiffies(StapRuntime rt) => rt.Target.Now / 10_000_000;

    [StapFunction("HZ")]
    public static long Hertz(StapRuntime rt) => 100;

    [StapFunction("ctime")]
    public static string Calendar(StapRuntime rt, long seconds)
    {
        if (seconds is < -62_135_596_800 or > 253_402_300_799) throw new StapError($"epochsecs {seconds} out of range");
        DateTime time = DateTimeOffset.FromUnixTimeSeconds(seconds).UtcDateTime;
        return time.ToString("ddd MMM ", CultureInfo.InvariantCulture) + time.Day.ToString(CultureInfo.InvariantCulture).PadLeft(2) + time.ToString(" HH:mm:ss yyyy", CultureInfo.InvariantCulture);
    }

    [StapFunction("ctime")]
    public static string Calendar(StapRuntime rt) => Calendar(rt, Seconds(rt));

    [StapFunction("tz_ctime")]
    public static string LocalCalendar(StapRuntime rt, long seconds) => Calendar(rt, seconds) + " UTC";

    [StapFunction("tz_gmtoff")]
    public static long ZoneOffset(StapRuntime rt) => 0;

    [StapFunction("tz_name")]
    public static string ZoneName(StapRuntime rt) => "UTC";

    [StapFunction("cputime_to_msecs")]
    public static long ToMilliseconds(StapRuntime rt, long cputime) => cputime / 1_000_000;

    [StapFunction("cputime_to_usecs")]
    public static long ToMicroseconds(StapRuntime rt, long cputime) => cputime / 1000;

    [StapFunction("msecs_to_string")]
    public static string MillisecondsText(StapRuntime rt, long msecs) =>
        $"{msecs / 60_000}m{(msecs / 1000) % 60}.{msecs % 1000:d3}s";

    [StapFunction("usecs_to_string")]
    public static string MicrosecondsText(StapRuntime rt, long usecs) => $"{usecs / 60_000_000}m{(usecs / 1_000_000) % 60}.{usecs % 1_000_000:d6}s";

    [StapFunction("nsecs_to_string")]
    public static string NanosecondsText(StapRuntime rt, long nsecs) => $"{nsecs / (60 * Second)}m{(nsecs / Second) % 60}.{nsecs % Second:d9}s";

    [StapFunction("cputime_to_string")]
    public static string CpuTimeText(StapRuntime rt, long cputime) => MillisecondsText(rt, cputime / 1_000_000);

    [StapFunction("indent", Acts = true)]
    public static string Indent(StapRuntime rt, long delta) => rt.Indents.Next(-1, "", delta, Microseconds(rt));

    [StapFunction("thread_indent", Acts = true)]
    public static string ThreadIndent(StapRuntime rt, long delta) =>
        rt.Cut(rt.Indents.Next(rt.Task.ThreadId, $"{StapStrings.From(rt.Task.Name)}({rt.Task.ThreadId})", delta, Microseconds(rt)));

    [StapFunction("indent_depth", Acts = true)]
    public static long IndentDepth(StapRuntime rt, long delta) => rt.Indents.Depth(-2, delta);

    [StapFunction("thread_indent_depth", Acts = true)]
    public static long ThreadIndentDepth(StapRuntime rt, long delta) => rt.Indents.Depth(((long)rt.Task.ThreadId << 1) | 1, delta);
}

/// <summary>Depths of indent() and its kin, one for each thread.</summary>
internal sealed class StapIndents
{
    private readonly Dictionary<long, (long Depth, long Start)> _depths = [];

    /// <summary>Deeper before it is shown, back only behind.</summary>
    public string Next(long index, string name, long delta, long now)
    {
        if (!_depths.TryGetValue(index, out (long Depth, long Start) state) || state.Depth == 0) state = (0, now);
        long shown = state.Depth + Math.Max(delta, 0);
        _depths[index] = (state.Depth + delta, state.Start);
        return $"{now - state.Start,6} {name}:{new string(' ', (int)Math.Clamp(shown - 1, 0, 500))}";
    }

    public long Depth(long index, long delta)
    {
        long depth = _depths.GetValueOrDefault(index).Depth + delta;
        _depths[index] = (depth, 0);
        return delta > 0 ? depth : depth - delta;
    }
}
