using System.Text;

namespace Kennel.Tracing.SystemCalls;

/// <summary>When strings are written in hexadecimal (strace's -x and -xx).</summary>
internal enum HexStrings
{
    Never,
    NonAscii,
    Always,
}

/// <summary>Bytes as a C string literal.</summary>
internal static class Quoting
{
    public static void Append(StringBuilder text, ReadOnlySpan<byte> bytes, HexStrings hex = HexStrings.Never)
    {
        text.Append('"');
        if (hex == HexStrings.Always || (hex == HexStrings.NonAscii && !IsPlain(bytes)))
        {
            foreach (byte b in bytes) text.Append("\\x").Append(b.ToString("x2", System.Globalization.CultureInfo.InvariantCulture));
        }
        else
        {
            for (int i = 0; i < bytes.Length; i++) AppendByte(text, bytes[i], i + 1 < bytes.Length ? bytes[i + 1] : (byte)0);
        }
        text.Append('"');
    }

    public static string Quote(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        Append(text, bytes);
        return text.ToString();
    }

    private static bool IsPlain(ReadOnlySpan<byte> bytes)
    {
        foreach (byte b in bytes)
        {
            if (b is < 9 or > 13 and < 32 or >= 127) return false;
        }
        return true;
    }

    private static void AppendByte(StringBuilder text, byte b, byte next)
    {
        switch (b)
        {
            case (byte)'"' or (byte)'\\': text.Append('\\').Append((char)b); break;
            case (byte)'\n': text.Append("\\n"); break;
            case (byte)'\t': text.Append("\\t"); break;
            case (byte)'\r': text.Append("\\r"); break;
            case (byte)'\v': text.Append("\\v"); break;
            case (byte)'\f': text.Append("\\f"); break;
            case >= 32 and < 127: text.Append((char)b); break;
            default:
                // As short as can be, unless a digit that follows would be taken for part of it.
                string octal = Convert.ToString(b, 8);
                text.Append('\\').Append(next is >= (byte)'0' and <= (byte)'9' ? octal.PadLeft(3, '0') : octal);
                break;
        }
    }
}
