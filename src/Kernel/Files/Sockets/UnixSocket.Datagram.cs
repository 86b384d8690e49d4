using Kennel.Abi;
using Kennel.Syscalls;
using Kennel.Tasks;
using Kennel.Waiting;

namespace Kennel.Files.Sockets;

/// <summary>Datagrams and sequenced packets: each send is one message, each receive takes one.</summary>
public sealed partial class UnixSocket
{
    private const int QueueLimit = 10; // net.unix.max_dgram_qlen

    private bool IsQueueFull => _queue.Count > QueueLimit;

    // Linux: unix_dgram_sendmsg, unix_seqpacket_sendmsg.
    private ValueTask<SyscallResult> SendDatagram(LinuxTask current, SendRequest request)
    {
        if (IsConnectionBased && State != UnixSocketState.Connected) return new(Errno.ENOTCONN);
        UnixSocket? target = _peer;
        if (request.To != null && !IsConnectionBased)
        {
            Errno e = Find(current, request.To, out target);
            if (e != Errno.None) return new(e);
        }
        if (target == null) return new(IsConnectionBased ? BrokenPipe(current, request, 0) : Errno.ENOTCONN);
        if (_passesCredentials && Address == null && !IsConnectionBased) AutoBind();
        if (request.Data.Remaining > _sendBuffer - 32) return new(Errno.EMSGSIZE);
        SyscallResult? done = TrySendDatagram(current, request, target);
        if (done != null) return new(done.Value);
        return MayNotWait(request.Flags) ? new(Errno.EAGAIN) : SendDatagramSlowAsync(current, request, target);
    }

    private async ValueTask<SyscallResult> SendDatagramSlowAsync(LinuxTask current, SendRequest request, UnixSocket target)
    {
        long deadline = Deadline(_sendTimeout);
        while (true)
        {
            // Two things may be in the way, each with its own queue: our buffer, and the receiver's queue.
            Errno e = CanBuffer
                ? await target._writeWaiters.WaitAsync(
                    current, (this, target), static s => !s.target.IsQueueFull || s.Item1.IsSendOverTo(s.target), WaitMode.Interruptible, deadline)
                : await _writeWaiters.WaitAsync(
                    current, (this, target), static s => s.Item1.CanBuffer || s.Item1.IsSendOverTo(s.target), WaitMode.Interruptible, deadline);
            if (e != Errno.None) return SleepError(e, deadline);
            SyscallResult? done = TrySendDatagram(current, request, target);
            if (done != null) return done.Value;
        }
    }

    private bool CanBuffer => _sent < _sendBuffer;

    private bool IsSendOverTo(UnixSocket target) => target.State == UnixSocketState.Closed
        || (_shutdown & ShutdownSides.Send) != 0 || (target._shutdown & ShutdownSides.Receive) != 0;

    // Null when it has to wait.
    private SyscallResult? TrySendDatagram(LinuxTask current, SendRequest request, UnixSocket target)
    {
        if ((_shutdown & ShutdownSides.Send) != 0) return BrokenPipe(current, request, 0);
        if (target.State == UnixSocketState.Closed)
        {
            if (IsConnectionBased) return BrokenPipe(current, request, 0);
            if (_peer == target) SetDatagramPeer(current, null);
            return Errno.ECONNREFUSED;
        }
        if (!IsConnectionBased && !MaySendTo(target)) return Errno.EPERM;
        if ((target._shutdown & ShutdownSides.Receive) != 0) return IsConnectionBased ? BrokenPipe(current, request, 0) : Errno.EPIPE;
        if (!CanBuffer || (target._peer != this && target.IsQueueFull)) return null;
        int length = (int)request.Data.Remaining;
        if (!_kernel.Vfs.TryCharge(SocketMessage.CostOf(length))) return Errno.ENOBUFS;
        var message = new SocketMessage(this, request.Data, length, request.Credential ?? PeerCredential.Of(current));
        if (message.Length < length)
        {
            Free(message);
            return Errno.EFAULT;
        }
        Deliver(target, message, request);
        return length;
    }

    // Linux: unix_dgram_recvmsg, unix_seqpacket_recvmsg.
    private ValueTask<SyscallResult> ReceiveDatagram(LinuxTask current, ReceiveRequest request)
    {
        if (IsConnectionBased && State != UnixSocketState.Connected) return new(Errno.ENOTCONN);
        if (_queue.Count > 0) return new(PullDatagram(request));
        Errno e = TakeError();
        if (e != Errno.None) return new(e);
        if ((_shutdown & ShutdownSides.Receive) != 0) return new(MayNotWait(request.Flags) && !IsConnectionBased ? Errno.EAGAIN : 0);
        return MayNotWait(request.Flags) ? new(Errno.EAGAIN) : ReceiveDatagramSlowAsync(current, request);
    }

    private async ValueTask<SyscallResult> ReceiveDatagramSlowAsync(LinuxTask current, ReceiveRequest request)
    {
        long deadline = Deadline(_receiveTimeout);
        while (true)
        {
            Errno e = await _readWaiters.WaitAsync(current, this, static s => s.HasNews(0), WaitMode.Interruptible, deadline, exclusive: true);
            if (e != Errno.None) return SleepError(e, deadline);
            if (_queue.Count > 0) return PullDatagram(request);
            e = TakeError();
            if (e != Errno.None) return e;
            if ((_shutdown & ShutdownSides.Receive) != 0) return 0;
        }
    }

    private SyscallResult PullDatagram(ReceiveRequest request)
    {
        SocketMessage message = _queue.Peek();
        int want = (int)Math.Min(message.Length, request.Data.Remaining);
        int went = request.Data.CopyTo(message.Rest[..want]);
        if (went < want) return Errno.EFAULT;
        (request.From, request.Credential) = (message.From, message.Credential);
        if (went < message.Length) request.Found |= MessageFlags.Truncated;
        if (IsConnectionBased) request.Found |= MessageFlags.EndOfRecord;
        int length = (request.Flags & MessageFlags.Truncated) != 0 ? message.Length : went;
        TakeRights(message, request);
        if (request.IsPeek) return length;
        _queue.Dequeue();
        Finish(message, dropRights: true);
        _writeWaiters.WakeAll(); // there is room in the queue again
        return length;
    }
}
