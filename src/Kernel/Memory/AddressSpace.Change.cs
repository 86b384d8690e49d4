using Kennel.Abi;
using Kennel.Machine;
using Kennel.Views;

namespace Kennel.Memory;

/// <summary>Changing what areas allow and how they behave: mprotect, mlock, msync, mincore. Advice is in AddressSpace.Advise.</summary>
public sealed partial class AddressSpace
{
    /// <summary>mprotect. Linux: mm/mprotect.c, do_mprotect_pkey.</summary>
    [KernelFunction("mm/mprotect.c", "int do_mprotect_pkey(unsigned long start, size_t len = length, unsigned long prot = (long)protection, int pkey = -1L)")]
    public Errno Protect(ulong start, ulong length, MemoryProtection protection)
    {
        const MemoryProtection grows = MemoryProtection.PROT_GROWSDOWN | MemoryProtection.PROT_GROWSUP;
        const MemoryProtection known = MemoryProtection.PROT_READ | MemoryProtection.PROT_WRITE | MemoryProtection.PROT_EXEC | MemoryProtection.PROT_SEM;
        bool down = (protection & MemoryProtection.PROT_GROWSDOWN) != 0;
        if ((protection & grows) == grows) return Errno.EINVAL;
        if ((start & ~PageMask) != 0) return Errno.EINVAL;
        if (length == 0) return Errno.None;
        ulong end = start + PageUp(length);
        if (end <= start) return Errno.ENOMEM;
        if ((protection & ~(grows | known)) != 0) return Errno.EINVAL;

        int index = _areas.IndexOf(start);
        if (index == _areas.Count) return Errno.ENOMEM;
        Vma first = _areas[index];
        if (down)
        {
            if (first.Start >= end) return Errno.ENOMEM;
            if (!first.GrowsDown) return Errno.EINVAL;
            start = first.Start;
        }
        else
        {
            if (first.Start > start) return Errno.ENOMEM;
            if ((protection & MemoryProtection.PROT_GROWSUP) != 0) return Errno.EINVAL;
        }
        return ForEachArea(start, end, (PageAccess)(protection & (MemoryProtection)7), ProtectArea, stopAtHole: true);
    }

    /// <summary>mlock, mlock2 and munlock. Linux: mm/mlock.c, apply_vma_lock_flags.</summary>
    public Errno Lock(ulong start, ulong length, bool isLocked, bool onFault = false)
    {
        length = PageUp(length + (start & ~PageMask));
        start &= PageMask;
        ulong end = start + length;
        if (isLocked && !MayLockFreely && LockedLimit == 0) return Errno.EPERM;
        if (end < start) return Errno.EINVAL;
        if (end == start) return Errno.None;
        if (isLocked && !MayLock(_areas.LockedPages + (long)((end - start) >> 12) - LockedIn(start, end))) return Errno.ENOMEM;
        Errno e = ForEachArea(start, end, isLocked, SetLocked, stopAtHole: true);
        if (e != Errno.None || !isLocked || onFault) return e;
        return Populate(start, end) is FaultResult.Handled or FaultResult.NotAllowed ? Errno.None : Errno.ENOMEM;
    }

    /// <summary>mlockall and munlockall. Linux: mm/mlock.c, apply_mlockall_flags.</summary>
    public Errno LockAll(LockAllFlags flags)
    {
        bool current = (flags & LockAllFlags.MCL_CURRENT) != 0;
        if (flags != 0 && !MayLockFreely && LockedLimit == 0) return Errno.EPERM;
        if (current && !MayLock(_areas.TotalPages)) return Errno.ENOMEM;
        LockFuture = (flags & LockAllFlags.MCL_FUTURE) != 0;
        LockOnFault = (flags & LockAllFlags.MCL_ONFAULT) != 0;
        if (!current && flags != 0) return Errno.None;
        ForEachArea(0, Top, current, SetLocked, stopAtHole: false);
        if (!current || LockOnFault) return Errno.None;
        foreach (Vma area in Areas.ToArray()) Populate(area.Start, area.End);
        return Errno.None;
    }

    /// <summary>msync. Linux: mm/msync.c.</summary>
    public Errno Sync(ulong start, ulong length, SyncFlags flags)
    {
        const SyncFlags known = SyncFlags.MS_ASYNC | SyncFlags.MS_INVALIDATE | SyncFlags.MS_SYNC;
        if ((flags & ~known) != 0 || (start & ~PageMask) != 0) return Errno.EINVAL;
        if ((flags & SyncFlags.MS_ASYNC) != 0 && (flags & SyncFlags.MS_SYNC) != 0) return Errno.EINVAL;
        ulong end = start + PageUp(length);
        if (end < start) return Errno.ENOMEM;
        ulong reached = start;
        for (int i = _areas.IndexOf(start); i < _areas.Count && _areas[i].Start < end; i++)
        {
            Vma area = _areas[i];
            if (area.Start > reached) break;
            if ((flags & SyncFlags.MS_INVALIDATE) != 0 && area.IsLocked) return Errno.EBUSY;
            if ((flags & SyncFlags.MS_SYNC) != 0)
            {
                Errno e = WriteBack(area, Math.Max(start, area.Start), Math.Min(end, area.End));
                if (e != Errno.None) return e;
            }
            reached = area.End;
        }
        return reached >= end ? Errno.None : Errno.ENOMEM;
    }

    /// <summary>mincore: one byte a page, 1 for a page that is in memory. ENOMEM for a hole. Linux: mm/mincore.c.</summary>
    public Errno GetResidency(ulong start, Span<byte> pages)
    {
        for (int i = 0; i < pages.Length; i++)
        {
            ulong page = start + ((ulong)i * PageSize);
            Vma? area = Find(page);
            if (area == null) return Errno.ENOMEM;
            bool isThere = Pages.Walk(page, out _).IsPresent || (area.Pages?.TryPeek(area.PageAt(page), out _) ?? false);
            pages[i] = isThere ? (byte)1 : (byte)0;
        }
        return Errno.None;
    }

    private Errno ProtectArea(AreaList areas, int index, PageAccess access)
    {
        Vma area = areas[index];
        if (area.Access == access) return Errno.None;
        if ((access & ~area.MaxAccess) != 0) return Errno.EACCES;
        Vma changed = area with { Access = access };
        if (changed.IsData && !area.IsData && areas.DataPages + area.PageCount > ToPages(DataLimit)) return Errno.ENOMEM;
        if (Account(ref changed) != Errno.None) return Errno.ENOMEM;
        areas.Replace(index, changed);
        Pages.Protect(area.Start, area.End, changed.EntryAccess);
        return Errno.None;
    }

    private Errno SetLocked(AreaList areas, int index, bool isLocked)
    {
        VmaFlags others = areas[index].Flags & ~VmaFlags.Locked;
        areas.Replace(index, areas[index] with { Flags = isLocked ? others | VmaFlags.Locked : others });
        return Errno.None;
    }

    private long LockedIn(ulong start, ulong end)
    {
        ulong sum = 0;
        for (int i = _areas.IndexOf(start); i < _areas.Count && _areas[i].Start < end; i++)
        {
            if (_areas[i].IsLocked) sum += Math.Min(_areas[i].End, end) - Math.Max(_areas[i].Start, start);
        }
        return (long)(sum >> 12);
    }

    /// <summary>Changes each area of [start, end), cut to the range, until one fails. ENOMEM for holes: at once, or at the end.</summary>
    private Errno ForEachArea<T>(ulong start, ulong end, T argument, Func<AreaList, int, T, Errno> change, bool stopAtHole)
    {
        AreaList areas = OwnAreas();
        Errno result = Errno.None;
        int first = areas.IndexOf(start), index = first;
        ulong reached = start;
        while (reached < end)
        {
            if (index == areas.Count || areas[index].Start > reached)
            {
                if (result == Errno.None) result = Errno.ENOMEM;
                if (stopAtHole || index == areas.Count || areas[index].Start >= end) break;
                reached = areas[index].Start;
            }
            if ((areas[index].Start < reached || areas[index].End > end) && IsFull(2))
            {
                result = Errno.ENOMEM;
                break;
            }
            if (areas[index].Start < reached) index = areas.SplitAt(reached);
            if (areas[index].End > end) areas.SplitAt(end);
            reached = areas[index].End;
            Errno e = change(areas, index, argument);
            if (e != Errno.None)
            {
                result = e;
                break;
            }
            index++;
        }
        areas.MergeAround(first, index);
        SettleSharedCode();
        return result;
    }
}
