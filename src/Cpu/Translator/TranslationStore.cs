using Kennel.Machine;

namespace Kennel.Cpu.Translator;

/// <summary>
/// Translated code, kept per frame and guest address: processes that map a file's page at the same address share it.
/// </summary>
/// <remarks>
/// Frames are marked before anything of them is translated, as <see cref="Decoding.CodeCache"/> does. Dropped code stays where it is
/// until all code memory is begun anew: whoever is inside is made to leave soon, and cannot come back, because links
/// do not reach beyond the page, or the area, which is dropped as a whole, and <see cref="Epoch"/> makes all jump tables invalid.
///
/// Lock order: a page table's gate, then this object's.
/// </remarks>
internal sealed unsafe partial class TranslationStore : IDisposable
{
    // What is run lies in the first part.
    private const int CodeBytes = 256 << 20, FirstCold = CodeBytes / 2;

    private readonly FramePool _frames;
    private readonly ProcessorSet _processors;
    private readonly ExecutableMemory _memory;
    private readonly Lock _gate = new();

    // guard-note: all below under _gate.
    private readonly Dictionary<int, TranslatedPage> _pages = [];
    private readonly Dictionary<CodeArea, TranslatedArea> _areas = [];
    private PageTable? _table; // while something is translated
    private readonly Dictionary<int, HashSet<int>> _watched = [];
    private readonly CodeEmitter _emitter;
    private readonly BlockTranslator _translator;
    private readonly CpuLevel _level;
    private readonly int _firstFree, _full;
    private int _lastId;

    private long _epoch = 1, _era = 1;

    private TranslationStore(FramePool frames, ProcessorSet processors, ExecutableMemory memory, bool counts, CpuLevel level, int room)
    {
        _frames = frames;
        _processors = processors;
        _memory = memory;
        _level = level;
        _emitter = new CodeEmitter(memory.Write);
        Routines = new SharedRoutines(_emitter, level);
        _firstFree = _emitter.Position;
        _full = Math.Min(_firstFree + room, FirstCold - (2 * BlockTranslator.Room));
        _translator = new BlockTranslator(_emitter, Routines, counts, level, ConstantPages, Reach) { Cold = FirstCold };
        frames.CodeFrameChanged += Drop;
    }

    public SharedRoutines Routines { get; }

    /// <summary>Numbers for the pages of operands at constant addresses.</summary>
    public ConstantPages ConstantPages { get; } = new();

    /// <summary>Changes when entry points that jump tables know may be those of dropped code.</summary>
    public long Epoch => Volatile.Read(ref _epoch);

    /// <summary>Changes when all code memory is begun anew.</summary>
    public long Era => Volatile.Read(ref _era);

    /// <summary>Guest instructions translated, for benchmarks.</summary>
    public long Translated => _translator.Translated;

    /// <summary>Measures, if there is one.</summary>
    public TranslationMeter? Meter
    {
        get => _translator.Meter;
        set => _translator.Meter = value;
    }

    /// <summary>Null if the host does not allow generated code.</summary>
    /// <param name="frames">The machine's memory.</param>
    /// <param name="processors">Its processors.</param>
    /// <param name="counts">Whether instructions are counted.</param>
    /// <param name="level">What the guest's processor has.</param>
    /// <param name="room">Bytes of code that is run, beyond those that all share, after which all is begun anew.</param>
    public static TranslationStore? TryCreate(FramePool frames, ProcessorSet processors, bool counts, CpuLevel level, int room = FirstCold)
    {
        ExecutableMemory? memory = ExecutableMemory.TryReserve(CodeBytes);
        return memory == null ? null : new TranslationStore(frames, processors, memory, counts, level, room);
    }

    /// <summary>Host address of a place in code memory.</summary>
    public nint Address(int place) => (nint)(_memory.Run + place);

    /// <summary>
    /// Where to enter the code of a guest address. Nowhere if it cannot be executed.
    /// </summary>
    /// <param name="processor">The calling processor, in guest mode; it may leave that for a while.</param>
    /// <param name="rip">The guest address.</param>
    /// <param name="kind">The way in that is wanted.</param>
    /// <param name="page">The page it belongs to.</param>
    public Ways Find(Processor processor, ulong rip, EntryKind kind, out TranslatedPage? page)
    {
        PageTable table = processor.Memory!;
        int marked = FramePool.None; // a frame that was marked, and all write translations flushed since
        page = null;
        while (true)
        {
            int unmarked = FramePool.None;
            bool full = false;
            lock (table.Gate)
            {
                Pte pte = rip < PageTable.AddressLimit ? table.Walk(rip, out _) : default;
                if (!pte.IsPresent || !pte.CanExecute) return default;
                lock (_gate)
                {
                    unmarked = Prepare(pte.Frame, marked, rip & ~0xfffUL, AreaOf(table.CodeAreaAt(rip)), out page);
                    full = page != null && page[(int)(rip & 0xfff), kind] == 0 && IsFull;
                    if (page != null && !full) return WaysOf(table, page, (int)(rip & 0xfff), kind);
                }
            }
            processor.LeaveGuest();
            if (full) _processors.Quiesce(static (_, store) => store.BeginAnew(), this);
            else _processors.FlushWrites();
            processor.Resume();
            marked = unmarked;
        }
    }

    /// <summary>
    /// Makes the jump at a place lead to another place, if that is still the code of a page, and the jump is in that page or one that
    /// may go on there by itself.
    /// </summary>
    /// <param name="place">Where the displacement is.</param>
    /// <param name="from">Number of the jump's page.</param>
    /// <param name="target">Where it is to lead.</param>
    /// <param name="page">The target's page.</param>
    public bool Link(int place, int from, int target, TranslatedPage page)
    {
        lock (_gate)
        {
            bool isCurrent = page.Area != null ? page.Area.Has(page.Id) && page.Area.Has(from) : page.Id == from && IsCurrent(page.Frame, page.Id, null);
            return isCurrent && _memory.TryPatch(place, target - place - 4);
        }
    }

    /// <summary>Whether code of a frame, in a page with this number, is still that of an address in an area.</summary>
    public bool IsCurrent(int frame, int id, CodeArea? area)
    {
        lock (_gate)
        {
            _pages.TryGetValue(frame, out TranslatedPage? page);
            while (page != null && page.Id != id) page = page.Next;
            return page != null && Equals(page.Area?.Key, area);
        }
    }

    /// <summary>An x87 instruction in code memory, by its number.</summary>
    public X87Site X87Site(int n)
    {
        lock (_gate) return _translator.X87Sites[n];
    }

    /// <summary>Leaves the instructions at these offsets of a frame to the interpreter, which stops before them; none for no more.</summary>
    public void Watch(int frame, IReadOnlyList<int> offsets)
    {
        lock (_gate)
        {
            if (_watched.TryGetValue(frame, out HashSet<int>? known) ? known.SetEquals(offsets) : offsets.Count == 0) return;
            _wasWatched |= offsets.Count > 0;
            if (offsets.Count == 0) _watched.Remove(frame);
            else _watched[frame] = [.. offsets];
            Drop(frame);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _frames.CodeFrameChanged -= Drop;
        _memory.Dispose();
    }

    private bool IsFull => _emitter.Position > _full || _translator.Cold > CodeBytes - (2 * BlockTranslator.Room);

    // As CodeCache.Prepare: answers None and the page when code of the frame may be translated.
    private int Prepare(int frame, int flushed, ulong address, TranslatedArea? area, out TranslatedPage? page)
    {
        if (_pages.TryGetValue(frame, out TranslatedPage? first))
        {
            for (page = first; page != null; page = page.Next)
            {
                if (page.Address == address && page.Area == area) return FramePool.None;
            }
            page = new TranslatedPage(++_lastId, frame, address, area) { Next = first.Next };
            first.Next = page;
            area?.Add(page);
            return FramePool.None;
        }
        page = null;
        bool wasMarked = _frames.HasCode(frame);
        _frames.MarkCode(frame);
        if (_frames.WasWritable(frame) && !(wasMarked && flushed == frame)) return frame;
        page = new TranslatedPage(++_lastId, frame, address, area);
        _pages.Add(frame, page);
        area?.Add(page);
        return FramePool.None;
    }

    private TranslatedArea? AreaOf(CodeArea? key)
    {
        if (key == null) return null;
        if (!_areas.TryGetValue(key, out TranslatedArea? area)) _areas[key] = area = new TranslatedArea(key);
        return area;
    }

    private Ways WaysOf(PageTable table, TranslatedPage page, int offset, EntryKind kind)
    {
        if (page[offset, kind] == 0)
        {
            _table = table;
            if (page.Has(offset)) _translator.AddPolling(page, offset);
            else if (Meter != null) Measure(Meter, page, offset, kind);
            else _translator.Translate(page, offset, kind, _watched.GetValueOrDefault(page.Frame));
            _table = null;
        }
        var ways = new Ways(page[offset, kind], page[offset, EntryKind.Restoring], page[offset, EntryKind.Polling]);
        // A return that was not predicted looks for what the jump behind the call would be linked to the next time.
        if (kind == EntryKind.Polling && ways.Restoring != 0 && page.TakeLanding(offset) is not 0 and var landing)
            _memory.TryPatch(landing, ways.Restoring - landing - sizeof(int));
        return ways;
    }

    private void Measure(TranslationMeter meter, TranslatedPage page, int offset, EntryKind kind)
    {
        int hot = _emitter.Position, cold = _translator.Cold;
        meter.Begin();
        _translator.Translate(page, offset, kind, _watched.GetValueOrDefault(page.Frame));
        meter.End(_emitter.Position - hot, _translator.Cold - cold);
    }

    // The bytes at an address of the page that is being translated, or of another one of its area, which is then as if it had been
    // translated: if they change, all of the area's code goes. Null if they are not at hand.
    private byte* Reach(TranslatedPage from, ulong address)
    {
        if (address - from.Address < FramePool.FrameSize) return _frames.Pointer(from.Frame) + (address & 0xfff);
        if (from.Area == null || !from.Area.Key.Contains(address)) return null;
        TranslatedPage? page = from.Area[address];
        if (page == null)
        {
            Pte pte = _table!.Walk(address, out _);
            if (!pte.IsPresent || !pte.CanExecute) return null;
            Prepare(pte.Frame, FramePool.None, address & ~0xfffUL, from.Area, out page);
            if (page == null) return null;
        }
        return _frames.Pointer(page.Frame) + (address & 0xfff);
    }

    // The frame's bytes change, or it is given back: any thread. In the latter case no address space has it any more, so that no
    // jump table does either; but other code of its area may lead there.
    private void Drop(int frame)
    {
        lock (_gate)
        {
            if (!_pages.Remove(frame, out TranslatedPage? first)) return;
            bool stale = _frames.References(frame) > 0;
            for (TranslatedPage? page = first; page != null; page = page.Next) stale |= page.Area != null && Drop(page.Area, frame);
            if (!stale) return;
            Interlocked.Increment(ref _epoch);
        }
        for (int i = 0; i < _processors.Count; i++) _processors[i].RequestAttention(); // whoever is inside
    }

    // Forgets an area's pages; those of one frame are forgotten already. Answers whether there were others.
    private bool Drop(TranslatedArea area, int frame)
    {
        bool others = false;
        foreach (TranslatedPage page in area.Pages)
        {
            if (page.Frame == frame) continue;
            others = true;
            TranslatedPage first = _pages[page.Frame];
            if (first == page)
            {
                if (page.Next == null) _pages.Remove(page.Frame);
                else _pages[page.Frame] = page.Next;
                continue;
            }
            while (first.Next != page) first = first.Next!;
            first.Next = page.Next;
        }
        area.Clear();
        _areas.Remove(area.Key);
        return others;
    }

    private void BeginAnew()
    {
        lock (_gate)
        {
            if (_emitter.Position == _firstFree) return; // once for all processors
            foreach (TranslatedArea area in _areas.Values) area.Clear();
            _areas.Clear();
            _pages.Clear();
            _kept?.Clear();
            _memory.Forget();
            _translator.X87Sites.Clear();
            _emitter.Position = _firstFree;
            _translator.Cold = FirstCold;
            Interlocked.Increment(ref _epoch);
            Interlocked.Increment(ref _era);
        }
    }
}
