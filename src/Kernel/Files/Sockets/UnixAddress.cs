using System.Buffers.Binary;
using System.Text;
using Kennel.Abi;

namespace Kennel.Files.Sockets;

/// <summary>A Unix socket's address (man 7 unix): a path, an abstract name (its first byte is NUL), or nothing.</summary>
/// <param name="Name">The bytes of sun_path, one a char, without a path's NUL; empty for an unnamed socket.</param>
public sealed record UnixAddress(string Name)
{
    /// <summary>AF_UNIX.</summary>
    public const ushort Family = 1;

    /// <summary>Bytes in sockaddr_un: the family and 108 of path.</summary>
    public const int MaxSize = 110;

    /// <summary>No name.</summary>
    public static readonly UnixAddress Unnamed = new("");

    public bool IsUnnamed => Name.Length == 0;

    public bool IsAbstract => Name.Length > 0 && Name[0] == '\0';

    /// <summary>From a sockaddr_un: EINVAL for another family or an impossible length. Linux: unix_validate_addr, unix_mkname_bsd.</summary>
    public static Errno Decode(ReadOnlySpan<byte> bytes, out UnixAddress address)
    {
        address = Unnamed;
        if (bytes.Length is < 2 or > MaxSize || BinaryPrimitives.ReadUInt16LittleEndian(bytes) != Family) return Errno.EINVAL;
        ReadOnlySpan<byte> path = bytes[2..];
        if (path.Length == 0) return Errno.None;
        if (path[0] != 0 && path.IndexOf((byte)0) is >= 0 and var end) path = path[..end];
        address = new UnixAddress(Encoding.Latin1.GetString(path));
        return Errno.None;
    }

    /// <summary>As a sockaddr_un: paths with their NUL.</summary>
    public byte[] Encode()
    {
        bool isPath = !IsUnnamed && !IsAbstract;
        var bytes = new byte[2 + Name.Length + (isPath ? 1 : 0)];
        bytes[0] = (byte)Family;
        Encoding.Latin1.GetBytes(Name, bytes.AsSpan(2));
        return bytes;
    }
}
