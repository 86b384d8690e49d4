using System.Text;

namespace Kennel;

/// <summary>Guest strings are bytes; C# strings of them hold one byte a char.</summary>
/// <remarks>Written here: the framework's narrowing of Latin-1 is compiled at run time, as all that uses vectors of any length.</remarks>
public static class StringBytes
{
    /// <summary>The bytes of a guest's string.</summary>
    public static byte[] Of(string text)
    {
        byte[] bytes = new byte[text.Length];
        Write(text, bytes);
        return bytes;
    }

    /// <summary>Writes them; what is no byte becomes a question mark.</summary>
    public static void Write(string text, Span<byte> bytes)
    {
        bytes = bytes[..text.Length];
        for (int i = 0; i < bytes.Length; i++) bytes[i] = text[i] <= byte.MaxValue ? (byte)text[i] : (byte)'?';
    }

    /// <summary>The guest's string of bytes.</summary>
    public static string ToText(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);
}
