using System.Reflection;
using System.Text;
using Kennel.Tracing.Stap.Syntax;

namespace Kennel.Tracing.Stap;

/// <summary>
/// The built-in tapset, cut into its declarations and parsed one by one when a script needs them: a script names few of some thousand. In these
/// files each declaration begins at the start of a line, and no other line begins with its keyword.
/// </summary>
internal static class TapsetIndex
{
    private static readonly string[] _keywords = ["probe ", "function ", "global ", "private "];

    /// <summary>One declaration, not yet parsed.</summary>
    /// <param name="Keyword">probe, function, global.</param>
    /// <param name="Name">The alias or function; empty for globals.</param>
    /// <param name="Source">Its text.</param>
    internal sealed record Declaration(string Keyword, string Name, StapSource Source);

    /// <summary>The files' names and texts; those of macros come first.</summary>
    public static IEnumerable<StapSource> Files()
    {
        Assembly assembly = typeof(TapsetIndex).Assembly;
        foreach (string name in assembly.GetManifestResourceNames().Where(n => n.Contains(".Stap.Tapset.", StringComparison.Ordinal))
            .OrderBy(n => n.EndsWith(".stpm", StringComparison.Ordinal) ? 0 : 1).ThenBy(n => n, StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!, Encoding.Latin1);
            yield return new StapSource("tapset/" + name[(name.IndexOf(".Tapset.", StringComparison.Ordinal) + 8)..], reader.ReadToEnd()) { IsTapset = true };
        }
    }

    public static IEnumerable<Declaration> Cut(StapSource file)
    {
        string text = file.Text;
        int start = NextDeclaration(text, 0);
        while (start < text.Length)
        {
            int next = NextDeclaration(text, start + 1);
            string keyword = text[start..text.IndexOf(' ', start)];
            yield return new Declaration(keyword, NameIn(text, start + keyword.Length + 1, keyword), new StapSource(file.Name, text[start..next]) { IsTapset = true });
            start = next;
        }
    }

    private static int NextDeclaration(string text, int from)
    {
        for (int at = from == 0 ? 0 : text.IndexOf('\n', from) + 1; at > 0 || from == 0 && at == 0; at = text.IndexOf('\n', at) + 1)
        {
            foreach (string keyword in _keywords)
            {
                if (string.CompareOrdinal(text, at, keyword, 0, keyword.Length) == 0) return at;
            }
            if (at >= text.Length) break;
            from = 1;
        }
        return text.Length;
    }

    private static string NameIn(string text, int at, string keyword)
    {
        int end = at;
        while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] == '_' || text[end] == '.' && keyword == "probe")) end++;
        return text[at..end];
    }
}
