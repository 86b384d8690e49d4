namespace Kennel.Tracing.D.Runtime;

/// <summary>Patterns of probe descriptions: * ? [a-z] [!a-z] and backslash. An empty one matches all.</summary>
internal static class Glob
{
    public static bool IsPattern(string text) => text.IndexOfAny(['*', '?', '[', '\\']) >= 0;

    public static bool Matches(string pattern, string text) => pattern.Length == 0 || Matches(pattern, 0, text, 0);

    private static bool Matches(string pattern, int p, string text, int t)
    {
        for (; p < pattern.Length; p++, t++)
        {
            char c = pattern[p];
            if (c == '*')
            {
                while (p < pattern.Length && pattern[p] == '*') p++;
                if (p == pattern.Length) return true;
                for (; t <= text.Length; t++)
                {
                    if (Matches(pattern, p, text, t)) return true;
                }
                return false;
            }
            if (t >= text.Length) return false;
            if (c == '?') continue;
            if (c == '[' && pattern.IndexOf(']', p + 2 < pattern.Length ? p + 2 : p) is var end && end > p)
            {
                bool negated = pattern[p + 1] == '!', hit = false;
                for (int i = p + (negated ? 2 : 1); i < end; i++)
                {
                    if (i + 2 < end && pattern[i + 1] == '-')
                    {
                        hit |= text[t] >= pattern[i] && text[t] <= pattern[i + 2];
                        i += 2;
                    }
                    else hit |= text[t] == pattern[i];
                }
                if (hit == negated) return false;
                p = end;
                continue;
            }
            if (c == '\\' && p + 1 < pattern.Length) c = pattern[++p];
            if (c != text[t]) return false;
        }
        return t == text.Length;
    }
}
