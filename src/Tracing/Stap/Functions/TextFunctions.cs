using System.Globalization;
using Kennel.Tracing.Stap.Runtime;
using Kennel.Tracing.Stap.Syntax;

namespace Kennel.Tracing.Stap.Functions;

/// <summary>Strings (man 3stap, tapset::string, tapset::tokenize).</summary>
internal static class TextFunctions
{
    [StapFunction("strlen")]
    public static long Length(StapRuntime rt, string s) => s.Length;

    [StapFunction("substr")]
    public static string Part(StapRuntime rt, string s, long start, long length)
    {
        if (length <= 0 || start < 0 || start >= s.Length) return "";
        return s.Substring((int)start, (int)Math.Min(length, s.Length - start));
    }

    [StapFunction("stringat")]
    public static long At(StapRuntime rt, string s, long position) => position >= 0 && position < s.Length ? s[(int)position] : 0;

    [StapFunction("isinstr")]
    public static long Contains(StapRuntime rt, string s1, string s2) => s1.Contains(s2, StringComparison.Ordinal) ? 1 : 0;

    [StapFunction("strpos")]
    public static long Position(StapRuntime rt, string s1, string s2) => s1.IndexOf(s2, StringComparison.Ordinal);

    [StapFunction("str_replace")]
    public static string Replace(StapRuntime rt, string text, string search, string replacement) =>
        search.Length == 0 ? text : rt.Cut(text.Replace(search, replacement, StringComparison.Ordinal));

    [StapFunction("strtol")]
    public static long ToNumber(StapRuntime rt, string text, long radix)
    {
        ReadOnlySpan<char> rest = text.AsSpan().TrimStart(" \t\n\v\f\r");
        bool negative = rest.Length > 0 && rest[0] == '-';
        if (rest.Length > 0 && rest[0] is '-' or '+') rest = rest[1..];
        if (radix is 0 or 16 && rest.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            rest = rest[2..];
            radix = 16;
        }
        else if (radix == 0) radix = rest.Length > 0 && rest[0] == '0' ? 8 : 10;
        long value = 0;
        foreach (char c in rest)
        {
            int digit = char.IsAsciiDigit(c) ? c - '0' : char.IsAsciiLetter(c) ? (c | 32) - 'a' + 10 : 99;
            if (digit >= radix) break;
            value = unchecked(value * radix + digit);
        }
        return negative ? unchecked(-value) : value;
    }

    [StapFunction("isdigit")]
    public static long IsDigit(StapRuntime rt, string text) => text.Length > 0 && char.IsAsciiDigit(text[0]) ? 1 : 0;

    [StapFunction("text_str")]
    public static string Escaped(StapRuntime rt, string input) => rt.Cut(string.Concat(input.Select(c => c is >= ' ' and < (char)127 and not '"' and not '\\' ? c.ToString() : ByteText.Escape((byte)c))));

    [StapFunction("text_strn")]
    public static string Escaped(StapRuntime rt, string input, long length, long quoted)
    {
        string text = input.Length > length && length > 0 ? input[..(int)length] : input;
        string escaped = string.Concat(text.Select(c => c is >= ' ' and < (char)127 and not '"' and not '\\' ? c.ToString() : ByteText.Escape((byte)c)));
        if (quoted != 0) escaped = "\"" + escaped + "\"";
        return rt.Cut(text.Length < input.Length ? escaped + "..." : escaped);
    }

    [StapFunction("string_quoted")]
    public static string Quoted(StapRuntime rt, string text) => StapStrings.Quote(text, rt.MaximumText);

    [StapFunction("tokenize", Acts = true)]
    public static string Tokenize(StapRuntime rt, string input, string delimiters)
    {
        if (input.Length > 0) rt.TokenizeRest = input;
        string rest = rt.TokenizeRest;
        int start = 0;
        while (start < rest.Length && delimiters.Contains(rest[start])) start++;
        if (start >= rest.Length)
        {
            rt.TokenizeRest = "";
            return "";
        }
        int end = start;
        while (end < rest.Length && !delimiters.Contains(rest[end])) end++;
        rt.TokenizeRest = end < rest.Length ? rest[(end + 1)..] : "";
        return rest[start..end];
    }

    [StapFunction("matched")]
    public static string Matched(StapRuntime rt, long group) => rt.Matched(group);

    [StapFunction("ngroups")]
    public static long Groups(StapRuntime rt) => rt.MatchedGroups;

    [StapFunction("tolower")]
    public static string ToLower(StapRuntime rt, string text) => text.ToLowerInvariant();

    [StapFunction("toupper")]
    public static string ToUpper(StapRuntime rt, string text) => text.ToUpperInvariant();

    [StapFunction("ltrim")]
    public static string TrimStart(StapRuntime rt, string text) => text.TrimStart(' ', '\t', '\n');

    [StapFunction("rtrim")]
    public static string TrimEnd(StapRuntime rt, string text) => text.TrimEnd(' ', '\t', '\n');

    [StapFunction("ansi_clear_screen", Acts = true)]
    public static void ClearScreen(StapRuntime rt) => rt.Text.Append("\u001b[1;1H\u001b[J");

    [StapFunction("ansi_set_color", Acts = true)]
    public static void SetColor(StapRuntime rt, long foreground) => rt.Text.Append($"\u001b[{foreground}m");

    [StapFunction("ansi_set_color2", Acts = true)]
    public static void SetColor(StapRuntime rt, long foreground, long background) => rt.Text.Append($"\u001b[{foreground};{background}m");

    [StapFunction("ansi_set_color3", Acts = true)]
    public static void SetColor(StapRuntime rt, long foreground, long background, long attribute) => rt.Text.Append($"\u001b[{foreground};{background}{(attribute != 0 ? $";{attribute}" : "")}m");

    [StapFunction("ansi_reset_color", Acts = true)]
    public static void ResetColor(StapRuntime rt) => rt.Text.Append("\u001b[0;0m");

    [StapFunction("ansi_new_line", Acts = true)]
    public static void NewLine(StapRuntime rt) => rt.Text.Append("\u001b[1E");

    [StapFunction("ansi_cursor_move", Acts = true)]
    public static void MoveCursor(StapRuntime rt, long x, long y) => rt.Text.Append($"\u001b[{y};{x}H");

    [StapFunction("ansi_cursor_hide", Acts = true)]
    public static void HideCursor(StapRuntime rt) => rt.Text.Append("\u001b[?25l");

    [StapFunction("ansi_cursor_show", Acts = true)]
    public static void ShowCursor(StapRuntime rt) => rt.Text.Append("\u001b[?25h");

    [StapFunction("ansi_cursor_save", Acts = true)]
    public static void SaveCursor(StapRuntime rt) => rt.Text.Append("\u001b[s");

    [StapFunction("ansi_cursor_restore", Acts = true)]
    public static void RestoreCursor(StapRuntime rt) => rt.Text.Append("\u001b[u");

    [StapFunction("int_to_str")]
    public static string FromNumber(StapRuntime rt, long value) => value.ToString(CultureInfo.InvariantCulture);

    [StapFunction("__glob")]
    public static long Glob(StapRuntime rt, string pattern, string text) => StapGlob.Matches(pattern, text) ? 1 : 0;
}
