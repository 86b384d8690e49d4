using Kennel.Abi;
using Kennel.Credentials;
using Kennel.Signals;
using Kennel.Tasks;
using Kennel.Waiting;

namespace Kennel.Files;

/// <summary>A POSIX message queue (man 7 mq_overview; Linux: ipc/mqueue.c): messages by priority, oldest first within one.</summary>
/// <remarks>It lives while it has a name or is open. guard-note: the kernel lock.</remarks>
public sealed class PosixQueue(VfsState vfs, string name, uint mode, Credential owner, int mostMessages, int mostBytes)
{
    private const int MessageOverhead = 64;

    private readonly SortedDictionary<uint, Queue<byte[]>> _byPriority = new(Comparer<uint>.Create(static (a, b) => b.CompareTo(a)));
    private SignalInfo _notification;
    private ThreadGroup? _notified;
    private int _users;

    public string Name => name;

    /// <summary>What open checks.</summary>
    public InodeAttributes Attributes => new()
    {
        Type = FileType.Regular,
        Permissions = mode,
        Uid = owner.FsUid,
        Gid = owner.FsGid,
        Links = 1,
        Size = 80,
        BlockSize = 4096,
    };

    /// <summary>mq_maxmsg.</summary>
    public int MostMessages => mostMessages;

    /// <summary>mq_msgsize.</summary>
    public int MostBytes => mostBytes;

    /// <summary>mq_curmsgs.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes in all messages.</summary>
    public int Bytes { get; private set; }

    public bool IsFull => Count >= mostMessages;

    /// <summary>Sleepers for a message.</summary>
    public WaitQueue Receivers { get; } = new();

    /// <summary>Sleepers for room.</summary>
    public WaitQueue Senders { get; } = new();

    /// <summary>Adds a message; there must be room in the queue. ENOMEM when the machine has none.</summary>
    public Errno Add(LinuxTask sender, byte[] message, uint priority)
    {
        if (!vfs.TryCharge(message.Length + MessageOverhead)) return Errno.ENOMEM;
        if (!_byPriority.TryGetValue(priority, out Queue<byte[]>? line)) _byPriority[priority] = line = new Queue<byte[]>();
        bool notifies = Count == 0 && !Receivers.HasWaiters;
        line.Enqueue(message);
        Count++;
        Bytes += message.Length;
        Receivers.Wake((int)PollEvents.In);
        if (notifies) Notify(sender);
        return Errno.None;
    }

    /// <summary>Takes the first message of the highest priority; there must be one.</summary>
    public byte[] Take(out uint priority)
    {
        (priority, Queue<byte[]> line) = _byPriority.First();
        byte[] message = line.Dequeue();
        if (line.Count == 0) _byPriority.Remove(priority);
        Count--;
        Bytes -= message.Length;
        vfs.Uncharge(message.Length + MessageOverhead);
        Senders.Wake((int)PollEvents.Out);
        return message;
    }

    /// <summary>It has lost its name; with nobody who has it open, the messages go.</summary>
    public void Unlink()
    {
        IsUnlinked = true;
        FreeIfUnused();
    }

    /// <summary>Somebody opens it, or is done with it.</summary>
    internal void CountUser(int change)
    {
        _users += change;
        FreeIfUnused();
    }

    private bool IsUnlinked { get; set; }

    private void FreeIfUnused()
    {
        while (IsUnlinked && _users == 0 && Count > 0) Take(out _);
    }

    /// <summary>Asks for a signal when a message comes into the empty queue (man 3 mq_notify): EBUSY when another process has asked.</summary>
    /// <param name="process">Who asks.</param>
    /// <param name="notification">The signal; none for SIGEV_NONE.</param>
    public Errno Register(ThreadGroup process, SignalInfo notification)
    {
        if (_notified != null) return Errno.EBUSY;
        (_notified, _notification) = (process, notification);
        return Errno.None;
    }

    /// <summary>Takes the request back, if it is this process's.</summary>
    public void Unregister(ThreadGroup process)
    {
        if (_notified == process) _notified = null;
    }

    private void Notify(LinuxTask sender)
    {
        if (_notified is not { } process) return;
        _notified = null;
        if (_notification.Signal == Signal.None) return;
        SignalInfo info = _notification;
        info.Pid = sender.Group.Leader.Numbers.In(process.Leader.Numbers.Owner).Value;
        info.Uid = sender.Credential.Uid;
        process.Send(info);
    }
}
