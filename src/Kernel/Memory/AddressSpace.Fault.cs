using System.Runtime.InteropServices;
using Kennel.Abi;
using Kennel.Machine;
using Kennel.Views;

namespace Kennel.Memory;

/// <summary>
/// Page faults. A page is present only after its first access: anonymous memory begins as the zero frame (when read) or as a frame
/// of zeros (when written); a file's page is the page cache's own frame, until somebody writes to a private mapping of it.
/// </summary>
/// <remarks>
/// Copy on write: a private page may be written in place if nobody else can see its frame, that is if no node on its path and not
/// the frame itself has a second reference (<see cref="PageTable.IsWritableNow"/>). Otherwise the writer gets a copy. After fork
/// both sides copy what they write, except that the last one to be left with a page keeps it. Linux: mm/memory.c.
/// </remarks>
public sealed unsafe partial class AddressSpace
{
    private const ulong AroundPages = 16; // Linux: fault_around_bytes, 64 KiB

    /// <summary>Makes an access possible if the areas allow it. Linux: mm/memory.c, handle_mm_fault.</summary>
    /// <param name="fromUser">Whether the guest made the access, not the kernel for it.</param>
    [KernelFunction("mm/memory.c", "vm_fault_t handle_mm_fault(struct vm_area_struct *vma = this.Find(address), unsigned long address, unsigned int flags = WatchedCalls.FaultFlags(access, fromUser))")]
    [KernelFunction("vm/vm_as.c", "faultcode_t as_fault(struct hat *hat = this.Pages, struct as *as = this, caddr_t addr = address, size_t size = 1L, enum fault_type type = this.Pages.Walk(address, out _).IsPresent, enum seg_rw rw = WatchedCalls.SegmentAccess(access))", Result = "returned == FaultResult.Handled ? 0L : returned == FaultResult.NotMapped ? 3L : 5L")]
    public FaultResult HandleFault(ulong address, PageAccess access, bool fromUser = false) =>
        Kernel.WatchesFaults() ? RepairWatched(address, access, fromUser) : Repair(address, access, fromUser);

    private FaultResult Repair(ulong address, PageAccess access, bool fromUser)
    {
        if (fromUser && _settles) Settle();
        if (fromUser && Pages.Resident >= _fillsHolesAt) FillHoles();
        Vma? area = FindForFault(address);
        if (area == null) return FaultResult.NotMapped;
        if (!IsAllowed(area, access)) return FaultResult.NotAllowed;
        if (IsDoomed) return FaultResult.OutOfMemory;
        while (Kernel.Nodes.IsFull)
        {
            if (!OutOfMemory.Relieve(Kernel)) return FaultResult.OutOfMemory;
        }
        ulong page = address & PageMask;
        long reads = area.Pages?.HostReads ?? 0;
        FaultResult result = area.IsShared ? FaultShared(area, page, access)
            : (access & PageAccess.Write) != 0 ? FaultPrivateWrite(area, page)
            : area.Pages != null ? FaultFileRead(area, page)
            : FaultZero(area, page);
        if (result == FaultResult.Handled) CountFault(major: area.Pages != null && area.Pages.HostReads != reads);
        return result;
    }

    /// <summary>Faults all pages of [start, end) in, as far as that goes (Linux: mm_populate). Answers the first failure.</summary>
    internal FaultResult Populate(ulong start, ulong end, PageAccess? only = null)
    {
        for (ulong page = start; page < end; page += PageSize)
        {
            Vma? area = Find(page);
            if (area == null) return FaultResult.NotMapped;
            bool writes = only == null && !area.IsShared && (area.Access & PageAccess.Write) != 0;
            PageAccess access = only ?? (writes ? PageAccess.Write : PageAccess.Read);
            Pte pte = Pages.Walk(page, out bool exclusive);
            bool isThere = pte.IsPresent && (access == PageAccess.Read || Pages.IsWritableNow(pte, exclusive));
            if (isThere && IsAllowed(area, access)) continue;
            FaultResult result = HandleFault(page, access);
            if (result != FaultResult.Handled) return result;
        }
        return FaultResult.Handled;
    }

    // On this processor an area that allows anything can be read. Linux: arch/x86/mm/fault.c, access_error.
    private static bool IsAllowed(Vma area, PageAccess access) => access switch
    {
        PageAccess.Read => area.Access != 0,
        _ => (area.Access & access) == access,
    };

    [KernelFunction("vm/vm_as.c", "struct seg *as_segat(struct as *as = this, caddr_t addr = address)")]
    [KernelFunction("mm/mmap.c", "struct vm_area_struct *find_vma(struct mm_struct *mm = this, unsigned long addr = address)")]
    internal Vma? FindForFault(ulong address)
    {
        int index = _areas.IndexOf(address);
        if (index == _areas.Count) return null;
        Vma area = _areas[index];
        if (area.Start <= address) return area;
        return area.GrowsDown ? GrowStack(index, address & PageMask) : null;
    }

    // Linux: mm/vma.c, expand_downwards and acct_stack_growth.
    [KernelFunction("mm/mmap.c", "int expand_stack(struct mm_struct *mm = this, unsigned long address = start)", Result = "returned == null ? -12L : 0L")]
    internal Vma? GrowStack(int index, ulong start)
    {
        Vma area = _areas[index];
        if (start < Bottom) return null;
        if (index > 0)
        {
            Vma below = _areas[index - 1];
            bool guarded = !below.GrowsDown && below.Access != 0;
            if (guarded && start - below.End < StackGuardGap) return null;
        }
        if (area.End - start > StackLimit) return null;
        Vma grown = area with { Start = start };
        if (CheckGrowth(grown, area.PageCount) != Errno.None) return null;
        if (area.IsLocked && !MayLock(_areas.LockedPages + grown.PageCount - area.PageCount)) return null;
        OwnAreas().Replace(index, grown);
        if (_areas.TotalPages > PeakPages) PeakPages = _areas.TotalPages;
        return grown;
    }

    // Linux: do_anonymous_page, the read case.
    [KernelFunction("mm/memory.c", "vm_fault_t do_anonymous_page(struct vm_area_struct *vma = area, unsigned long address = page)")]
    internal FaultResult FaultZero(Vma area, ulong page)
    {
        if (Pages.Walk(page, out _).IsPresent) return Restore(area, page);
        Pages.SetAbsent(page, [FramePool.Zero], area.EntryAccess, shared: false);
        return FaultResult.Handled;
    }

    // Linux: do_anonymous_page (the write case), do_cow_fault and do_wp_page.
    [KernelFunction("mm/memory.c", "vm_fault_t do_wp_page(struct vm_area_struct *vma = area, unsigned long address = page)")]
    internal FaultResult FaultPrivateWrite(Vma area, ulong page)
    {
        FramePool frames = Kernel.Frames;
        Pte old = Pages.Walk(page, out bool exclusive);
        int source = FramePool.Zero;
        if (old.IsPresent)
        {
            if (exclusive && frames.References(old.Frame) == 1) return Restore(area, page);
            source = old.Frame;
        }
        else if (area.Pages != null)
        {
            FaultResult result = GetFilePage(area, page, forWrite: false, out source);
            if (result != FaultResult.Handled) return result;
        }
        frames.AddReference(source); // making room for the copy must not take it away
        int copy = AllocateFor(area, page, zeroed: source == FramePool.Zero);
        if (copy != FramePool.None)
        {
            if (source != FramePool.Zero) NativeMemory.Copy(frames.Pointer(source), frames.Pointer(copy), FramePool.FrameSize);
            Pages.Set(page, Pte.For(copy, area.EntryAccess, shared: false));
            if (!old.IsPresent || area.Pages != null) FillAround(area, page);
        }
        frames.Release(source);
        return copy == FramePool.None ? FaultResult.OutOfMemory : FaultResult.Handled;
    }

    // Linux: do_read_fault. What lies around the page and is in the cache comes along.
    [KernelFunction("mm/memory.c", "vm_fault_t do_read_fault(struct vm_area_struct *vma = area, unsigned long address = page)")]
    internal FaultResult FaultFileRead(Vma area, ulong page)
    {
        if (Pages.Walk(page, out _).IsPresent) return Restore(area, page);
        FaultResult result = GetFilePage(area, page, forWrite: false, out int frame);
        if (result != FaultResult.Handled) return result;
        ulong window = WindowOf(area), start = Math.Max(page & ~(window - 1), area.Start), end = Math.Min((page & ~(window - 1)) + window, area.End);
        Kernel.Frames.AddReference(frame); // reading others must not take it away
        if (window > AroundPages * PageSize) ReadAround(area, start, end);
        for (ulong at = start, next; at < end; at = next)
        {
            const ulong most = PageTable.MostAbsent * PageSize;
            next = Math.Min((at & ~(most - 1)) + most, end);
            MapAround(area, at, (int)((next - at) >> FramePool.FrameShift), page, frame);
        }
        Kernel.Frames.Release(frame);
        if ((area.Access & (PageAccess.Execute | PageAccess.Write)) == PageAccess.Execute) AnnounceCode(area, page);
        return FaultResult.Handled;
    }

    // Code of a file as it is: engines need not ask at every page border whether it goes on there.
    private void AnnounceCode(Vma area, ulong page)
    {
        lock (Pages.Gate)
        {
            if (Pages.CodeAreaAt(page) != null) return;
        }
        PageCache pages = area.Pages!;
        var code = new CodeArea(area.Start, area.End, pages, area.PageOffset);
        Kernel.Engine.Adopt(code, index => pages.GetPage(index, forWrite: false, out int frame) == Errno.None ? frame : FramePool.None);
        Pages.AnnounceCode(code, index => pages.TryPeek(index, out int frame) ? frame : FramePool.None);
    }

    // Linux: do_shared_fault, and do_read_fault for shared memory.
    [KernelFunction("mm/memory.c", "vm_fault_t do_shared_fault(struct vm_area_struct *vma = area, unsigned long address = page)")]
    internal FaultResult FaultShared(Vma area, ulong page, PageAccess access)
    {
        bool write = (access & PageAccess.Write) != 0;
        if (!write) return FaultFileRead(area, page);
        FaultResult result = GetFilePage(area, page, forWrite: true, out int frame);
        if (result != FaultResult.Handled) return result;
        Kernel.Frames.AddReference(frame);
        Pages.Set(page, Pte.For(frame, area.EntryAccess | PageAccess.Write, shared: true));
        return FaultResult.Handled;
    }

    private static FaultResult GetFilePage(Vma area, ulong page, bool forWrite, out int frame)
    {
        long index = area.PageAt(page);
        PageCache pages = area.Pages!;
        if (!forWrite && pages.TryPeek(index, out frame)) return FaultResult.Handled;
        frame = FramePool.None;
        if (index << FramePool.FrameShift >= pages.Size) return FaultResult.BehindFile;
        return pages.GetPage(index, forWrite, out frame) switch
        {
            Errno.None => FaultResult.Handled,
            Errno.ENOMEM => FaultResult.OutOfMemory,
            _ => FaultResult.BehindFile, // SIGBUS, as when the disk cannot be read
        };
    }

    // The entry is there; whoever faulted on it held an older translation, or the rights were raised without touching the entry.
    private FaultResult Restore(Vma area, ulong page)
    {
        Pages.Protect(page, page + PageSize, area.EntryAccess);
        return FaultResult.Handled;
    }

    private void CountFault(bool major)
    {
        if (major) MajorFaults++;
        else MinorFaults++;
        Kernel.Current?.Accounting.CountFault(major);
    }
}
