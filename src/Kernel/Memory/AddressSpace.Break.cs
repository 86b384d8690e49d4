using Kennel.Abi;
using Kennel.Machine;
using Kennel.Views;

namespace Kennel.Memory;

/// <summary>The heap that brk moves the end of (man 2 brk).</summary>
public sealed partial class AddressSpace
{
    private ulong _break;

    /// <summary>The end of the heap (Linux: mm->brk).</summary>
    public ulong Break
    {
        get => _break;
        internal set => _break = value;
    }

    /// <summary>brk: answers the new end, or the old one if that cannot be. Linux: mm/mmap.c, SYSCALL_DEFINE1(brk).</summary>
    [KernelFunction("mm/mmap.c", "unsigned long do_brk(unsigned long addr = requested)")]
    [KernelFunction("mm/mmap.c", "int do_brk_flags(unsigned long addr = requested)")]
    public ulong SetBreak(ulong requested)
    {
        if (requested < Layout.BreakStart || requested >= Top) return _break;
        ulong heap = requested - Layout.BreakStart + (Layout.DataEnd - Layout.DataStart);
        if (heap > DataLimit) return _break;
        ulong oldEnd = PageUp(_break), newEnd = PageUp(requested);
        if (newEnd < oldEnd) Remove(newEnd, oldEnd);
        else if (newEnd > oldEnd && !GrowHeap(oldEnd, newEnd)) return _break;
        return _break = requested;
    }

    private bool GrowHeap(ulong start, ulong end)
    {
        // One page is kept free to the next mapping, and a stack's guard.
        if (!IsFree(start, end + PageSize) || IsFull(1)) return false;
        var area = new Vma { Start = start, End = end, Access = PageAccess.Read | PageAccess.Write };
        if (LockFuture) area = area with { Flags = VmaFlags.Locked };
        if (area.IsLocked && !MayLock(_areas.LockedPages + area.PageCount)) return false;
        if (CheckGrowth(area, 0) != Errno.None || Account(ref area) != Errno.None) return false;
        Add(area);
        if (area.IsLocked) Populate(start, end);
        return true;
    }
}
