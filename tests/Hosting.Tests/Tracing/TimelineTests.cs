using System.Text;
using System.Text.Json;
using Kennel.Tracing.Timeline;
using Xunit;

namespace Kennel.Hosting.Tests.Tracing;

/// <summary>The timeline of real programs: what it shows fits together.</summary>
public sealed class TimelineTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_pipeline_in_a_shell(int processors)
    {
        JsonElement[] all = await RecordAsync(processors, "bash", "-c", "/bin/sleep 0.05 | /bin/cat; /bin/true; exit 3");
        string[] names = [.. Processes(all).Values];
        Assert.Equal(["bash", "cat", "sleep", "true"], names.Except(["machine", "init", "kthreadd"]).Order());
        // Each child is made by the shell, and reaped by it.
        long shell = Processes(all).Single(p => p.Value == "bash").Key;
        Assert.Equal(3, Flows(all, "fork").Count(f => f.From == shell));
        long[] reaped = [.. Flows(all, "reap").Where(f => f.To == shell).Select(f => f.From)];
        Assert.Equal(3, reaped.Distinct().Count());
        long sleep = Processes(all).Single(p => p.Value == "sleep").Key;
        string[] states = [.. all.Where(e => Is(e, "B", sleep)).Select(Name)];
        Assert.Equal("new", states[0]);
        Assert.Contains("running", states);
        Assert.Contains("sleeping in clock_nanosleep", states);
        Assert.Equal("zombie", states[^1]);
        Assert.Contains("exec /bin/sleep", all.Where(e => Is(e, "i", sleep)).Select(Name));
        Assert.Contains("exit 3", all.Where(e => Is(e, "i", shell)).Select(Name));
        Assert.True(all.Where(e => Name(e) == "copied pages").Max(e => e.GetProperty("args").GetProperty("pages").GetInt64()) > 10);
        Assert.Equal(0, all.Last(e => Name(e) == "processes").GetProperty("args").GetProperty("live").GetInt32());
    }

    [Fact]
    public async Task No_processor_runs_two_threads_at_once()
    {
        const string Threads = "import threading,time\nts=[threading.Thread(target=lambda:(time.sleep(0.01),sum(range(20000)))) for _ in range(4)]\n[t.start() for t in ts]\n[t.join() for t in ts]";
        JsonElement[] all = await RecordAsync(2, "python3", "-c", Threads);
        var running = new Dictionary<(long, long), int>();
        var on = new Dictionary<int, (long, long)>();
        int slices = 0;
        foreach (JsonElement e in all)
        {
            if (e.GetProperty("ph").GetString() is not ("B" or "E")) continue;
            var track = (e.GetProperty("pid").GetInt64(), e.GetProperty("tid").GetInt64());
            if (e.GetProperty("ph").GetString() == "E")
            {
                if (running.Remove(track, out int was)) on.Remove(was);
            }
            else if (Name(e) == "running")
            {
                int cpu = e.GetProperty("args").GetProperty("cpu").GetInt32();
                Assert.True(on.TryAdd(cpu, track), "the processor was free");
                running.Add(track, cpu);
                slices++;
            }
        }
        Assert.Empty(running);
        Assert.True(slices > 10);
        long python = Processes(all).Single(p => p.Value == "python3").Key;
        Assert.Equal(5, all.Where(e => Is(e, "B", python)).Select(e => e.GetProperty("tid").GetInt64()).Distinct().Count());
    }

    private static async Task<JsonElement[]> RecordAsync(int processors, string program, params string[] arguments)
    {
        using var stream = new MemoryStream();
        var tracer = new TimelineTracer(stream, TimelineFormat.ChromeTrace);
        await using (Sandbox sandbox = await Sandbox.CreateAsync(new SandboxOptions { Processors = processors }, Cancel))
        {
            sandbox.Attach(tracer);
            await sandbox.RunAndCaptureTextAsync(program, arguments, cancellationToken: Cancel);
            sandbox.Detach(tracer);
        }
        using JsonDocument document = JsonDocument.Parse(Encoding.UTF8.GetString(stream.ToArray()));
        return [.. document.RootElement.GetProperty("traceEvents").EnumerateArray().Select(e => e.Clone())];
    }

    private static Dictionary<long, string> Processes(JsonElement[] all)
    {
        var names = new Dictionary<long, string>();
        foreach (JsonElement e in all.Where(e => Name(e) == "process_name")) names[e.GetProperty("pid").GetInt64()] = e.GetProperty("args").GetProperty("name").GetString()!;
        return names;
    }

    private static IEnumerable<(long From, long To)> Flows(JsonElement[] all, string name)
    {
        Dictionary<long, long> begins = all.Where(e => e.GetProperty("ph").GetString() == "s" && Name(e) == name).ToDictionary(e => e.GetProperty("id").GetInt64(), e => e.GetProperty("pid").GetInt64());
        return all.Where(e => e.GetProperty("ph").GetString() == "f" && Name(e) == name).Select(e => (begins[e.GetProperty("id").GetInt64()], e.GetProperty("pid").GetInt64()));
    }

    private static bool Is(JsonElement e, string phase, long process) => e.GetProperty("ph").GetString() == phase && e.GetProperty("pid").GetInt64() == process;

    private static string Name(JsonElement e) => e.TryGetProperty("name", out JsonElement name) ? name.GetString()! : "";
}
