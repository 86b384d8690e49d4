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
        string dom = await browser.DumpAsync(page);
        Assert.Equal("2", Data(dom, "processes"));
        Assert.Equal("2", Data(dom, "rows"));
        Assert.Equal("12", Data(dom, "slices"));
        Assert.Equal("3", Data(dom, "flows"));
        Assert.Equal("4", Data(dom, "marks"));
        Assert.Equal("1", Data(dom, "calls"));
        Assert.Equal("true", Data(dom, "whole"));
        Assert.Contains("bash -c 'sleep 1'</h1>", dom, StringComparison.Ordinal);
        Assert.Contains("2 processes · 2 threads · 12 slices", dom, StringComparison.Ordinal);
        AssertPicture(await browser.ShootAsync(page, "life"));
    }

    [Fact]
    public async Task Shows_thousands_of_processes()
    {
        string page = Script.Record(TimelineFormat.Page, Script.Crowd(5000, 150_000, 7), new TimelineOptions { Title = "crowd" }, processors: 4);
        using Browser browser = Browser.OpenOrSkip();
        string dom = await browser.DumpAsync(page, "#q=part%3D4321");
        Assert.True(int.Parse(Data(dom, "processes")!) > 4000);
        Assert.Equal("5001", Data(dom, "threads"));
        Assert.Equal("5001", Data(dom, "rows"));
        Assert.True(int.Parse(Data(dom, "slices")!) > 100_000);
        Assert.Equal("1", Data(dom, "matches"));
        AssertPicture(await browser.ShootAsync(page, "crowd"));
        dom = await browser.DumpAsync(page, "#from=50000000&to=50100000&rows=here");
        Assert.InRange(int.Parse(Data(dom, "rows")!), 100, 4000);
        AssertPicture(await browser.ShootAsync(page, "crowd-here", "#from=50000000&to=50100000&rows=here"));
        AssertPicture(await browser.ShootAsync(page, "crowd-dark-search", "#q=part%3D4321", isDark: true));
    }

    [Fact]
    public async Task An_address_brings_a_view_back()
    {
        string page = Script.Record(TimelineFormat.Page, Script.ShellAndChild, new TimelineOptions { Title = "bash -c 'sleep 1'", SystemCalls = true });
        using Browser browser = Browser.OpenOrSkip();
        string dom = await browser.DumpAsync(page, "#from=0&to=60000&thread=1&at=9500");
        Assert.Equal("sleep 13", Data(dom, "selected"));
        Assert.Contains("sleep 13: running</h2>", dom, StringComparison.Ordinal);
        Assert.Contains("<dt>command</dt><dd class=\"code\">sleep 1</dd>", dom, StringComparison.Ordinal);
        Assert.Contains("exec /bin/sleep", dom, StringComparison.Ordinal);
        AssertPicture(await browser.ShootAsync(page, "details", "#from=0&to=60000&thread=1&at=9500"));
        AssertPicture(await browser.ShootAsync(page, "details-dark", "#from=0&to=60000&thread=1&at=9500", isDark: true, width: 900, height: 600));
    }

    [Fact]
    public async Task Says_so_when_nothing_ran()
    {
        string page = Script.Record(TimelineFormat.Page, static _ => { });
        using Browser browser = Browser.OpenOrSkip();
        string dom = await browser.DumpAsync(page);
        Assert.Equal("0", Data(dom, "rows"));
        Assert.Contains("<div id=\"empty\">", dom, StringComparison.Ordinal);
        AssertPicture(await browser.ShootAsync(page, "empty"));
    }

    [Fact]
    public async Task A_page_that_was_cut_off_shows_what_there_is()
    {
        string page = Script.Record(TimelineFormat.Page, Script.Crowd(50, 4000, 3));
        int records = page.IndexOf("class=\"records\">", StringComparison.Ordinal);
        using Browser browser = Browser.OpenOrSkip();
        string dom = await browser.DumpAsync(page[..(records + ((page.Length - records) / 2))]);
        Assert.Equal("false", Data(dom, "whole"));
        Assert.Contains("(cut off)", dom, StringComparison.Ordinal);
        Assert.True(int.Parse(Data(dom, "slices")!) > 100);
    }

    [Theory]
    [InlineData("</script><script>document.title='broken'</script>")]
    [InlineData("<img src=x onerror=\"document.title='broken'\">")]
    [InlineData("--><!-- <svg onload=alert(1)>")]
    [InlineData("'\"`${alert(1)}\\\u2028\u202egpj\0\n")]
    [InlineData("\ud800 half, and \U0001f600")]
    public async Task Hostile_names_are_shown_not_obeyed(string evil)
    {
        string page = Script.Record(TimelineFormat.Page, machine =>
        {
            var task = new FakeTask(5, evil) { Arguments = [evil, evil] };
            machine.Fire(EventKind.OnCpu, task);
            machine.Fire(EventKind.ExecFailed, task, number: 2, text: evil);
            machine.Fire(EventKind.Sleep, task, text: evil);
            machine.Fire(EventKind.OffCpu, task, 1_000_000, number: Script.SleepS);
            machine.Fire(EventKind.Wakeup, machine.Idle, 1_000_000, task);
        }, new TimelineOptions { Title = evil });
        Assert.DoesNotContain(evil, page, StringComparison.Ordinal);
        using Browser browser = Browser.OpenOrSkip();
        string dom = await browser.DumpAsync(page, "#thread=0");
        Assert.Equal("1", Data(dom, "rows"));
        Assert.DoesNotContain("<title>broken", dom, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", dom, StringComparison.Ordinal);
        Assert.DoesNotContain("<svg", dom, StringComparison.Ordinal);
        Assert.DoesNotContain("\u202e", dom, StringComparison.Ordinal);
        Assert.Single(Regex.Matches(dom, "<script>"));
    }

    private static string? Data(string dom, string name)
    {
        Match match = Regex.Match(dom, $"<span id=\"summary\"[^>]* data-{name}=\"([^\"]*)\"");
        return match.Success ? match.Groups[1].Value : null;
    }

    private static void AssertPicture(byte[] png)
    {
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], png[..4]);
        Assert.True(png.Length > 10_000, "a picture with something in it");
    }
}
