namespace Kennel.Files;

/// <summary>One file in an epoll set (Linux: struct epitem).</summary>
internal sealed class EpollItem
{
    public const uint EdgeTriggered = 1u << 31, OneShot = 1 << 30, WakeUp = 1 << 29, Exclusive = 1 << 28;
    private const uint Private = EdgeTriggered | OneShot | WakeUp | Exclusive;

    private readonly PollTable _table;

    public EpollItem(EpollFile owner, OpenFile file, int fd, uint events, ulong data)
    {
        (Owner, File, Fd) = (owner, file, fd);
        Node = new LinkedListNode<EpollItem>(this);
        _table = new PollTable(OnWoken) { IsExclusive = (events & Exclusive) != 0 };
        Change(events, data);
    }

    public EpollFile Owner { get; }

    public OpenFile File { get; }

    public int Fd { get; }

    /// <summary>What is asked for, with EPOLLET and its like.</summary>
    public uint Events { get; private set; }

    public ulong Data { get; private set; }

    /// <summary>Its place in the ready list.</summary>
    public LinkedListNode<EpollItem> Node { get; }

    /// <summary>Begins to listen; answers what is ready already.</summary>
    public PollEvents Begin() => Mask(File.Poll(_table));

    /// <summary>What is ready now.</summary>
    public PollEvents Look() => Mask(File.Poll(null));

    public void Change(uint events, ulong data)
    {
        Events = events | (uint)(PollEvents.Error | PollEvents.HangUp);
        Data = data;
    }

    /// <summary>After EPOLLONESHOT: nothing more until it is modified.</summary>
    public void Disarm() => Events &= Private;

    public void End() => _table.Dispose();

    private PollEvents Mask(PollEvents events) => events & (PollEvents)(Events & ~Private);

    private bool OnWoken(int key)
    {
        if ((Events & ~Private) == 0) return false;
        if (key != 0 && (key & Events & ~Private) == 0) return false;
        return Owner.MakeReady(this);
    }
}
