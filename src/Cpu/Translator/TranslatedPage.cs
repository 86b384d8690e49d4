namespace Kennel.Cpu.Translator;

/// <summary>
/// The translated code of one frame as seen at one guest address. Entry points by the offset in the page.
/// </summary>
/// <remarks>Guarded by the store's gate.</remarks>
internal sealed class TranslatedPage(int id, int frame, ulong address, TranslatedArea? area)
{
    private const int GroupShift = 6, GroupSize = 1 << GroupShift, Groups = 4096 >> GroupShift;

    private readonly int[]?[] _groups = new int[]?[Groups];

    /// <summary>A number that no other page has or had.</summary>
    public int Id { get; } = id;

    public int Frame { get; } = frame;

    /// <summary>The page's guest address.</summary>
    public ulong Address { get; } = address;

    /// <summary>What its code may go on to by itself; null for the page alone.</summary>
    public TranslatedArea? Area { get; } = area;

    /// <summary>The same frame's code at another address, or in another area.</summary>
    public TranslatedPage? Next { get; set; }

    /// <summary>
    /// Place of the block that begins at an offset, for those who have the guest's flags in the processor; 0 if there is none.
    /// The lowest bit tells that others, who have them in the context, enter at the instructions before that restore them.
    /// If negative, a place in the middle of a block, negated: nobody looks at the flags there, and whoever need not poll may jump there.
    /// </summary>
    public int this[int offset]
    {
        get => _groups[offset >> GroupShift]?[offset & (GroupSize - 1)] ?? 0;
        set => (_groups[offset >> GroupShift] ??= new int[GroupSize])[offset & (GroupSize - 1)] = value;
    }

    /// <summary>Where to enter, for what this indexer answers; 0 if there is no such way in.</summary>
    public static int EntryOf(int entry, EntryKind kind)
    {
        if (entry <= 0) return kind == EntryKind.Polling ? 0 : -entry;
        int place = entry & ~1;
        if (kind >= EntryKind.Restoring) place -= (entry & 1) * CodeEmitter.RestoreFlagsLength;
        return kind == EntryKind.Polling ? place - BlockTranslator.PollLength : place;
    }
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
