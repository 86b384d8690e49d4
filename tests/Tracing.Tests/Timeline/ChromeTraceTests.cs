using System.Text.Json;
using Kennel.Probes;
using Kennel.Tracing.Timeline;

namespace Kennel.Tracing.Tests.Timeline;

/// <summary>The JSON file against the rules of the trace event format.</summary>
public sealed class ChromeTraceTests
{
    [Fact]
    public void A_process_life_becomes_states_arrows_and_marks()
    {
        JsonElement[] all = Parse(Script.Record(TimelineFormat.ChromeTrace, Script.ShellAndChild, new TimelineOptions { Title = "bash -c 'sleep 1'", SystemCalls = true }));
        Check(all);
        Assert.Equal(["new", "runnable", "running", "sleeping in clock_nanosleep", "runnable", "running", "zombie"], Names(all, "B", 13));
        Assert.Equal(["running", "sleeping in wait4", "runnable", "running", "zombie"], Names(all, "B", 12));
        Assert.Equal(["exec /bin/sleep", "exit 3"], Names(all, "i", 13));
        Assert.Equal(["SIGCHLD from sleep 13", "exit 0"], Names(all, "i", 12));
        Assert.Equal(["fork", "reap", "wake"], all.Where(e => Phase(e) == "s").Select(e => e.GetProperty("name").GetString()).Order());
        JsonElement fork = all.Single(e => Phase(e) == "s" && e.GetProperty("name").GetString() == "fork");
        Assert.Equal(12, fork.GetProperty("tid").GetInt64());
        JsonElement sleep = all.Single(e => Phase(e) == "B" && e.GetProperty("name").GetString() == "sleeping in wait4");
        Assert.Equal("child", sleep.GetProperty("args").GetProperty("on").GetString());
        Assert.Equal(["bash", "sleep"], all.Where(e => Phase(e) == "M" && e.GetProperty("pid").GetInt64() == 13 && e.GetProperty("name").GetString() == "process_name")
            .Select(e => e.GetProperty("args").GetProperty("name").GetString()));
        JsonElement call = all.Single(e => Phase(e) == "B" && e.GetProperty("cat").GetString() == "syscall");
        Assert.Equal("wait4", call.GetProperty("name").GetString());
        Assert.Equal("13", all.Single(e => Phase(e) == "E" && e.GetProperty("tid").GetInt64() == call.GetProperty("tid").GetInt64()).GetProperty("args").GetProperty("result").GetString());
        JsonElement[] counters = [.. all.Where(e => Phase(e) == "C")];
        JsonElement last = counters.Last(e => e.GetProperty("name").GetString() == "processes").GetProperty("args");
        Assert.Equal((0, 0), (last.GetProperty("live").GetInt32(), last.GetProperty("zombie").GetInt32()));
        Assert.Equal(2, counters.Where(e => e.GetProperty("name").GetString() == "processes").Max(e => e.GetProperty("args").GetProperty("live").GetInt32()));
        Assert.Equal(1, counters.Last(e => e.GetProperty("name").GetString() == "copied pages").GetProperty("args").GetProperty("pages").GetInt32());
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 3)]
    [InlineData(3, 8)]
    public void The_format_holds_whatever_happens(int seed, int processors)
    {
        string text = Script.Record(TimelineFormat.ChromeTrace, Script.Crowd(300, 6000, seed), new TimelineOptions { SystemCalls = true }, processors);
        Check(Parse(text));
    }

    [Fact]
    public void Events_out_of_a_context_that_was_not_seen_to_start_do_no_harm()
    {
        string text = Script.Record(TimelineFormat.ChromeTrace, machine =>
        {
            var a = new FakeTask(5, "a");
            var b = new FakeTask(6, "b");
            machine.Fire(EventKind.TaskReleased, a, target: b);
            machine.Fire(EventKind.OffCpu, b, number: Script.SleepS);
            machine.Fire(EventKind.SyscallReturned, b, number: 999, result: -2);
            machine.Fire(EventKind.SyscallEntered, b, number: 999);
            machine.Fire(EventKind.SignalSent, machine.Idle, target: a, number: 40);
            machine.Fire(EventKind.ThreadCreated, machine.Idle, target: null);
            machine.Fire(EventKind.ThreadExited, b, number: 9);
            machine.Fire(EventKind.TaskReleased, b, target: b);
            machine.Fire(EventKind.OffCpu, b, number: 'X');
            machine.Fire(EventKind.OffCpu, b, number: 'X');
        }, new TimelineOptions { SystemCalls = true });
        Check(Parse(text));
        Assert.Contains("SIGRT_8 from the kernel", text, StringComparison.Ordinal);
        Assert.Contains("killed by SIGKILL", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_from_guests_stay_strings()
    {
        const string Evil = "\"}],\"x\":</script>\u2028\ud800\0\\";
        string text = Script.Record(TimelineFormat.ChromeTrace, machine =>
        {
            var task = new FakeTask(5, Evil) { Arguments = [Evil, new string('a', 100_000)] };
            machine.Fire(EventKind.OnCpu, task);
            machine.Fire(EventKind.Sleep, task, text: Evil);
            machine.Fire(EventKind.OffCpu, task, number: Script.SleepS);
            machine.Fire(EventKind.ExecFailed, task, number: 2, text: Evil);
        }, new TimelineOptions { Title = Evil });
        JsonElement[] all = Parse(text);
        Check(all);
        Assert.Contains(all, e => Phase(e) == "i" && e.GetProperty("name").GetString() == $"exec {Evil.Replace('\ud800', '\ufffd')} failed: ENOENT");
        Assert.True(text.Length < 20_000, "a record is bounded");
    }

    [Fact]
    public void Who_gets_an_id_again_gets_a_track_of_its_own()
    {
        JsonElement[] all = Parse(Script.Record(TimelineFormat.ChromeTrace, machine =>
        {
            for (int i = 0; i < 3; i++)
            {
                var task = new FakeTask(7, "again");
                machine.Fire(EventKind.OnCpu, task);
                machine.Fire(EventKind.ProcessExited, task);
                machine.Fire(EventKind.OffCpu, task, number: Script.SleepZ);
                machine.Fire(EventKind.TaskReleased, machine.Idle, target: task);
            }
        }));
        Check(all);
        Assert.Equal(3, all.Where(e => Phase(e) == "B" && e.GetProperty("name").GetString() == "running").Select(e => e.GetProperty("pid").GetInt64()).Distinct().Count());
    }

    [Fact]
    public void A_file_that_cannot_be_written_does_not_stop_the_machine()
    {
        var machine = new FakeMachine();
        var tracer = new TimelineTracer(new FullDisk(), TimelineFormat.ChromeTrace);
        tracer.Attach(machine);
        Script.Crowd(200, 20_000, 1)(machine);
        tracer.Detach();
        Assert.Equal("the disk is full", tracer.Error);
    }

    [Fact]
    public void Nothing_is_kept_of_what_is_gone()
    {
        var machine = new FakeMachine();
        using var stream = new CountingStream();
        var tracer = new TimelineTracer(stream, TimelineFormat.ChromeTrace);
        tracer.Attach(machine);
        for (int i = 0; i < 20_000; i++)
        {
            var task = new FakeTask(2 + (i % 100), "short");
            machine.Fire(EventKind.OnCpu, task);
            machine.Fire(EventKind.ProcessExited, task);
            machine.Fire(EventKind.OffCpu, task, number: Script.SleepZ);
            machine.Fire(EventKind.TaskReleased, machine.Idle, target: task);
        }
        Assert.Equal(0, tracer.Rows);
        Assert.True(stream.Written > 10_000_000, "it went to the file while the machine ran");
        tracer.Detach();
        EventKind[] manyPoints = [EventKind.FunctionEntered, EventKind.FunctionReturned];
        Assert.All(Enum.GetValues<EventKind>().Except(manyPoints), k => Assert.False(machine.Probes[k].IsEnabled));
    }

    private static JsonElement[] Parse(string text)
    {
        using JsonDocument document = JsonDocument.Parse(text);
        return [.. document.RootElement.GetProperty("traceEvents").EnumerateArray().Select(e => e.Clone())];
    }

    private static string Phase(JsonElement e) => e.GetProperty("ph").GetString()!;

    private static IEnumerable<string> Names(JsonElement[] all, string phase, long thread) =>
        all.Where(e => Phase(e) == phase && e.GetProperty("tid").GetInt64() == thread).Select(e => e.GetProperty("name").GetString()!);

    // "Trace Event Format", events described there: duration, metadata, flow, instant, counter.
    private static void Check(JsonElement[] all)
    {
        var open = new Dictionary<(long, long), string>();
        var last = new Dictionary<(long, long), decimal>();
        var starts = new Dictionary<long, string>();
        var ends = new HashSet<long>();
        var named = new HashSet<(long, long)>();
        foreach (JsonElement e in all)
        {
            (long, long) track = (e.GetProperty("pid").GetInt64(), e.GetProperty("tid").GetInt64());
            Assert.InRange(track.Item1, 0, int.MaxValue);
            Assert.InRange(track.Item2, 0, int.MaxValue);
            string phase = Phase(e);
            if (phase == "M")
            {
                if (e.GetProperty("name").GetString() == "thread_name") named.Add(track);
                continue;
            }
            decimal time = e.GetProperty("ts").GetDecimal();
            Assert.True(time >= last.GetValueOrDefault(track), "time goes on, on every track");
            last[track] = time;
            if (phase == "C") continue;
            Assert.Contains(track, named);
            string name = phase == "E" ? "" : e.GetProperty("name").GetString()!;
            switch (phase)
            {
                case "B":
                    Assert.True(open.TryAdd(track, name), "slices of a track do not overlap");
                    break;
                case "E":
                    Assert.True(open.Remove(track), "an end has its beginning");
                    break;
                case "s":
                    Assert.True(starts.TryAdd(e.GetProperty("id").GetInt64(), name), "an arrow's id is its own");
                    Assert.True(open.ContainsKey(track), "an arrow begins in a slice");
                    break;
                case "f":
                    Assert.Equal(name, starts[e.GetProperty("id").GetInt64()]);
                    Assert.Equal("e", e.GetProperty("bp").GetString());
                    Assert.True(ends.Add(e.GetProperty("id").GetInt64()));
                    Assert.True(open.ContainsKey(track), "an arrow ends in a slice");
                    break;
                case "i":
                    Assert.Equal("t", e.GetProperty("s").GetString());
                    break;
                default:
                    Assert.Fail($"unknown phase {phase}");
                    break;
            }
        }
        Assert.Empty(open);
        Assert.Equal(starts.Count, ends.Count);
    }

    private sealed class FullDisk : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => throw new IOException("the disk is full");
    }

    private sealed class CountingStream : MemoryStream
    {
        public long Written { get; private set; }

        public override void Write(ReadOnlySpan<byte> buffer) => Written += buffer.Length;
    }
}
