using System.Runtime.InteropServices;

namespace Kennel.Bench;

/// <summary>docs/performance.md: the table stands between two marks, the rest of the page is left alone.</summary>
internal static class PerformanceDocument
{
    private const string Begin = "<!-- bench: begin -->", End = "<!-- bench: end -->";

    /// <summary>Puts the table in, and says on what it was measured.</summary>
    public static void Update(string repository, string table)
    {
        string path = Path.Combine(repository, "docs", "performance.md");
        string text = File.Exists(path) ? File.ReadAllText(path) : New();
        int from = text.IndexOf(Begin, StringComparison.Ordinal), to = text.IndexOf(End, StringComparison.Ordinal);
        if (from < 0 || to < from)
        {
            text += $"\n{Begin}\n{End}\n";
            from = text.IndexOf(Begin, StringComparison.Ordinal);
            to = text.IndexOf(End, StringComparison.Ordinal);
        }
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, $"{text[..(from + Begin.Length)]}\n{Machine()}\n\n{table}{text[to..]}");
        Console.Error.WriteLine($"wrote {path}");
    }

    private static string Machine()
    {
        string processor = File.Exists("/proc/cpuinfo")
            ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? ""
            : "";
        return $"Measured on {Environment.ProcessorCount} × {processor}, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}.";
    }

    private static string New() =>
        $"""
        # Performance

        Native, Kennel and qemu-x86_64 (user mode) on the same machine in one run, by `dotnet run --project bench -c Release -- --write`.
        An operation's time is measured by the guest itself and is the median over batches; a CPU kernel's is the shortest of a few runs.
        A ratio is to native: above 1 is slower.

        {Begin}
        {End}

        """;
}
