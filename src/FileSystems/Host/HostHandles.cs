namespace Kennel.FileSystems.Host;

/// <summary>
/// The host descriptors that inodes keep open, so that a file is not opened again for each access; those used longest ago are
/// closed when there are many. An inode that a guest holds open keeps its descriptor.
/// </summary>
internal sealed class HostHandles(int most = HostHandles.Most)
{
    private const int Most = 512;

    // guard-note: the kernel lock. Used last at the end.
    private readonly LinkedList<HostInode> _used = new();

    /// <summary>Descriptors open now.</summary>
    public int Count => _used.Count;

    /// <summary>A descriptor was opened.</summary>
    public LinkedListNode<HostInode> Add(HostInode inode)
    {
        LinkedListNode<HostInode> place = _used.AddLast(inode);
        CloseOld();
        return place;
    }

    /// <summary>A descriptor was used.</summary>
    public void Touch(LinkedListNode<HostInode> place)
    {
        if (place.Next == null) return;
        _used.Remove(place);
        _used.AddLast(place);
    }

    /// <summary>A descriptor was closed.</summary>
    public void Remove(LinkedListNode<HostInode> place) => _used.Remove(place);

    /// <summary>Closes all.</summary>
    public void CloseAll()
    {
        while (_used.First != null) _used.First.Value.CloseHandle();
    }

    private void CloseOld()
    {
        for (int looks = 0; _used.Count > most && looks < 4; looks++)
        {
            LinkedListNode<HostInode> oldest = _used.First!;
            if (oldest.Value.IsHeld || oldest.Next == null) Touch(oldest);
            else oldest.Value.CloseHandle();
        }
    }
}
