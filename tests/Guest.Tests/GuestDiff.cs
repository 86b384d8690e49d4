using System.Diagnostics;

namespace Kennel.Guest.Tests;

/// <summary>Says where two outputs part, in the form that everybody reads.</summary>
public static class GuestDiff
{
    private const int MostLines = 60;

    /// <summary>Adds a unified diff when the two differ.</summary>
    public static void Add(List<string> differences, string what, byte[] expected, byte[] actual, string who)
    {
        if (!expected.AsSpan().SequenceEqual(actual))
            differences.Add($"{what} differs:\n{Unified(expected, actual, who)}");
    }

    private static string Unified(byte[] expected, byte[] actual, string who)
    {
        string a = Path.GetTempFileName(), b = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(a, expected);
            File.WriteAllBytes(b, actual);
            using var diff = new Process
            {
                StartInfo = new ProcessStartInfo("diff", ["-a", "-u", "--label", "natively", "--label", $"in {who}", a, b])
                {
                    RedirectStandardOutput = true,
                },
            };
            diff.Start();
            string[] lines = diff.StandardOutput.ReadToEnd().TrimEnd('\n').Split('\n');
            diff.WaitForExit();
            IEnumerable<string> shown = lines.Take(MostLines).Select(line => line.Length > 300 ? line[..300] + " ..." : line);
            return string.Join('\n', shown) + (lines.Length > MostLines ? $"\n... {lines.Length - MostLines} more lines" : "");
        }
        finally
        {
            File.Delete(a);
            File.Delete(b);
        }
    }
}
