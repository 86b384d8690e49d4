using Kennel.Abi;
using Kennel.Namespaces;
using Kennel.Waiting;

namespace Kennel.Files;

/// <summary>A lock on a range of a file, or (flock) on all of it.</summary>
/// <param name="Owner">A descriptor table for POSIX locks; an open file for OFD and flock locks.</param>
/// <param name="IsExclusive">Write lock.</param>
/// <param name="Start">First byte.</param>
/// <param name="End">Last byte; <see cref="long.MaxValue"/> for the end of the file, wherever that is.</param>
/// <param name="Holder">Whose process it is; null for OFD locks, which belong to none.</param>
public sealed record FileLock(object Owner, bool IsExclusive, long Start, long End, PidNumbers? Holder)
{
    internal bool ConflictsWith(FileLock other) =>
        Owner != other.Owner && (IsExclusive || other.IsExclusive) && Start <= other.End && other.Start <= End;
}

/// <summary>The locks on one inode (man 2 fcntl, man 2 flock; Linux: fs/locks.c).</summary>
/// <remarks>
/// Range locks of an owner never overlap: a new one cuts those it covers, and joins equal neighbours. guard-note: the kernel
/// lock.
/// </remarks>
public sealed class FileLockList
{
    private readonly List<FileLock> _ranges = [];
    private readonly List<FileLock> _whole = [];

    /// <summary>Sleepers for a conflicting lock to go.</summary>
    public WaitQueue Waiters { get; } = new();

    /// <summary>POSIX and OFD locks.</summary>
    public IReadOnlyList<FileLock> Ranges => _ranges;

    /// <summary>flock locks.</summary>
    public IReadOnlyList<FileLock> Whole => _whole;

    /// <summary>A lock of somebody else that is in the way; null if there is none.</summary>
    public FileLock? FindConflict(FileLock wanted) => _ranges.Find(wanted.ConflictsWith);

    /// <summary>Sets a range lock that nothing is in the way of: ENOLCK when there are very many.</summary>
    public Errno Set(FileLock wanted)
    {
        const int most = 1 << 14; // Differs from Linux: each is looked at in turn, so there must be an end
        if (_ranges.Count >= most) return Errno.ENOLCK;
        Cut(wanted.Owner, wanted.Start, wanted.End);
        FileLock joined = wanted;
        for (int i = _ranges.Count - 1; i >= 0; i--)
        {
            FileLock other = _ranges[i];
            if (other.Owner != wanted.Owner || other.IsExclusive != wanted.IsExclusive) continue;
            bool touches = (other.End != long.MaxValue && other.End + 1 == joined.Start) || (joined.End != long.MaxValue && joined.End + 1 == other.Start);
            if (!touches) continue;
            joined = joined with { Start = Math.Min(joined.Start, other.Start), End = Math.Max(joined.End, other.End) };
            _ranges.RemoveAt(i);
        }
        _ranges.Add(joined);
        Waiters.WakeAll(); // a write lock may have become a read lock
        return Errno.None;
    }

    /// <summary>Takes an owner's locks off a range.</summary>
    public void Clear(object owner, long start, long end)
    {
        if (Cut(owner, start, end)) Waiters.WakeAll();
    }

    /// <summary>A flock lock of somebody else that is in the way.</summary>
    public FileLock? FindWholeConflict(FileLock wanted) => _whole.Find(wanted.ConflictsWith);

    /// <summary>Sets a flock lock that nothing is in the way of.</summary>
    public void SetWhole(FileLock wanted) => _whole.Add(wanted);

    /// <summary>Takes a flock lock off; answers what it was.</summary>
    public FileLock? ClearWhole(object owner)
    {
        FileLock? held = _whole.Find(l => l.Owner == owner);
        if (held == null) return null;
        _whole.Remove(held);
        Waiters.WakeAll();
        return held;
    }

    /// <summary>An owner is gone, with all its locks.</summary>
    public void Release(object owner)
    {
        if (_ranges.RemoveAll(l => l.Owner == owner) + _whole.RemoveAll(l => l.Owner == owner) > 0) Waiters.WakeAll();
    }

    private bool Cut(object owner, long start, long end)
    {
        bool changed = false;
        for (int i = _ranges.Count - 1; i >= 0; i--)
        {
            FileLock l = _ranges[i];
            if (l.Owner != owner || l.End < start || l.Start > end) continue;
            _ranges.RemoveAt(i);
            if (l.Start < start) _ranges.Add(l with { End = start - 1 });
            if (l.End > end) _ranges.Add(l with { Start = end + 1 });
            changed = true;
        }
        return changed;
    }
}
