using System.Text;
using System.Text.RegularExpressions;
using Kennel.Tracing.Stap.Syntax;

namespace Kennel.Tracing.Stap.Runtime;

/// <content>Formats that need more than text, and regular expressions.</content>
internal sealed partial class StapRuntime
{
    private Match? _lastMatch;

    /// <summary>A width from an argument: negative means to the left.</summary>
    public void FormatWide(ByteText text, FormatPiece piece, int width, int precision, object value)
    {
        FormatPiece wide = width < 0 ? piece with { Flags = piece.Flags | FormatFlags.Left } : piece;
        if (value is string s) text.Format(wide, Math.Abs(width), precision, s);
        else text.Format(wide, Math.Abs(width), precision, (long)value);
    }

    /// <summary>%m and %M.</summary>
    public void FormatMemory(ByteText text, FormatPiece piece, int width, int precision, long address, StapToken at)
    {
        At = at;
        int length = precision >= 0 ? precision : 1;
        var bytes = new byte[Math.Min(length, 4096)];
        if (ReadKernelText((ulong)address) is { } known) Encoding.Latin1.GetBytes(known.AsSpan(0, Math.Min(known.Length, bytes.Length)), bytes);
        else if (Task.ReadMemory((ulong)address, bytes) != bytes.Length) throw FaultAt(address);
        text.FormatMemory(piece, width, bytes);
    }

    public bool MatchesPattern(string text, Regex pattern)
    {
        Match match = pattern.Match(text);
        if (match.Success) _lastMatch = match;
        return match.Success;
    }

    public string Matched(long group)
    {
        if (_lastMatch == null || group < 0 || group >= _lastMatch.Groups.Count) throw new StapError($"requested group {group} not in last matched regex");
        return Cut(_lastMatch.Groups[(int)group].Value);
    }

    public long MatchedGroups => _lastMatch?.Groups.Count ?? 0;

    /// <summary>POSIX extended patterns are nearly .NET's: what is special only there is escaped.</summary>
    public static string TranslatePattern(string pattern)
    {
        var result = new StringBuilder();
        for (int i = 0; i < pattern.Length; i++)
        {
            char c = pattern[i];
            if (c == '[')
            {
                int end = i + 1;
                if (end < pattern.Length && pattern[end] == '^') end++;
                if (end < pattern.Length && pattern[end] == ']') end++;
                while (end < pattern.Length && pattern[end] != ']') end += pattern[end] == '[' && end + 1 < pattern.Length && pattern[end + 1] == ':' ? Math.Max(1, pattern.IndexOf(":]", end, StringComparison.Ordinal) + 2 - end) : 1;
                result.Append(Set(pattern[i..Math.Min(end + 1, pattern.Length)]));
                i = end;
            }
            else if (c == '(' && i + 1 < pattern.Length && pattern[i + 1] == '?') result.Append("(\\?");
            else if (c == '$') result.Append("\\z");
            else if (c == '\\' && i + 1 < pattern.Length) result.Append('\\').Append(pattern[++i]);
            else result.Append(c);
        }
        return result.ToString();
    }

    private static string Set(string set)
    {
        string inner = set.Replace("[:alpha:]", "a-zA-Z", StringComparison.Ordinal).Replace("[:digit:]", "0-9", StringComparison.Ordinal)
            .Replace("[:alnum:]", "a-zA-Z0-9", StringComparison.Ordinal).Replace("[:space:]", "\\s", StringComparison.Ordinal)
            .Replace("[:upper:]", "A-Z", StringComparison.Ordinal).Replace("[:lower:]", "a-z", StringComparison.Ordinal)
            .Replace("[:xdigit:]", "0-9a-fA-F", StringComparison.Ordinal).Replace("[:blank:]", " \\t", StringComparison.Ordinal)
            .Replace("[:punct:]", "!-/:-@\\[-`{-~", StringComparison.Ordinal);
        int head = inner.Length > 1 && inner[1] == '^' ? 2 : 1;
        string body = inner[head..^1];
        if (body.StartsWith(']')) body = "\\]" + body[1..];
        return inner[..head] + (set == inner ? body.Replace("[", "\\[", StringComparison.Ordinal) : body) + "]";
    }
}
