using System.Globalization;

namespace Kennel.Cli;

/// <summary>The one summary that <c>--stats</c> prints.</summary>
internal static class StatisticsText
{
    public static void Write(SandboxStatistics s, TextWriter output)
    {
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"kennel: processes {s.ProcessesCreated}, left {s.ProcessesLeft}; cpu {s.UserTime.TotalSeconds:F3} s user, {s.SystemTime.TotalSeconds:F3} s system; peak memory {s.PeakMemory / 1048576.0:F1} MiB{(s.Instructions is { } count ? $"; instructions {count}" : "")}; system calls {s.SystemCalls}"));
    }
}
