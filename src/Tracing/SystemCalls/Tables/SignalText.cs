using System.Text;
using Kennel.Abi;

namespace Kennel.Tracing.SystemCalls.Tables;

/// <summary>Signals, sets of them, wait statuses and siginfo as strace writes them.</summary>
internal static class SignalText
{
    private const int FirstRealtime = 32;

    /// <summary>SIGINT, SIGRTMIN, SIGRT_1; the number where there is no such signal.</summary>
    public static string Name(int signal) => signal switch
    {
        >= 1 and < FirstRealtime => ((Signal)signal).ToString(),
        FirstRealtime => "SIGRTMIN",
        > FirstRealtime and <= 64 => $"SIGRT_{signal - FirstRealtime}",
        _ => signal.ToString(System.Globalization.CultureInfo.InvariantCulture),
    };

    /// <summary>The number of a name, with or without SIG; 0 when there is none.</summary>
    public static int Find(string name)
    {
        if (int.TryParse(name, out int number)) return number is > 0 and <= 64 ? number : 0;
        string full = name.StartsWith("SIG", StringComparison.OrdinalIgnoreCase) ? name.ToUpperInvariant() : "SIG" + name.ToUpperInvariant();
        for (int i = 1; i <= 64; i++)
        {
            if (Name(i) == full) return i;
        }
        return 0;
    }

    /// <summary>A set: <c>[INT TERM]</c>; the complement where that is shorter: <c>~[KILL STOP]</c>.</summary>
    public static string Set(ulong mask)
    {
        var text = new StringBuilder();
        // Linux' own bound for turning it round: more than two thirds are in it.
        bool inverted = System.Numerics.BitOperations.PopCount(mask) >= 64 * 2 / 3;
        if (inverted)
        {
            mask = ~mask;
            text.Append('~');
        }
        text.Append('[');
        bool any = false;
        for (int i = 1; i <= 64; i++)
        {
            if ((mask >> (i - 1) & 1) == 0) continue;
            if (any) text.Append(' ');
            any = true;
            text.Append(Name(i).AsSpan(3));
        }
        return text.Append(']').ToString();
    }

    /// <summary>A status word: <c>{WIFEXITED(s) &amp;&amp; WEXITSTATUS(s) == 0}</c>.</summary>
    public static string Status(int word)
    {
        var status = new WaitStatus(word);
        if (word == 0xffff) return "{WIFCONTINUED(s)}";
        if (status.IsStopped)
        {
            int signal = (word >> 8) & 0xff;
            string which = (signal & 0x80) != 0 ? $"{Name(signal & 0x7f)} | 0x80" : Name(signal);
            int rest = word & ~0xffff;
            return $"{{WIFSTOPPED(s) && WSTOPSIG(s) == {which}}}" + (rest == 0 ? "" : $" | 0x{rest:x}");
        }
        if (status.WasSignaled) return $"{{WIFSIGNALED(s) && WTERMSIG(s) == {Name((int)status.TerminationSignal)}{(status.CoreDumped ? " && WCOREDUMP(s)" : "")}}}";
        return $"{{WIFEXITED(s) && WEXITSTATUS(s) == {status.ExitCode}}}";
    }

    /// <summary>A siginfo: <c>{si_signo=SIGCHLD, si_code=CLD_EXITED, ...}</c>.</summary>
    public static string Info(in SignalInfo info)
    {
        var text = new StringBuilder("{si_signo=").Append(Name(info.Number)).Append(", si_code=").Append(Code(info.Number, info.Code));
        if (info.Error != 0) text.Append(", si_errno=").Append(ErrorNames.Name(info.Error));
        AppendDetails(text, info);
        return text.Append('}').ToString();
    }

    private static void AppendDetails(StringBuilder text, in SignalInfo info)
    {
        switch (info.Code)
        {
            case SignalCode.User or SignalCode.Tkill:
                text.Append($", si_pid={info.Pid}, si_uid={info.Uid}");
                return;
            case SignalCode.Timer:
                text.Append($", si_timerid={Xlat.Hex((uint)info.TimerId)}, si_overrun={info.Overrun}");
                AppendValue(text, info.Value);
                return;
            case SignalCode.Queue or SignalCode.MessageQueue or < 0:
                text.Append($", si_pid={info.Pid}, si_uid={info.Uid}");
                AppendValue(text, info.Value);
                return;
        }
        switch ((Signal)info.Number)
        {
            case Signal.SIGCHLD:
                text.Append($", si_pid={info.Pid}, si_uid={info.Uid}, si_status=");
                text.Append(info.Code == SignalCode.ChildExited ? info.Status.ToString(System.Globalization.CultureInfo.InvariantCulture) : Name(info.Status));
                text.Append($", si_utime={Ticks((ulong)info.UserTicks)}, si_stime={Ticks((ulong)info.SystemTicks)}");
                break;
            case Signal.SIGILL or Signal.SIGFPE or Signal.SIGSEGV or Signal.SIGBUS or Signal.SIGTRAP:
                text.Append(", si_addr=").Append(info.Address == 0 ? "NULL" : Xlat.Hex(info.Address));
                break;
            case Signal.SIGIO:
                text.Append(", si_band=").Append(FileNames.PollEvents.Flags((ulong)info.Band)).Append($", si_fd={info.Fd}");
                break;
            default:
                if (info.Pid != 0 || info.Uid != 0) text.Append($", si_pid={info.Pid}, si_uid={info.Uid}");
                if (info.Value != 0) AppendValue(text, info.Value);
                break;
        }
    }

    /// <summary>CPU time in clock ticks, and in seconds: <c>3 /* 0.03 s */</c>.</summary>
    public static string Ticks(ulong ticks)
    {
        const ulong PerSecond = 100;
        string text = ticks.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return ticks == 0 ? text : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{text} /* {ticks / PerSecond}.{ticks % PerSecond:d2} s */");
    }

    private static void AppendValue(StringBuilder text, ulong value)
    {
        if (value != 0) text.Append($", si_int={(int)value}, si_ptr={Xlat.Hex(value)}");
    }

    private static string Code(int signal, int code)
    {
        if (SignalNames.GenericCodes.Find((uint)code) is { } generic) return generic;
        Xlat? table = (Signal)signal switch
        {
            Signal.SIGCHLD => SignalNames.ChildCodes,
            Signal.SIGSEGV => SignalNames.FaultCodes,
            Signal.SIGBUS => SignalNames.BusCodes,
            Signal.SIGFPE => SignalNames.FpeCodes,
            Signal.SIGILL => SignalNames.IllegalCodes,
            Signal.SIGTRAP => SignalNames.TrapCodes,
            Signal.SIGIO => SignalNames.PollCodes,
            _ => null,
        };
        return table?.Value((uint)code) ?? Xlat.Hex((uint)code);
    }
}
