using Kennel.Abi;
using Kennel.Syscalls;
using Kennel.Tasks;
using Kennel.Views;
using Kennel.Waiting;

namespace Kennel.Files.Sockets;

/// <summary>
/// Connections. connect makes the server's end at once and puts it into the listener's queue; both ends can send before
/// accept takes it out.
/// </summary>
public sealed partial class UnixSocket
{
    private readonly Queue<UnixSocket> _pending = new();
    private int _backlog;
    private PeerCredential _owner, _peerCredential = PeerCredential.None;

    /// <summary>Who is at the other end (SO_PEERCRED).</summary>
    public PeerCredential PeerCredential => _peerCredential;

    /// <summary>Two sockets that are connected with each other (man 2 socketpair).</summary>
    public static (UnixSocket One, UnixSocket Two) Pair(LinuxTask current, SocketType type, OpenFlags flags)
    {
        var one = new UnixSocket(current, type, flags);
        var two = new UnixSocket(current, type, flags);
        (one._peer, two._peer) = (two, one);
        one._peerCredential = two._peerCredential = PeerCredential.Of(current);
        if (type != SocketType.Datagram) one.State = two.State = UnixSocketState.Connected;
        return (one, two);
    }

    /// <summary>Waits for connections from now on (man 2 listen).</summary>
    [KernelFunction("net/unix/af_unix.c", "int unix_listen(struct file *sock = this, int backlog)")]
    public Errno Listen(LinuxTask current, int backlog)
    {
        const int most = 4096; // net.core.somaxconn
        if (!IsConnectionBased) return Errno.EOPNOTSUPP;
        if (Address == null || State is not (UnixSocketState.Unconnected or UnixSocketState.Listening)) return Errno.EINVAL;
        _backlog = (uint)backlog > most ? most : backlog;
        State = UnixSocketState.Listening;
        _peerCredential = _owner = PeerCredential.Of(current); // clients see who listens
        _writeWaiters.WakeAll();
        return Errno.None;
    }

    /// <summary>Connects (man 2 connect); a null address takes a datagram socket's peer away.</summary>
    [KernelFunction("net/unix/af_unix.c", "int unix_stream_connect(struct file *sock = this)")]
    public ValueTask<SyscallResult> ConnectAsync(LinuxTask current, UnixAddress? address)
    {
        if (!IsConnectionBased) return new(SetDatagramPeer(current, address));
        if (address == null) return new(Errno.EINVAL);
        if (State == UnixSocketState.Connected) return new(Errno.EISCONN);
        if (State == UnixSocketState.Listening) return new(Errno.EINVAL);
        if (_passesCredentials && Address == null) AutoBind();
        Errno e = Find(current, address, out UnixSocket? listener);
        if (e != Errno.None) return new(e);
        if (listener!.CannotConnect) return new(Errno.ECONNREFUSED);
        if (!listener.IsBacklogFull) return new(Join(current, listener));
        return IsNonBlocking ? new(Errno.EAGAIN) : WaitAndConnectAsync(current, address, listener);
    }

    private async ValueTask<SyscallResult> WaitAndConnectAsync(LinuxTask current, UnixAddress address, UnixSocket listener)
    {
        long deadline = Deadline(_sendTimeout);
        while (true)
        {
            Errno e = await listener._writeWaiters.WaitAsync(
                current, listener, static l => l.CannotConnect || !l.IsBacklogFull, WaitMode.Interruptible, deadline);
            if (e != Errno.None) return SleepError(e, deadline);
            if (State != UnixSocketState.Unconnected) return Errno.EISCONN;
            e = Find(current, address, out UnixSocket? found);
            if (e != Errno.None) return e;
            listener = found!;
            if (listener.CannotConnect) return Errno.ECONNREFUSED;
            if (!listener.IsBacklogFull) return Join(current, listener);
        }
    }

    /// <summary>Takes a connection out of the queue (man 2 accept).</summary>
    [KernelFunction("net/unix/af_unix.c", "int unix_accept(struct file *sock = this)", Result = "returned.Error")]
    public ValueTask<(Errno Error, UnixSocket? Accepted)> AcceptAsync(LinuxTask current)
    {
        if (!IsConnectionBased) return new((Errno.EOPNOTSUPP, null));
        if (State != UnixSocketState.Listening) return new((Errno.EINVAL, null));
        if (_pending.Count > 0) return new((Errno.None, TakePending()));
        return IsNonBlocking ? new((Errno.EAGAIN, null)) : WaitAndAcceptAsync(current);
    }

    private async ValueTask<(Errno Error, UnixSocket? Accepted)> WaitAndAcceptAsync(LinuxTask current)
    {
        long deadline = Deadline(_receiveTimeout);
        while (_pending.Count == 0)
        {
            if ((_shutdown & ShutdownSides.Receive) != 0) return (Errno.EINVAL, null);
            Errno e = await _readWaiters.WaitAsync(
                current, this, static s => s._pending.Count > 0 || (s._shutdown & ShutdownSides.Receive) != 0, WaitMode.Interruptible, deadline, exclusive: true);
            if (e != Errno.None) return (SleepError(e, deadline), null);
        }
        return (Errno.None, TakePending());
    }

    private bool CannotConnect => State != UnixSocketState.Listening || (_shutdown & ShutdownSides.Receive) != 0;

    private bool IsBacklogFull => _pending.Count > _backlog;

    private SyscallResult Join(LinuxTask current, UnixSocket listener)
    {
        var server = new UnixSocket(listener) { State = UnixSocketState.Connected, _peer = this, _peerCredential = PeerCredential.Of(current) };
        _peer = server;
        _peerCredential = listener._peerCredential;
        State = UnixSocketState.Connected;
        listener._pending.Enqueue(server);
        listener._readWaiters.Wake(ReadKey);
        _writeWaiters.WakeAll(WriteKey);
        return 0;
    }

    private UnixSocket TakePending()
    {
        UnixSocket accepted = _pending.Dequeue();
        _writeWaiters.WakeAll(); // others may connect
        return accepted;
    }

    private Errno SetDatagramPeer(LinuxTask current, UnixAddress? address)
    {
        UnixSocket? other = null;
        if (address != null)
        {
            if (_passesCredentials && Address == null) AutoBind();
            Errno e = Find(current, address, out other);
            if (e != Errno.None) return e;
            if (!MaySendTo(other!)) return Errno.EPERM;
        }
        if (other == _peer) return Errno.None;
        UnixSocket? before = _peer;
        _peer = other;
        State = other == null ? UnixSocketState.Unconnected : UnixSocketState.Connected;
        if (before == null) return Errno.None;
        DropQueue(); // what came from the old peer is of no use
        before.WakeAll();
        return Errno.None;
    }

    // A connected datagram socket takes messages from its peer only. Linux: unix_may_send.
    private bool MaySendTo(UnixSocket other) => other._peer == null || other._peer == this;
}
