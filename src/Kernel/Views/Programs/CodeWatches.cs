using Kennel.Machine;
using Kennel.Memory;

namespace Kennel.Views.Programs;

/// <summary>
/// Instructions of guest programs that somebody watches. They belong to places in files: the engine is told of each frame that holds such a place, when
/// the watch is made or when the frame comes to be mapped, and stops there; then the watch is found by file and place, so that a stop too many, in
/// a frame that was given to something else, does no harm.
/// </summary>
/// <remarks>
/// A page that a process has written to (its own copy) is not watched. guard-note: the kernel lock.
/// </remarks>
internal sealed class CodeWatches(Kernel kernel)
{
    private readonly Dictionary<PageCache, List<Watch>> _watches = [];

    /// <summary>Whether there are any: tested at each mapping of a file's page.</summary>
    public bool IsAny => _watches.Count > 0;

    /// <summary>Watches a place; dispose to end it.</summary>
    public IDisposable Add(PageCache pages, long offset, int processId, int id)
    {
        var watch = new Watch(this, pages, offset, processId, id);
        if (!_watches.TryGetValue(pages, out List<Watch>? list)) _watches.Add(pages, list = []);
        list.Add(watch);
        Tell(pages, offset >> 12);
        return watch;
    }

    /// <summary>Frames of a file are about to be mapped, from a page on; zero and less for none.</summary>
    public void OnMapped(PageCache pages, long first, ReadOnlySpan<int> frames)
    {
        if (!_watches.TryGetValue(pages, out List<Watch>? list)) return;
        for (int i = 0; i < frames.Length; i++)
        {
            if (frames[i] > FramePool.Zero) Tell(list, first + i, frames[i]);
        }
    }

    /// <summary>The watches on a place, for a process.</summary>
    public IEnumerable<int> At(PageCache? pages, long offset, int processId) =>
        pages == null || !_watches.TryGetValue(pages, out List<Watch>? list) ? []
            : [.. list.Where(w => w.Offset == offset && (w.ProcessId == 0 || w.ProcessId == processId)).Select(static w => w.Id)];

    private void Remove(Watch watch)
    {
        if (!_watches.TryGetValue(watch.Pages, out List<Watch>? list) || !list.Remove(watch)) return;
        Tell(watch.Pages, watch.Offset >> 12);
        if (list.Count == 0) _watches.Remove(watch.Pages);
    }

    private void Tell(PageCache pages, long page)
    {
        if (pages.TryPeek(page, out int frame)) Tell(_watches[pages], page, frame);
    }

    private void Tell(List<Watch> list, long page, int frame) =>
        kernel.Engine.Watch(frame, [.. list.Where(w => w.Offset >> 12 == page).Select(static w => (int)(w.Offset & 0xfff)).Distinct().Order()]);

    private sealed class Watch(CodeWatches owner, PageCache pages, long offset, int processId, int id) : IDisposable
    {
        public PageCache Pages => pages;

        public long Offset => offset;

        public int ProcessId => processId;

        public int Id => id;

        public void Dispose() => owner.Remove(this);
    }
}
