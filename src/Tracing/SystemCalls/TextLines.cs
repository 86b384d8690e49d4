using System.Globalization;
using Kennel.Abi;
using Kennel.Tracing.SystemCalls.Tables;

namespace Kennel.Tracing.SystemCalls;

/// <summary>
/// strace's text. A call's line is begun when the call is, and ended when it returns; when another thread has something to say meanwhile,
/// it is left <c>&lt;unfinished ...&gt;</c> and taken up again as <c>&lt;... resumed&gt;</c>.
/// </summary>
internal sealed class TextLines(StraceOptions options, PrintSettings settings, TextWriter output, TextWriter messages) : StraceLines
{
    private const long Second = 1_000_000_000;

    private readonly CallPrinter _printer = new(settings);
    private readonly CallStatuses _statuses = options.Expressions.Statuses ?? options.Statuses;
    private readonly QuietMessages _quiet = options.Quiet | options.Expressions.Quiet;

    // On a terminal a call that sleeps is to be seen; what goes to a file goes in large pieces.
    private readonly bool _isWatched = !options.AlwaysPid && !options.IsSplit;
    private TracedThread? _open;
    private int _column;
    private long _last = -1;

    public override void Attached(TracedThread thread, int live)
    {
        if ((_quiet & QuietMessages.Attach) != 0) return;
        output.Flush();
        messages.Write($"strace: Process {thread.Id} attached\n");
        messages.Flush();
    }

    public override void Entered(TracedThread thread, long time, int live)
    {
        CallShape call = thread.Call!;
        Prepare(thread, exiting: false, 0);
        thread.Before = _printer.Before = call.LengthAt < 0 ? null : _printer.ReadInt(thread.Arguments[call.LengthAt]);
        thread.Written = WriteEntry(call);
        string text = $"{call.Name}({_printer.Out}";
        if (HoldsLines)
        {
            thread.Held = text;
            return;
        }
        Begin(thread, time, live, call.Number);
        Put(text);
        _open = thread;
        if (_isWatched) output.Flush();
    }

    public override void Returned(TracedThread thread, long result, long time, int live)
    {
        CallShape call = thread.Call!;
        Prepare(thread, exiting: true, result);
        if ((_statuses & (_printer.Failed ? CallStatuses.Failed : CallStatuses.Successful)) == 0) return;
        Resume(thread, time, live);
        call.WriteExit(_printer, thread.Written);
        Put(_printer.Out.ToString());
        _printer.Out.Clear();
        Put(")");
        Result((IsRaw(call) ? RawResult(_printer) : ResultText(_printer, call)) + Tampering(thread) + Duration(thread, time));
        DataDump.Append(output, _printer, call.Number, options.Expressions);
        if (options.Stacks) Stack(thread);
        _open = null;
    }

    public override void FirstProgram(TracedThread thread, CallShape execve, string path, long time, int live)
    {
        if ((_statuses & CallStatuses.Successful) == 0) return;
        Prepare(thread, exiting: false, 0);
        (ulong arguments, ulong environment) = InitialStack(_printer);
        Begin(thread, time, live, execve.Number);
        Quoting.Append(_printer.Out, System.Text.Encoding.UTF8.GetBytes(path), settings.Hex);
        _printer.Text(", ");
        execve.Arguments[1].Write(_printer, arguments);
        _printer.Text(", ");
        execve.Arguments[2].Write(_printer, environment);
        Put($"execve({_printer.Out})");
        Result("0");
    }

    public override void Signal(TracedThread thread, in SignalInfo info, long time, int live)
    {
        Begin(thread, time, live);
        Put($"--- {SignalText.Name(info.Number)} {SignalText.Info(info)} ---");
        EndLine();
    }

    public override void Stopped(TracedThread thread, int signal, long time, int live)
    {
        Begin(thread, time, live);
        Put($"--- stopped by {SignalText.Name(signal)} ---");
        EndLine();
    }

    public override void Abandoned(TracedThread thread, long time, int live)
    {
        if ((_statuses & CallStatuses.Unfinished) == 0) return;
        Resume(thread, time, live);
        if (thread.Written < thread.Call!.Arguments.Length) Put(" <unfinished ...>");
        Put(")");
        Result("?");
        _open = null;
    }

    public override void Exited(TracedThread thread, WaitStatus status, long time, int live)
    {
        if ((_quiet & QuietMessages.Exit) != 0) return;
        Begin(thread, time, live);
        string core = status.CoreDumped ? " (core dumped)" : "";
        Put(status.HasExited ? $"+++ exited with {status.ExitCode} +++" : $"+++ killed by {SignalText.Name((int)status.TerminationSignal)}{core} +++");
        EndLine();
    }

    public override void Detached(TracedThread thread)
    {
        if (_open == thread)
        {
            Put(" <detached ...>");
            EndLine();
            _open = null;
        }
        if ((_quiet & QuietMessages.Attach) != 0) return;
        output.Flush();
        messages.Write($"strace: Process {thread.Id} detached\n");
        messages.Flush();
    }

    public override void Finish() => output.Flush();

    /// <summary>Ends an output that is its own.</summary>
    public void Close() => output.Dispose();

    // What is shown depends on how the call ends.
    private bool HoldsLines => _statuses != CallStatuses.All;

    private bool IsRaw(CallShape call) => options.Expressions.IsRaw(call.Number);

    private int WriteEntry(CallShape call)
    {
        if (!IsRaw(call)) return call.WriteEntry(_printer);
        for (int i = 0; i < Math.Min(call.Arguments.Length, _printer.A.Length); i++) _printer.Text(i == 0 ? Xlat.Hex(_printer.A[i]) : ", " + Xlat.Hex(_printer.A[i]));
        return call.Arguments.Length;
    }

    private static string RawResult(CallPrinter p) => p.Failed ? ErrorNames.Result((int)-p.Result) : Xlat.Hex((ulong)p.Result);

    private void Prepare(TracedThread thread, bool exiting, long result) => _printer.Begin(thread, exiting, result, options.Expressions.IsVerbose(thread.Number));

    // Goes on with the line of a call, or begins another one for its second half.
    private void Resume(TracedThread thread, long time, int live)
    {
        if (_open == thread) return;
        Begin(thread, time, live, thread.Call!.Number);
        if (HoldsLines) Put(thread.Held);
        else Put($"<... {thread.Call!.Name} resumed>");
    }

    private void Begin(TracedThread thread, long time, int live, int call = TracedThread.NoCall)
    {
        if (_open != null)
        {
            output.Write(" <unfinished ...>\n");
            _open.IsUnfinished = true;
            _open = null;
        }
        _column = 0;
        if (options.AlwaysPid) Put($"{thread.Id,-5} ");
        else if (live > 1) Put($"[pid {thread.Id,5}] ");
        Put(Moment(time));
        if (call != TracedThread.NoCall) thread.LastNumber = call;
        if (options.CallNumber) Put(thread.LastNumber < 0 ? "[????] " : string.Create(CultureInfo.InvariantCulture, $"[{thread.LastNumber,4}] "));
        if (options.InstructionPointer) Put(thread.HasEnded ? "[????????????????] " : $"[{thread.Task.Register(16):x16}] ");
    }

    private string Moment(long time)
    {
        if (options.Times == TimeStamps.None) return "";
        if (options.Times == TimeStamps.Relative)
        {
            long since = _last < 0 ? 0 : time - _last;
            _last = time;
            return string.Create(CultureInfo.InvariantCulture, $"{since / Second,6}{Fraction(since, options.TimeDigits)} ");
        }
        long wall = Target.WallClock - Target.Now + time;
        if (options.Times == TimeStamps.Epoch) return string.Create(CultureInfo.InvariantCulture, $"{wall / Second}{Fraction(wall, options.TimeDigits)} ");
        string clock = DateTimeOffset.FromUnixTimeSeconds(wall / Second).ToLocalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture);
        return options.Times == TimeStamps.Seconds ? clock + " " : $"{clock}{Fraction(wall, options.TimeDigits)} ";
    }

    // Behind the second: a point and so many digits.
    private static string Fraction(long nanoseconds, int digits) =>
        digits == 0 ? "" : "." + (nanoseconds % Second).ToString("d9", CultureInfo.InvariantCulture)[..digits];

    private static string Tampering(TracedThread thread) => (thread.IsInjected ? " (INJECTED)" : "") + (thread.IsDelayed ? " (DELAYED)" : "");

    private string Duration(TracedThread thread, long time)
    {
        if (!options.CallTimes) return "";
        long taken = Math.Max(0, time - thread.EntryTime);
        return string.Create(CultureInfo.InvariantCulture, $" <{taken / Second}{Fraction(taken, options.CallTimeDigits)}>");
    }

    private void Stack(TracedThread thread)
    {
        Span<ulong> frames = stackalloc ulong[64];
        int count = thread.Task.UserStack(frames);
        foreach (ulong address in frames[..count])
        {
            string place = thread.Task.FindUserSymbol(address) is not { } symbol ? " > unexpected_backtracing_error"
                : symbol.Name.Length == 0 ? $" > {symbol.Path}() [0x{symbol.FileOffset:x}]"
                : $" > {symbol.Path}({symbol.Name}+0x{address - symbol.Start:x}) [0x{symbol.FileOffset:x}]";
            output.Write(place + "\n");
        }
    }

    private void Result(string text)
    {
        Put(" ");
        if (_column < options.Column) Put(new string(' ', options.Column - _column));
        Put("= " + text);
        EndLine();
    }

    private void Put(string text)
    {
        output.Write(text);
        _column += text.Length;
    }

    private void EndLine()
    {
        output.Write('\n');
        if (_isWatched) output.Flush();
        _column = 0;
    }
}
