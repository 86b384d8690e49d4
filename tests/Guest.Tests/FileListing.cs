using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;

namespace Kennel.Guest.Tests;

/// <summary>A directory's contents as text: what a guest left behind, in a form that diff can show.</summary>
public static class FileListing
{
    private const int ShownContent = 400;

    /// <summary>One line for each entry: kind, mode, owner, name, target or content.</summary>
    public static byte[] Of(string directory)
    {
        // find prints what the library does not know: owners, and links that lead nowhere.
        using var find = new Process
        {
            StartInfo = new ProcessStartInfo("find", [directory, "-mindepth", "1", "-printf", @"%y %m %U:%G %P\t%l\n"])
            {
                RedirectStandardOutput = true,
            },
        };
        find.Start();
        string[] entries = find.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        find.WaitForExit();
        Array.Sort(entries, (a, b) => string.CompareOrdinal(Name(a), Name(b)));

        var text = new StringBuilder();
        foreach (string entry in entries)
        {
            text.Append(entry.Replace("\t", entry.StartsWith('l') ? " -> " : "", StringComparison.Ordinal));
            if (entry.StartsWith('f'))
                text.Append(' ').Append(Content(Path.Combine(directory, Name(entry))));
            text.Append('\n');
        }
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static string Name(string entry) => entry.Split(' ', 4)[3].Split('\t')[0];

    private static string Content(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        bool readable = bytes.Length <= ShownContent && bytes.All(b => b is >= 32 and < 127 or (byte)'\n' or (byte)'\t');
        return readable
            ? $"\"{Encoding.ASCII.GetString(bytes).Replace("\n", "\\n", StringComparison.Ordinal)}\""
            : $"{bytes.Length} bytes, SHA-256 {Convert.ToHexString(SHA256.HashData(bytes))[..16]}";
    }
}
