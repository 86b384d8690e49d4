using Kennel.Machine;

namespace Kennel.Memory;

/// <summary>
/// Where private pages get their frames: a stretch of 64 MiB gets an extent of the frame pool, at its first private page while there are
/// plenty, otherwise once it has more than a few (<see cref="FramePool.ReserveExtent"/>), and each page the frame at its own place in it. So heaps and stacks that
/// are faulted in page by page, in any order, lie in one piece for the engines, which check whole runs of pages at once.
/// </summary>
/// <remarks>
/// Pages from before, and such as had to go elsewhere because a child after fork still held the frame at their place, are moved
/// there later. No guest can tell any of this.
/// </remarks>
public sealed partial class AddressSpace
{
    private const int HomeShift = FramePool.ExtentShift + FramePool.FrameShift;

    // While so many extents are free, a program gets them for its first pages: moving pages later costs more.
    private const double Plenty = 0.75;

    // Private pages in a stretch before it gets an extent: few while there are many extents.
    private const int FewOnStack = 2, FewPages = 16, ManyPages = 256;

    // Stretches that may have one: they are looked for one by one. A program that uses more of them uses each but thinly.
    private const int MostHomes = 64;

    private Home[] _homes = [];
    private int _lastHome;
    private bool _settles; // some stretch has pages to be moved
    private readonly bool _isForked; // most of its pages are not its own

    private struct Home
    {
        public ulong Stretch; // address >> HomeShift
        public int Extent;

        /// <summary>Pages elsewhere, and how many are too many.</summary>
        public int Strays, Patience;
    }

    // A frame for a private page; where its bytes come from is up to the caller.
    private int AllocateFor(Vma area, ulong page, bool zeroed)
    {
        FramePool frames = Kernel.Frames;
        int index = HomeOf(page >> HomeShift, area.GrowsDown);
        if (index < 0) return frames.Allocate(zeroed);
        ref Home home = ref _homes[index];
        if (home.Extent != FramePool.None)
        {
            int frame = home.Extent + (int)(page >> FramePool.FrameShift & (FramePool.ExtentFrames - 1));
            if (frames.TryTake(frame, zeroed)) return frame;
        }
        if (++home.Strays >= home.Patience) _settles = true;
        return frames.Allocate(zeroed);
    }

    // The frame at a page's own place; none if its stretch has no extent.
    private int HomeFrameOf(ulong page)
    {
        int index = HomeOf(page >> HomeShift, isStack: false);
        if (index < 0 || _homes[index].Extent == FramePool.None) return FramePool.None;
        return _homes[index].Extent + (int)(page >> FramePool.FrameShift & (FramePool.ExtentFrames - 1));
    }

    // Which one is a stretch's; -1 if there are too many.
    private int HomeOf(ulong stretch, bool isStack)
    {
        if (_lastHome < _homes.Length && _homes[_lastHome].Stretch == stretch) return _lastHome;
        for (int i = 0; i < _homes.Length; i++)
        {
            if (_homes[i].Stretch == stretch) return _lastHome = i;
        }
        if (_homes.Length == MostHomes) return -1;
        Array.Resize(ref _homes, _homes.Length + 1);
        _lastHome = _homes.Length - 1;
        ref Home home = ref _homes[_lastHome];
        home = new Home { Stretch = stretch, Extent = FramePool.None, Patience = isStack ? FewOnStack : FewPages };
        if (!_isForked && Kernel.Frames.FreeExtents > Plenty) Reserve(ref home);
        return _lastHome;
    }

    // Not while the kernel may hold host addresses of pages.
    private void Settle()
    {
        _settles = false;
        for (int i = 0; i < _homes.Length; i++)
        {
            ref Home home = ref _homes[i];
            if (home.Strays < home.Patience) continue;
            if (home.Extent == FramePool.None) Reserve(ref home);
            int moved = home.Extent == FramePool.None ? 0 : Pages.Gather(home.Stretch << HomeShift, home.Extent);
            home.Strays = 0;
            home.Patience = moved >= home.Patience / 2 ? ManyPages / 4 : Math.Min(Math.Max(home.Patience, ManyPages / 8) * 2, 1 << 20);
        }
    }

    private void Reserve(ref Home home)
    {
        FramePool frames = Kernel.Frames;
        if (frames.FreeExtents < 0.5 && home.Strays < ManyPages) return;
        int below = FramePool.None, above = FramePool.None;
        foreach (Home other in _homes)
        {
            if (other.Stretch + 1 == home.Stretch) below = other.Extent;
            else if (other.Stretch == home.Stretch + 1) above = other.Extent;
        }
        home.Extent = frames.ReserveExtent(home.Stretch + 1, below, above);
    }

    private void ReleaseHomes()
    {
        foreach (Home home in _homes)
        {
            if (home.Extent != FramePool.None) Kernel.Frames.ReleaseExtent(home.Extent);
        }
        _homes = [];
    }
}
