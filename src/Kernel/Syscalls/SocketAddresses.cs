using Kennel.Abi;
using Kennel.Files.Sockets;
using Kennel.Memory;
using Kennel.Tasks;

namespace Kennel.Syscalls;

/// <summary>Socket addresses in guest memory (Linux: net/socket.c, move_addr_to_kernel and move_addr_to_user).</summary>
internal static class SocketAddresses
{
    private const int StorageSize = 128; // struct sockaddr_storage

    /// <summary>Copies an address in, whatever its family.</summary>
    public static Errno Read(LinuxTask current, UserPtr<byte> address, int length, out byte[] bytes)
    {
        bytes = [];
        if (length is < 0 or > StorageSize) return Errno.EINVAL;
        if (length == 0) return Errno.None;
        bytes = new byte[length];
        return address.TryRead(current.Memory, bytes.AsSpan()) ? Errno.None : Errno.EFAULT;
    }

    /// <summary>Copies an address out, as much as fits, and tells its full length.</summary>
    public static Errno Write(LinuxTask current, UnixAddress value, UserPtr<byte> address, UserPtr<int> length)
    {
        if (!length.TryRead(current.Memory, out int room)) return Errno.EFAULT;
        if (room < 0) return Errno.EINVAL;
        byte[] bytes = value.Encode();
        if (!address.TryWrite(current.Memory, bytes.AsSpan(0, Math.Min(room, bytes.Length)))) return Errno.EFAULT;
        return length.TryWrite(current.Memory, bytes.Length) ? Errno.None : Errno.EFAULT;
    }
}
