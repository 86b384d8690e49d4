using System.Text;

namespace Kennel.Loading;

/// <summary>Guest strings are bytes; C# strings of them hold one byte a char.</summary>
internal static class StringBytes
{
    public static byte[] Of(string text) => Encoding.Latin1.GetBytes(text);

    public static string ToText(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);
}
