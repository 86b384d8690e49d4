using Kennel.Abi;
using Kennel.Machine;
using Kennel.Views;

namespace Kennel.Memory;

/// <summary>mremap: an area shrinks, grows where it is, or moves with its pages (man 2 mremap; Linux: mm/mremap.c).</summary>
public sealed partial class AddressSpace
{
    [KernelFunction("mm/mremap.c", "unsigned long do_mremap(unsigned long addr = start, unsigned long old_len = oldLength, unsigned long new_len = newLength, unsigned long flags = (ulong)flags, unsigned long new_addr = target)", Result = "returned == Errno.None ? (long)address : -(long)returned")]
    public Errno Remap(ulong start, ulong oldLength, ulong newLength, RemapFlags flags, ulong target, out ulong address)
    {
        const RemapFlags known = RemapFlags.MREMAP_MAYMOVE | RemapFlags.MREMAP_FIXED | RemapFlags.MREMAP_DONTUNMAP;
        address = start;
        bool mayMove = (flags & RemapFlags.MREMAP_MAYMOVE) != 0;
        bool isFixed = (flags & RemapFlags.MREMAP_FIXED) != 0, keep = (flags & RemapFlags.MREMAP_DONTUNMAP) != 0;
        if ((flags & ~known) != 0 || (start & ~PageMask) != 0) return Errno.EINVAL;
        if ((isFixed || keep) && !mayMove) return Errno.EINVAL;
        if (keep && PageUp(oldLength) != PageUp(newLength)) return Errno.EINVAL;
        if (newLength == 0 || newLength > Top) return Errno.EINVAL;
        oldLength = PageUp(oldLength);
        newLength = PageUp(newLength);
        if (isFixed && ((target & ~PageMask) != 0 || newLength > Top || target > Top - newLength)) return Errno.EINVAL;
        if (isFixed && (oldLength > Top || (start + oldLength > target && target + newLength > start))) return Errno.EINVAL;

        Vma? area = Find(start);
        if (area == null) return Errno.EFAULT;
        if (!isFixed && !keep && oldLength >= newLength && oldLength != 0)
        {
            if (oldLength > newLength) return Unmap(start + newLength, oldLength - newLength);
            return oldLength > area.End - start ? Errno.EFAULT : Errno.None;
        }
        Errno e = CheckRemap(area, start, oldLength, newLength, keep);
        if (e != Errno.None) return e;
        if (!isFixed && !keep && TryGrowInPlace(area, start, oldLength, newLength)) return Errno.None;
        if (!mayMove) return Errno.ENOMEM;
        return MoveArea(start, oldLength, newLength, isFixed ? target : 0, isFixed, keep, out address);
    }

    // Linux: mm/mremap.c, check_prep_vma.
    private Errno CheckRemap(Vma area, ulong start, ulong oldLength, ulong newLength, bool keep)
    {
        if (oldLength == 0 && !area.IsShared) return Errno.EINVAL; // duplicating is for shared areas only
        if (keep && (area.Flags & VmaFlags.Special) != 0) return Errno.EINVAL;
        if (oldLength > area.End - start) return Errno.EFAULT;
        if (newLength <= oldLength) return Errno.None;
        ulong more = newLength - oldLength;
        if (area.File != null && area.PageAt(start) + (long)(newLength >> 12) < area.PageAt(start)) return Errno.EINVAL;
        if (area.IsLocked && !MayLock(_areas.LockedPages + (long)(more >> 12))) return Errno.EAGAIN;
        Vma addition = area with { Start = start, End = start + more };
        if (CheckGrowth(addition, 0) != Errno.None) return Errno.ENOMEM;
        return IsAccountable(addition) && IsOvercommit((long)(newLength >> 12)) ? Errno.ENOMEM : Errno.None;
    }

    private bool TryGrowInPlace(Vma area, ulong start, ulong oldLength, ulong newLength)
    {
        ulong end = start + newLength;
        if (start + oldLength != area.End || end < start || end > Top || !IsFree(area.End, end)) return false;
        AreaList areas = OwnAreas();
        int index = areas.IndexOf(start);
        areas.Replace(index, area with { End = end });
        areas.MergeAround(index, index + 1);
        if (areas.TotalPages > PeakPages) PeakPages = areas.TotalPages;
        SettleSharedCode();
        if (area.IsLocked && !LockOnFault) Populate(area.End, end);
        return true;
    }

    // Linux: mm/mremap.c, mremap_to and move_vma.
    private Errno MoveArea(ulong start, ulong oldLength, ulong newLength, ulong target, bool isFixed, bool keep, out ulong address)
    {
        address = 0;
        if (IsFull(6)) return Errno.ENOMEM; // moving splits up to three areas
        Errno e = Place(isFixed ? target : 0, newLength, isFixed ? MapFlags.MAP_FIXED : MapFlags.None, out ulong to);
        if (e != Errno.None) return e;
        if (isFixed) Remove(to, to + newLength);
        if (isFixed && oldLength > newLength) // the tail goes before the rest moves
        {
            Remove(start + newLength, start + oldLength);
            oldLength = newLength;
        }
        Vma? area = Find(start);
        if (area == null || oldLength > area.End - start) return Errno.EFAULT;

        Vma moved = area.Slice(start, area.End) with { Start = to, End = to + newLength };
        moved.File?.AddReference();
        Add(moved);
        if (oldLength != 0)
        {
            Pages.Move(start, to, oldLength);
            if (!keep) Remove(start, start + oldLength);
            else if (area.IsLocked) ForEachArea(start, start + oldLength, false, SetLocked, stopAtHole: true);
        }
        if (moved.IsLocked && newLength > oldLength && !LockOnFault) Populate(to + oldLength, to + newLength);
        address = to;
        return Errno.None;
    }
}
