using Kennel.Abi;
using Kennel.Files;
using Kennel.Files.Sockets;
using Kennel.Memory;
using Kennel.Tasks;

namespace Kennel.Syscalls;

/// <summary>Sending and receiving (man 2 send, man 2 recv).</summary>
public static class MessageSyscalls
{
    [Syscall(44, "sendto")]
    public static ValueTask<SyscallResult> SendTo(
        LinuxTask current, Fd fd, UserPtr<byte> buffer, ulong length, MessageFlags flags, UserPtr<byte> address, int addressLength)
    {
        Errno e = UserRange.Buffer(current, buffer.Address, Math.Min(length, UserRange.TransferLimit), out IoIterator data);
        if (e != Errno.None) return new(e);
        e = SocketSyscalls.Find(current, fd, out UnixSocket? socket);
        UnixAddress? to = null;
        if (e == Errno.None && !address.IsNull) e = ReadAddress(current, address, addressLength, out to);
        if (e != Errno.None) return new(e);
        return SocketSyscalls.Keep(socket!, socket!.SendAsync(current, new SendRequest(data, flags) { To = to }));
    }

    [Syscall(45, "recvfrom")]
    public static async ValueTask<SyscallResult> ReceiveFrom(
        LinuxTask current, Fd fd, UserPtr<byte> buffer, ulong length, MessageFlags flags, UserPtr<byte> address, UserPtr<int> addressLength)
    {
        Errno e = UserRange.Buffer(current, buffer.Address, Math.Min(length, UserRange.TransferLimit), out IoIterator data);
        if (e != Errno.None) return e;
        e = SocketSyscalls.Find(current, fd, out UnixSocket? socket);
        if (e != Errno.None) return e;
        var request = new ReceiveRequest(data, flags);
        SyscallResult result = await SocketSyscalls.Keep(socket!, socket!.ReceiveAsync(current, request));
        if (request.Rights != null) InFlightFiles.Discard(request.Rights);
        if (result.IsError || address.IsNull) return result;
        e = SocketAddresses.Write(current, request.From ?? UnixAddress.Unnamed, address, addressLength);
        return e != Errno.None ? e : result;
    }

    [Syscall(46, "sendmsg")]
    public static ValueTask<SyscallResult> SendMessage(LinuxTask current, Fd fd, UserPtr<MessageHeader> message, MessageFlags flags)
    {
        Errno e = SocketSyscalls.Find(current, fd, out UnixSocket? socket);
        return e != Errno.None ? new(e) : SendAsync(current, socket!, message, flags);
    }

    [Syscall(47, "recvmsg")]
    public static ValueTask<SyscallResult> ReceiveMessage(LinuxTask current, Fd fd, UserPtr<MessageHeader> message, MessageFlags flags)
    {
        Errno e = SocketSyscalls.Find(current, fd, out UnixSocket? socket);
        return e != Errno.None ? new(e) : ReceiveAsync(current, socket!, message, flags);
    }

    [Syscall(307, "sendmmsg")]
    public static async ValueTask<SyscallResult> SendMessages(LinuxTask current, Fd fd, UserPtr<MultiMessageHeader> messages, uint count, MessageFlags flags)
    {
        Errno e = SocketSyscalls.Find(current, fd, out UnixSocket? socket);
        if (e != Errno.None) return e;
        count = Math.Min(count, UserRange.PieceLimit);
        for (int i = 0; i < (int)count; i++)
        {
            SyscallResult result = await SendAsync(current, socket!, new UserPtr<MessageHeader>(messages[i].Address), flags);
            if (result.IsError) return i > 0 ? i : result;
            if (!LengthOf(messages[i]).TryWrite(current.Memory, (uint)result.Value)) return i > 0 ? i : Errno.EFAULT;
        }
        return count;
    }

    [Syscall(299, "recvmmsg")]
    public static async ValueTask<SyscallResult> ReceiveMessages(
        LinuxTask current, Fd fd, UserPtr<MultiMessageHeader> messages, uint count, MessageFlags flags, UserPtr<TimeSpec> timeout)
    {
        Errno e = Deadlines.Read(current, timeout, out long deadline);
        if (e != Errno.None) return e;
        e = SocketSyscalls.Find(current, fd, out UnixSocket? socket);
        if (e != Errno.None) return e;
        count = Math.Min(count, UserRange.PieceLimit);
        for (int i = 0; i < (int)count; i++)
        {
            SyscallResult result = await ReceiveAsync(current, socket!, new UserPtr<MessageHeader>(messages[i].Address), flags & ~MessageFlags.WaitForOne);
            if (result.IsError) return i > 0 ? i : result;
            if (!LengthOf(messages[i]).TryWrite(current.Memory, (uint)result.Value)) return i > 0 ? i : Errno.EFAULT;
            if ((flags & MessageFlags.WaitForOne) != 0) flags |= MessageFlags.DontWait;
            if (deadline != Deadlines.Never && Deadlines.Left(current, deadline) == 0) return i + 1; // looked at between messages only
        }
        return count;
    }

    private static async ValueTask<SyscallResult> SendAsync(LinuxTask current, UnixSocket socket, UserPtr<MessageHeader> message, MessageFlags flags)
    {
        if (!message.TryRead(current.Memory, out MessageHeader header)) return Errno.EFAULT;
        Errno e = ReadHeader(current, header, out IoIterator data);
        UnixAddress? to = null;
        if (e == Errno.None && header.Name != 0 && header.NameLength != 0)
        {
            e = ReadAddress(current, new UserPtr<byte>(header.Name), header.NameLength, out to);
        }
        if (e != Errno.None) return e;
        e = ControlMessages.Read(current, header.Control, header.ControlLength, out OpenFile[]? rights, out PeerCredential? credential);
        if (e != Errno.None) return e;
        var request = new SendRequest(data, flags) { To = to, Rights = rights, Credential = credential };
        SyscallResult result = await SocketSyscalls.Keep(socket, socket.SendAsync(current, request));
        if (request.Rights != null) InFlightFiles.Discard(request.Rights); // no message has taken them
        return result;
    }

    private static async ValueTask<SyscallResult> ReceiveAsync(LinuxTask current, UnixSocket socket, UserPtr<MessageHeader> message, MessageFlags flags)
    {
        if (!message.TryRead(current.Memory, out MessageHeader header)) return Errno.EFAULT;
        Errno e = ReadHeader(current, header, out IoIterator data);
        if (e != Errno.None) return e;
        var request = new ReceiveRequest(data, flags);
        SyscallResult result = await SocketSyscalls.Keep(socket, socket.ReceiveAsync(current, request));
        if (result.IsError)
        {
            if (request.Rights != null) InFlightFiles.Discard(request.Rights);
            return result;
        }
        header.ControlLength = (ulong)ControlMessages.Write(current, request, socket.PassesCredentials, header.Control, header.ControlLength);
        header.Flags = (uint)(request.Found | (flags & MessageFlags.CloseOnExec));
        if (header.Name != 0)
        {
            byte[] from = (request.From ?? UnixAddress.Unnamed).Encode();
            if (request.From == null) from = [];
            if (!new UserPtr<byte>(header.Name).TryWrite(current.Memory, from.AsSpan(0, Math.Min(from.Length, header.NameLength)))) return Errno.EFAULT;
            header.NameLength = from.Length;
        }
        return message.TryWrite(current.Memory, header) ? result : Errno.EFAULT;
    }

    private static Errno ReadHeader(LinuxTask current, in MessageHeader header, out IoIterator data)
    {
        data = current.Io;
        if (header.VectorLength > UserRange.PieceLimit) return Errno.EMSGSIZE;
        if (header.Name != 0 && header.NameLength < 0) return Errno.EINVAL;
        return UserRange.Vector(current, new UserPtr<IoVec>(header.Vector), header.VectorLength, out data);
    }

    private static Errno ReadAddress(LinuxTask current, UserPtr<byte> address, int length, out UnixAddress? to)
    {
        to = null;
        Errno e = SocketAddresses.Read(current, address, length, out byte[] bytes);
        return e != Errno.None ? e : UnixAddress.Decode(bytes, out to);
    }

    private static UserPtr<uint> LengthOf(UserPtr<MultiMessageHeader> message)
    {
        const int lengthOffset = 56;
        return new UserPtr<uint>(message.Address + lengthOffset);
    }
}
