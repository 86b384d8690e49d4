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
