using System.Text;
using Kennel.Abi;

namespace Kennel.FileSystems.Host;

/// <summary>Names between guest and host. A guest's name is bytes, one in each char; the host gets exactly these bytes.</summary>
public static class HostName
{
    internal const int Longest = 255;

    /// <summary>Bytes that a name needs at most, with its NUL.</summary>
    internal const int Buffer = Longest + 1;

    /// <summary>A path as .NET has it (UTF-16), as the guest will see it.</summary>
    public static string ToGuest(string hostPath) => Decode(Encoding.UTF8.GetBytes(hostPath));

    /// <summary>A guest's name as .NET would write it.</summary>
    public static string ToText(string guestName) => Encoding.UTF8.GetString(StringBytes.Of(guestName));

    /// <summary>Bytes as a guest's string.</summary>
    internal static string Decode(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);

    /// <summary>A .NET path as bytes with a NUL.</summary>
    internal static byte[] FromText(string hostPath) => [.. Encoding.UTF8.GetBytes(hostPath), 0];

    /// <summary>A guest's string of any length as bytes with a NUL.</summary>
    internal static byte[] Encode(string text) => StringBytes.Of(text + "\0");

    /// <summary>Writes one component with its NUL. What is not a plain name never goes to the host.</summary>
    internal static Errno Encode(string name, Span<byte> buffer)
    {
        if (name.Length > Longest) return Errno.ENAMETOOLONG;
        if (name is "" or "." or ".." || name.AsSpan().ContainsAny('/', '\0')) return Errno.ENOENT;
        StringBytes.Write(name, buffer);
        buffer[name.Length] = 0;
        return Errno.None;
    }
}
