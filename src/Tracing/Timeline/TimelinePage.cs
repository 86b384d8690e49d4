using System.Security.Cryptography;
using System.Text;

namespace Kennel.Tracing.Timeline;

/// <summary>The fixed parts of the page, from the files in Page/.</summary>
internal static class TimelinePage
{
    // In the order in which they use each other.
    private static readonly string[] Scripts = ["records.js", "rows.js", "view.js", "draw.js", "strips.js", "details.js", "input.js", "main.js"];

    /// <summary>What comes before the records.</summary>
    public static string Head => Read("page.html").Split("<!--records-->")[0]
        .Replace("/*script*/", Script, StringComparison.Ordinal)
        .Replace("/*style*/", Read("page.css"), StringComparison.Ordinal)
        .Replace("SCRIPT-HASH", Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Script))), StringComparison.Ordinal);

    /// <summary>What comes behind them.</summary>
    public static string Tail => Read("page.html").Split("<!--records-->")[1];

    // One script, so that one hash in the page's policy lets it run, and nothing else.
    private static string Script => "'use strict';\n" + string.Concat(Scripts.Select(Read));

    /// <summary>A file of Page/.</summary>
    public static string Read(string name)
    {
        using Stream stream = typeof(TimelinePage).Assembly.GetManifestResourceStream($"Kennel.Tracing.Timeline.Page.{name}")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
