using System.Globalization;
using System.Text;

namespace Kennel.Tracing.D.Output;

/// <summary>Values as D prints them.</summary>
internal static class ValueText
{
    private const string DumpHeader = "\n             0  1  2  3  4  5  6  7  8  9  a  b  c  d  e  f  0123456789abcdef\n";

    /// <summary>trace(x) of a number.</summary>
    public static string Trace(long value, int size, bool isSigned, bool quiet)
    {
        string text = isSigned ? value.ToString(CultureInfo.InvariantCulture) : Unsigned(value, size);
        if (quiet) return text;
        int width = size switch { 1 => 3, 2 => 5, 4 => 10, _ => isSigned ? 19 : 20 };
        return " " + text.PadLeft(width);
    }

    private static string Unsigned(long value, int size) =>
        (size >= 8 ? (ulong)value : (ulong)value & ((1UL << (size * 8)) - 1)).ToString(CultureInfo.InvariantCulture);

    public static string Trace(string text, bool quiet) => quiet ? text : "  " + text.PadRight(33);

    /// <summary>tracemem, and trace() of anything that is neither number nor text.</summary>
    public static string Dump(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(DumpHeader);
        for (int row = 0; row < bytes.Length; row += 16)
        {
            ReadOnlySpan<byte> line = bytes[row..Math.Min(row + 16, bytes.Length)];
            text.Append(CultureInfo.InvariantCulture, $"     {row,5:x}:");
            foreach (byte b in line) text.Append(CultureInfo.InvariantCulture, $" {b:x2}");
            text.Append(' ', (3 * (16 - line.Length)) + 2);
            foreach (byte b in line) text.Append(b is >= 32 and < 127 ? (char)b : '.');
            text.Append('\n');
        }
        return text.ToString();
    }

    /// <summary>A key or value in the default form.</summary>
    public static string Default(long value, int size) => size switch
    {
        1 => $" {(byte)value,3}",
        2 => $" {(ushort)value,5}",
        4 => $" {(int)value,8}",
        _ => $" {value,16}",
    };

    public static string Default(string text) => "  " + text.PadRight(50);

    /// <summary>Lines of a stack, each indented.</summary>
    public static string Stack(string lines, int indent)
    {
        var text = new StringBuilder("\n");
        foreach (string line in lines.Split('\n', StringSplitOptions.RemoveEmptyEntries)) text.Append(' ', indent).Append(line).Append('\n');
        return text.ToString();
    }

    /// <summary>printf's conversion of a number.</summary>
    public static string Integer(FormatPart part, int width, int precision, long value, int size, bool isSigned)
    {
        if (part.Conversion is 'c' or 'C') return Pad(part.Conversion == 'C' ? Escape(((char)(byte)value).ToString()) : ((char)(byte)value).ToString(), part, width);
        if (part.Conversion == 'Y') return Pad(Time(value).ToString("yyyy MMM ", CultureInfo.InvariantCulture) + $"{Time(value).Day,2}" + Time(value).ToString(" HH:mm:ss", CultureInfo.InvariantCulture), part, width);
        if (part.Conversion == 'T') return Pad(Rfc822(value), part, width);
        ulong bits = size >= 8 ? (ulong)value : (ulong)value & ((1UL << (size * 8)) - 1);
        bool signed = part.Conversion is 'd' or 'i' && isSigned;
        bool negative = signed && value < 0;
        string digits = part.Conversion switch
        {
            'x' or 'p' => bits.ToString("x", CultureInfo.InvariantCulture),
            'X' => bits.ToString("X", CultureInfo.InvariantCulture),
            'o' => Convert.ToString((long)bits, 8),
            _ => negative ? (0 - (ulong)value).ToString(CultureInfo.InvariantCulture) : signed ? value.ToString(CultureInfo.InvariantCulture) : bits.ToString(CultureInfo.InvariantCulture),
        };
        if (precision > digits.Length) digits = new string('0', precision - digits.Length) + digits;
        string sign = negative ? "-" : signed && part.Flags.Contains('+', StringComparison.Ordinal) ? "+" : signed && part.Flags.Contains(' ', StringComparison.Ordinal) ? " " : "";
        if (part.Flags.Contains('#', StringComparison.Ordinal))
        {
            if (part.Conversion is 'x' or 'p' && bits != 0) sign = "0x";
            else if (part.Conversion == 'X' && bits != 0) sign = "0X";
            else if (part.Conversion == 'o' && !digits.StartsWith('0')) digits = "0" + digits;
        }
        int missing = Math.Abs(width == -1 ? 0 : width) - sign.Length - digits.Length;
        bool left = part.Flags.Contains('-', StringComparison.Ordinal) || width < -1;
        if (missing <= 0) return sign + digits;
        if (left) return sign + digits + new string(' ', missing);
        return part.Flags.Contains('0', StringComparison.Ordinal) && precision < 0 ? sign + new string('0', missing) + digits : new string(' ', missing) + sign + digits;
    }

    /// <summary>printf's conversion of a text.</summary>
    public static string Text(FormatPart part, int width, int precision, string text)
    {
        if (part.Conversion == 'S') text = Escape(text);
        if (precision > 0 && text.Length > precision) text = text[..precision];
        return Pad(text, part, width);
    }

    private static string Pad(string text, FormatPart part, int width)
    {
        if (width == -1) return text;
        bool left = part.Flags.Contains('-', StringComparison.Ordinal) || width < -1;
        return left ? text.PadRight(Math.Abs(width)) : text.PadLeft(width);
    }

    /// <summary>%S: C's escapes, octal for the rest.</summary>
    public static string Escape(string text)
    {
        var result = new StringBuilder();
        foreach (char c in text)
        {
            int known = "\a\b\f\n\r\t\v\"\\".IndexOf(c, StringComparison.Ordinal);
            if (known >= 0) result.Append('\\').Append("abfnrtv\"\\"[known]);
            else if (c is >= ' ' and < '\x7f') result.Append(c);
            else result.Append('\\').Append(c == '\0' ? "0" : Convert.ToString(c, 8).PadLeft(3, '0'));
        }
        return result.ToString();
    }

    private static DateTimeOffset Time(long nanoseconds)
    {
        DateTimeOffset utc = DateTimeOffset.UnixEpoch.AddTicks(nanoseconds / 100);
        return TimeZoneInfo.ConvertTime(utc, TimeZoneInfo.Local);
    }

    private static string Rfc822(long nanoseconds)
    {
        DateTimeOffset time = Time(nanoseconds);
        string zone = time.Offset == TimeSpan.Zero ? "UTC" : TimeZoneInfo.Local.StandardName;
        return time.ToString("ddd, dd MMM yyyy HH:mm:ss ", CultureInfo.InvariantCulture) + zone;
    }
}
