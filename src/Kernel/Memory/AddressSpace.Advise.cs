using Kennel.Abi;
using Kennel.Machine;
using Kennel.Views;

namespace Kennel.Memory;

/// <summary>madvise (man 2 madvise; Linux: mm/madvise.c).</summary>
public sealed partial class AddressSpace
{
    /// <summary>Tells how [start, start+length) will be used, or has something done to it.</summary>
    [KernelFunction("mm/madvise.c", "int do_madvise(struct mm_struct *mm = this, unsigned long start, size_t len_in = length, int behavior = (long)advice)")]
    public Errno Advise(ulong start, ulong length, MemoryAdvice advice)
    {
        if (!IsKnown(advice)) return Errno.EINVAL;
        if ((start & ~PageMask) != 0) return Errno.EINVAL;
        ulong rounded = PageUp(length);
        if (length != 0 && rounded == 0) return Errno.EINVAL;
        ulong end = start + rounded;
        if (end < start) return Errno.EINVAL;
        if (end == start) return Errno.None;
        switch (advice)
        {
            case MemoryAdvice.MADV_POPULATE_READ or MemoryAdvice.MADV_POPULATE_WRITE:
                return Populate(start, end, advice == MemoryAdvice.MADV_POPULATE_READ ? PageAccess.Read : PageAccess.Write) switch
                {
                    FaultResult.Handled => Errno.None,
                    FaultResult.NotAllowed => Errno.EINVAL,
                    FaultResult.BehindFile => Errno.EFAULT,
                    _ => Errno.ENOMEM,
                };
            case MemoryAdvice.MADV_DONTNEED or MemoryAdvice.MADV_DONTNEED_LOCKED or MemoryAdvice.MADV_FREE or MemoryAdvice.MADV_REMOVE
                or MemoryAdvice.MADV_WILLNEED or MemoryAdvice.MADV_COLD or MemoryAdvice.MADV_PAGEOUT:
                return AdviseRange(start, end, advice);
            default:
                return ForEachArea(start, end, advice, SetAdvice, stopAtHole: false);
        }
    }

    private static bool IsKnown(MemoryAdvice advice) => advice is >= MemoryAdvice.MADV_NORMAL and <= MemoryAdvice.MADV_DONTNEED
        or >= MemoryAdvice.MADV_FREE and <= MemoryAdvice.MADV_DONTNEED_LOCKED;

    // What does not change the areas. Holes are passed over, and reported in the end.
    private Errno AdviseRange(ulong start, ulong end, MemoryAdvice advice)
    {
        ulong reached = start;
        Errno result = Errno.None;
        for (int i = _areas.IndexOf(start); i < _areas.Count && _areas[i].Start < end; i++)
        {
            Vma area = _areas[i];
            if (area.Start > reached) result = Errno.ENOMEM;
            ulong from = Math.Max(area.Start, start), to = Math.Min(area.End, end);
            Errno e = advice switch
            {
                MemoryAdvice.MADV_FREE => FreePages(area, from, to),
                MemoryAdvice.MADV_REMOVE => RemovePages(area, from, to),
                MemoryAdvice.MADV_DONTNEED or MemoryAdvice.MADV_DONTNEED_LOCKED => DropPages(area, from, to, advice),
                MemoryAdvice.MADV_COLD or MemoryAdvice.MADV_PAGEOUT => area.IsLocked ? Errno.EINVAL : Errno.None,
                _ => Errno.None,
            };
            if (e != Errno.None) return e;
            reached = area.End;
        }
        return reached < end ? Errno.ENOMEM : result;
    }

    private Errno DropPages(Vma area, ulong from, ulong to, MemoryAdvice advice)
    {
        if (area.IsLocked && advice == MemoryAdvice.MADV_DONTNEED) return Errno.EINVAL;
        ClearPages(area, from, to);
        return Errno.None;
    }

    // The kernel may free such pages whenever it likes. It likes to when memory is getting scarce.
    private Errno FreePages(Vma area, ulong from, ulong to)
    {
        if (!area.IsAnonymous || area.IsLocked) return Errno.EINVAL;
        if (Kernel.Frames.InUse > Kernel.Frames.Limit / 2) ClearPages(area, from, to);
        return Errno.None;
    }

    private static Errno RemovePages(Vma area, ulong from, ulong to)
    {
        if (area.IsLocked || area.Pages == null) return Errno.EINVAL;
        if (!area.IsShared || (area.MaxAccess & PageAccess.Write) == 0) return Errno.EACCES;
        return area.Pages.Punch(area.PageAt(from), area.PageAt(to));
    }

    // Linux: madvise_vma_behavior, hugepage_madvise, ksm_madvise.
    private Errno SetAdvice(AreaList areas, int index, MemoryAdvice advice)
    {
        Vma area = areas[index];
        const VmaFlags readAhead = VmaFlags.RandomRead | VmaFlags.SequentialRead, huge = VmaFlags.HugePage | VmaFlags.NoHugePage;
        if (advice == MemoryAdvice.MADV_WIPEONFORK && (!area.IsAnonymous || area.IsShared)) return Errno.EINVAL;
        VmaFlags old = area.Flags;
        VmaFlags flags = advice switch
        {
            MemoryAdvice.MADV_NORMAL => old & ~readAhead,
            MemoryAdvice.MADV_RANDOM => (old & ~readAhead) | VmaFlags.RandomRead,
            MemoryAdvice.MADV_SEQUENTIAL => (old & ~readAhead) | VmaFlags.SequentialRead,
            MemoryAdvice.MADV_DONTFORK => old | VmaFlags.DontFork,
            MemoryAdvice.MADV_DOFORK => old & ~VmaFlags.DontFork,
            MemoryAdvice.MADV_WIPEONFORK => old | VmaFlags.WipeOnFork,
            MemoryAdvice.MADV_KEEPONFORK => old & ~VmaFlags.WipeOnFork,
            MemoryAdvice.MADV_DONTDUMP => old | VmaFlags.DontDump,
            MemoryAdvice.MADV_DODUMP => old & ~VmaFlags.DontDump,
            MemoryAdvice.MADV_HUGEPAGE => (old & ~huge) | VmaFlags.HugePage,
            MemoryAdvice.MADV_NOHUGEPAGE => (old & ~huge) | VmaFlags.NoHugePage,
            MemoryAdvice.MADV_MERGEABLE => old | VmaFlags.Mergeable,
            MemoryAdvice.MADV_UNMERGEABLE => old & ~VmaFlags.Mergeable,
            _ => old,
        };
        if (flags != old) areas.Replace(index, area with { Flags = flags });
        return Errno.None;
    }
}
