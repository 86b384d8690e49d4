using System.Text;
using System.Text.RegularExpressions;
using Kennel.Tracing.Timeline;

namespace Kennel.Tracing.Tests.Timeline;

/// <summary>Mouse and keys on the page, in a real browser. All cases share one start of it: each is a frame of its own.</summary>
public sealed class TimelinePageInputTests
{
    // What is done, and what has to be so then: the time on the screen (ns), and what the page says.
    private static readonly (string Actions, string Expected)[] Cases =
    [
        ("wheel(-600)", "to - from < 400_000 && to - from > 300_000"), // 1.0018^-600 of 1.07 ms
        ("wheel(-600); wheel(600)", "to - from > 1_050_000"),
        ("press('w'); press('w'); press('d')", "to - from < 600_000 && from > 300_000"),
        ("press('w'); press('0')", "to - from > 1_050_000"),
        ("wheel(-600); drag(800, 300, 700, 300)", "from > 345_000"),
        ("drag(400, 90, 600, 90)", "to - from < 220_000 && from > 100_000"), // on the axis
        ("drag(400, 60, 600, 60)", "to - from < 220_000 && from > 100_000"), // on the overview
        ("click(700, 209)", "selected === 'sleep 13' && details.includes('sleep 13: sleeping')"),
        ("click(700, 190)", "selected === 'bash 12' && details.includes('bash 12: wait4')"),
        ("click(100, 209)", "selected === 'sleep 13' && details.includes('on a processor')"),
        ("click(700, 209); press('.'); press('Escape')", "selected === ''"),
        ("click(700, 209); press(','); press('f')", "details.includes('sleep 13: running') && to - from < 40_000"),
        ("press('ArrowDown'); press('ArrowDown')", "selected === 'sleep 13'"),
        ("press('ArrowDown'); press(' ')", "rows === '1'"),
        ("click(12, 173); click(12, 173)", "rows === '2'"),
        ("click(12, 173); type('/bin/sleep')", "rows === '2' && selected === 'sleep 13'"), // a match opens its branch
        ("press('h')", "rows === '2'"),
        ("drag(1399, 60, 1393, 60); press('h')", "rows === '1'"), // when the child is gone
        ("type('SIGCHLD')", "matches === '1' && selected === 'bash 12'"),
        ("type('nothing')", "matches === '0' && found === 'none'"),
        ("press('?')", "document.getElementById('help').open"),
        ("click(700, 209); click(link('bash 12').x, link('bash 12').y)", "selected === 'bash 12'"),
    ];

    // The words that cases are written in.
    private const string Words = """
        const canvas = document.getElementById('canvas'), at = (x, y) => document.elementFromPoint(x, y);
        const mouse = (kind, x, y) => at(x, y).dispatchEvent(new PointerEvent(kind, { clientX: x, clientY: y, pointerId: 1, button: 0, bubbles: true }));
        canvas.setPointerCapture = () => {};
        const wheel = deltaY => canvas.dispatchEvent(new WheelEvent('wheel', { deltaY, clientX: 800, clientY: 300, bubbles: true, cancelable: true }));
        const press = key => document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
        const drag = (x, y, x2, y2) => { mouse('pointerdown', x, y); mouse('pointermove', (x + x2) / 2, y2); mouse('pointermove', x2, y2); mouse('pointerup', x2, y2); };
        const click = (x, y) => { mouse('pointerdown', x, y); mouse('pointerup', x, y); mouse('click', x, y); };
        const link = text => [...document.querySelectorAll('a')].find(a => a.textContent === text).getBoundingClientRect();
        const type = text => { const box = document.getElementById('search'); box.value = text; box.dispatchEvent(new Event('input')); };
        """;

    [Fact]
    public async Task Mouse_and_keys_work()
    {
        string page = Script.Record(TimelineFormat.Page, Script.ShellAndChild, new TimelineOptions { SystemCalls = true });
        page = Regex.Replace(page, "<meta http-equiv[^>]*>", "");
        var files = new Dictionary<string, string>();
        var host = new StringBuilder("<style>iframe { position: absolute; left: 0; top: 0; width: 1400px; height: 800px; border: 0; }</style><script>onmessage = e => document.body.append(e.data + '\\n');</script>");
        for (int i = 0; i < Cases.Length; i++)
        {
            files[$"case{i}.html"] = page.Replace("</body>", $"<script>addEventListener('DOMContentLoaded', () => {{{Words}{Run(i)}}});</script></body>", StringComparison.Ordinal);
            host.Append($"<iframe src=\"case{i}.html\"></iframe>");
        }
        using Browser browser = Browser.OpenOrSkip();
        string dom = (await browser.LookAsync(host.ToString(), "input", files: files)).Dom;
        for (int i = 0; i < Cases.Length; i++)
        {
            string said = Regex.Match(dom, $"^.*CASE {i} .*$", RegexOptions.Multiline).Value;
            Assert.True(said.Contains($"CASE {i} true", StringComparison.Ordinal), $"{Cases[i]}: {said}");
        }
    }

    // The address is written a little after what changes it.
    private static string Run(int i) => $$"""
        {{Cases[i].Actions}};
        setTimeout(() => {
          const address = new URLSearchParams(location.hash.slice(1)), from = Number(address.get('from')), to = Number(address.get('to'));
          const { selected, rows, matches } = document.getElementById('summary').dataset, details = document.getElementById('details').textContent, found = document.getElementById('found').textContent;
          parent.postMessage('CASE {{i}} ' + ({{Cases[i].Expected}}) + ' ' + [from, to, selected, rows, matches, found, details].join(' | '), '*');
        }, 1000);
        """;
}
