using Kennel.Abi;
using Kennel.Files;
using Kennel.Machine;
using Kennel.Views;

namespace Kennel.Memory;

/// <summary>Making and removing areas (Linux: mm/mmap.c, mm/vma.c).</summary>
public sealed partial class AddressSpace
{
    /// <summary>mmap: puts an area where the flags say. Linux: do_mmap.</summary>
    /// <param name="hint">Wished address; with MAP_FIXED, the address.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="file">What to map, or null for anonymous memory. The area takes its own reference.</param>
    /// <param name="offset">Bytes, a multiple of the page size.</param>
    /// <param name="address">Where it lies.</param>
    [KernelFunction("mm/mmap.c", "unsigned long do_mmap(struct file *file, unsigned long addr = hint, unsigned long len = length, unsigned long prot = (long)access, unsigned long flags = (ulong)flags, unsigned long pgoff = offset >> 12)", Result = "returned == Errno.None ? (long)address : -(long)returned")]
    public Errno Map(ulong hint, ulong length, PageAccess access, MapFlags flags, OpenFile? file, long offset, out ulong address)
    {
        address = 0;
        if (length == 0) return Errno.EINVAL;
        if ((flags & MapFlags.MAP_FIXED_NOREPLACE) != 0) flags |= MapFlags.MAP_FIXED;
        ulong pages = length > Top ? 0 : PageUp(length);
        if (pages == 0) return Errno.ENOMEM;
        if ((ulong)offset + pages < (ulong)offset) return Errno.EOVERFLOW;
        if (IsFull(2)) return Errno.ENOMEM;

        Errno e = Place(hint, pages, flags, out address);
        if (e != Errno.None) return e;
        ulong end = address + pages;
        if ((flags & MapFlags.MAP_FIXED_NOREPLACE) != 0 && IsOccupied(address, end)) return Errno.EEXIST;
        var area = new Vma { Start = address, End = end, Access = access };
        e = file == null ? DescribeAnonymous(ref area, flags) : DescribeFile(ref area, flags, file, offset);
        if (e == Errno.None) e = CheckLock(ref area, flags);
        if (e == Errno.None) e = CheckGrowth(area, Occupied(address, end));
        if (e == Errno.None) e = Account(ref area);
        if (e != Errno.None) return e;

        if (area.IsShared && area.File == null) area = WithSharedMemory(area);
        else area.File?.AddReference();
        if ((flags & MapFlags.MAP_FIXED) != 0) Remove(address, end);
        Add(area);
        bool populate = (flags & (MapFlags.MAP_POPULATE | MapFlags.MAP_NONBLOCK)) == MapFlags.MAP_POPULATE;
        if (populate || (area.IsLocked && !LockOnFault)) Populate(address, end);
        return Errno.None;
    }

    /// <summary>munmap. Linux: do_vmi_munmap.</summary>
    [KernelFunction("mm/mmap.c", "int do_munmap(struct mm_struct *mm = this, unsigned long start, size_t len = length)")]
    [KernelFunction("mm/vma.c", "int do_vmi_munmap(struct mm_struct *mm = this, unsigned long start, size_t len = length)")]
    public Errno Unmap(ulong start, ulong length)
    {
        if ((start & ~PageMask) != 0 || start > Top || length > Top - start || length == 0) return Errno.EINVAL;
        ulong end = start + PageUp(length);
        Vma? first = Find(start);
        // Cutting a hole into one area makes two of it.
        if (first != null && first.Start < start && first.End > end && IsFull(1)) return Errno.ENOMEM;
        Remove(start, end);
        return Errno.None;
    }

    /// <summary>Takes the pages [first, end) of a file out of the page table wherever they are mapped.</summary>
    internal void Unmap(PageCache cache, long first, long end)
    {
        for (int i = 0; i < _areas.Count; i++)
        {
            Vma area = _areas[i];
            if (area.Pages != cache) continue;
            long from = Math.Max(first, area.PageOffset) - area.PageOffset;
            long to = Math.Min(end, area.PageOffset + area.PageCount) - area.PageOffset;
            if (from < to) ClearPages(area, area.Start + ((ulong)from << 12), area.Start + ((ulong)to << 12));
        }
    }

    /// <summary>Puts an area that the kernel itself has described (loader, vDSO) at its place, which is free; takes over its file reference.</summary>
    internal void Add(Vma area)
    {
        AreaList areas = OwnAreas();
        int index = areas.IndexOf(area.Start);
        areas.Insert(index, area);
        areas.MergeAround(index, index + 1);
        if (areas.TotalPages > PeakPages) PeakPages = areas.TotalPages;
        SettleSharedCode();
    }

    /// <summary>Puts pages of the kernel's own where there is room (Linux: _install_special_mapping). False when there is none.</summary>
    internal bool MapSpecial(PageCache pages, PageAccess access, out ulong address)
    {
        ulong length = PageUp((ulong)pages.Size);
        if (Place(0, length, MapFlags.None, out address) != Errno.None) return false;
        Add(new Vma { Start = address, End = address + length, Access = access, Flags = VmaFlags.Special, Pages = pages });
        return true;
    }

    /// <summary>Removes all that lies in [start, end).</summary>
    internal void Remove(ulong start, ulong end)
    {
        if (!IsOccupied(start, end)) return;
        AreaList areas = OwnAreas();
        int first = areas.SplitAt(start);
        int last = areas.SplitAt(end);
        if (end >= _noGapAbove) _noGapLength = ulong.MaxValue;
        for (int i = last - 1; i >= first; i--)
        {
            Vma area = areas[i];
            ClearPages(area, area.Start, area.End);
            WriteBack(area, area.Start, area.End);
            areas.Remove(i);
        }
        SettleSharedCode();
    }

    private void ClearPages(Vma area, ulong start, ulong end)
    {
        NotePeakResident();
        Pages.Clear(start, end, (area.Access & PageAccess.Execute) != 0);
    }

    // Flags and rights of file mappings; the order of the checks is Linux's. Linux: mm/mmap.c, do_mmap.
    private static Errno DescribeFile(ref Vma area, MapFlags flags, OpenFile file, long offset)
    {
        const MapFlags known = MapFlags.TypeMask | MapFlags.MAP_FIXED | MapFlags.MAP_ANONYMOUS | MapFlags.MAP_32BIT | MapFlags.MAP_GROWSDOWN
            | MapFlags.MAP_DENYWRITE | MapFlags.MAP_EXECUTABLE | MapFlags.MAP_LOCKED | MapFlags.MAP_NORESERVE | MapFlags.MAP_POPULATE
            | MapFlags.MAP_NONBLOCK | MapFlags.MAP_STACK | MapFlags.MAP_HUGETLB | MapFlags.MAP_FIXED_NOREPLACE;
        MapFlags type = flags & MapFlags.TypeMask;
        bool shared = type is MapFlags.MAP_SHARED or MapFlags.MAP_SHARED_VALIDATE;
        if (!shared && type != MapFlags.MAP_PRIVATE) return Errno.EINVAL;
        if (type == MapFlags.MAP_SHARED_VALIDATE && (flags & ~known) != 0) return Errno.EOPNOTSUPP;
        if (shared && (area.Access & PageAccess.Write) != 0 && !file.IsWritable) return Errno.EACCES;
        if (!file.IsReadable) return Errno.EACCES;
        bool noExecute = file.Path is { } path && (path.Mount.Flags & MountFlags.NoExec) != 0;
        if (noExecute && (area.Access & PageAccess.Execute) != 0) return Errno.EPERM;
        Errno e = file.CheckMap(area.Access, shared);
        if (e != Errno.None) return e;
        if ((flags & MapFlags.MAP_GROWSDOWN) != 0) return Errno.EINVAL;

        bool isSealed = shared && ((file.Inode?.Seals ?? 0) & (FileSeals.Write | FileSeals.FutureWrite)) != 0;
        if (isSealed && (area.Access & PageAccess.Write) != 0) return Errno.EPERM;

        PageAccess most = PageAccess.Read | PageAccess.Write | PageAccess.Execute;
        if (isSealed || (shared && !file.IsWritable)) most &= ~PageAccess.Write;
        if (noExecute) most &= ~PageAccess.Execute;
        area = area with { MaxAccess = most, Flags = shared ? VmaFlags.Shared : VmaFlags.None };
        if (file.MapsAnonymousMemory) return Errno.None;
        area = area with { File = file, Pages = file.Pages, PageOffset = offset >> FramePool.FrameShift };
        return Errno.None;
    }

    private static Errno DescribeAnonymous(ref Vma area, MapFlags flags)
    {
        bool growsDown = (flags & MapFlags.MAP_GROWSDOWN) != 0;
        switch (flags & MapFlags.TypeMask)
        {
            case MapFlags.MAP_SHARED:
                if (growsDown) return Errno.EINVAL;
                area = area with { Flags = VmaFlags.Shared };
                return Errno.None;
            case MapFlags.MAP_PRIVATE:
                VmaFlags own = growsDown ? VmaFlags.GrowsDown : VmaFlags.None;
                if ((flags & MapFlags.MAP_NORESERVE) != 0) own |= VmaFlags.NoReserve;
                area = area with { Flags = own };
                return Errno.None;
            default:
                return Errno.EINVAL;
        }
    }

    private Vma WithSharedMemory(Vma area)
    {
        var file = new SharedMemoryFile(Kernel, (long)area.Length, "/dev/zero (deleted)");
        return area with { File = file, Pages = file.Pages };
    }

    private void WriteBackAll()
    {
        for (int i = 0; i < _areas.Count; i++) WriteBack(_areas[i], _areas[i].Start, _areas[i].End);
    }

    private static Errno WriteBack(Vma area, ulong start, ulong end)
    {
        if (!area.IsShared || (area.MaxAccess & PageAccess.Write) == 0 || !area.Pages!.TracksDirtyPages) return Errno.None;
        return area.Pages.Sync(area.PageAt(start), area.PageAt(end));
    }
}
