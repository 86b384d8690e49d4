using System.Text;

namespace Kennel.Guest.Tests.Tracing;

/// <summary>docs/probes.md is made from what the commands list. To make it anew: KENNEL_UPDATE=1 ./test Guest.</summary>
public sealed class ProbeListTests
{
    private static readonly string[] Providers = ["dtrace", "proc", "sched", "io", "vminfo", "sysinfo", "rawtp"];
    private static readonly string[] Tapsets = ["kprocess.*", "scheduler.*", "signal.*", "vm.*", "vfs.*"];

    [Fact]
    public async Task The_document_shows_what_can_be_watched()
    {
        if (GuestSettings.NativeOnly > 0 || GuestSettings.Filter.Length > 0 && !GuestSettings.Filter.Contains("probes")) Assert.Skip("only guests were asked for");
        string path = Path.Combine(GuestSettings.Repository, "docs", "probes.md");
        string expected = await DocumentAsync();
        CancellationToken cancel = TestContext.Current.CancellationToken;
        if (Environment.GetEnvironmentVariable("KENNEL_UPDATE") == "1") await File.WriteAllTextAsync(path, expected, cancel);
        Assert.True(File.Exists(path) && await File.ReadAllTextAsync(path, cancel) == expected, "docs/probes.md is out of date: run KENNEL_UPDATE=1 ./test Guest");
    }

    private static async Task<string> DocumentAsync()
    {
        var text = new StringBuilder();
        text.AppendLine("# What can be watched");
        text.AppendLine();
        text.AppendLine("Made from what `kennel dtrace -l` and `kennel stap -L` list; do not edit. Beside these there are `syscall:::` and `syscall.*` for each call of");
        text.AppendLine("[syscalls.md](syscalls.md), `profile-N` and `tick-N`, `timer.*`, `pid$target:object:function:` and `process(\"path\").function(\"name\")`.");
        text.AppendLine();
        text.AppendLine("## D");
        text.AppendLine();
        foreach (string provider in Providers)
        {
            IEnumerable<string> names = (await LinesAsync("dtrace", "-l", "-n", provider + ":::")).Skip(1).Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^1]);
            text.AppendLine($"- `{provider}:::` {string.Join(", ", names.Order(StringComparer.Ordinal).Distinct())}");
        }
        text.AppendLine();
        text.AppendLine("## SystemTap");
        text.AppendLine();
        text.AppendLine("| Point | Variables |");
        text.AppendLine("|---|---|");
        foreach (string tapset in Tapsets)
        {
            // A point of two system calls is listed for each.
            foreach (string line in (await LinesAsync("stap", "-L", tapset)).DistinctBy(l => l.Split(' ')[0]))
            {
                string[] words = line.Split(' ');
                IEnumerable<string> variables = words.Skip(1).TakeWhile(w => !w.StartsWith('$'));
                text.AppendLine($"| `{words[0]}` | {string.Join(", ", variables)} |");
            }
        }
        text.AppendLine();
        text.AppendLine("## Functions of the kernel");
        text.AppendLine();
        text.AppendLine("As `fbt::NAME:entry` and `:return`, and as `kernel.function(\"NAME\")`; those of the system calls, `sys_NAME`, are left out.");
        text.AppendLine();
        text.AppendLine("| Source | Functions |");
        text.AppendLine("|---|---|");
        var functions = (await LinesAsync("stap", "-l", "kernel.function(\"*\")")).Select(l => l.Split('"')[1].Split('@'))
            .Where(f => !f[0].StartsWith("sys_", StringComparison.Ordinal) && !f[0].StartsWith("__x64_sys_", StringComparison.Ordinal));
        foreach (var file in functions.GroupBy(f => f[1], f => f[0]).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            text.AppendLine($"| {file.Key} | {string.Join(", ", file.Distinct().Order(StringComparer.Ordinal).Select(n => $"`{n}`"))} |");
        }
        return text.ToString();
    }

    private static async Task<string[]> LinesAsync(params string[] arguments)
    {
        ProcessOutcome outcome = await GuestSettings.Command.RunAsync(
            arguments, "/", new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin" }, null, TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.True(outcome.Status == 0, Encoding.UTF8.GetString(outcome.Error));
        return Encoding.UTF8.GetString(outcome.Output).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
