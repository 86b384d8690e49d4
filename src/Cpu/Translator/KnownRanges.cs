using System.Numerics;
using System.Runtime.InteropServices;
using Kennel.Machine;

namespace Kennel.Cpu.Translator;

/// <summary>One entry of the table that generated code asks when a slot does not serve: a range, by where in memory it is used.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct RangeEntry
{
    public const int StartAt = 0, LimitAt = 8, DeltaAt = 16;

    /// <summary>As in a slot: the first address, how many begin an access that ends within the range, host less guest address.</summary>
    public ulong Start, Limit;

    /// <inheritdoc cref="Start"/>
    public nint Delta;

    private readonly ulong _unused;
}

/// <summary>
/// What one processor knows of the ranges of one address space: found ones, and two tables of them (for reads and for writes) that
/// generated code looks into, indexed by address like a TLB, but with whole ranges behind each index.
/// </summary>
/// <remarks>Used by the processor's thread only.</remarks>
internal sealed unsafe class KnownRanges : IDisposable
{
    /// <summary>log2 of the bytes that one index of a table stands for.</summary>
    public const int RegionShift = 14;

    /// <summary>Bits of the address from here are exclusive-ored to an index: a stack and what is mapped below it differ in bit 27 only.</summary>
    public const int SpreadShift = 27;

    /// <summary>Entries of each of the two tables.</summary>
    public const int Entries = 1024;

    private const int Found = 16, FirstReach = 32, LargestReach = 1 << 16;

    private readonly TranslationCache _cache;
    private readonly RangeEntry* _tables = (RangeEntry*)NativeMemory.AlignedAlloc((nuint)(2 * Entries * sizeof(RangeEntry)), 64);
    private readonly List<int> _filled = [];
    private readonly HostRange[] _found = new HostRange[2 * Found];
    private readonly int[] _next = new int[2];
    private int _version;

    // How far to look on each side: further each time, so that what is spent on looking stays in proportion to how much memory is used.
    private int _reach = FirstReach;

    public KnownRanges(TranslationCache cache)
    {
        _cache = cache;
        _version = cache.Version;
        new Span<byte>(_tables, 2 * Entries * sizeof(RangeEntry)).Clear();
    }

    /// <summary>Whether something has been forgotten that this still knows.</summary>
    public bool IsStale => _version != _cache.Version;

    /// <summary>Makes a context use these ranges.</summary>
    public void Load(TranslatorContext* context)
    {
        context->Tlb = _cache.Tlb;
        context->ReadRanges = _tables;
        context->WriteRanges = _tables + Entries;
        ForgetSlots(context);
    }

    /// <summary>Forgets what the cache has forgotten; the context is the one that uses these ranges now.</summary>
    public void Update(TranslatorContext* context)
    {
        for (; _version != _cache.Version; _version++)
        {
            if (!_cache.TryGetForgotten(_version, out TranslationCache.Forgotten what))
            {
                ForgetAll(context);
                return;
            }
            Forget(context, what);
        }
    }

    /// <summary>A range around an address; empty as <see cref="HostRange.Around"/> says.</summary>
    public HostRange Find(PageTable memory, ulong address, bool write)
    {
        Span<HostRange> found = FoundFor(write);
        foreach (ref HostRange known in found)
        {
            if (known.Contains(address)) return known;
        }
        HostRange range = HostRange.Around(memory, address, write, _reach, found);
        if (range.Length == 0) return range;
        _reach = Math.Min(_reach * 2, LargestReach);
        ref int next = ref _next[write ? 1 : 0];
        found[next] = range;
        next = (next + 1) % Found;
        return range;
    }

    /// <summary>Enters a range in the table, for addresses near one of its own.</summary>
    public void Enter(in HostRange range, ulong address, bool write)
    {
        int index = ((int)(address >> RegionShift ^ address >> SpreadShift) & (Entries - 1)) + (write ? Entries : 0);
        RangeEntry* entry = _tables + index;
        if (entry->Limit == 0) _filled.Add(index);
        entry->Start = range.Start;
        entry->Limit = range.Length - TranslatorContext.LargestAccess + 1;
        entry->Delta = (nint)range.Host - (nint)range.Start;
    }

    /// <inheritdoc/>
    public void Dispose() => NativeMemory.AlignedFree(_tables);

    private Span<HostRange> FoundFor(bool write) => _found.AsSpan(write ? Found : 0, Found);

    private void ForgetAll(TranslatorContext* context)
    {
        _version = _cache.Version;
        _found.AsSpan().Clear();
        _reach = FirstReach;
        foreach (int index in _filled) _tables[index].Limit = 0;
        _filled.Clear();
        ForgetSlots(context);
    }

    private static void ForgetSlots(TranslatorContext* context)
    {
        ForgetSlots(context, new TranslationCache.Forgotten(0, ulong.MaxValue, WritesOnly: false));
    }

    // Eight slots at a time are passed over that serve nothing.
    private static void ForgetSlots(TranslatorContext* context, in TranslationCache.Forgotten what)
    {
        byte* used = (byte*)context + TranslatorContext.UsedAt;
        for (int eight = 0; eight < TranslatorContext.UsedSize; eight += 8)
        {
            for (ulong left = *(ulong*)(used + eight); left != 0; left &= left - 1)
            {
                int slot = eight + (BitOperations.TrailingZeroCount(left) / 8);
                if (what.WritesOnly && slot < TranslatorContext.ReadSlots) continue;
                var first = (ulong*)((byte*)context + TranslatorContext.SlotAt(slot));
                ulong* second = first + (TranslatorContext.SecondAt / sizeof(ulong));
                if (Overlaps(first[0], first[1], what)) first[1] = 0;
                if (Overlaps(second[0], second[1], what)) second[1] = 0;
                if (first[1] == 0 && second[1] == 0) used[slot] = 0;
            }
        }
    }

    private void Forget(TranslatorContext* context, in TranslationCache.Forgotten what)
    {
        if (what.Start == 0 && what.End == ulong.MaxValue) _reach = FirstReach;
        for (int n = what.WritesOnly ? Found : 0; n < 2 * Found; n++) _found[n] = _found[n].Without(what.Start, what.End);
        int left = 0;
        for (int n = 0; n < _filled.Count; n++)
        {
            int index = _filled[n];
            RangeEntry* entry = _tables + index;
            bool gone = (index >= Entries || !what.WritesOnly) && Overlaps(entry->Start, entry->Limit, what);
            if (gone) entry->Limit = 0;
            else _filled[left++] = index;
        }
        _filled.RemoveRange(left, _filled.Count - left);
        ForgetSlots(context, what);
    }

    private static bool Overlaps(ulong start, ulong limit, in TranslationCache.Forgotten what) =>
        limit != 0 && start < what.End && start + limit + TranslatorContext.LargestAccess - 1 > what.Start;
}
