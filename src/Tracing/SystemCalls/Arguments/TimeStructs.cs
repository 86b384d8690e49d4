using System.Globalization;
using Kennel.Tracing.SystemCalls.Tables;

namespace Kennel.Tracing.SystemCalls.Arguments;

/// <summary>Times, timers, usage and limits.</summary>
internal static class TimeStructs
{
    public const int TimeSpecSize = 16;

    public static readonly Arg InSpec = Plain.In(16, SpecFields);

    public static readonly Arg OutSpec = Plain.Out(16, SpecFields);

    public static readonly Arg InVal = Plain.In(16, ValFields);

    public static readonly Arg OutVal = Plain.Out(16, ValFields);

    public static readonly Arg InIntervalSpec = Plain.In(32, IntervalSpecFields);

    public static readonly Arg OutIntervalSpec = Plain.Out(32, IntervalSpecFields);

    public static readonly Arg InIntervalVal = Plain.In(32, IntervalValFields);

    public static readonly Arg OutIntervalVal = Plain.Out(32, IntervalValFields);

    /// <summary>What is left of a sleep: written only when the sleep was cut short.</summary>
    public static readonly Arg Remaining = Plain.Exit(static (p, v) =>
    {
        if (p.Result is -4 or -516) WriteSpec(p, v);
        else p.Address(v);
    });

    public static readonly Arg OutUsage = Plain.Exit(static (p, v) => WriteUsage(p, v, !p.Failed));

    public static readonly Arg InLimit = Plain.In(16, LimitFields(64));

    public static readonly Arg OutLimit = Plain.Out(16, LimitFields(64));

    public static readonly Arg InOldLimit = Plain.In(16, LimitFields(0));

    public static readonly Arg OutOldLimit = Plain.Out(16, LimitFields(0));

    /// <summary>A time that is written when the call has returned, whether it failed or not.</summary>
    public static readonly Arg LateSpec = Plain.Exit(WriteSpec);

    public static void SpecFields(CallPrinter p, Record r) => p.Text($"tv_sec={r.S64(0)}, tv_nsec={r.S64(8)}");

    public static void ValFields(CallPrinter p, Record r) => p.Text($"tv_sec={r.S64(0)}, tv_usec={r.S64(8)}");

    public static void WriteUsage(CallPrinter p, ulong address, bool written)
    {
        if (!written)
        {
            p.Address(address);
            return;
        }
        p.Struct(address, 144, static (p, r) =>
        {
            p.Text("ru_utime={");
            ValFields(p, r);
            p.Text($"}}, ru_stime={{tv_sec={r.S64(16)}, tv_usec={r.S64(24)}}}, ");
            if (!p.Settings.Verbose)
            {
                p.Text("...");
                return;
            }
            string[] names = ["maxrss", "ixrss", "idrss", "isrss", "minflt", "majflt", "nswap", "inblock", "oublock", "msgsnd", "msgrcv", "nsignals", "nvcsw", "nivcsw"];
            for (int i = 0; i < names.Length; i++) p.Text($"{(i == 0 ? "" : ", ")}ru_{names[i]}={r.S64(32 + (i * 8))}");
        });
    }

    /// <summary>The times of utimensat: two, with UTIME_NOW and UTIME_OMIT.</summary>
    public static readonly Arg FileTimes = new(static (p, v) =>
    {
        if (v == 0 || p.Read(v, 32) is not { } bytes)
        {
            p.Address(v);
            return;
        }
        var r = new Record(bytes);
        p.Text("[");
        WriteFileTime(p, r.S64(0), r.S64(8));
        p.Text(", ");
        WriteFileTime(p, r.S64(16), r.S64(24));
        p.Text("]");
    });

    /// <summary>The times of utimes: two, in microseconds.</summary>
    public static readonly Arg FileTimeVals = new(static (p, v) =>
    {
        if (v == 0 || p.Read(v, 32) is not { } bytes)
        {
            p.Address(v);
            return;
        }
        var r = new Record(bytes);
        p.Text($"[{{tv_sec={r.S64(0)}, tv_usec={r.S64(8)}}}{Moment(r.S64(0), r.S64(8) * 1000, 6)}, {{tv_sec={r.S64(16)}, tv_usec={r.S64(24)}}}{Moment(r.S64(16), r.S64(24) * 1000, 6)}]");
    });

    /// <summary>The comment behind a moment: <c> /* 2023-01-01T00:00:00.5+0000 */</c>.</summary>
    public static string Moment(long seconds, long nanoseconds, int digits)
    {
        if (seconds is < -62135596800 or > 253402300799 || (seconds == 0 && nanoseconds == 0) || nanoseconds is < 0 or > 999_999_999) return "";
        DateTimeOffset time = DateTimeOffset.FromUnixTimeSeconds(seconds).ToLocalTime();
        string fraction = nanoseconds == 0 ? "" : "." + nanoseconds.ToString("d9", CultureInfo.InvariantCulture)[..digits];
        string zone = time.ToString("zzz", CultureInfo.InvariantCulture).Replace(":", "", StringComparison.Ordinal);
        return $" /* {time.ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture)}{fraction}{zone} */";
    }

    /// <summary>A limit's number: multiples of 1024 as such.</summary>
    public static string Limit(ulong value, int bits)
    {
        if (value == ulong.MaxValue) return bits == 64 ? "RLIM64_INFINITY" : "RLIM_INFINITY";
        return value > 1024 && value % 1024 == 0 ? $"{value / 1024}*1024" : value.ToString(CultureInfo.InvariantCulture);
    }

    private static Action<CallPrinter, Record> LimitFields(int bits) =>
        (p, r) => p.Text($"rlim_cur={Limit(r.U64(0), bits)}, rlim_max={Limit(r.U64(8), bits)}");

    private static void IntervalSpecFields(CallPrinter p, Record r) =>
        p.Text($"it_interval={{tv_sec={r.S64(0)}, tv_nsec={r.S64(8)}}}, it_value={{tv_sec={r.S64(16)}, tv_nsec={r.S64(24)}}}");

    private static void IntervalValFields(CallPrinter p, Record r) =>
        p.Text($"it_interval={{tv_sec={r.S64(0)}, tv_usec={r.S64(8)}}}, it_value={{tv_sec={r.S64(16)}, tv_usec={r.S64(24)}}}");

    private static void WriteSpec(CallPrinter p, ulong address)
    {
        if (p.Read(address, 16) is not { } bytes)
        {
            p.Address(address);
            return;
        }
        p.Text("{");
        SpecFields(p, new Record(bytes));
        p.Text("}");
    }

    private static void WriteFileTime(CallPrinter p, long seconds, long nanoseconds)
    {
        const long Now = 0x3fffffff, Omit = 0x3ffffffe;
        if (nanoseconds == Now) p.Text("UTIME_NOW");
        else if (nanoseconds == Omit) p.Text("UTIME_OMIT");
        else p.Text($"{{tv_sec={seconds}, tv_nsec={nanoseconds}}}{Moment(seconds, nanoseconds, 9)}");
    }

    /// <summary>sigevent.</summary>
    public static readonly Arg SignalEvent = Plain.In(64, static (p, r) =>
    {
        ulong value = r.U64(0);
        if (value != 0) p.Text($"sigev_value={{sival_int={(int)value}, sival_ptr={Xlat.Hex(value)}}}, ");
        p.Text($"sigev_signo={SignalText.Name(r.S32(8))}, ");
        p.Text($"sigev_notify={TimeNames.SignalEventKinds.Value(r.U32(12))}");
        if (r.U32(12) == 4) p.Text($", sigev_notify_thread_id={r.S32(16)}");
        if (r.U32(12) == 2) p.Text($", sigev_notify_function={Xlat.Hex(r.U64(16))}, sigev_notify_attributes={(r.U64(24) == 0 ? "NULL" : Xlat.Hex(r.U64(24)))}");
    });
}
