namespace Kennel.Machine;

/// <summary>
/// Which ranges are code of a file as it is (<see cref="CodeArea"/>), so that engines may make code that goes from one page of it straight to
/// another. The kernel announces them; whatever could make a difference withdraws them, with the entry points that engines remember.
/// </summary>
public sealed unsafe partial class PageTable
{
    // guard-note: the gate; the array is never changed, so a fork can share it.
    private CodeArea[] _codeAreas = [];

    /// <summary>The area that an address lies in. The caller holds the gate.</summary>
    public CodeArea? CodeAreaAt(ulong address)
    {
        foreach (CodeArea area in _codeAreas)
        {
            if (area.Contains(address)) return area;
        }
        return null;
    }

    /// <summary>Announces an area, unless a page of it is not the source's own.</summary>
    /// <param name="area">The area. No part of it can be written, all of it executed.</param>
    /// <param name="frameOf">The source's frame for one of its pages; <see cref="FramePool.None"/> if it has none now.</param>
    public void AnnounceCode(CodeArea area, Func<long, int> frameOf)
    {
        lock (Gate)
        {
            foreach (CodeArea other in _codeAreas)
            {
                if (area.Start < other.End && other.Start < area.End) return;
            }
            for (ulong page = area.Start; NextPresent(ref page, area.End, out Pte pte); page += FramePool.FrameSize)
            {
                if (!pte.CanExecute || pte.Frame != frameOf(area.FirstPage + (long)((page - area.Start) >> FramePool.FrameShift))) return;
            }
            _codeAreas = [.. _codeAreas, area];
        }
    }

    // Under the gate. If it answers true, processors must forget what code they know of this address space.
    private bool WithdrawCode(ulong start, ulong end)
    {
        bool any = false;
        foreach (CodeArea area in _codeAreas) any |= start < area.End && area.Start < end;
        if (any) _codeAreas = Without(_codeAreas, start, end);
        return any;
    }

    private static CodeArea[] Without(CodeArea[] areas, ulong start, ulong end) =>
        Array.FindAll(areas, area => start >= area.End || area.Start >= end);
}
