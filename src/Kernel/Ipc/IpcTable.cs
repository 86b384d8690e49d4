using Kennel.Abi;
using Kennel.Tasks;

namespace Kennel.Ipc;

/// <summary>All objects of one kind in an IPC namespace, by id and by key (Linux: ipc/util.c, struct ipc_ids).</summary>
public sealed class IpcTable<T>(int limit)
    where T : IpcObject
{
    private const int IndexBits = 15, IndexMask = (1 << IndexBits) - 1, SequenceLimit = 1 << 16;

    private readonly SortedDictionary<int, T> _byIndex = [];
    private readonly Dictionary<int, T> _byKey = [];
    private int _lastIndex = -1, _sequence;

    /// <summary>All objects, by ascending place.</summary>
    public IReadOnlyCollection<T> All => _byIndex.Values;

    /// <summary>The most objects there may be.</summary>
    public int Limit => limit;

    /// <summary>The greatest place in use; 0 when there is none.</summary>
    public int GreatestIndex => _byIndex.Count == 0 ? 0 : _byIndex.Keys.Last();

    /// <summary>The get calls: finds by key, or makes one. Linux: ipcget.</summary>
    /// <param name="current">The caller.</param>
    /// <param name="key">IPC_PRIVATE for a new one.</param>
    /// <param name="flags">IPC_CREAT, IPC_EXCL and permission bits.</param>
    /// <param name="fits">Checks an object that is there already: EINVAL when it is too small.</param>
    /// <param name="make">Makes one.</param>
    /// <param name="id">The id.</param>
    public Errno Get(LinuxTask current, int key, IpcFlags flags, Func<T, Errno> fits, Func<(Errno, T?)> make, out int id)
    {
        id = 0;
        if (key != IpcObject.PrivateKey && _byKey.TryGetValue(key, out T? found))
        {
            if ((flags & IpcFlags.IPC_CREAT) != 0 && (flags & IpcFlags.IPC_EXCL) != 0) return Errno.EEXIST;
            Errno refused = fits(found);
            if (refused == Errno.None) refused = found.Check(current.Credential, (uint)(flags & IpcFlags.PermissionMask));
            id = found.Id;
            return refused;
        }
        if (key != IpcObject.PrivateKey && (flags & IpcFlags.IPC_CREAT) == 0) return Errno.ENOENT;
        if (_byIndex.Count >= limit) return Errno.ENOSPC;
        (Errno e, T? made) = make();
        if (e != Errno.None) return e;
        Add(made!);
        id = made!.Id;
        return Errno.None;
    }

    /// <summary>The object with an id: EINVAL when there is none. Linux: ipc_obtain_object_check.</summary>
    public Errno Find(int id, out T? found)
    {
        found = null;
        return id >= 0 && _byIndex.TryGetValue(id & IndexMask, out found) && found.Id == id ? Errno.None : Errno.EINVAL;
    }

    /// <summary>The object at a place in the table, for the *_STAT commands.</summary>
    public Errno FindAt(int index, out T? found)
    {
        found = null;
        return index >= 0 && _byIndex.TryGetValue(index & IndexMask, out found) ? Errno.None : Errno.EINVAL;
    }

    /// <summary>Its key leads nowhere from now on, as if it had been private.</summary>
    public void ForgetKey(T item)
    {
        if (item.Key != IpcObject.PrivateKey) _byKey.Remove(item.Key);
        item.Key = IpcObject.PrivateKey;
    }

    /// <summary>Takes it out.</summary>
    public void Remove(T item)
    {
        ForgetKey(item);
        _byIndex.Remove(item.Id & IndexMask);
        item.IsRemoved = true;
    }

    // Linux: ipc/util.c, ipc_idr_alloc.
    private void Add(T item)
    {
        int index = 0;
        foreach (int used in _byIndex.Keys)
        {
            if (used != index) break;
            index++;
        }
        if (index <= _lastIndex) _sequence = (_sequence + 1) % SequenceLimit;
        _lastIndex = index;
        item.Id = (_sequence << IndexBits) | index;
        _byIndex[index] = item;
        if (item.Key != IpcObject.PrivateKey) _byKey[item.Key] = item;
    }
}
