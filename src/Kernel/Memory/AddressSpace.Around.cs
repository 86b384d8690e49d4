using System.Runtime.InteropServices;
using Kennel.Abi;
using Kennel.Machine;

namespace Kennel.Memory;

/// <summary>
/// In a large process, what lies around a private page comes along when it is written, as with Linux's larger folios for anonymous
/// memory (mm/memory.c, alloc_anon_folio): each hole between the pages of a heap would end a range that engines check at once. Only
/// where pages are used one beside the other, so that whoever uses few of many pays for few.
/// </summary>
public sealed unsafe partial class AddressSpace
{
    // A process is large from here on; holes that were left before are filled then, and whenever it has grown to twice its size.
    private const long LargePages = 1024;
    private const int LargestGap = 512, RunPerGap = 4, LargestShare = 4, GrowthPerLook = 8; // the first as Linux's huge pages
    private const ulong LargestWindow = LargestGap;

    private long _fillsHolesAt = LargePages, _closesGapsAt = LargePages;
    private long _closed; // pages that came along before shorter runs
    private long _read; // pages of files that nobody has asked for

    // What comes along with a file's page, around it. In a large process that is more of its constants: a compiler has megabytes of tables, of which parts would be ranges each.
    private ulong WindowOf(Vma area)
    {
        bool isLarge = Pages.Resident >= LargePages && area.EntryAccess == PageAccess.Read && !area.IsShared;
        return (isLarge ? LargestWindow : AroundPages) * PageSize;
    }

    // Pages that are not at hand are read in a large window, as long as these are no more than what the process has besides.
    private void ReadAround(Vma area, ulong start, ulong end)
    {
        PageCache pages = area.Pages!;
        if (!pages.ReadsAhead) return;
        for (ulong at = start; at < end && _read < Pages.Resident / 2; at += PageSize)
        {
            long index = area.PageAt(at);
            if (pages.TryPeek(index, out _)) continue;
            long before = pages.HostReads;
            if (index << FramePool.FrameShift >= pages.Size || pages.GetPage(index, forWrite: false, out _) != Errno.None) return;
            _read += pages.HostReads - before;
        }
    }

    // The pages from an address on that are at hand, all in one node of the page table, and the one that was asked for, whose frame is known.
    private void MapAround(Vma area, ulong start, int count, ulong page, int frame)
    {
        PageCache pages = area.Pages!;
        Span<int> around = stackalloc int[PageTable.MostAbsent];
        for (int i = 0; i < count; i++)
        {
            ulong at = start + ((ulong)i * PageSize);
            if (at == page) around[i] = frame;
            else if (!pages.TryPeek(area.PageAt(at), out around[i])) around[i] = FramePool.None;
        }
        if (Kernel.CodeWatches.IsAny) Kernel.CodeWatches.OnMapped(pages, area.PageAt(start), around[..count]);
        Pages.SetAbsent(start, around[..count], area.EntryAccess, area.IsShared);
    }

    // Behind a fault on a page that got a frame of its own.
    private void FillAround(Vma area, ulong page)
    {
        if (Pages.Resident < LargePages || !area.IsData || (area.Access & PageAccess.Execute) != 0 || HomeFrameOf(page) == FramePool.None) return;
        if (!Pages.Walk(page - PageSize, out _).IsPresent && !Pages.Walk(page + PageSize, out _).IsPresent) return;
        ulong start = page & ~((AroundPages * PageSize) - 1), end = Math.Min(start + (AroundPages * PageSize), area.End);
        start = Math.Max(start, area.Start);
        for (ulong at = start; at < end; at += PageSize) Fill(area, at);
        CloseGap(area, end);
        if (Pages.Resident >= _closesGapsAt) CloseGaps();
    }

    // What lies between those and the next page comes along as well if that one begins a run several times as long, or if all that came along in this way is little
    // beside what the process has: what is used from its beginning on, and mapped downwards, as a compiler's heaps are, would be two ranges up to the last page.
    private void CloseGap(Vma area, ulong start)
    {
        ulong end = start, limit = Math.Min(area.End, start + (LargestGap * PageSize));
        if (start >= limit || Kernel.Frames.InUse > Kernel.Frames.Limit / 2 || !Pages.NextPresent(ref end, limit, out _)) return;
        ulong behind = end + ((end - start) * RunPerGap);
        if (behind > area.End || Pages.PresentUpTo(end, behind) < behind)
        {
            long pages = (long)((end - start) >> FramePool.FrameShift);
            if (_closed + pages > Pages.Resident / LargestShare) return;
            _closed += pages;
        }
        for (ulong at = start; at < end; at += PageSize) Fill(area, at);
    }

    // Gaps that were left since: what lies behind them may have become long enough.
    private void CloseGaps()
    {
        _closesGapsAt = Pages.Resident + (Pages.Resident / GrowthPerLook);
        for (int i = 0; i < _areas.Count; i++)
        {
            Vma area = _areas[i];
            if (!area.IsData || (area.Access & PageAccess.Execute) != 0) continue;
            for (ulong at = area.Start; Pages.NextPresent(ref at, area.End, out _);)
            {
                at = Pages.PresentUpTo(at, area.End);
                if (HomeFrameOf(at - PageSize) != FramePool.None) CloseGap(area, at);
            }
        }
    }

    private void FillHoles()
    {
        _fillsHolesAt = 2 * Pages.Resident;
        for (int i = 0; i < _areas.Count; i++)
        {
            Vma area = _areas[i];
            for (ulong at = area.Start; area.IsData && Pages.NextPresent(ref at, area.End, out Pte pte); at += PageSize)
            {
                if (IsOfFile(area, at, pte)) continue;
                FillAround(area, at);
                at |= (AroundPages - 1) * PageSize; // the last page of those
            }
        }
    }

    // A page of nothing, or of a file, that the process has not written yet.
    private void Fill(Vma area, ulong page)
    {
        FramePool frames = Kernel.Frames;
        Pte old = Pages.Walk(page, out _);
        int source = FramePool.Zero;
        bool isAtHand = area.Pages == null || area.Pages.TryPeek(area.PageAt(page), out source);
        if (!isAtHand || (old.IsPresent && old.Frame != source)) return;
        int copy = HomeFrameOf(page);
        if (!frames.TryTake(copy, zeroed: source == FramePool.Zero)) return;
        if (source != FramePool.Zero) NativeMemory.Copy(frames.Pointer(source), frames.Pointer(copy), FramePool.FrameSize);
        Pages.Set(page, Pte.For(copy, area.EntryAccess, shared: false));
    }

    private static bool IsOfFile(Vma area, ulong page, Pte pte) =>
        area.Pages != null && area.Pages.TryPeek(area.PageAt(page), out int frame) && frame == pte.Frame;
}
