using System.Text.RegularExpressions;
using Kennel.Probes;
using Kennel.Tracing.Timeline;

namespace Kennel.Tracing.Tests.Timeline;

/// <summary>The page, in a real browser.</summary>
public sealed class TimelinePageTests
{
    [Fact]
    public async Task Shows_the_life_of_a_process()
    {
        string page = Script.Record(TimelineFormat.Page, Script.ShellAndChild, new TimelineOptions { Title = "bash -c 'sleep 1'", SystemCalls = true });
        using Browser browser = Browser.OpenOrSkip();
        Sight sight = await browser.LookAsync(page, "life");
        Assert.Equal((2, 2, 12, 3), (sight.Count("processes"), sight.Count("rows"), sight.Count("slices"), sight.Count("flows")));
        Assert.Equal((4, 1, "true"), (sight.Count("marks"), sight.Count("calls"), sight["whole"]));
        Assert.Contains("bash -c 'sleep 1'</h1>", sight.Dom, StringComparison.Ordinal);
        Assert.Contains("2 processes · 2 threads · 12 slices", sight.Dom, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shows_thousands_of_processes()
    {
        string page = Script.Record(TimelineFormat.Page, Script.Crowd(5000, 150_000, 7), new TimelineOptions { Title = "crowd" }, processors: 4);
        using Browser browser = Browser.OpenOrSkip();
        Sight sight = await browser.LookAsync(page, "crowd-dark-search", "#q=part%3D4321", isDark: true);
        Assert.True(sight.Count("processes") > 4000);
        Assert.Equal((5001, 5001, 1), (sight.Count("threads"), sight.Count("rows"), sight.Count("matches")));
        Assert.True(sight.Count("slices") > 100_000);
        sight = await browser.LookAsync(page, "crowd-here", "#from=50000000&to=50100000&rows=here");
        Assert.InRange(sight.Count("rows"), 100, 4000);
    }

    [Fact]
    public async Task An_address_brings_a_view_back()
    {
        string page = Script.Record(TimelineFormat.Page, Script.ShellAndChild, new TimelineOptions { Title = "bash -c 'sleep 1'", SystemCalls = true });
        using Browser browser = Browser.OpenOrSkip();
        Sight sight = await browser.LookAsync(page, "details-dark", "#from=0&to=60000&thread=1&at=9500", isDark: true, size: (900, 600));
        Assert.Equal("sleep 13", sight["selected"]);
        Assert.Contains("sleep 13: running</h2>", sight.Dom, StringComparison.Ordinal);
        Assert.Contains("<dt>command</dt><dd class=\"code\">sleep 1</dd>", sight.Dom, StringComparison.Ordinal);
        Assert.Contains("exec /bin/sleep", sight.Dom, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Says_so_when_nothing_ran()
    {
        string page = Script.Record(TimelineFormat.Page, static _ => { });
        using Browser browser = Browser.OpenOrSkip();
        Sight sight = await browser.LookAsync(page, "empty");
        Assert.Equal(0, sight.Count("rows"));
        Assert.Contains("<div id=\"empty\">", sight.Dom, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_that_was_cut_off_shows_what_there_is()
    {
        string page = Script.Record(TimelineFormat.Page, Script.Crowd(50, 4000, 3));
        int records = page.IndexOf("class=\"records\">", StringComparison.Ordinal);
        using Browser browser = Browser.OpenOrSkip();
        Sight sight = await browser.LookAsync(page[..(records + ((page.Length - records) / 2))], "cut");
        Assert.Equal("false", sight["whole"]);
        Assert.Contains("(cut off)", sight.Dom, StringComparison.Ordinal);
        Assert.True(sight.Count("slices") > 100);
    }

    [Fact]
    public async Task Hostile_names_are_shown_not_obeyed()
    {
        string[] evil =
        [
            "</script><script>document.title='broken'</script>", "<img src=x onerror=\"document.title='broken'\">", "--><!-- <svg onload=alert(1)>",
            "'\"`${alert(1)}\\\u2028\u202egpj\0\n", "\ud800 half, and \U0001f600",
        ];
        string page = Script.Record(TimelineFormat.Page, machine =>
        {
            for (int i = 0; i < evil.Length; i++)
            {
                var task = new FakeTask(5 + i, evil[i]) { Arguments = [evil[i], evil[i]] };
                machine.Fire(EventKind.OnCpu, task);
                machine.Fire(EventKind.ExecFailed, task, number: 2, text: evil[i]);
                machine.Fire(EventKind.Sleep, task, text: evil[i]);
                machine.Fire(EventKind.OffCpu, task, 1_000_000, number: Script.SleepS);
                machine.Fire(EventKind.Wakeup, machine.Idle, 1_000_000, task);
            }
        }, new TimelineOptions { Title = string.Concat(evil) });
        Assert.All(evil, e => Assert.DoesNotContain(e, page, StringComparison.Ordinal));
        using Browser browser = Browser.OpenOrSkip();
        for (int thread = 0; thread < 2; thread++)
        {
            Sight sight = await browser.LookAsync(page, "hostile", $"#thread={thread}");
            Assert.Equal(evil.Length, sight.Count("rows"));
            Assert.All(["<title>broken", "<img", "<svg", "\u202e"], bad => Assert.DoesNotContain(bad, sight.Dom, StringComparison.Ordinal));
            Assert.Single(Regex.Matches(sight.Dom, "<script>"));
        }
    }
}
