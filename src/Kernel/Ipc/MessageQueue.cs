using Kennel.Abi;
using Kennel.Credentials;
using Kennel.Namespaces;
using Kennel.Tasks;
using Kennel.Waiting;

namespace Kennel.Ipc;

/// <summary>A System V message queue (man 2 msgop; Linux: ipc/msg.c).</summary>
public sealed class MessageQueue : IpcObject
{
    /// <summary>MSGMAX, MSGMNB, and the most bytes in all queues together.</summary>
    public const int LargestMessage = 8192, DefaultBytes = 16384, MostInAll = 64 << 20;

    private readonly IpcNamespace _owner;
    private readonly LinkedList<Message> _messages = [];
    private readonly WaitQueue _senders = new(), _receivers = new();
    private PidNumbers? _lastSender, _lastReceiver;
    private long _sendTime, _receiveTime;
    private ulong _mostBytes = DefaultBytes;

    public MessageQueue(LinuxTask creator, IpcNamespace owner, int key, uint mode)
        : base(creator, key, mode) => _owner = owner;

    /// <summary>Bytes of all messages in it.</summary>
    public long Bytes { get; private set; }

    public int Count => _messages.Count;

    /// <summary>msgsnd. Linux: do_msgsnd.</summary>
    public async ValueTask<Errno> SendAsync(LinuxTask current, long type, byte[] content, bool wait)
    {
        Errno e = Check(current.Credential, 0x92);
        if (e != Errno.None) return e;
        if (!HasRoom(content.Length))
        {
            if (!wait) return Errno.EAGAIN;
            (MessageQueue, int Length) state = (this, content.Length);
            e = await _senders.WaitAsync(current, state, static s => s.Item1.IsRemoved || s.Item1.HasRoom(s.Length), WaitMode.Interruptible);
            if (e != Errno.None) return Errno.EINTR;
        }
        if (IsRemoved) return Errno.EIDRM;
        _messages.AddLast(new Message(type, content));
        Account(content.Length);
        _lastSender = current.Group.Leader.Numbers;
        _sendTime = Now;
        _receivers.WakeAll();
        return Errno.None;
    }

    /// <summary>msgrcv. Linux: do_msgrcv.</summary>
    /// <param name="current">The caller.</param>
    /// <param name="type">0 for the first; positive for a type; negative for the lowest type up to its absolute value.</param>
    /// <param name="room">The most bytes that the caller takes.</param>
    /// <param name="flags">IPC_NOWAIT, MSG_NOERROR, MSG_EXCEPT, MSG_COPY.</param>
    public async ValueTask<(Errno Error, long Type, byte[] Content)> ReceiveAsync(LinuxTask current, long type, long room, IpcFlags flags)
    {
        var request = new Request(this, current, type, room, flags);
        Errno e = Check(current.Credential, 0x124);
        if (e == Errno.None && !request.TryTake())
        {
            if ((flags & (IpcFlags.IPC_NOWAIT | IpcFlags.MSG_COPY)) != 0) return (Errno.ENOMSG, 0, []);
            e = await _receivers.WaitAsync(current, request, static r => r.TryTake(), WaitMode.Interruptible);
            if (e != Errno.None) e = Errno.EINTR;
        }
        return e != Errno.None ? (e, 0, []) : (request.Error, request.Taken?.Type ?? 0, request.Taken?.Content ?? []);
    }

    /// <summary>IPC_RMID: who waits gets EIDRM.</summary>
    public void Remove()
    {
        _owner.MessageQueues.Remove(this);
        Account(-Bytes);
        _messages.Clear();
        _senders.WakeAll();
        _receivers.WakeAll();
    }

    /// <summary>IPC_SET's own part; more than the default takes a capability. Linux: msgctl_down.</summary>
    public Errno SetMostBytes(Credential who, ulong bytes)
    {
        if (bytes > DefaultBytes && !who.Has(Capability.SysResource)) return Errno.EPERM;
        _mostBytes = bytes;
        _senders.WakeAll();
        return Errno.None;
    }

    /// <summary>IPC_STAT.</summary>
    public MessageQueueRecord Describe(LinuxTask viewer) => new()
    {
        Permission = Describe(),
        SendTime = _sendTime,
        ReceiveTime = _receiveTime,
        ChangeTime = ChangeTime,
        Bytes = (ulong)Bytes,
        Messages = (ulong)Count,
        MostBytes = _mostBytes,
        LastSender = NumberOf(_lastSender, viewer),
        LastReceiver = NumberOf(_lastReceiver, viewer),
    };

    private bool HasRoom(int length) =>
        (ulong)(Bytes + length) <= _mostBytes && (ulong)Count + 1 <= _mostBytes && _owner.MessageBytes + length + Count <= MostInAll;

    private void Account(long bytes)
    {
        Bytes += bytes;
        _owner.MessageBytes += bytes;
    }

    // Linux: find_msg and testmsg.
    private LinkedListNode<Message>? Find(long type, IpcFlags flags)
    {
        LinkedListNode<Message>? best = null;
        bool copy = (flags & IpcFlags.MSG_COPY) != 0, except = (flags & IpcFlags.MSG_EXCEPT) != 0;
        long number = 0;
        for (LinkedListNode<Message>? at = _messages.First; at != null; at = at.Next, number++)
        {
            if (copy ? number == type : type == 0 || (type > 0 && (at.Value.Type == type) != except)) return at;
            if (!copy && type < 0 && at.Value.Type <= -type && (best == null || at.Value.Type < best.Value.Type)) best = at;
        }
        return best;
    }

    private sealed record Message(long Type, byte[] Content);

    /// <summary>A call to msgrcv; the sleeper's condition is that it could take a message.</summary>
    private sealed class Request(MessageQueue queue, LinuxTask current, long type, long room, IpcFlags flags)
    {
        public Message? Taken { get; private set; }

        public Errno Error { get; private set; }

        /// <summary>Takes a message if there is one for it; true also when it has failed.</summary>
        public bool TryTake()
        {
            if (queue.IsRemoved)
            {
                Error = Errno.EIDRM;
                return true;
            }
            LinkedListNode<Message>? found = queue.Find(type, flags);
            if (found == null) return false;
            if (found.Value.Content.Length > room && (flags & IpcFlags.MSG_NOERROR) == 0)
            {
                Error = Errno.E2BIG;
                return true;
            }
            Taken = found.Value;
            if ((flags & IpcFlags.MSG_COPY) != 0) return true;
            queue._messages.Remove(found);
            queue.Account(-Taken.Content.Length);
            queue._lastReceiver = current.Group.Leader.Numbers;
            queue._receiveTime = queue.Now;
            queue._senders.WakeAll();
            return true;
        }
    }
}
