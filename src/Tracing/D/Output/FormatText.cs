using System.Globalization;

namespace Kennel.Tracing.D.Output;

/// <summary>One part of a printf format: text, or a conversion.</summary>
/// <param name="Literal">The text; null for a conversion.</param>
/// <param name="Flags">- + blank # 0 '.</param>
/// <param name="Width">The width; -1 for none, -2 for *.</param>
/// <param name="Precision">The precision; -1 for none, -2 for *.</param>
/// <param name="Length">h, l, ll.</param>
/// <param name="Conversion">The letter.</param>
/// <param name="IsAggregation">Whether it takes an aggregation's value (@).</param>
internal sealed record FormatPart(string? Literal, string Flags = "", int Width = -1, int Precision = -1, string Length = "", char Conversion = '\0', bool IsAggregation = false)
{
    public string Shown => "%" + Length + Conversion;

    /// <summary>What kind of argument it wants.</summary>
    public string Expected => Conversion switch { 's' or 'S' => "char [] or string (or use stringof)", 'a' or 'A' or 'p' => "pointer or integer", 'c' or 'C' => "char", 'k' => "stack", _ => "integer" };
}

/// <summary>Reads printf formats.</summary>
internal static class FormatText
{
    /// <param name="format">The format.</param>
    /// <param name="line">Where it stands.</param>
    /// <param name="function">printf or printa.</param>
    public static List<FormatPart> Parse(string format, int line, string function)
    {
        List<FormatPart> parts = [];
        for (int i = 0; i < format.Length;)
        {
            int percent = format.IndexOf('%', i);
            if (percent < 0) percent = format.Length;
            if (percent > i) parts.Add(new(format[i..percent]));
            if (percent == format.Length) break;
            i = percent + 1;
            string flags = "";
            int width = -1, precision = -1;
            bool aggregation = false;
            for (; i < format.Length && "#0-+ '@?".Contains(format[i], StringComparison.Ordinal); i++)
            {
                if (format[i] == '@') aggregation = true;
                else if (format[i] == '?') width = 16;
                else flags += format[i];
            }
            if (i < format.Length && format[i] == '*') (width, i) = (-2, i + 1);
            else if (i < format.Length && char.IsAsciiDigit(format[i])) width = Number(format, ref i, line, function);
            // "%7@d" is written, too.
            while (i < format.Length && format[i] is '@' or '?')
            {
                if (format[i] == '@') aggregation = true;
                else width = 16;
                i++;
            }
            if (i < format.Length && format[i] == '.')
            {
                i++;
                if (i < format.Length && format[i] == '*') (precision, i) = (-2, i + 1);
                else precision = Number(format, ref i, line, function);
                if (precision == 0) precision = -1;
            }
            while (i < format.Length && format[i] == '@')
            {
                aggregation = true;
                i++;
            }
            int start = i;
            while (i < format.Length && format[i] is 'h' or 'l' or 'L' or 'j' or 'z' or 't') i++;
            string length = format[start..i];
            if (i >= format.Length) throw new DCompileException("D_SYNTAX", line, $"format conversion #{parts.Count(p => p.Literal == null) + 1} is incomplete: %{length}");
            char conversion = format[i++];
            if (conversion == '%')
            {
                parts.Add(new("%"));
                continue;
            }
            if (!"diouxXcCpsSaAkYTn@deEfgG".Contains(conversion, StringComparison.Ordinal) || conversion is 'n' or '@' || (length.Length > 0 && !"diouxXeEfgGcs".Contains(conversion, StringComparison.Ordinal)))
            {
                throw new DCompileException("D_SYNTAX", line, $"format conversion #{parts.Count(p => p.Literal == null) + 1} is undefined: %{length}{conversion}");
            }
            if (aggregation && function != "printa") throw new DCompileException("D_PRINTF_AGG_CONV", line, $"%@ conversion requires an aggregation and is not for use with {function}( )");
            parts.Add(new(null, flags, width, precision, length, conversion, aggregation));
        }
        return parts;
    }

    private static int Number(string format, ref int i, int line, string function)
    {
        int start = i;
        while (i < format.Length && char.IsAsciiDigit(format[i])) i++;
        if (start == i) return 0;
        if (int.TryParse(format.AsSpan(start, i - start), CultureInfo.InvariantCulture, out int value) && value <= 1 << 16) return value;
        throw new DCompileException("D_SYNTAX", line, $"{function}( ) format has a width or precision that is too large");
    }
}
