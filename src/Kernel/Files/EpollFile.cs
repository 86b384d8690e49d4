using Kennel.Abi;
using Kennel.Tasks;
using Kennel.Waiting;

namespace Kennel.Files;

/// <summary>
/// A set of files to be told about (man 7 epoll; Linux: fs/eventpoll.c). Each member listens to its file's wait queues and
/// puts itself into the ready list when something happens; a wait looks at the ready ones only.
/// </summary>
public sealed class EpollFile() : OpenFile(OpenFlags.ReadWrite)
{
    private const int NestingLimit = 5;

    private readonly Dictionary<(OpenFile, int), EpollItem> _items = [];
    private readonly LinkedList<EpollItem> _ready = new();
    private readonly WaitQueue _waiters = new();
    private readonly WaitQueue _pollers = new();

    /// <inheritdoc/>
    public override string Description => "anon_inode:[eventpoll]";

    /// <inheritdoc/>
    public override bool CanPoll => true;

    /// <summary>The members, as /proc/PID/fdinfo shows them.</summary>
    public IEnumerable<(int Fd, uint Events, ulong Data)> Members => _items.Values.Select(i => (i.Fd, i.Events, i.Data));

    /// <summary>EPOLL_CTL_ADD.</summary>
    public Errno Add(OpenFile file, int fd, uint events, ulong data)
    {
        if (_items.ContainsKey((file, fd))) return Errno.EEXIST;
        if (file is EpollFile nested && (nested.Reaches(this, 0) || nested.Depth() >= NestingLimit)) return Errno.ELOOP;
        var item = new EpollItem(this, file, fd, events, data);
        _items[(file, fd)] = item;
        (file.EpollItems ??= []).Add(item);
        if (item.Begin() != PollEvents.None) MakeReady(item);
        return Errno.None;
    }

    /// <summary>EPOLL_CTL_MOD.</summary>
    public Errno Modify(OpenFile file, int fd, uint events, ulong data)
    {
        if (!_items.TryGetValue((file, fd), out EpollItem? item)) return Errno.ENOENT;
        if (((item.Events | events) & EpollItem.Exclusive) != 0) return Errno.EINVAL;
        item.Change(events, data);
        if (item.Look() != PollEvents.None) MakeReady(item);
        return Errno.None;
    }

    /// <summary>EPOLL_CTL_DEL.</summary>
    public Errno Remove(OpenFile file, int fd)
    {
        if (!_items.TryGetValue((file, fd), out EpollItem? item)) return Errno.ENOENT;
        file.EpollItems?.Remove(item);
        Forget(item);
        return Errno.None;
    }

    /// <summary>Hands over up to <paramref name="most"/> events. Linux: ep_send_events.</summary>
    public int Collect(int most, Func<int, EpollEventStruct, bool> deliver, out Errno error)
    {
        error = Errno.None;
        int count = 0;
        LinkedListNode<EpollItem>? last = _ready.Last;
        while (count < most && _ready.First is { } node)
        {
            EpollItem item = node.Value;
            _ready.Remove(node);
            PollEvents events = item.Look();
            if (events != PollEvents.None)
            {
                if (!deliver(count, new EpollEventStruct { Events = (uint)events, Data = item.Data }))
                {
                    _ready.AddFirst(node);
                    error = Errno.EFAULT;
                    break;
                }
                count++;
                if ((item.Events & EpollItem.OneShot) != 0) item.Disarm();
                else if ((item.Events & EpollItem.EdgeTriggered) == 0) _ready.AddLast(node); // looked at again next time
            }
            if (node == last) break;
        }
        if (_ready.Count > 0) _waiters.Wake(); // others may take the rest
        return count;
    }

    /// <summary>Sleeps until something is ready: None, ETIMEDOUT or ERESTARTSYS.</summary>
    public ValueTask<Errno> WaitAsync(LinuxTask current, long deadline) =>
        _waiters.WaitAsync(current, this, static e => e._ready.Count > 0, WaitMode.Interruptible, deadline, exclusive: true);

    /// <summary>Whether nothing is in the ready list.</summary>
    public bool IsIdle => _ready.Count == 0;

    /// <inheritdoc/>
    public override PollEvents Poll(PollTable? table)
    {
        table?.Listen(_pollers);
        for (LinkedListNode<EpollItem>? node = _ready.First; node != null;)
        {
            LinkedListNode<EpollItem>? next = node.Next;
            if (node.Value.Look() != PollEvents.None) return PollEvents.In | PollEvents.ReadNormal;
            _ready.Remove(node);
            node = next;
        }
        return PollEvents.None;
    }

    /// <summary>A member's file tells of a change; answers whether a sleeper was woken.</summary>
    internal bool MakeReady(EpollItem item)
    {
        if (item.Node.List == null) _ready.AddLast(item.Node);
        bool woke = _waiters.HasWaiters;
        _waiters.Wake();
        if (!_pollers.HasWaiters) return woke;
        _pollers.WakeAll((int)PollEvents.In);
        return true;
    }

    /// <summary>The member's file is gone, or it was removed.</summary>
    internal void Forget(EpollItem item)
    {
        item.End();
        if (item.Node.List != null) _ready.Remove(item.Node);
        _items.Remove((item.File, item.Fd));
    }

    /// <inheritdoc/>
    protected override void OnReleased()
    {
        foreach (EpollItem item in _items.Values.ToList())
        {
            item.File.EpollItems?.Remove(item);
            Forget(item);
        }
    }

    private bool Reaches(EpollFile target, int depth)
    {
        if (this == target || depth > NestingLimit) return true;
        return _items.Values.Any(i => i.File is EpollFile nested && nested.Reaches(target, depth + 1));
    }

    private int Depth() => 1 + _items.Values.Select(i => i.File is EpollFile nested ? nested.Depth() : 0).DefaultIfEmpty().Max();
}
