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
    private readonly CallPrinter _printer = new(settings);
    private readonly bool _holdsLines = (options.Succeeding ?? options.Expressions.Succeeding) != null;
    private readonly int _quiet = Math.Max(options.Quiet, options.Expressions.Quiet);

    // On a terminal a call that sleeps is to be seen; what goes to a file goes in large pieces.
    private readonly bool _isWatched = !options.AlwaysPid && !options.IsSplit;
    private TracedThread? _open;
    private int _column;
    private long _last = -1;

    public override void Attached(TracedThread thread, int live)
    {
        if (_quiet > 0) return;
        output.Flush();
        messages.Write($"strace: Process {thread.Id} attached\n");
        messages.Flush();
    }

    public override void Entered(TracedThread thread, long time, int live)
    {
        CallShape call = thread.Call!;
        Prepare(thread, exiting: false, 0);
        thread.Before = _printer.Before = call.LengthAt < 0 ? null : _printer.ReadInt(thread.Arguments[call.LengthAt]);
        thread.Written = call.WriteEntry(_printer);
        string text = $"{call.Name}({_printer.Out}";
        if (_holdsLines)
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
        if (_holdsLines && _printer.Failed == (options.Succeeding ?? options.Expressions.Succeeding)) return;
        Resume(thread, time, live);
        call.WriteExit(_printer, thread.Written);
        Put(_printer.Out.ToString());
        _printer.Out.Clear();
        Put(")");
        Result(ResultText(_printer, call) + Tampering(thread) + Duration(thread, time));
        if (options.Stacks) Stack(thread);
        _open = null;
    }

    public override void FirstProgram(TracedThread thread, CallShape execve, string path, long time, int live)
    {
        if (_holdsLines && (options.Succeeding ?? options.Expressions.Succeeding) == false) return;
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
        if (_holdsLines) return;
        Resume(thread, time, live);
        if (thread.Written < thread.Call!.Arguments.Length) Put(" <unfinished ...>");
        Put(")");
        Result("?");
        _open = null;
    }

    public override void Exited(TracedThread thread, WaitStatus status, long time, int live)
    {
        if (_quiet > 1) return;
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
        if (_quiet > 0) return;
        output.Flush();
        messages.Write($"strace: Process {thread.Id} detached\n");
        messages.Flush();
    }

    public override void Finish() => output.Flush();

    /// <summary>Ends an output that is its own.</summary>
    public void Close() => output.Dispose();

    private void Prepare(TracedThread thread, bool exiting, long result)
    {
        _printer.Out.Clear();
        _printer.Task = thread.Task;
        _printer.Exiting = exiting;
        _printer.Result = result;
        _printer.Before = thread.Before;
        thread.Arguments.CopyTo(_printer.A, 0);
    }

    // Goes on with the line of a call, or begins another one for its second half.
    private void Resume(TracedThread thread, long time, int live)
    {
        if (_open == thread) return;
        Begin(thread, time, live, thread.Call!.Number);
        if (_holdsLines) Put(thread.Held);
        else Put($"<... {thread.Call!.Name} resumed>");
    }

    private void Begin(TracedThread thread, long time, int live, int call = -1)
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
        if (options.CallNumber) Put(call < 0 ? "[????] " : string.Create(CultureInfo.InvariantCulture, $"[{call,4}] "));
        if (options.InstructionPointer) Put($"[{thread.Task.Register(16):x16}] ");
    }

    private string Moment(long time)
    {
        if (options.Times == TimeStamps.None) return "";
        if (options.Times == TimeStamps.Relative)
        {
            long since = _last < 0 ? 0 : time - _last;
            _last = time;
            return string.Create(CultureInfo.InvariantCulture, $"{since / 1_000_000_000,6}.{since / 1000 % 1_000_000:d6} ");
        }
        long wall = Target.WallClock - Target.Now + time;
        long seconds = wall / 1_000_000_000, micro = wall / 1000 % 1_000_000;
        if (options.Times == TimeStamps.Epoch) return string.Create(CultureInfo.InvariantCulture, $"{seconds}.{micro:d6} ");
        string clock = DateTimeOffset.FromUnixTimeSeconds(seconds).ToLocalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture);
        return options.Times == TimeStamps.Seconds ? clock + " " : string.Create(CultureInfo.InvariantCulture, $"{clock}.{micro:d6} ");
    }

    private static string Tampering(TracedThread thread) => (thread.IsInjected ? " (INJECTED)" : "") + (thread.IsDelayed ? " (DELAYED)" : "");

    private string Duration(TracedThread thread, long time)
    {
        if (!options.CallTimes) return "";
        long taken = Math.Max(0, time - thread.EntryTime);
        return string.Create(CultureInfo.InvariantCulture, $" <{taken / 1_000_000_000}.{taken / 1000 % 1_000_000:d6}>");
    }

    private void Stack(TracedThread thread)
    {
        Span<ulong> frames = stackalloc ulong[64];
        int count = thread.Task.UserStack(frames);
        foreach (ulong address in frames[..count])
        {
            string place = thread.Task.FindUserSymbol(address) is not { } symbol ? " > unexpected_backtracing_error"
                : symbol.Name.Length == 0 ? $" > {symbol.Path}() [{Xlat.Hex(address - symbol.Start)}]"
                : $" > {symbol.Path}({symbol.Name}+{Xlat.Hex(address - symbol.Start)}) [{Xlat.Hex(address)}]";
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
