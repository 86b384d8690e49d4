using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Kennel.Abi;
using Kennel.Tracing.SystemCalls.Tables;

namespace Kennel.Tracing.SystemCalls;

/// <summary>
/// One JSON object a line: <c>event</c> (call, signal, stop, attach, exit), <c>time</c> (seconds since 1970, when it began), <c>pid</c> and
/// <c>tid</c>, and of a call <c>call</c>, <c>args</c> (texts as strace has them), <c>result</c>, <c>error</c>, <c>duration</c>.
/// </summary>
internal sealed class JsonLines(PrintSettings settings, TextWriter output) : StraceLines
{
    private static readonly JsonWriterOptions Format = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly CallPrinter _printer = new(settings);
    private readonly ArrayBufferWriter<byte> _bytes = new();

    public override void Attached(TracedThread thread, int live) => Write("attach", thread, Target.Now, static (_, _) => { });

    public override void Entered(TracedThread thread, long time, int live)
    {
        Prepare(thread, exiting: false, 0);
        thread.Before = thread.Call!.LengthAt < 0 ? null : _printer.ReadInt(thread.Arguments[thread.Call.LengthAt]);
        thread.Written = thread.Call.WriteEntry(_printer);
        thread.Held = _printer.Out.ToString();
    }

    public override void Returned(TracedThread thread, long result, long time, int live)
    {
        CallShape call = thread.Call!;
        Prepare(thread, exiting: true, result);
        _printer.Out.Append(thread.Held);
        call.WriteExit(_printer, thread.Written);
        Write("call", thread, thread.EntryTime, (w, _) =>
        {
            WriteCall(w, call.Name);
            w.WriteNumber("result", _printer.Failed ? -1 : result);
            w.WriteString("text", ResultText(_printer, call));
            if (_printer.Failed) w.WriteString("error", ErrorNames.Name((int)-result));
            w.WriteNumber("duration", (time - thread.EntryTime) / 1e9);
            if (thread.IsInjected) w.WriteBoolean("injected", true);
        });
    }

    public override void FirstProgram(TracedThread thread, CallShape execve, string path, long time, int live)
    {
        Prepare(thread, exiting: false, 0);
        (ulong arguments, ulong environment) = InitialStack(_printer);
        Quoting.Append(_printer.Out, Encoding.UTF8.GetBytes(path), settings.Hex);
        _printer.Text(", ");
        execve.Arguments[1].Write(_printer, arguments);
        _printer.Text(", ");
        execve.Arguments[2].Write(_printer, environment);
        Write("call", thread, time, (w, _) =>
        {
            WriteCall(w, execve.Name);
            w.WriteNumber("result", 0);
        });
    }

    public override void Signal(TracedThread thread, in SignalInfo info, long time, int live)
    {
        SignalInfo copy = info;
        Write("signal", thread, time, (w, _) =>
        {
            w.WriteString("signal", SignalText.Name(copy.Number));
            w.WriteString("info", SignalText.Info(copy));
        });
    }

    public override void Stopped(TracedThread thread, int signal, long time, int live) =>
        Write("stop", thread, time, (w, _) => w.WriteString("signal", SignalText.Name(signal)));

    public override void Abandoned(TracedThread thread, long time, int live)
    {
        Prepare(thread, exiting: true, 0);
        _printer.Out.Append(thread.Held);
        Write("call", thread, thread.EntryTime, (w, t) => WriteCall(w, t.Call!.Name));
    }

    public override void Exited(TracedThread thread, WaitStatus status, long time, int live)
    {
        Write("exit", thread, time, (w, _) =>
        {
            if (status.HasExited) w.WriteNumber("status", status.ExitCode);
            else w.WriteString("signal", SignalText.Name((int)status.TerminationSignal));
            if (status.CoreDumped) w.WriteBoolean("core", true);
        });
    }

    public override void Detached(TracedThread thread) => Write("detach", thread, Target.Now, static (_, _) => { });

    public override void Finish() => output.Flush();

    private void Prepare(TracedThread thread, bool exiting, long result) => _printer.Begin(thread, exiting, result);

    private void WriteCall(Utf8JsonWriter writer, string name)
    {
        writer.WriteString("call", name);
        writer.WriteStartArray("args");
        foreach (string argument in ArgumentTexts.Split(_printer.Out.ToString())) writer.WriteStringValue(argument);
        writer.WriteEndArray();
    }

    private void Write(string kind, TracedThread thread, long time, Action<Utf8JsonWriter, TracedThread> fields)
    {
        _bytes.ResetWrittenCount();
        using (var writer = new Utf8JsonWriter(_bytes, Format))
        {
            writer.WriteStartObject();
            writer.WriteString("event", kind);
            writer.WriteNumber("time", Math.Round((decimal)(Target.WallClock - Target.Now + time) / 1_000_000_000m, 6));
            writer.WriteNumber("pid", thread.Task.ProcessId);
            writer.WriteNumber("tid", thread.Id);
            fields(writer, thread);
            writer.WriteEndObject();
        }
        output.Write(Encoding.UTF8.GetString(_bytes.WrittenSpan));
        output.Write('\n');
    }
}
