using System.Globalization;

namespace Kennel.Tracing.Stap.Syntax;

/// <summary>Numbers as scripts write them: decimal, octal behind 0, hexadecimal behind 0x; 64 bits, signed or not.</summary>
internal static class StapNumbers
{
    public static bool TryParse(string text, out long value)
    {
        value = 0;
        if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            bool fits = ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong hex);
            value = unchecked((long)hex);
            return fits;
        }
        if (text.Length > 1 && text[0] == '0') return TryParseOctal(text, out value);
        bool ok = ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number);
        value = unchecked((long)number);
        return ok;
    }

    private static bool TryParseOctal(string text, out long value)
    {
        ulong result = 0;
        value = 0;
        foreach (char c in text)
        {
            if (c is < '0' or > '7' || result >> 61 != 0) return false;
            result = result * 8 + (ulong)(c - '0');
        }
        value = unchecked((long)result);
        return true;
    }
}

/// <summary>Shell patterns: * ? [...] and \, as fnmatch does.</summary>
internal static class StapGlob
{
    public static bool HasWildcard(string pattern) => pattern.AsSpan().IndexOfAny("*?[") >= 0;

    public static bool Matches(string pattern, string text) => Matches(pattern.AsSpan(), text.AsSpan());

    private static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text)
    {
        while (pattern.Length > 0)
        {
            switch (pattern[0])
            {
                case '*':
                    pattern = pattern.TrimStart('*');
                    if (pattern.Length == 0) return true;
                    for (int i = 0; i <= text.Length; i++)
                    {
                        if (Matches(pattern, text[i..])) return true;
                    }
                    return false;
                case '?':
                    if (text.Length == 0) return false;
                    pattern = pattern[1..];
                    break;
                case '[' when pattern[1..].IndexOf(']') is > 0 and int end:
                    if (text.Length == 0 || !InSet(pattern.Slice(1, end), text[0])) return false;
                    pattern = pattern[(end + 2)..];
                    break;
                default:
                    if (pattern[0] == '\\' && pattern.Length > 1) pattern = pattern[1..];
                    if (text.Length == 0 || text[0] != pattern[0]) return false;
                    pattern = pattern[1..];
                    break;
            }
            text = text[1..];
        }
        return text.Length == 0;
    }

    private static bool InSet(ReadOnlySpan<char> set, char c)
    {
        bool negated = set[0] is '!' or '^';
        if (negated) set = set[1..];
        bool found = false;
        for (int i = 0; i < set.Length; i++)
        {
            if (i + 2 < set.Length && set[i + 1] == '-')
            {
                found |= c >= set[i] && c <= set[i + 2];
                i += 2;
            }
            else found |= set[i] == c;
        }
        return found != negated;
    }
}

/// <summary>Version numbers in order: runs of digits as numbers, the rest as text.</summary>
internal static class StapVersion
{
    public static int Compare(string left, string right)
    {
        int i = 0;
        int j = 0;
        while (i < left.Length || j < right.Length)
        {
            string a = Part(left, ref i);
            string b = Part(right, ref j);
            bool numbers = a.Length > 0 && b.Length > 0 && char.IsAsciiDigit(a[0]) && char.IsAsciiDigit(b[0]);
            int order = numbers ? long.Parse(a, CultureInfo.InvariantCulture).CompareTo(long.Parse(b, CultureInfo.InvariantCulture)) : string.CompareOrdinal(a, b);
            if (order != 0) return order;
        }
        return 0;
    }

    private static string Part(string text, ref int at)
    {
        while (at < text.Length && !char.IsAsciiLetterOrDigit(text[at])) at++;
        int start = at;
        if (at < text.Length && char.IsAsciiDigit(text[at]))
        {
            while (at < text.Length && char.IsAsciiDigit(text[at]) && at - start < 18) at++;
        }
        else
        {
            while (at < text.Length && char.IsAsciiLetter(text[at])) at++;
        }
        return text[start..at];
    }
}
