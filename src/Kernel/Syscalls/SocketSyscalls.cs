using Kennel.Abi;
using Kennel.Files;
using Kennel.Files.Sockets;
using Kennel.Memory;
using Kennel.Tasks;

namespace Kennel.Syscalls;

/// <summary>Making, naming and connecting sockets (man 2 socket, bind, listen, accept, connect). Only the Unix family exists.</summary>
public static class SocketSyscalls
{
    private const int TypeMask = 15, Internet = 2, Internet6 = 10, Netlink = 16;
    private const OpenFlags TypeFlags = OpenFlags.NonBlock | OpenFlags.CloseOnExec;

    [Syscall(41, "socket")]
    public static SyscallResult Socket(LinuxTask current, int family, uint type, int protocol)
    {
        Errno e = Check(current, family, type, protocol, out SocketType kind, out OpenFlags flags);
        if (e != Errno.None) return e;
        var socket = new UnixSocket(current, kind, flags & OpenFlags.NonBlock);
        return Descriptors.Install(current, socket, (flags & OpenFlags.CloseOnExec) != 0);
    }

    [Syscall(53, "socketpair")]
    public static SyscallResult SocketPair(LinuxTask current, int family, uint type, int protocol, UserPtr<int> result)
    {
        Errno e = Check(current, family, type, protocol, out SocketType kind, out OpenFlags flags);
        if (e == Errno.EAFNOSUPPORT && family is Internet or Internet6 or Netlink) return Errno.EOPNOTSUPP; // they never have pairs
        if (e != Errno.None) return e;
        (UnixSocket one, UnixSocket two) = UnixSocket.Pair(current, kind, flags & OpenFlags.NonBlock);
        bool closeOnExec = (flags & OpenFlags.CloseOnExec) != 0;
        SyscallResult first = Descriptors.Install(current, one, closeOnExec);
        if (first.IsError)
        {
            two.Release();
            return first;
        }
        SyscallResult second = Descriptors.Install(current, two, closeOnExec);
        if (!second.IsError && result.TryWrite(current.Memory, [(int)first.Value, (int)second.Value])) return 0;
        current.Files!.Close(new Fd((int)first.Value));
        if (second.IsError) return second;
        current.Files.Close(new Fd((int)second.Value));
        return Errno.EFAULT;
    }

    [Syscall(49, "bind")]
    public static SyscallResult Bind(LinuxTask current, Fd fd, UserPtr<byte> address, int length)
    {
        Errno e = Find(current, fd, out UnixSocket? socket);
        if (e != Errno.None) return e;
        e = SocketAddresses.Read(current, address, length, out byte[] bytes);
        if (e != Errno.None) return e;
        e = UnixAddress.Decode(bytes, out UnixAddress name);
        return e != Errno.None ? e : socket!.Bind(current, name);
    }

    [Syscall(50, "listen")]
    public static SyscallResult Listen(LinuxTask current, Fd fd, int backlog)
    {
        Errno e = Find(current, fd, out UnixSocket? socket);
        return e != Errno.None ? e : socket!.Listen(current, backlog);
    }

    [Syscall(42, "connect")]
    public static ValueTask<SyscallResult> Connect(LinuxTask current, Fd fd, UserPtr<byte> address, int length)
    {
        Errno e = Find(current, fd, out UnixSocket? socket);
        if (e != Errno.None) return new(e);
        e = SocketAddresses.Read(current, address, length, out byte[] bytes);
        if (e != Errno.None) return new(e);
        UnixAddress? name = null;
        bool disconnects = !socket!.IsConnectionBased && bytes.Length >= 2 && bytes[0] == 0 && bytes[1] == 0; // AF_UNSPEC
        if (!disconnects) e = UnixAddress.Decode(bytes, out name);
        return e != Errno.None ? new(e) : Keep(socket, socket.ConnectAsync(current, name));
    }

    [Syscall(43, "accept")]
    public static ValueTask<SyscallResult> Accept(LinuxTask current, Fd fd, UserPtr<byte> address, UserPtr<int> length) =>
        Accept4(current, fd, address, length, OpenFlags.ReadOnly);

    [Syscall(288, "accept4")]
    public static async ValueTask<SyscallResult> Accept4(LinuxTask current, Fd fd, UserPtr<byte> address, UserPtr<int> length, OpenFlags flags)
    {
        if ((flags & ~TypeFlags) != 0) return Errno.EINVAL;
        Errno e = Find(current, fd, out UnixSocket? socket);
        if (e != Errno.None) return e;
        if (!current.Files!.HasRoom(FileLimits.OpenFiles(current))) return Errno.EMFILE;
        socket!.AddReference();
        (e, UnixSocket? accepted) = await socket.AcceptAsync(current);
        socket.Release();
        if (e != Errno.None) return e;
        accepted!.Flags |= flags & OpenFlags.NonBlock;
        _ = accepted.GetPeerAddress(out UnixAddress peer); // the client may be gone already: then it has no name
        e = address.IsNull ? Errno.None : SocketAddresses.Write(current, peer, address, length);
        if (e == Errno.None) return Descriptors.Install(current, accepted, (flags & OpenFlags.CloseOnExec) != 0);
        accepted.Release();
        return e;
    }

    [Syscall(51, "getsockname")]
    public static SyscallResult GetSockName(LinuxTask current, Fd fd, UserPtr<byte> address, UserPtr<int> length)
    {
        Errno e = Find(current, fd, out UnixSocket? socket);
        return e != Errno.None ? e : SocketAddresses.Write(current, socket!.Address ?? UnixAddress.Unnamed, address, length);
    }

    [Syscall(52, "getpeername")]
    public static SyscallResult GetPeerName(LinuxTask current, Fd fd, UserPtr<byte> address, UserPtr<int> length)
    {
        Errno e = Find(current, fd, out UnixSocket? socket);
        if (e != Errno.None) return e;
        e = socket!.GetPeerAddress(out UnixAddress peer);
        return e != Errno.None ? e : SocketAddresses.Write(current, peer, address, length);
    }

    [Syscall(48, "shutdown")]
    public static SyscallResult Shutdown(LinuxTask current, Fd fd, int how)
    {
        Errno e = Find(current, fd, out UnixSocket? socket);
        if (e != Errno.None) return e;
        return how is < 0 or > 2 ? Errno.EINVAL : socket!.Shutdown((ShutdownSides)(how + 1));
    }

    /// <summary>The socket behind a descriptor: EBADF, ENOTSOCK.</summary>
    internal static Errno Find(LinuxTask current, Fd fd, out UnixSocket? socket)
    {
        OpenFile? file = current.FileAt(fd);
        socket = file as UnixSocket;
        if (file == null) return Errno.EBADF;
        return socket == null ? Errno.ENOTSOCK : Errno.None;
    }

    /// <summary>Another thread may close the descriptor while a call sleeps: the socket must live on.</summary>
    internal static ValueTask<SyscallResult> Keep(UnixSocket socket, ValueTask<SyscallResult> call)
    {
        return call.IsCompletedSuccessfully ? call : KeepAsync();

        async ValueTask<SyscallResult> KeepAsync()
        {
            socket.AddReference();
            SyscallResult result = await call;
            socket.Release();
            return result;
        }
    }

    private static Errno Check(LinuxTask current, int family, uint type, int protocol, out SocketType kind, out OpenFlags flags)
    {
        const int families = 46; // AF_MAX
        kind = (SocketType)(type & TypeMask);
        flags = (OpenFlags)(type & ~(uint)TypeMask);
        if ((flags & ~TypeFlags) != 0) return Errno.EINVAL;
        if (family is < 0 or >= families) return Errno.EAFNOSUPPORT;
        if ((int)kind is < 0 or > 10) return Errno.EINVAL;
        if (family != UnixAddress.Family)
        {
            current.Kernel.Log.WriteOnce($"sockets of family {family} are not supported");
            return Errno.EAFNOSUPPORT; // as a kernel that is built without networks
        }
        if (protocol != 0 && protocol != UnixAddress.Family) return Errno.EPROTONOSUPPORT;
        if (kind == SocketType.Raw) kind = SocketType.Datagram;
        return kind is SocketType.Stream or SocketType.Datagram or SocketType.SequencedPacket ? Errno.None : Errno.ESOCKTNOSUPPORT;
    }
}
