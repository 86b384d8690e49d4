using System.Buffers.Text;
using System.Text.Json;

namespace Kennel.Tracing.Timeline;

/// <summary>
/// The trace event format ("Trace Event Format", the JSON object form), which ui.perfetto.dev opens. Each thread is a track of
/// B and E events that do not nest; its system calls, which cross its states, have a track of their own; so has each processor.
/// </summary>
internal sealed class ChromeTraceWriter(TimelineOutput output) : ITimelineWriter, IDisposable
{
    // Far from any id of a task: those end at 2^30.
    private const long MachineId = 0x7fff_0000, CallsBase = 1 << 30;

    private const int FlushAt = 1 << 14;

    private static readonly JsonEncodedText Phase = JsonEncodedText.Encode("ph"), ProcessId = JsonEncodedText.Encode("pid"), ThreadId = JsonEncodedText.Encode("tid");

    private static readonly JsonEncodedText Time = JsonEncodedText.Encode("ts"), Category = JsonEncodedText.Encode("cat"), Name = JsonEncodedText.Encode("name");

    private static readonly JsonEncodedText Colour = JsonEncodedText.Encode("cname"), Arguments = JsonEncodedText.Encode("args");

    private readonly Utf8JsonWriter _json = new(output, new JsonWriterOptions { SkipValidation = true });
    private readonly HashSet<long> _open = [], _withCalls = []; // tracks by their ids
    private bool[] _busy = [];
    private long _flows;

    public void Start(TimelineHeader header)
    {
        _busy = new bool[header.Processors];
        _json.WriteStartObject();
        _json.WriteString("displayTimeUnit", "ns");
        _json.WriteStartObject("otherData");
        _json.WriteString("command", TimelineText.WellFormed(header.Title));
        _json.WriteString("started", DateTimeOffset.FromUnixTimeMilliseconds(header.WallClock / 1_000_000));
        _json.WriteEndObject();
        _json.WriteStartArray("traceEvents");
        Meta("process_name", MachineId, 0, "name", "machine");
        Meta("process_sort_index", MachineId, 0, -1);
        for (int cpu = 0; cpu < header.Processors; cpu++)
        {
            Meta("thread_name", MachineId, MachineId + 1 + cpu, "name", $"processor {cpu}");
            Meta("thread_sort_index", MachineId, MachineId + 1 + cpu, cpu);
        }
    }

    public void Describe(long time, TimelineThread thread, bool isNew)
    {
        long process = thread.Process.TraceId;
        string name = TimelineText.WellFormed(thread.Name);
        if (thread.TraceId == process)
        {
            Meta("process_name", process, 0, "name", thread.TraceId == thread.ThreadId ? name : $"{name} (pid {thread.ThreadId})");
            Meta("process_labels", process, 0, "labels", TimelineText.WellFormed(thread.Process.CommandLine));
            if (isNew) Meta("process_sort_index", process, 0, thread.Index);
        }
        Meta("thread_name", process, thread.TraceId, "name", name);
        if (isNew) Meta("thread_sort_index", process, thread.TraceId, 2 * thread.Index);
        if (_withCalls.Contains(thread.TraceId)) Meta("thread_name", process, thread.TraceId + CallsBase, "name", $"{name}: system calls");
    }

    public void State(long time, TimelineThread thread)
    {
        CloseState(time, thread);
        _open.Add(thread.TraceId);
        Begin("B", thread.Process.TraceId, thread.TraceId, time);
        _json.WriteString(Category, "state");
        _json.WriteString(Name, NameOf(thread));
        _json.WriteString(Colour, thread.State switch
        {
            TimelineState.Running => "thread_state_running",
            TimelineState.Runnable or TimelineState.New => "thread_state_runnable",
            TimelineState.Blocked => "thread_state_uninterruptible",
            TimelineState.Stopped or TimelineState.Zombie => "terrible",
            _ => "thread_state_sleeping",
        });
        if (thread.State == TimelineState.Running) Argument("cpu", thread.Cpu);
        else if (thread.SleepText != null) Argument("on", TimelineText.WellFormed(thread.SleepText));
        Close();
    }

    public void End(long time, TimelineThread thread)
    {
        CloseState(time, thread);
        _withCalls.Remove(thread.TraceId);
    }

    public void Processor(long time, int cpu, TimelineThread? thread)
    {
        if (_busy[cpu])
        {
            Begin("E", MachineId, MachineId + 1 + cpu, time);
            Close();
        }
        _busy[cpu] = thread != null;
        if (thread == null) return;
        Begin("B", MachineId, MachineId + 1 + cpu, time);
        _json.WriteString(Category, "cpu");
        _json.WriteString(Name, TimelineText.WellFormed($"{thread.Name} {thread.ThreadId}"));
        Close();
    }

    public void Flow(long time, FlowKind kind, TimelineThread from, TimelineThread to)
    {
        long id = ++_flows;
        string name = kind switch { FlowKind.Fork => "fork", FlowKind.Wake => "wake", _ => "reap" };
        FlowEnd("s", from);
        FlowEnd("f", to);

        void FlowEnd(string phase, TimelineThread thread)
        {
            Begin(phase, thread.Process.TraceId, thread.TraceId, time);
            _json.WriteString(Category, "flow");
            _json.WriteString(Name, name);
            _json.WriteNumber("id", id);
            if (phase == "f") _json.WriteString("bp", "e");
            Close();
        }
    }

    public void Mark(long time, TimelineThread thread, MarkKind kind, string text)
    {
        Begin("i", thread.Process.TraceId, thread.TraceId, time);
        _json.WriteString(Category, kind switch
        {
            MarkKind.Exec => "exec",
            MarkKind.Signal => "signal",
            MarkKind.Fault => "fault",
            MarkKind.Exit => "exit",
            _ => "sample",
        });
        string safe = TimelineText.WellFormed(text);
        _json.WriteString(Name, kind == MarkKind.Sample ? safe[(safe.LastIndexOf(';') + 1)..] : safe);
        _json.WriteString("s", "t");
        if (kind == MarkKind.Sample) Argument("stack", safe);
        if (kind == MarkKind.Exec) Argument("command", TimelineText.WellFormed(thread.Process.CommandLine));
        Close();
    }

    public void Call(long time, TimelineThread thread, string name)
    {
        if (_withCalls.Add(thread.TraceId))
        {
            Meta("thread_name", thread.Process.TraceId, thread.TraceId + CallsBase, "name", $"{TimelineText.WellFormed(thread.Name)}: system calls");
            Meta("thread_sort_index", thread.Process.TraceId, thread.TraceId + CallsBase, (2 * thread.Index) + 1);
        }
        Begin("B", thread.Process.TraceId, thread.TraceId + CallsBase, time);
        _json.WriteString(Category, "syscall");
        _json.WriteString(Name, name);
        Close();
    }

    public void CallEnd(long time, TimelineThread thread, string? result)
    {
        Begin("E", thread.Process.TraceId, thread.TraceId + CallsBase, time);
        if (result != null) Argument("result", result);
        Close();
    }

    public void Count(long time, in TimelineCounters counters)
    {
        Begin("C", MachineId, 0, time);
        _json.WriteString(Name, "processes");
        _json.WriteStartObject(Arguments);
        _json.WriteNumber("live", counters.Live);
        _json.WriteNumber("zombie", counters.Zombies);
        _json.WriteEndObject();
        Close();
        Begin("C", MachineId, 0, time);
        _json.WriteString(Name, "copied pages");
        Argument("pages", counters.CopiedPages);
        Close();
    }

    public void Finish(long time)
    {
        _json.WriteEndArray();
        _json.WriteEndObject();
        _json.Flush();
    }

    public void Dispose() => _json.Dispose();

    private static string NameOf(TimelineThread thread) => thread.State switch
    {
        TimelineState.New => "new",
        TimelineState.Running => "running",
        TimelineState.Runnable => "runnable",
        TimelineState.Stopped => "stopped",
        TimelineState.Zombie => "zombie",
        TimelineState.Blocked => $"blocked in {thread.SleepCall ?? thread.SleepText ?? "the kernel"}",
        _ => $"sleeping in {thread.SleepCall ?? thread.SleepText ?? "the kernel"}",
    };

    private void CloseState(long time, TimelineThread thread)
    {
        if (!_open.Remove(thread.TraceId)) return;
        Begin("E", thread.Process.TraceId, thread.TraceId, time);
        Close();
    }

    private void Meta(string kind, long process, long thread, string argument, string value)
    {
        Begin("M", process, thread, time: null);
        _json.WriteString(Name, kind);
        Argument(argument, value);
        Close();
    }

    private void Meta(string kind, long process, long thread, long sortIndex)
    {
        Begin("M", process, thread, time: null);
        _json.WriteString(Name, kind);
        Argument("sort_index", sortIndex);
        Close();
    }

    private void Begin(string phase, long process, long thread, long? time)
    {
        _json.WriteStartObject();
        _json.WriteString(Phase, phase);
        _json.WriteNumber(ProcessId, process);
        _json.WriteNumber(ThreadId, thread);
        if (time is { } t) WriteTime(t);
    }

    // Microseconds; the digits behind the point are nanoseconds.
    private void WriteTime(long nanoseconds)
    {
        Span<byte> text = stackalloc byte[32];
        Utf8Formatter.TryFormat(nanoseconds / 1000, text, out int length);
        long rest = nanoseconds % 1000;
        text[length++] = (byte)'.';
        text[length++] = (byte)('0' + (rest / 100));
        text[length++] = (byte)('0' + (rest / 10 % 10));
        text[length++] = (byte)('0' + (rest % 10));
        _json.WritePropertyName(Time);
        _json.WriteRawValue(text[..length], skipInputValidation: true);
    }

    private void Argument(string name, string value)
    {
        _json.WriteStartObject(Arguments);
        _json.WriteString(name, value);
        _json.WriteEndObject();
    }

    private void Argument(string name, long value)
    {
        _json.WriteStartObject(Arguments);
        _json.WriteNumber(name, value);
        _json.WriteEndObject();
    }

    private void Close()
    {
        _json.WriteEndObject();
        if (_json.BytesPending < FlushAt) return;
        _json.Flush();
        output.Commit();
    }
}
