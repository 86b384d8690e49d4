using Kennel.Abi;
using Kennel.Memory;
using Kennel.Syscalls;
using Kennel.Tasks;
using Kennel.Views;
using Kennel.Waiting;

namespace Kennel.Files.Sockets;

/// <summary>
/// A socket of the Unix family (man 7 unix; Linux: net/unix/af_unix.c). A connected socket knows its peer and puts messages
/// straight into the peer's queue; what lies there counts against the sender's buffer. The parts: naming, connecting, streams,
/// datagrams, options.
/// </summary>
/// <remarks>guard-note: the kernel lock.</remarks>
public sealed partial class UnixSocket : OpenFile
{
    private const int ReadKey = (int)(PollEvents.In | PollEvents.ReadNormal | PollEvents.ReadBand);
    private const int WriteKey = (int)(PollEvents.Out | PollEvents.WriteNormal | PollEvents.WriteBand);

    private readonly Kernel _kernel;
    private readonly Queue<SocketMessage> _queue = new();
    private readonly WaitQueue _readWaiters = new();
    private readonly WaitQueue _writeWaiters = new();
    private UnixSocket? _peer;
    private ShutdownSides _shutdown;
    private Errno _error;
    private int _sent; // cost of the messages that are still in other sockets' queues

    public UnixSocket(LinuxTask creator, SocketType type, OpenFlags flags)
        : base(flags | OpenFlags.ReadWrite)
    {
        _kernel = creator.Kernel;
        Type = type;
        ulong number = _kernel.Vfs.NextNamelessInode();
        NamelessFileSystem home = _kernel.Vfs.SocketFileSystem;
        var inode = new NamelessInode(home, FileType.Socket, number, 0x1ff, creator.Credential.FsUid, creator.Credential.FsGid, _kernel.Time);
        Path = home.Place($"socket:[{number}]", inode);
        _owner = PeerCredential.Of(creator);
    }

    private UnixSocket(UnixSocket listener)
        : base(OpenFlags.ReadWrite)
    {
        _kernel = listener._kernel;
        Type = listener.Type;
        ulong number = _kernel.Vfs.NextNamelessInode();
        NamelessFileSystem home = _kernel.Vfs.SocketFileSystem;
        Path = home.Place($"socket:[{number}]", new NamelessInode(home, FileType.Socket, number, 0x1ff, 0, 0, _kernel.Time));
        Address = listener.Address;
        _sendBuffer = listener._sendBuffer;
        _passesCredentials = listener._passesCredentials;
        _owner = listener._owner;
    }

    public SocketType Type { get; }

    /// <summary>Whether it has two ends (stream, sequenced packets).</summary>
    public bool IsConnectionBased => Type != SocketType.Datagram;

    /// <summary>Where it is in its life.</summary>
    public UnixSocketState State { get; private set; }

    /// <inheritdoc/>
    public override string Description => Path!.Value.Dentry.Name;

    /// <inheritdoc/>
    public override bool CanPoll => true;

    /// <summary>The messages in its queue, for finding sockets that only messages refer to.</summary>
    internal IEnumerable<SocketMessage> Queued => _queue;

    /// <summary>How often it is in messages on their way.</summary>
    internal int InFlight { get; set; }

    private bool IsStream => Type == SocketType.Stream;

    // Linux: unix_writable.
    private bool IsRoomy => State != UnixSocketState.Listening && _sent * 4L <= _sendBuffer;

    /// <inheritdoc/>
    public override ValueTask<SyscallResult> ReadAsync(LinuxTask current, IoIterator destination, long offset) =>
        ReceiveAsync(current, new ReceiveRequest(destination, MessageFlags.None));

    /// <inheritdoc/>
    public override ValueTask<SyscallResult> WriteAsync(LinuxTask current, IoIterator source, long offset) =>
        SendAsync(current, new SendRequest(source, MessageFlags.None));

    /// <summary>send, sendto, sendmsg: answers the bytes taken.</summary>
    [KernelFunction("net/socket.c", "int sock_sendmsg(struct file *sock = this)")]
    [KernelFunction("net/unix/af_unix.c", "int unix_stream_sendmsg(struct file *sock = this)")]
    internal ValueTask<SyscallResult> SendAsync(LinuxTask current, SendRequest request)
    {
        if ((request.Flags & MessageFlags.OutOfBand) != 0 && !IsStream) return new(Errno.EOPNOTSUPP);
        if (IsStream) return SendStream(current, request);
        return SendDatagram(current, request);
    }

    /// <summary>recv, recvfrom, recvmsg: answers the bytes that came; what came along is in the request.</summary>
    [KernelFunction("net/socket.c", "int sock_recvmsg(struct file *sock = this)")]
    [KernelFunction("net/unix/af_unix.c", "int unix_stream_recvmsg(struct file *sock = this)")]
    internal ValueTask<SyscallResult> ReceiveAsync(LinuxTask current, ReceiveRequest request)
    {
        if ((request.Flags & MessageFlags.OutOfBand) != 0) return new(IsStream ? ReceiveUrgent(request) : Errno.EOPNOTSUPP);
        if (!IsStream) return ReceiveDatagram(current, request);
        return State == UnixSocketState.Connected ? ReceiveStream(current, request) : new(Errno.EINVAL);
    }

    /// <summary>Ends one or both directions (man 2 shutdown).</summary>
    public Errno Shutdown(ShutdownSides sides)
    {
        _shutdown |= sides;
        WakeAll();
        if (!IsConnectionBased || _peer == null) return Errno.None;
        if ((sides & ShutdownSides.Send) != 0) _peer._shutdown |= ShutdownSides.Receive;
        if ((sides & ShutdownSides.Receive) != 0) _peer._shutdown |= ShutdownSides.Send;
        _peer.WakeAll();
        return Errno.None;
    }

    // Linux: unix_poll, unix_dgram_poll.
    /// <inheritdoc/>
    public override PollEvents Poll(PollTable? table)
    {
        table?.Listen(_readWaiters);
        table?.Listen(_writeWaiters);
        PollEvents events = PollEvents.None;
        if (_error != Errno.None) events |= PollEvents.Error;
        if (_shutdown == ShutdownSides.Both) events |= PollEvents.HangUp;
        if ((_shutdown & ShutdownSides.Receive) != 0) events |= PollEvents.ReadHangUp | PollEvents.In | PollEvents.ReadNormal;
        if (_urgent != null) events |= PollEvents.Priority;
        if (_queue.Count > 0 || _pending.Count > 0) events |= PollEvents.In | PollEvents.ReadNormal;
        if (IsConnectionBased && State == UnixSocketState.Unconnected) events |= PollEvents.HangUp;
        bool peerIsFull = !IsConnectionBased && _peer is { } peer && peer._peer != this && peer.IsQueueFull;
        if (peerIsFull) table?.Listen(_peer!._writeWaiters);
        if (IsRoomy && !peerIsFull) events |= PollEvents.Out | PollEvents.WriteNormal | PollEvents.WriteBand;
        return events;
    }

    /// <inheritdoc/>
    public override ValueTask<SyscallResult> IoctlAsync(LinuxTask current, uint command, ulong argument)
    {
        switch (command)
        {
            case Ioctl.BytesToRead:
                if (State == UnixSocketState.Listening) return new(Errno.EINVAL);
                int bytes = IsConnectionBased ? _queue.Sum(m => m.Rest.Length) : _queue.TryPeek(out SocketMessage? first) ? first.Length : 0;
                return new(new UserPtr<int>(argument).TryWrite(current.Memory, bytes) ? 0 : Errno.EFAULT);
            case Ioctl.BytesUnsent:
                return new(new UserPtr<int>(argument).TryWrite(current.Memory, _sent) ? 0 : Errno.EFAULT);
            default:
                return new(Errno.ENOTTY);
        }
    }

    // Linux: unix_release_sock.
    /// <inheritdoc/>
    protected override void OnReleased()
    {
        bool hadUnread = _queue.Count > 0 || _urgent != null;
        Unname();
        State = UnixSocketState.Closed;
        UnixSocket? peer = _peer;
        _peer = null;
        if (peer != null && IsConnectionBased && peer._peer == this)
        {
            peer._shutdown = ShutdownSides.Both;
            if (hadUnread) peer._error = Errno.ECONNRESET;
        }
        peer?.WakeAll();
        foreach (UnixSocket embryo in _pending) embryo.Abandon();
        _pending.Clear();
        DropQueue();
        WakeAll();
        InFlightFiles.Collect(_kernel);
    }

    /// <inheritdoc/>
    protected override void OnReferenceLost()
    {
        if (InFlight > 0 && References == InFlight) InFlightFiles.Collect(_kernel); // only messages refer to it now
    }

    /// <summary>Throws away what is in its queue.</summary>
    internal void DropQueue()
    {
        while (_queue.TryDequeue(out SocketMessage? message)) Finish(message, dropRights: true);
    }

    // A connection that nobody has accepted: whoever made it sees a reset.
    private void Abandon()
    {
        if (_peer != null) _peer._error = Errno.ECONNRESET;
        Release();
    }

    private void Finish(SocketMessage message, bool dropRights)
    {
        UnixSocket sender = message.Sender;
        sender._sent -= message.Cost;
        if (sender.IsRoomy) sender._writeWaiters.WakeAll(WriteKey);
        if (dropRights && message.Rights != null) InFlightFiles.Drop(message.Rights);
        message.Rights = null;
        Free(message);
    }

    private void Free(SocketMessage message)
    {
        message.Free();
        _kernel.Vfs.Uncharge(message.Cost);
    }

    private void WakeAll()
    {
        _readWaiters.WakeAll();
        _writeWaiters.WakeAll();
    }

    private Errno TakeError()
    {
        Errno error = _error;
        _error = Errno.None;
        return error;
    }

    private bool MayNotWait(MessageFlags flags) => IsNonBlocking || (flags & MessageFlags.DontWait) != 0;

    private long Deadline(long timeout) => timeout == 0 ? long.MaxValue : _kernel.Time.Monotonic + timeout;

    // What a sleep that did not end well means for a call with or without a time-out. Linux: sock_intr_errno.
    private static Errno SleepError(Errno error, long deadline) => error switch
    {
        Errno.ETIMEDOUT => Errno.EAGAIN,
        Errno.ERESTARTSYS when deadline != long.MaxValue => Errno.EINTR,
        _ => error,
    };
}

/// <summary>Where a socket is in its life.</summary>
public enum UnixSocketState
{
    Unconnected,
    Listening,
    Connected,
    Closed,
}
