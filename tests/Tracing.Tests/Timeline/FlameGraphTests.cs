using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Kennel.Probes;
using Kennel.Tracing.Timeline;

namespace Kennel.Tracing.Tests.Timeline;

/// <summary>Samples, their counting, and the picture of them.</summary>
public sealed class FlameGraphTests
{
    [Fact]
    public void Samples_name_what_runs_and_leave_out_idle_processors()
    {
        var machine = new FakeMachine(processors: 3);
        var task = new FakeTask(7, "prog") { Stack = [0x1010, 0x2020, 0x9999, 0x3005] };
        task.Symbols[0] = new UserSymbol("/bin/prog", "inner", 0x1000, 0x100);
        task.Symbols[1] = new UserSymbol("/bin/prog", "odd;name", 0x2000, 0x20); // its last instruction is the call
        task.Symbols[2] = new UserSymbol("/lib/libc.so.6", "", 0x3000, 0x100);
        machine.Current[1] = task;
        machine.Current[2] = new FakeTask(8, "other") { Syscall = 61 };
        using var stream = new MemoryStream();
        var tracer = new FlameGraphTracer(stream, FlameGraphFormat.Folded, "prog");
        tracer.Attach(machine);
        Assert.Equal(1_000_000_000 / 99, machine.TimerPeriod);
        machine.Tick();
        machine.Tick();
        Assert.Null(tracer.Detach());
        Assert.Equal(0, machine.Timers);
        Assert.Equal("other;wait4 [kernel] 2\nprog;[libc.so.6];[unknown];odd:name;inner 2\n", Encoding.UTF8.GetString(stream.ToArray()));
    }

    [Fact]
    public void Samples_become_marks_of_a_timeline()
    {
        string text = Script.Record(TimelineFormat.ChromeTrace, machine =>
        {
            var task = new FakeTask(7, "prog") { Stack = [0x1010] };
            task.Symbols[0] = new UserSymbol("/bin/prog", "inner", 0x1000, 0x100);
            machine.Fire(EventKind.OnCpu, task);
            machine.Current[0] = task;
            machine.Tick();
        }, new TimelineOptions { SampleRate = 99 });
        Assert.Contains("\"cat\":\"sample\",\"name\":\"inner\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Counts_are_sums_over_the_tree_and_the_tree_is_bounded()
    {
        var stacks = new FoldedStacks(mostNodes: 4);
        stacks.Add("a;b");
        stacks.Add("a;b;c", 2);
        stacks.Add("d");
        stacks.Add("e;f;g", 5);
        stacks.Add("a;x", 7);
        var text = new StringWriter();
        stacks.WriteTo(text);
        Assert.Equal(16, stacks.Total);
        Assert.Equal("[more] 5\na;[more] 7\na;b 1\na;b;c 2\nd 1\n", text.ToString());
        Assert.True(stacks.Count <= 4 + 2);
    }

    [Fact]
    public void The_picture_is_xml_and_widths_are_shares()
    {
        var stacks = new FoldedStacks();
        stacks.Add("p;main;f", 30);
        stacks.Add("p;main;g", 60);
        stacks.Add("p;main", 10);
        XElement svg = XDocument.Parse(FlameGraph.Draw(stacks, "p", asPage: false)).Root!;
        XNamespace space = svg.Name.Namespace;
        Dictionary<string, double> widths = svg.Elements(space + "g").ToDictionary(
            g => g.Element(space + "title")!.Value, g => double.Parse(g.Element(space + "rect")!.Attribute("width")!.Value, System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(["all (100 samples, 100.0 %)", "f (30 samples, 30.0 %)", "g (60 samples, 60.0 %)", "main (100 samples, 100.0 %)", "p (100 samples, 100.0 %)"], widths.Keys.Order());
        Assert.Equal(0.3 * 1180, widths["f (30 samples, 30.0 %)"], 0.01);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Shows_itself_in_a_browser(bool asPage)
    {
        var stacks = new FoldedStacks();
        var random = new Random(5);
        for (int i = 0; i < 4000; i++)
        {
            int deep = 2 + random.Next(14);
            stacks.Add((random.Next(3) == 0 ? "cc1;main" : "bash;main") + string.Concat(Enumerable.Range(0, deep).Select(d => $";function_{(char)('a' + random.Next(d < 3 ? 2 : 4))}{d}")) + (random.Next(4) == 0 ? ";read [kernel]" : ""));
        }
        stacks.Add("evil</script><script>document.title='broken'</script>]]>&\u202e\0\ud800;x", 300);
        string picture = FlameGraph.Draw(stacks, "make -j2 <all>", asPage);
        using Browser browser = Browser.OpenOrSkip();
        string dom = (await browser.LookAsync(picture, asPage ? "flames-page" : "flames", "#q=function_a0", isDark: asPage, size: (1400, 480), extension: asPage ? "html" : "svg")).Dom;
        Assert.Equal("4300", Regex.Match(dom, "data-span=\"(\\d+)\"").Groups[1].Value);
        Assert.Matches("Found function_a0: [3-6][0-9]\\.", dom);
        Assert.DoesNotContain("<title>broken", dom, StringComparison.Ordinal);
        Assert.Single(Regex.Matches(dom, "<script>"));
    }

    [Fact]
    public async Task Clicking_a_box_zooms_into_it()
    {
        var stacks = new FoldedStacks();
        stacks.Add("p;main;f", 30);
        stacks.Add("p;main;g;h", 60);
        stacks.Add("q", 10);
        const string Click = "<script>const box = [...document.querySelectorAll('.f')].find(g => g.textContent.includes('g (60')); box.dispatchEvent(new MouseEvent('click'));</script></body>";
        string page = Regex.Replace(FlameGraph.Draw(stacks, "p", asPage: true), "<meta http-equiv[^>]*>", "").Replace("</body>", Click, StringComparison.Ordinal);
        using Browser browser = Browser.OpenOrSkip();
        string dom = (await browser.LookAsync(page, "flames-zoomed")).Dom;
        Assert.Equal("60", Regex.Match(dom, "data-span=\"(\\d+)\"").Groups[1].Value);
        Assert.Contains("class=\"f above\"", dom, StringComparison.Ordinal);
    }

    [Fact]
    public void Says_so_when_there_are_no_samples() =>
        Assert.Contains("No samples", XDocument.Parse(FlameGraph.Draw(new FoldedStacks(), "true", asPage: false)).Root!.Value, StringComparison.Ordinal);
}
