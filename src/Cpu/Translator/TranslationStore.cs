using Kennel.Machine;

namespace Kennel.Cpu.Translator;

/// <summary>
/// Translated code, kept per frame and guest address: processes that map a file's page at the same address share it.
/// </summary>
/// <remarks>
/// Frames are marked before anything of them is translated, as <see cref="Decoding.CodeCache"/> does. Dropped code stays where it is
/// until all code memory is begun anew: whoever is inside is made to leave soon, and cannot come back, because links
/// do not reach beyond the page and <see cref="Epoch"/> makes all jump tables invalid.
///
/// Lock order: a page table's monitor, then this object's gate.
/// </remarks>
internal sealed unsafe class TranslationStore : IDisposable
{
    // What is run lies in the first part.
    private const int CodeBytes = 256 << 20, FirstCold = CodeBytes / 2;

    private readonly FramePool _frames;
    private readonly ProcessorSet _processors;
    private readonly ExecutableMemory _memory;
    private readonly object _gate = new();

    // guard-note: all below under _gate.
    private readonly Dictionary<int, TranslatedPage> _pages = [];
    private readonly Dictionary<int, HashSet<int>> _watched = [];
    private readonly CodeEmitter _emitter;
    private readonly BlockTranslator _translator;
    private readonly int _firstFree;
    private int _lastId;

    private long _epoch = 1, _era = 1;

    private TranslationStore(FramePool frames, ProcessorSet processors, ExecutableMemory memory, bool counts)
    {
        _frames = frames;
        _processors = processors;
        _memory = memory;
        _emitter = new CodeEmitter(memory.Write);
        Routines = new SharedRoutines(_emitter);
        _firstFree = _emitter.Position;
        _translator = new BlockTranslator(_emitter, Routines, counts) { Cold = FirstCold };
        frames.CodeFrameChanged += Drop;
    }

    public SharedRoutines Routines { get; }

    /// <summary>Changes when entry points that jump tables know may be those of dropped code.</summary>
    public long Epoch => Volatile.Read(ref _epoch);

    /// <summary>Changes when all code memory is begun anew.</summary>
    public long Era => Volatile.Read(ref _era);

    /// <summary>Guest instructions translated, for benchmarks.</summary>
    public long Translated => _translator.Translated;

    /// <summary>Null if the host does not allow generated code.</summary>
    public static TranslationStore? TryCreate(FramePool frames, ProcessorSet processors, bool counts)
    {
        ExecutableMemory? memory = ExecutableMemory.TryReserve(CodeBytes);
        return memory == null ? null : new TranslationStore(frames, processors, memory, counts);
    }

    /// <summary>Host address of a place in code memory.</summary>
    public nint Address(int place) => (nint)(_memory.Run + place);

    /// <summary>
    /// Where to enter the code of a guest address, as <see cref="TranslatedPage.EntryOf"/> takes it; 0 if it cannot be executed.
    /// </summary>
    /// <param name="processor">The calling processor, in guest mode; it may leave that for a while.</param>
    /// <param name="rip">The guest address.</param>
    /// <param name="page">The page it belongs to.</param>
    public int Find(Processor processor, ulong rip, out TranslatedPage? page)
    {
        PageTable table = processor.Memory!;
        int marked = FramePool.None; // a frame that was marked, and all write translations flushed since
        page = null;
        while (true)
        {
            int unmarked = FramePool.None;
            bool full = false;
            lock (table)
            {
                Pte pte = rip < PageTable.AddressLimit ? table.Walk(rip, out _) : default;
                if (!pte.IsPresent || !pte.CanExecute) return 0;
                lock (_gate)
                {
                    full = _emitter.Position > FirstCold - (2 * BlockTranslator.Room) || _translator.Cold > CodeBytes - (2 * BlockTranslator.Room);
                    if (!full) unmarked = Prepare(pte.Frame, marked, rip & ~0xfffUL, out page);
                    if (page != null) return EntryOf(page, (int)(rip & 0xfff));
                }
            }
            processor.LeaveGuest();
            if (full) _processors.Quiesce(static (_, store) => store.BeginAnew(), this);
            else _processors.FlushWrites();
            processor.Resume();
            marked = unmarked;
        }
    }

    /// <summary>Makes the jump at a place of a page's code lead to another place of it, if that is still its code.</summary>
    public void Link(int place, int target, TranslatedPage page)
    {
        lock (_gate)
        {
            if (IsCurrent(page.Frame, page.Address, page.Id)) Volatile.Write(ref *(int*)(_memory.Write + place), target - place - 4);
        }
    }

    /// <summary>Whether the code of a frame at an address is still that of a page with this number.</summary>
    public bool IsCurrent(int frame, ulong address, int id)
    {
        lock (_gate)
        {
            _pages.TryGetValue(frame, out TranslatedPage? page);
            while (page != null && page.Address != address) page = page.Next;
            return page?.Id == id;
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

    // As CodeCache.Prepare: answers None and the page when code of the frame may be translated.
    private int Prepare(int frame, int flushed, ulong address, out TranslatedPage? page)
    {
        if (_pages.TryGetValue(frame, out TranslatedPage? first))
        {
            for (page = first; page != null; page = page.Next)
            {
                if (page.Address == address) return FramePool.None;
            }
            page = new TranslatedPage(++_lastId, frame, address) { Next = first.Next };
            first.Next = page;
            return FramePool.None;
        }
        page = null;
        bool wasMarked = _frames.HasCode(frame);
        _frames.MarkCode(frame);
        if (_frames.WasWritable(frame) && !(wasMarked && flushed == frame)) return frame;
        page = new TranslatedPage(++_lastId, frame, address);
        _pages.Add(frame, page);
        return FramePool.None;
    }

    private int EntryOf(TranslatedPage page, int offset)
    {
        int entry = page[offset];
        if (entry != 0) return entry;
        _translator.Translate(page, _frames.Pointer(page.Frame), offset, _watched.GetValueOrDefault(page.Frame));
        return page[offset];
    }

    // The frame's bytes change, or it is given back: any thread. In the latter case no address space has it any more, so that no
    // jump table does either.
    private void Drop(int frame)
    {
        lock (_gate)
        {
            if (!_pages.Remove(frame) || _frames.References(frame) == 0) return;
            Interlocked.Increment(ref _epoch);
        }
        for (int i = 0; i < _processors.Count; i++) _processors[i].RequestAttention(); // whoever is inside
    }

    private void BeginAnew()
    {
        lock (_gate)
        {
            if (_emitter.Position == _firstFree) return; // once for all processors
            _pages.Clear();
            _translator.X87Sites.Clear();
            _emitter.Position = _firstFree;
            _translator.Cold = FirstCold;
            Interlocked.Increment(ref _epoch);
            Interlocked.Increment(ref _era);
        }
    }
}
