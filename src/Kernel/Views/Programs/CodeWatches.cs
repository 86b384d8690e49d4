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
    // By the pages of a file.
    private readonly Dictionary<PageCache, Dictionary<long, List<Watch>>> _watches = [];
    private int _lastId;

    /// <summary>Whether there are any: tested at each mapping of a file's page.</summary>
    public bool IsAny => _watches.Count > 0;

    /// <summary>Watches a place; dispose to end it.</summary>
    public IDisposable Add(PageCache pages, long offset, int processId, out int id)
    {
        id = ++_lastId;
        var watch = new Watch(this, pages, offset, processId, id);
        if (!_watches.TryGetValue(pages, out Dictionary<long, List<Watch>>? file)) _watches.Add(pages, file = []);
        if (!file.TryGetValue(watch.Page, out List<Watch>? list)) file.Add(watch.Page, list = []);
        list.Add(watch);
        Tell(watch, list);
        return watch;
    }

    /// <summary>Frames of a file are about to be mapped, from a page on; zero and less for none.</summary>
    public void OnMapped(PageCache pages, long first, ReadOnlySpan<int> frames)
    {
        if (!_watches.TryGetValue(pages, out Dictionary<long, List<Watch>>? file)) return;
        for (int i = 0; i < frames.Length; i++)
        {
            if (frames[i] > FramePool.Zero) Tell(file.GetValueOrDefault(first + i, []), frames[i]);
        }
    }

    /// <summary>The watches on a place, for a process.</summary>
    public IEnumerable<int> At(PageCache? pages, long offset, int processId) =>
        pages == null || !_watches.TryGetValue(pages, out Dictionary<long, List<Watch>>? file) || !file.TryGetValue(offset >> 12, out List<Watch>? list) ? []
            : [.. list.Where(w => w.Offset == offset && (w.ProcessId == 0 || w.ProcessId == processId)).Select(static w => w.Id)];

    private void Remove(Watch watch)
    {
        if (!_watches.TryGetValue(watch.Pages, out Dictionary<long, List<Watch>>? file) || !file.TryGetValue(watch.Page, out List<Watch>? list) || !list.Remove(watch)) return;
        Tell(watch, list);
        if (list.Count == 0) file.Remove(watch.Page);
        if (file.Count == 0) _watches.Remove(watch.Pages);
    }

    private void Tell(Watch watch, List<Watch> list)
    {
        if (watch.Pages.TryPeek(watch.Page, out int frame)) Tell(list, frame);
    }

    private void Tell(List<Watch> list, int frame) => kernel.Engine.Watch(frame, [.. list.Select(static w => (int)(w.Offset & 0xfff)).Distinct().Order()]);

    private sealed class Watch(CodeWatches owner, PageCache pages, long offset, int processId, int id) : IDisposable
    {
        public PageCache Pages => pages;

        public long Offset => offset;

        public long Page => offset >> 12;

        public int ProcessId => processId;

        public int Id => id;

        public void Dispose() => owner.Remove(this);
    }
}
