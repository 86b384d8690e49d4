using System.Runtime.InteropServices;
using Kennel.Machine;

namespace Kennel.Cpu.Translator;

/// <summary>
/// What one processor knows of the ranges of one address space: the ranges, which are in the slots of the processor's context while the
/// address space runs, and two tables (for reads and for writes) by which generated code finds the slot for an address.
/// </summary>
/// <remarks>Used by the processor's thread only.</remarks>
internal sealed unsafe class KnownRanges : IDisposable
{
    /// <summary>log2 of the bytes that one index of a table stands for.</summary>
    public const int RegionShift = 14;

    /// <summary>Entries of each of the two tables: addresses of slots. Each region may be in one of two, or two that are used in turn would displace each other.</summary>
    public const int Entries = 4096, Ways = 2;

    /// <summary>What is multiplied by to get an index, which are the product's upper bits: a stack and what is mapped below it differ in bit 27 only.</summary>
    public const uint Spread = 0x9e3779b1;

    /// <inheritdoc cref="Spread"/>
    public const int IndexShift = 21;

    private const int Slots = TranslatorContext.RangeSlots, FirstReach = 32, LargestReach = 1 << 16;

    // Ranges of less than this have the first slots to themselves, of which they take the place of each other.
    private const ulong ShortLength = 8 << FramePool.FrameShift;
    private const int ShortSlots = 16;

    private static readonly TranslationCache.Forgotten s_everything = new(0, ulong.MaxValue, WritesOnly: false);

    private readonly TranslationCache _cache;
    private readonly TranslatorContext* _context;
    private readonly ConstantPages _constantPages;
    private readonly ulong* _tables = (ulong*)NativeMemory.AlignedAlloc(2 * Entries * sizeof(ulong), 64);
    private readonly ulong* _pages = (ulong*)NativeMemory.AllocZeroed((ConstantPages.Reads + ConstantPages.Writes) * sizeof(ulong));
    private readonly HostRange[] _found = new HostRange[2 * Slots];
    private readonly int[] _next = new int[4]; // by kind: whose place the next one takes
    private readonly int[] _end = new int[2]; // by right: slots from here on have been empty all the time
    private readonly bool[] _isSpare = new bool[2 * Slots]; // what the slot holds is a part of what another one holds
    private readonly bool[] _knowsSpares = [true, true]; // by right: whether that is up to date
    private int _version;

    // How far to look on each side: further each time, so that what is spent on looking stays in proportion to how much memory is used.
    private int _reach = FirstReach;

    public KnownRanges(TranslationCache cache, TranslatorContext* context, ConstantPages constantPages)
    {
        _constantPages = constantPages;
        _cache = cache;
        _context = context;
        _version = cache.Version;
        new Span<ulong>(_tables, 2 * Entries).Fill((ulong)context + TranslatorContext.NoRangeAt);
    }

    /// <summary>Whether something has been forgotten that this still knows.</summary>
    public bool IsStale => _version != _cache.Version;

    /// <summary>Changes when a range took another one's place.</summary>
    public int Replaced { get; private set; }

    /// <summary>Makes the context use these ranges.</summary>
    /// <param name="before">Those that it has used up to now.</param>
    public void Load(KnownRanges? before)
    {
        _context->Tlb = _cache.Tlb;
        _context->ReadRanges = _tables;
        _context->WriteRanges = _tables + Entries;
        _context->ReadPages = _pages;
        _context->WritePages = _pages + ConstantPages.Reads;
        for (int right = 0; right < _end.Length; right++)
        {
            int first = right * Slots, end = first + Math.Max(_end[right], before?._end[right] ?? 0);
            for (int slot = first; slot < end; slot++) Show(slot);
        }
        ForgetOwnSlots(s_everything);
        ForgetThread();
    }

    /// <summary>Forgets what the cache has forgotten.</summary>
    public void Update()
    {
        ForgetPages();
        for (; _version != _cache.Version; _version++)
        {
            bool isNoted = _cache.TryGetForgotten(_version, out TranslationCache.Forgotten what);
            Forget(isNoted ? what : s_everything);
            if (isNoted) continue;
            _version = _cache.Version;
            return;
        }
    }

    /// <summary>The slot of a range around an address; null as <see cref="HostRange.Around"/> says.</summary>
    public RangeSlot* Find(PageTable memory, ulong address, bool write)
    {
        int first = write ? Slots : 0;
        Span<HostRange> known = _found.AsSpan(first, _end[write ? 1 : 0]);
        for (int n = 0; n < known.Length; n++)
        {
            if (known[n].Contains(address)) return SlotOf(first + n);
        }
        HostRange range = HostRange.Around(memory, address, write, _reach, known, out int below, out int above);
        if (range.Length == 0) return null;
        _reach = Math.Min(_reach * 2, LargestReach);
        int chosen = first + (below >= 0 ? below : above >= 0 ? above : ChooseSlot(range.Length, write));
        HostRange before = _found[chosen];
        _found[chosen] = range;
        Show(chosen);
        TellOthers(first, range);
        EnterNew(chosen, range, before, write);
        if (_knowsSpares[first / Slots]) NoteSpares(first, before, range);
        return SlotOf(chosen);
    }

    /// <summary>Which entry of a table is the first that an address may be in.</summary>
    public static int IndexOf(ulong address) => (int)((uint)(address >> RegionShift) * Spread >> IndexShift) * Ways;

    /// <summary>Enters a range in the table, for addresses near one of its own. What was entered there before goes to the second place.</summary>
    public void Enter(RangeSlot* range, ulong address, bool write)
    {
        ulong* places = _tables + IndexOf(address) + (write ? Entries : 0);
        if (places[0] == (ulong)range) return;
        places[1] = places[0];
        places[0] = (ulong)range;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.AlignedFree(_tables);
        NativeMemory.Free(_pages);
    }

    // What a range has that its slot did not have before is entered at once, or generated code would be left for each region of it; not what it shares a region with others in,
    // nor more than the table can hold.
    private void EnterNew(int slot, in HostRange range, in HostRange before, bool write)
    {
        const ulong region = 1 << RegionShift;
        ulong start = (range.Start + region - 1) & ~(region - 1), end = range.End & ~(region - 1);
        bool grows = before.IsPartOf(range);
        EnterRegions(SlotOf(slot), start, grows ? Math.Min((before.Start + region - 1) & ~(region - 1), end) : end, write);
        if (grows) EnterRegions(SlotOf(slot), Math.Max(before.End & ~(region - 1), start), end, write);
    }

    private void EnterRegions(RangeSlot* range, ulong start, ulong end, bool write)
    {
        int count = 0;
        for (ulong at = start; at < end && count < Entries; at += 1 << RegionShift, count++) Enter(range, at, write);
    }

    // All of them, whatever was forgotten: the table is small, and soon filled again.
    private void ForgetPages()
    {
        new Span<ulong>(_pages, _constantPages.ReadCount).Clear();
        new Span<ulong>(_pages + ConstantPages.Reads, _constantPages.WriteCount).Clear();
        ForgetThread();
    }

    private void ForgetThread() => _context->ThreadRead = _context->ThreadWrite = 0;

    // Slots that hold a part of a range, as far as it went when they got it, serve all of it: places point to them.
    private void TellOthers(int first, in HostRange range)
    {
        int end = first + _end[first / Slots];
        for (int slot = first; slot < end; slot++)
        {
            if (_found[slot].Length == range.Length || !_found[slot].IsPartOf(range)) continue;
            _found[slot] = range;
            Show(slot);
        }
    }

    // The number among the slots for the same right: of one that holds nothing, or nothing that another one does not hold, before others. A
    // short range does not take the place of one that has grown.
    private int ChooseSlot(ulong length, bool write)
    {
        bool isShort = length < ShortLength;
        int first = write ? Slots : 0, start = isShort ? 0 : ShortSlots, count = isShort ? ShortSlots : Slots - ShortSlots;
        ref int next = ref _next[(write ? 2 : 0) + (isShort ? 1 : 0)];
        int chosen = next, least = int.MaxValue;
        if (!_knowsSpares[first / Slots]) NoteSpares(first);
        for (int n = 0; n < count && least > 0; n++)
        {
            int slot = (next + n) % count, worth = WorthOf(first + start + slot, isShort);
            if (worth < least) (chosen, least) = (slot, worth);
        }
        next = (chosen + 1) % count;
        chosen += start;
        ref int end = ref _end[write ? 1 : 0];
        end = Math.Max(end, chosen + 1);
        if (_found[first + chosen].Length != 0) Replaced++;
        return chosen;
    }

    private int WorthOf(int slot, bool forShort)
    {
        ulong length = _found[slot].Length;
        if (length == 0) return 0;
        if (_isSpare[slot]) return 1;
        return forShort && length >= ShortLength ? 3 : 2;
    }

    // A program that uses more ranges than there are slots has one displaced at every turn: so only those are looked at which the change is about.
    private void NoteSpares(int first, in HostRange before, in HostRange now)
    {
        int end = first + _end[first / Slots];
        for (int slot = first; slot < end; slot++)
        {
            if (_found[slot].IsPartOf(before) || _found[slot].IsPartOf(now)) _isSpare[slot] = IsSpare(first, slot);
        }
    }

    private void NoteSpares(int first)
    {
        int end = first + _end[first / Slots];
        for (int slot = first; slot < end; slot++) _isSpare[slot] = IsSpare(first, slot);
        _knowsSpares[first / Slots] = true;
    }

    private bool IsSpare(int first, int slot)
    {
        int end = first + _end[first / Slots];
        for (int other = first; other < end; other++)
        {
            if (other != slot && _found[slot].IsPartOf(_found[other])) return true;
        }
        return false;
    }

    private void Forget(in TranslationCache.Forgotten what)
    {
        for (int right = what.WritesOnly ? 1 : 0; right < _end.Length; right++)
        {
            int first = right * Slots, end = first + _end[right];
            for (int slot = first; slot < end; slot++)
            {
                ref HostRange range = ref _found[slot];
                if (range.Length == 0 || range.Start >= what.End || range.End <= what.Start) continue;
                range = range.Without(what.Start, what.End);
                _knowsSpares[right] = false;
                Show(slot);
            }
        }
        if (what.Start == 0 && what.End == ulong.MaxValue) BeginAnew(what.WritesOnly);
        ForgetOwnSlots(what);
    }

    // A program that is started again finds the same ranges one after the other, and gets the same slots for them, to which places in
    // its code still point.
    private void BeginAnew(bool writesOnly)
    {
        _reach = FirstReach;
        _next.AsSpan(writesOnly ? _next.Length / 2 : 0).Clear();
        _end.AsSpan(writesOnly ? 1 : 0).Clear();
    }

    // Those that the context has besides those of the ranges.
    private void ForgetOwnSlots(in TranslationCache.Forgotten what)
    {
        var own = (RangeSlot*)((byte*)_context + TranslatorContext.SlotsAt);
        for (int slot = what.WritesOnly ? TranslatorContext.ReadSlots : 0; slot < TranslatorContext.SlotCount; slot++)
        {
            bool overlaps = own[slot].Limit != 0 && own[slot].Start < what.End && own[slot].Start + own[slot].Limit + TranslatorContext.LargestAccess - 1 > what.Start;
            if (overlaps) own[slot] = RangeSlot.None.ForGroups;
        }
    }

    private RangeSlot* SlotOf(int slot) => (RangeSlot*)((byte*)_context + TranslatorContext.RangesAt) + slot;

    private void Show(int slot) => *SlotOf(slot) = RangeSlot.For(_found[slot]);
}
