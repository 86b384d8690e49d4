using Kennel.Machine;

namespace Kennel.FileSystems.Host;

/// <summary>
/// All cached pages of host files in one machine. It bounds them, and gives frames back when the machine runs out: files
/// that were not read for longest lose theirs first, mapped pages and such as the guest may have written stay.
/// </summary>
public sealed class HostPagePool
{
    // guard-note: the kernel lock. Read last at the end.
    private readonly LinkedList<HostPageCache> _caches = new();
    private readonly int _most;
    private int _count;

    /// <param name="kernel">The machine.</param>
    /// <param name="most">The most pages to keep without need; by default a quarter of the machine's memory.</param>
    public HostPagePool(Kernel kernel, int? most = null)
    {
        Kernel = kernel;
        Began = kernel.Time.Realtime;
        FramePool frames = kernel.Frames;
        _most = most ?? Math.Min(frames.Limit / 4, 1 << 18);
        Func<bool>? before = frames.Reclaim;
        frames.Reclaim = () => Reclaim(64) || before?.Invoke() == true;
    }

    internal Kernel Kernel { get; }

    /// <summary>When the first page can have been read, in nanoseconds since 1970.</summary>
    internal long Began { get; }

    internal FramePool Frames => Kernel.Frames;

    /// <summary>Pages cached now.</summary>
    public int Count => _count;

    /// <summary>Pages were read into a cache.</summary>
    internal void Grew(HostPageCache cache, int pages)
    {
        _count += pages;
        if (cache.Place.List == null) _caches.AddLast(cache.Place);
        else if (cache.Place.Next != null)
        {
            _caches.Remove(cache.Place);
            _caches.AddLast(cache.Place);
        }
        if (_count > _most) Reclaim(_most / 8);
    }

    /// <summary>Pages left a cache.</summary>
    internal void Shrank(HostPageCache cache, int pages)
    {
        _count -= pages;
        if (cache.Count == 0 && cache.Place.List != null) _caches.Remove(cache.Place);
    }

    /// <summary>Writes changed pages of one file system to the host.</summary>
    internal void WriteBack(HostFileSystem host)
    {
        foreach (HostPageCache cache in _caches.ToArray())
        {
            if (cache.Owner == host) cache.WriteBack();
        }
    }

    /// <summary>Forgets the pages of one file system.</summary>
    internal void Drop(HostFileSystem host)
    {
        foreach (HostPageCache cache in _caches.ToArray())
        {
            if (cache.Owner == host) cache.Clear();
        }
    }

    private bool Reclaim(int wanted)
    {
        int freed = 0;
        LinkedListNode<HostPageCache>? place = _caches.First;
        while (place != null && freed < wanted)
        {
            LinkedListNode<HostPageCache>? next = place.Next;
            freed += place.Value.Shrink(wanted - freed);
            place = next;
        }
        return freed > 0;
    }
}
