using System.Globalization;
using System.Text;
using Kennel.Tracing.Stap.Syntax;

namespace Kennel.Tracing.Stap.Runtime;

/// <summary>Text under construction, in bytes. Strings hold one byte a character (Latin-1), so that scripts count bytes.</summary>
internal sealed class ByteText
{
    private byte[] _bytes = new byte[512];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Span => _bytes.AsSpan(0, Length);

    public void Clear() => Length = 0;

    public void Append(string text)
    {
        int length = text.Length;
        Latin1Encoding(text, Room(length));
        Length += length;
    }

    public void Append(byte value)
    {
        Room(1)[0] = value;
        Length++;
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Room(bytes.Length));
        Length += bytes.Length;
    }

    public void Append(long value)
    {
        value.TryFormat(Room(20), out int written, default, CultureInfo.InvariantCulture);
        Length += written;
    }

    public void Fill(byte value, int count)
    {
        if (count <= 0) return;
        Room(count)[..count].Fill(value);
        Length += count;
    }

    /// <summary>The text from a place on, cut to so many bytes and at the first NUL.</summary>
    public string Take(int start, int most)
    {
        ReadOnlySpan<byte> bytes = _bytes.AsSpan(start, Math.Min(Length - start, most));
        int end = bytes.IndexOf((byte)0);
        string text = Encoding.Latin1.GetString(end < 0 ? bytes : bytes[..end]);
        Length = start;
        return text;
    }

    /// <summary>A conversion of printf.</summary>
    public void Format(FormatPiece piece, int width, int precision, long value)
    {
        switch (piece.Conversion)
        {
            case 'c':
                FormatCharacter(piece.Flags, width, (byte)value);
                break;
            case 'b':
                int size = width is 1 or 2 or 4 ? width : 8;
                for (int i = 0; i < size; i++) Append((byte)(value >> (8 * i)));
                break;
            case 'd':
                Number(piece.Flags, width, precision, value < 0 ? unchecked(0UL - (ulong)value) : (ulong)value, value < 0 ? '-' : (piece.Flags & FormatFlags.Plus) != 0 ? '+' : (piece.Flags & FormatFlags.Space) != 0 ? ' ' : '\0', "", 10, false);
                break;
            case 'u':
                Number(piece.Flags, width, precision, (ulong)value, '\0', "", 10, false);
                break;
            case 'o':
                Number(piece.Flags, width, precision, (ulong)value, '\0', (piece.Flags & FormatFlags.Alternate) != 0 ? "0" : "", 8, false);
                break;
            default:
                bool upper = piece.Conversion == 'X';
                bool alternate = piece.Conversion == 'p' || (piece.Flags & FormatFlags.Alternate) != 0;
                Number(piece.Flags, width, precision, (ulong)value, '\0', alternate ? upper ? "0X" : "0x" : "", 16, upper);
                break;
        }
    }

    /// <inheritdoc cref="Format(FormatPiece, int, int, long)"/>
    public void Format(FormatPiece piece, int width, int precision, string value)
    {
        int length = precision >= 0 && precision < value.Length ? precision : value.Length;
        bool left = (piece.Flags & FormatFlags.Left) != 0;
        if (!left) Fill((byte)' ', width - length);
        if (length == value.Length) Append(value);
        else Append(value[..length]);
        if (left) Fill((byte)' ', width - length);
    }

    /// <summary>%m and %M: memory, raw or in hexadecimal.</summary>
    public void FormatMemory(FormatPiece piece, int width, ReadOnlySpan<byte> memory)
    {
        int length = piece.Conversion == 'M' ? memory.Length * 2 : memory.Length;
        bool left = (piece.Flags & FormatFlags.Left) != 0;
        if (!left) Fill((byte)' ', width - length);
        if (piece.Conversion == 'M') Append(Convert.ToHexStringLower(memory));
        else Append(memory);
        if (left) Fill((byte)' ', width - length);
    }

    // %#c: what cannot be printed as an escape.
    private void FormatCharacter(FormatFlags flags, int width, byte value)
    {
        string? escaped = (flags & FormatFlags.Alternate) == 0 ? null : Escape(value);
        int length = escaped?.Length ?? 1;
        bool left = (flags & FormatFlags.Left) != 0;
        if (!left) Fill((byte)' ', width - length);
        if (escaped != null) Append(escaped);
        else Append(value);
        if (left) Fill((byte)' ', width - length);
    }

    /// <summary>A byte as C would write it.</summary>
    public static string Escape(byte value) => value switch
    {
        (byte)'\a' => "\\a",
        (byte)'\b' => "\\b",
        (byte)'\f' => "\\f",
        (byte)'\n' => "\\n",
        (byte)'\r' => "\\r",
        (byte)'\t' => "\\t",
        (byte)'\v' => "\\v",
        (byte)'"' => "\\\"",
        (byte)'\\' => "\\\\",
        >= 32 and < 127 => ((char)value).ToString(),
        _ => $"\\{Convert.ToString(value, 8).PadLeft(3, '0')}",
    };

    // Zeros are put behind sign and prefix, and fill the width even with a precision.
    private void Number(FormatFlags flags, int width, int precision, ulong value, char sign, string prefix, uint radix, bool upper)
    {
        Span<byte> digits = stackalloc byte[24];
        int at = digits.Length;
        do
        {
            uint digit = (uint)(value % radix);
            digits[--at] = (byte)(digit < 10 ? '0' + digit : (upper ? 'A' : 'a') + digit - 10);
            value /= radix;
        }
        while (value != 0);
        int count = digits.Length - at;
        int zeros = Math.Max(0, precision - count);
        int fill = Math.Max(0, width - count - zeros - prefix.Length - (sign == '\0' ? 0 : 1));
        bool left = (flags & FormatFlags.Left) != 0;
        bool zero = !left && (flags & FormatFlags.Zero) != 0;
        if (!left && !zero) Fill((byte)' ', fill);
        if (sign != '\0') Append((byte)sign);
        if (prefix.Length > 0) Append(prefix);
        if (zero) Fill((byte)'0', fill);
        Fill((byte)'0', zeros);
        Append(digits[at..]);
        if (left) Fill((byte)' ', fill);
    }

    private static void Latin1Encoding(string text, Span<byte> to) => Encoding.Latin1.GetBytes(text, to);

    private Span<byte> Room(int count)
    {
        if (Length + count > _bytes.Length) Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + count));
        return _bytes.AsSpan(Length);
    }
}

/// <summary>Strings of one byte a character.</summary>
internal static class StapStrings
{
    /// <summary>A .NET string as the bytes of its UTF-8 form.</summary>
    public static string From(string? text) => text == null ? "" : Ascii.IsValid(text) ? text : Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));

    /// <summary>The other way.</summary>
    public static string To(string text) => Ascii.IsValid(text) ? text : Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(text));

    /// <summary>Quoted as C would, at most so many bytes.</summary>
    public static string Quote(string text, int most)
    {
        var result = new StringBuilder("\"");
        bool cut = false;
        foreach (char c in text)
        {
            string escaped = ByteText.Escape((byte)c);
            if (result.Length + escaped.Length + 1 > most)
            {
                cut = true;
                break;
            }
            result.Append(escaped);
        }
        result.Append('"');
        if (cut) result.Append("...");
        return result.ToString();
    }
}
