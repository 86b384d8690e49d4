using System.Runtime.CompilerServices;
using Kennel.Abi;
using Kennel.Syscalls;
using Kennel.Tasks;
using Kennel.Waiting;

namespace Kennel.Files.Sockets;

/// <summary>Streams: bytes without boundaries, but for those that descriptors and credentials draw.</summary>
public sealed partial class UnixSocket
{
    private const int ChunkSize = 32 << 10;

    private byte? _urgent;

    // Linux: unix_stream_sendmsg.
    private ValueTask<SyscallResult> SendStream(LinuxTask current, SendRequest request)
    {
        if (request.To != null) return new(State == UnixSocketState.Connected ? Errno.EISCONN : Errno.EOPNOTSUPP);
        if (_peer == null && State != UnixSocketState.Connected) return new(Errno.ENOTCONN);
        if (IsSendOver) return new(BrokenPipe(current, request, 0));
        if ((request.Flags & MessageFlags.OutOfBand) != 0) return new(SendUrgent(request));
        long sent = 0;
        Errno e = PushStream(current, request, ref sent);
        if (e != Errno.None || request.Data.Remaining == 0) return new(sent > 0 ? sent : e);
        if (MayNotWait(request.Flags)) return new(sent > 0 ? sent : Errno.EAGAIN);
        return SendStreamSlowAsync(current, request, sent);
    }

    [AsyncMethodBuilder(typeof(KernelMethodBuilder<>))]
    private async ValueTask<SyscallResult> SendStreamSlowAsync(LinuxTask current, SendRequest request, long sent)
    {
        long deadline = Deadline(_sendTimeout);
        while (true)
        {
            Errno e = await _writeWaiters.WaitAsync(
                current, this, static s => s._sent < s._sendBuffer || s.IsSendOver, WaitMode.Interruptible, deadline);
            if (e != Errno.None) return sent > 0 ? sent : SleepError(e, deadline);
            if (IsSendOver) return BrokenPipe(current, request, sent);
            e = PushStream(current, request, ref sent);
            if (e != Errno.None || request.Data.Remaining == 0) return sent > 0 ? sent : e;
        }
    }

    // Differs from Linux: only the urgent byte goes, and reading does not stop at its place in the stream.
    private SyscallResult SendUrgent(SendRequest request)
    {
        if (request.Data.Remaining != 1) return request.Data.Remaining == 0 ? 0 : Errno.EOPNOTSUPP;
        Span<byte> value = stackalloc byte[1];
        if (request.Data.CopyFrom(value) == 0) return Errno.EFAULT;
        _peer!._urgent = value[0];
        _peer._readWaiters.WakeAll((int)PollEvents.Priority);
        return 1;
    }

    private SyscallResult ReceiveUrgent(ReceiveRequest request)
    {
        if (_urgent is not { } value) return Errno.EINVAL;
        if (request.Data.CopyTo([value]) == 0) return request.Data.Remaining == 0 ? 0 : Errno.EFAULT;
        if (!request.IsPeek) _urgent = null;
        request.Found |= MessageFlags.OutOfBand;
        return 1;
    }

    private bool IsSendOver => (_shutdown & ShutdownSides.Send) != 0 || _peer == null || _peer.State == UnixSocketState.Closed
        || (_peer._shutdown & ShutdownSides.Receive) != 0;

    private Errno PushStream(LinuxTask current, SendRequest request, ref long sent)
    {
        while (request.Data.Remaining > 0 && _sent < _sendBuffer)
        {
            int want = (int)Math.Min(Math.Min(ChunkSize, Math.Max(_sendBuffer / 2, 1)), request.Data.Remaining);
            if (!_kernel.Vfs.TryCharge(SocketMessage.CostOf(want))) return Errno.ENOBUFS;
            var message = new SocketMessage(this, request.Data, want, request.Credential ?? PeerCredential.Of(current));
            if (message.Length < want && message.Length == 0)
            {
                Free(message);
                return Errno.EFAULT;
            }
            Deliver(_peer!, message, request);
            sent += message.Length;
            if (message.Length < want) return Errno.EFAULT;
        }
        return Errno.None;
    }

    private void Deliver(UnixSocket target, SocketMessage message, SendRequest request)
    {
        if (request.Rights is { } rights)
        {
            message.Rights = rights;
            request.Rights = null;
            InFlightFiles.Depart(_kernel, target, rights);
        }
        _sent += message.Cost;
        target._queue.Enqueue(message);
        target._readWaiters.WakeAll(ReadKey);
    }

    private static SyscallResult BrokenPipe(LinuxTask current, SendRequest request, long sent)
    {
        if (sent > 0) return sent;
        if ((request.Flags & MessageFlags.NoSignal) == 0) FileSignals.BrokenPipe(current);
        return Errno.EPIPE;
    }

    // Linux: unix_stream_read_generic.
    private ValueTask<SyscallResult> ReceiveStream(LinuxTask current, ReceiveRequest request)
    {
        long received = 0;
        bool more = PullStream(request, ref received, out Errno e);
        if (!more) return new(received > 0 ? received : e);
        if (EndOfStream(out e)) return new(received > 0 ? received : e);
        bool waitsForAll = (request.Flags & MessageFlags.WaitAll) != 0;
        if (received > 0 && !waitsForAll) return new(received);
        if (request.Data.Remaining == 0) return new(received);
        if (MayNotWait(request.Flags)) return new(received > 0 ? received : Errno.EAGAIN);
        return ReceiveStreamSlowAsync(current, request, received, waitsForAll);
    }

    [AsyncMethodBuilder(typeof(KernelMethodBuilder<>))]
    private async ValueTask<SyscallResult> ReceiveStreamSlowAsync(LinuxTask current, ReceiveRequest request, long received, bool waitsForAll)
    {
        long deadline = Deadline(_receiveTimeout);
        int seen = _queue.Count; // a peek that waits for all looks again when there is more
        while (true)
        {
            Errno e = await _readWaiters.WaitAsync(
                current, (this, seen: request.IsPeek ? seen : 0), static s => s.Item1.HasNews(s.seen), WaitMode.Interruptible, deadline);
            if (e != Errno.None) return received > 0 ? received : SleepError(e, deadline);
            if (request.IsPeek && received > 0) request.Data.Revert(received);
            if (request.IsPeek) received = 0;
            seen = _queue.Count;
            bool more = PullStream(request, ref received, out e);
            if (!more || request.Data.Remaining == 0 || (received > 0 && !waitsForAll)) return received > 0 ? received : e;
            if (EndOfStream(out e)) return received > 0 ? received : e;
        }
    }

    private bool HasNews(int seen) => _queue.Count > seen || _error != Errno.None || (_shutdown & ShutdownSides.Receive) != 0;

    // Whether nothing more will come; an error is told once.
    private bool EndOfStream(out Errno error)
    {
        error = Errno.None;
        if (_queue.Count > 0) return false;
        error = TakeError();
        return error != Errno.None || (_shutdown & ShutdownSides.Receive) != 0;
    }

    // Takes bytes out of the queue; false when the call is to end with what it has.
    private bool PullStream(ReceiveRequest request, ref long received, out Errno error)
    {
        error = Errno.None;
        int peeked = 0;
        while (request.Data.Remaining > 0 && _queue.Count > peeked)
        {
            SocketMessage message = request.IsPeek ? _queue.ElementAt(peeked) : _queue.Peek();
            bool isFirst = received == 0;
            if (!isFirst && _passesCredentials && message.Credential != request.Credential) return false;
            int want = (int)Math.Min(message.Rest.Length, request.Data.Remaining);
            int went = request.Data.CopyTo(message.Rest[..want]);
            if (went < want)
            {
                error = Errno.EFAULT;
                received += went;
                if (!request.IsPeek) message.Offset += went;
                return false;
            }
            received += went;
            if (isFirst) (request.From, request.Credential) = (message.From, message.Credential);
            bool hasRights = TakeRights(message, request);
            if (request.IsPeek) peeked++;
            else Consume(message, went);
            if (hasRights) return false; // descriptors end a read
        }
        return true;
    }

    private void Consume(SocketMessage message, int bytes)
    {
        message.Offset += bytes;
        if (message.Rest.Length > 0) return;
        _queue.Dequeue();
        Finish(message, dropRights: false);
    }

    private static bool TakeRights(SocketMessage message, ReceiveRequest request)
    {
        if (message.Rights is not { } rights) return false;
        if (request.IsPeek)
        {
            request.Rights = [.. rights.Select(static f => f.AddReference())];
            return true;
        }
        message.Rights = null;
        InFlightFiles.Arrive(rights);
        request.Rights = rights;
        return true;
    }
}
