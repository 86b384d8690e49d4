using System.Runtime.InteropServices;

namespace Kennel.Bench;

/// <summary>docs/performance.md: the table stands between two marks, the rest of the page is left alone.</summary>
internal static class PerformanceDocument
{
    /// <summary>Puts the table in, and says on what it was measured.</summary>
    /// <param name="repository">The repository's root.</param>
    /// <param name="table">The table, as Markdown.</param>
    /// <param name="name">Which marks it stands between.</param>
    public static void Update(string repository, string table, string name = "bench")
    {
        string begin = $"<!-- {name}: begin -->", end = $"<!-- {name}: end -->";
        string path = Path.Combine(repository, "docs", "performance.md");
        string text = File.Exists(path) ? File.ReadAllText(path) : Heading;
        int from = text.IndexOf(begin, StringComparison.Ordinal), to = text.IndexOf(end, StringComparison.Ordinal);
        if (from < 0 || to < from)
        {
            text += $"\n{begin}\n{end}\n";
            from = text.IndexOf(begin, StringComparison.Ordinal);
            to = text.IndexOf(end, StringComparison.Ordinal);
        }
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, $"{text[..(from + begin.Length)]}\n{Machine()}\n\n{table}{text[to..]}");
        Console.Error.WriteLine($"wrote {path}");
    }

    private static string Machine()
    {
        string processor = File.Exists("/proc/cpuinfo")
            ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? ""
            : "";
        return $"Measured on {Environment.ProcessorCount} × {processor}, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}.";
    }

    private const string Heading =
        """
        # Performance

        Native, Kennel and qemu-x86_64 (user mode) on the same machine in one run, by `dotnet run --project bench -c Release -- --write`.
        An operation's time is measured by the guest itself and is the median over batches; a CPU kernel's is the shortest of a few runs.
        A ratio is to native: above 1 is slower.

        """;
}
