using Kennel.Machine;

namespace Kennel.Cpu.Translator;

/// <summary>
/// The translated code of one frame as seen at one guest address. Entry points by the offset in the page.
/// </summary>
/// <remarks>Guarded by the store's gate.</remarks>
/// <param name="id">A number that no other page has or had.</param>
/// <param name="frame">The frame.</param>
/// <param name="address">The guest address.</param>
/// <param name="area">What its code may go on to by itself.</param>
/// <param name="kept">The entry points that a file has for it, if any.</param>
internal sealed class TranslatedPage(int id, int frame, ulong address, TranslatedArea? area, KeptEntries kept = default)
{
    /// <summary>Of the first instruction of a block that has more ways in than one.</summary>
    public const int Alignment = 4;

    // Of an entry: a FlagsAtEntry.
    private const int FlagBits = Alignment - 1;

    private const int GroupShift = 6, GroupSize = 1 << GroupShift, Groups = 4096 >> GroupShift;

    private readonly int[]?[] _groups = new int[]?[Groups];
    private Dictionary<int, int>? _polling, _saving, _landings;
    private KeptEntries _kept = kept; // all there are, until one is added

    /// <summary>A number that no other page has or had.</summary>
    public int Id { get; } = id;

    public int Frame { get; } = frame;

    /// <summary>The page's guest address.</summary>
    public ulong Address { get; } = address;

    /// <summary>What its code may go on to by itself; null for the page alone.</summary>
    public TranslatedArea? Area { get; } = area;

    /// <summary>The same frame's code at another address, or in another area.</summary>
    public TranslatedPage? Next { get; set; }

    /// <summary>Whether there is code that begins at an offset.</summary>
    public bool Has(int offset) => this[offset] != 0;

    /// <summary>Whether that is what <see cref="EnterMiddle"/> has entered.</summary>
    public bool IsMiddle(int offset) => this[offset] < 0;

    /// <summary>Whether nobody looks at the flags that code has at an offset, as far as is known.</summary>
    public bool IgnoresFlags(int offset) => this[offset] is var entry && (entry < 0 || (entry != 0 && (entry & FlagBits) == 0));

    /// <summary>Where to enter at an offset; 0 if there is no such way in.</summary>
    public int this[int offset, EntryKind kind]
    {
        get
        {
            int entry = this[offset];
            if (entry <= 0) return kind == EntryKind.Polling ? PollingAt(offset) : -entry;
            int place = entry & ~FlagBits;
            var flags = (FlagsAtEntry)(entry & FlagBits);
            if (flags == FlagsAtEntry.InContext && kind == EntryKind.Direct) return SavingAt(offset);
            if (flags == FlagsAtEntry.InHost && kind != EntryKind.Direct) place -= CodeEmitter.RestoreFlagsLength;
            return kind == EntryKind.Polling ? place - BlockTranslator.PollLength : place;
        }
    }

    /// <summary>Enters a block with all its ways in.</summary>
    /// <param name="offset">Where it begins.</param>
    /// <param name="place">Where its first instruction is, on a multiple of <see cref="Alignment"/>; ways in lie before that.</param>
    /// <param name="flags">Where it wants the guest's flags.</param>
    public void Enter(int offset, int place, FlagsAtEntry flags) => this[offset] = place | (int)flags;

    /// <summary>Enters a place where nobody looks at the flags, perhaps in the middle of a block: whoever need not poll may jump there.</summary>
    public void EnterMiddle(int offset, int place) => this[offset] = -place;

    /// <summary>Enters a way to such a place for those who poll.</summary>
    public void EnterPolling(int offset, int place)
    {
        Unpack();
        (_polling ??= [])[offset] = place;
    }

    /// <summary>Enters a way to a block that wants the flags in the context for those who have them in the processor.</summary>
    public void EnterSaving(int offset, int place)
    {
        Unpack();
        (_saving ??= [])[offset] = place;
    }

    /// <summary>Notes the jump behind a call that leads to an offset, where there is no code yet. Its place is that of the displacement.</summary>
    public void EnterLanding(int offset, int place) => (_landings ??= [])[offset] = place;

    /// <summary>Such a jump, which is forgotten; 0 for none.</summary>
    public int TakeLanding(int offset) => _landings?.Remove(offset, out int place) == true ? place : 0;

    /// <summary>Writes its entry points, to be <see cref="KeptEntries"/>.</summary>
    public void Write(BinaryWriter writer)
    {
        if (!_kept.IsNull)
        {
            writer.Write(_kept.Bytes);
            return;
        }
        var entries = new List<KeyValuePair<int, int>>(FramePool.FrameSize / 16);
        for (int group = 0; group < _groups.Length; group++)
        {
            int[]? places = _groups[group];
            for (int n = 0; n < places?.Length; n++)
            {
                if (places[n] != 0) entries.Add(new((group << GroupShift) + n, places[n]));
            }
        }
        KeptEntries.Write(writer, entries);
        WriteSorted(writer, _polling, entries);
        WriteSorted(writer, _saving, entries);
    }

    private static void WriteSorted(BinaryWriter writer, Dictionary<int, int>? ways, List<KeyValuePair<int, int>> entries)
    {
        entries.Clear();
        if (ways != null) entries.AddRange(ways);
        entries.Sort(static (a, b) => a.Key.CompareTo(b.Key));
        KeptEntries.Write(writer, entries);
    }

    // Negative for a place in the middle.
    private int this[int offset]
    {
        get => _kept.IsNull ? _groups[offset >> GroupShift]?[offset & (GroupSize - 1)] ?? 0 : _kept[KeptEntries.Entries].Find(offset);
        set
        {
            Unpack();
            (_groups[offset >> GroupShift] ??= new int[GroupSize])[offset & (GroupSize - 1)] = value;
        }
    }

    private int PollingAt(int offset) => _kept.IsNull ? _polling?.GetValueOrDefault(offset) ?? 0 : _kept[KeptEntries.Polling].Find(offset);

    private int SavingAt(int offset) => _kept.IsNull ? _saving?.GetValueOrDefault(offset) ?? 0 : _kept[KeptEntries.Saving].Find(offset);

    // Before an entry is added.
    private void Unpack()
    {
        if (_kept.IsNull) return;
        KeptEntries kept = _kept;
        _kept = default;
        KeptList entries = kept[KeptEntries.Entries], polling = kept[KeptEntries.Polling], saving = kept[KeptEntries.Saving];
        for (int n = 0; n < entries.Count; n++) this[entries.OffsetAt(n)] = entries.PlaceAt(n);
        for (int n = 0; n < polling.Count; n++) EnterPolling(polling.OffsetAt(n), polling.PlaceAt(n));
        for (int n = 0; n < saving.Count; n++) EnterSaving(saving.OffsetAt(n), saving.PlaceAt(n));
    }
}

/// <summary>Where a block wants the guest's flags when it begins.</summary>
internal enum FlagsAtEntry
{
    /// <summary>Nowhere: nobody looks at them.</summary>
    Ignored,

    /// <summary>In the processor: instructions that restore them are between the poll and the block.</summary>
    InHost,

    /// <summary>In the context: <see cref="TranslatedPage.EnterSaving"/>.</summary>
    InContext,
}

/// <summary>The ways into a block, which lie one before the other.</summary>
internal enum EntryKind
{
    /// <summary>With the flags in the processor, if the block looks at them.</summary>
    Direct,

    /// <summary>With the flags in the context.</summary>
    Restoring,

    /// <summary>The same, and leaves if somebody wants the processor. Every loop goes through one of these.</summary>
    Polling,
}

/// <summary>Where to enter code: the way that was asked for, and two more; 0 where there is none.</summary>
internal readonly record struct Ways(int Wanted, int Restoring, int Polling);
