using System.Collections.Immutable;

namespace Kennel.Tracing.D.Syntax;

internal enum PpKind
{
    Name,
    Number,
    Text,
    Blank,
    NewLine,
    Other,
}

/// <summary>A preprocessing token, with the macros that must not be expanded in it again.</summary>
internal readonly record struct PpToken(PpKind Kind, string Text, ImmutableHashSet<string>? Hidden = null)
{
    public bool IsBlank => Kind is PpKind.Blank or PpKind.NewLine;

    /// <summary>Splits text; comments become one blank, or as many new lines as they had.</summary>
    public static List<PpToken> Split(string text)
    {
        List<PpToken> tokens = [];
        for (int i = 0; i < text.Length;)
        {
            int start = i;
            char c = text[i];
            PpKind kind = PpKind.Other;
            if (c == '\n')
            {
                i++;
                kind = PpKind.NewLine;
            }
            else if (char.IsWhiteSpace(c))
            {
                while (i < text.Length && text[i] != '\n' && char.IsWhiteSpace(text[i])) i++;
                kind = PpKind.Blank;
            }
            else if (c == '/' && i + 1 < text.Length && text[i + 1] == '*')
            {
                int end = text.IndexOf("*/", i + 2, StringComparison.Ordinal);
                if (end < 0) throw new DCompileException("D_SYNTAX", 1 + text.AsSpan(0, i).Count('\n'), "end-of-file encountered before matching */");
                i = end + 2;
                int lines = text.AsSpan(start, i - start).Count('\n');
                tokens.Add(new(PpKind.Blank, " "));
                for (int n = 0; n < lines; n++) tokens.Add(new(PpKind.NewLine, "\n"));
                continue;
            }
            else if (c == '/' && i + 1 < text.Length && text[i + 1] == '/' && (i + 2 >= text.Length || text[i + 2] is ' ' or '\t' or '\n' || char.IsAsciiLetterOrDigit(text[i + 2])))
            {
                while (i < text.Length && text[i] != '\n') i++;
                tokens.Add(new(PpKind.Blank, " "));
                continue;
            }
            else if (char.IsAsciiLetter(c) || c == '_')
            {
                while (i < text.Length && (char.IsAsciiLetterOrDigit(text[i]) || text[i] == '_')) i++;
                kind = PpKind.Name;
            }
            else if (char.IsAsciiDigit(c))
            {
                while (i < text.Length && (char.IsAsciiLetterOrDigit(text[i]) || text[i] is '_' or '.')) i++;
                kind = PpKind.Number;
            }
            else if (c is '"' or '\'' && EndOfText(text, i) is { } end)
            {
                i = end;
                kind = PpKind.Text;
            }
            else i += c == '#' && i + 1 < text.Length && text[i + 1] == '#' ? 2 : 1;
            tokens.Add(new(kind, text[start..i]));
        }
        return tokens;
    }

    private static int? EndOfText(string text, int start)
    {
        for (int i = start + 1; i < text.Length && text[i] != '\n'; i++)
        {
            if (text[i] == '\\') i++;
            else if (text[i] == text[start]) return i + 1;
        }
        return null;
    }
}
