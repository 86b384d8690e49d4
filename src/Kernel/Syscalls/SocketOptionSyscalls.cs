using System.Runtime.InteropServices;
using Kennel.Abi;
using Kennel.Files.Sockets;
using Kennel.Memory;
using Kennel.Tasks;

namespace Kennel.Syscalls;

/// <summary>Socket options (man 2 getsockopt).</summary>
public static class SocketOptionSyscalls
{
    private const int SocketLevel = 1;

    [Syscall(54, "setsockopt")]
    public static SyscallResult Set(LinuxTask current, Fd fd, int level, SocketOption option, UserPtr<byte> value, int length)
    {
        Errno e = SocketSyscalls.Find(current, fd, out UnixSocket? socket);
        if (e != Errno.None) return e;
        if (length < 0) return Errno.EINVAL;
        if (level != SocketLevel) return Errno.EOPNOTSUPP;
        switch (option)
        {
            case SocketOption.ReceiveTimeout or SocketOption.SendTimeout or SocketOption.ReceiveTimeoutNew or SocketOption.SendTimeoutNew:
                return SetTimeout(current, socket!, option, new UserPtr<TimeVal>(value.Address), length);
            case SocketOption.Linger:
                if (length < 2 * sizeof(int)) return Errno.EINVAL;
                return new UserPtr<long>(value.Address).TryRead(current.Memory, out _) ? 0 : Errno.EFAULT;
        }
        if (length < sizeof(int)) return Errno.EINVAL;
        return new UserPtr<int>(value.Address).TryRead(current.Memory, out int number) ? socket!.SetOption(option, number) : Errno.EFAULT;
    }

    [Syscall(55, "getsockopt")]
    public static SyscallResult Get(LinuxTask current, Fd fd, int level, SocketOption option, UserPtr<byte> value, UserPtr<int> length)
    {
        Errno e = SocketSyscalls.Find(current, fd, out UnixSocket? socket);
        if (e != Errno.None) return e;
        if (level != SocketLevel) return Errno.EOPNOTSUPP;
        if (!length.TryRead(current.Memory, out int room)) return Errno.EFAULT;
        if (room < 0) return Errno.EINVAL;
        switch (option)
        {
            case SocketOption.PeerCredentials:
                PeerCredential peer = socket!.PeerCredential;
                return Answer(current, MemoryMarshal.AsBytes(new ReadOnlySpan<PeerCredential>(in peer)), value, length, room);
            case SocketOption.ReceiveTimeout or SocketOption.ReceiveTimeoutNew:
                return Answer(current, Time(socket!.ReceiveTimeout), value, length, room);
            case SocketOption.SendTimeout or SocketOption.SendTimeoutNew:
                return Answer(current, Time(socket!.SendTimeout), value, length, room);
            case SocketOption.Linger:
                return Answer(current, new byte[2 * sizeof(int)], value, length, room);
        }
        e = socket!.GetOption(option, out int number);
        return e != Errno.None ? e : Answer(current, BitConverter.GetBytes(number), value, length, room);
    }

    // Linux: net/core/sock.c, sock_set_timeout.
    private static SyscallResult SetTimeout(LinuxTask current, UnixSocket socket, SocketOption option, UserPtr<TimeVal> value, int length)
    {
        const int size = 16;
        if (length < size) return Errno.EINVAL;
        if (!value.TryRead(current.Memory, out TimeVal time)) return Errno.EFAULT;
        if (time.Microseconds is < 0 or >= 1_000_000) return Errno.EDOM;
        long nanoseconds = time.Seconds < 0 ? 1 : time.ToNanoseconds();
        if (option is SocketOption.ReceiveTimeout or SocketOption.ReceiveTimeoutNew) socket.ReceiveTimeout = nanoseconds;
        else socket.SendTimeout = nanoseconds;
        return 0;
    }

    private static ReadOnlySpan<byte> Time(long nanoseconds)
    {
        TimeVal[] value = [TimeVal.From(nanoseconds)];
        return MemoryMarshal.AsBytes(value.AsSpan());
    }

    private static SyscallResult Answer(LinuxTask current, ReadOnlySpan<byte> bytes, UserPtr<byte> value, UserPtr<int> length, int room)
    {
        int count = Math.Min(room, bytes.Length);
        if (!value.TryWrite(current.Memory, bytes[..count])) return Errno.EFAULT;
        return length.TryWrite(current.Memory, count) ? 0 : Errno.EFAULT;
    }
}
