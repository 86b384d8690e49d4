using System.Runtime.InteropServices;

namespace Kennel.Machine;

/// <summary>One entry of the software TLB. A tag is the page's address when the access is allowed, else <see cref="Invalid"/>.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct TlbEntry
{
    /// <summary>
    /// A tag that equals no page's address, nor such an address with the low bits that say whether an operand is aligned: bits 4 to 11 are
    /// cleared when that is compared.
    /// </summary>
    public const ulong Invalid = 0x800;

    public ulong ReadTag, WriteTag;

    /// <summary>Host address minus guest address.</summary>
    public nint Delta;

    /// <summary>The frame behind the page.</summary>
    public long Frame;
}

/// <summary>
/// What one processor remembers of one address space: page translations and the entry points of decoded code.
/// A processor keeps a few of these, so that switching between address spaces flushes nothing.
/// </summary>
public sealed unsafe class TranslationCache : IDisposable
{
    public const int Entries = 1024;

    // Slots that have got a write tag since the last time that none had; beyond its length, all are looked at.
    private const int KnownWritable = 64;

    private const int KnownChanges = 16;

    private readonly Processor _processor;
    private readonly Forgotten[] _forgotten = new Forgotten[KnownChanges];
    private readonly ushort[] _writable = new ushort[KnownWritable];
    private int _writableCount;

    internal TranslationCache(Processor processor)
    {
        _processor = processor;
        Tlb = (TlbEntry*)NativeMemory.AlignedAlloc((nuint)(Entries * sizeof(TlbEntry)), 64);
        Flush();
    }

    public TlbEntry* Tlb { get; }

    /// <summary>
    /// The address space's key in the processor's <see cref="JumpTable"/>. Address spaces with the same <see cref="PageTable.CodeLayout"/> share one.
    /// </summary>
    public ulong JumpKey { get; internal set; }

    /// <summary><see cref="JumpTable.Round"/> of the processor.</summary>
    public int JumpRound => _processor.Jumps.Round;

    /// <summary>Changes whenever a page is forgotten, so that engines can forget what they derived from it.</summary>
    public int Version { get; private set; }

    /// <summary>Pages that were forgotten: [start, end), or only that they may be written.</summary>
    public readonly record struct Forgotten(ulong Start, ulong End, bool WritesOnly);

    /// <summary>What was forgotten when <see cref="Version"/> went on from a value; false if that is too long ago.</summary>
    public bool TryGetForgotten(int version, out Forgotten what)
    {
        what = _forgotten[version & (KnownChanges - 1)];
        return (uint)(Version - version) <= KnownChanges;
    }

    /// <summary>The address space that this remembers; null when free.</summary>
    internal PageTable? Owner { get; set; }

    internal long LastUse { get; set; }

    /// <summary>Slot of a page in <see cref="Tlb"/>.</summary>
    public static int SlotOf(ulong address) => (int)(address >> FramePool.FrameShift) & (Entries - 1);

    /// <summary>
    /// Looks the page up and remembers it for as much access as it allows now. Answers false when <paramref name="access"/>
    /// is not allowed: a page fault. A page whose frame holds
    /// decoded code gets no write tag, so that every store to it comes through here.
    /// </summary>
    public bool Fill(PageTable table, ulong address, PageAccess access, out TlbEntry entry)
    {
        entry = default;
        if (address >= PageTable.AddressLimit) return false;
        lock (table.Gate)
        {
            Pte pte = table.Walk(address, out bool exclusive);
            if (!pte.IsPresent || !pte.Allows(access & ~PageAccess.Write)) return false;
            bool writable = table.IsWritableNow(pte, exclusive);
            if ((access & PageAccess.Write) != 0 && !writable) return false;
            ulong page = address & ~(ulong)(FramePool.FrameSize - 1);
            if (writable) table.Frames.MarkWritable(pte.Frame);
            bool code = table.Frames.HasCode(pte.Frame);
            entry.ReadTag = pte.CanRead || pte.CanWrite ? page : TlbEntry.Invalid;
            entry.WriteTag = writable && !code ? page : TlbEntry.Invalid;
            entry.Delta = (nint)table.Frames.Pointer(pte.Frame) - (nint)page;
            entry.Frame = pte.Frame;
        }
        int slot = SlotOf(address);
        Tlb[slot] = entry;
        if (entry.WriteTag != TlbEntry.Invalid) NoteWritable(slot);
        return true;
    }

    /// <summary>Forgets everything.</summary>
    internal void Flush()
    {
        Note(0, ulong.MaxValue, writesOnly: false);
        for (int slot = 0; slot < Entries; slot++) Tlb[slot] = new TlbEntry { ReadTag = TlbEntry.Invalid, WriteTag = TlbEntry.Invalid }; // Span.Fill is compiled at run time
        _writableCount = 0;
    }

    /// <summary>Forgets all entry points of decoded code.</summary>
    internal void FlushJumps() => JumpKey = _processor.NewJumpKey();

    /// <summary>Forgets that pages may be written, so that the next store to each looks it up again.</summary>
    internal void FlushWrites()
    {
        Note(0, ulong.MaxValue, writesOnly: true);
        if (_writableCount <= KnownWritable)
        {
            for (int i = 0; i < _writableCount; i++) Tlb[_writable[i]].WriteTag = TlbEntry.Invalid;
        }
        else
        {
            for (int i = 0; i < Entries; i++) Tlb[i].WriteTag = TlbEntry.Invalid;
        }
        _writableCount = 0;
    }

    /// <summary>Forgets the pages of [start, end).</summary>
    internal void FlushRange(ulong start, ulong end, bool code)
    {
        Note(start & ~0xfffUL, (end + 0xfff) & ~0xfffUL, writesOnly: false);
        if (end - start >= Entries * (ulong)FramePool.FrameSize)
        {
            for (int i = 0; i < Entries; i++) Tlb[i].ReadTag = Tlb[i].WriteTag = TlbEntry.Invalid;
        }
        else
        {
            for (ulong page = start & ~0xfffUL; page < end; page += FramePool.FrameSize)
            {
                TlbEntry* entry = Tlb + SlotOf(page);
                if (entry->ReadTag == page) entry->ReadTag = TlbEntry.Invalid;
                if (entry->WriteTag == page) entry->WriteTag = TlbEntry.Invalid;
            }
        }
        if (code) FlushJumps();
    }

    private void Note(ulong start, ulong end, bool writesOnly)
    {
        _forgotten[Version & (KnownChanges - 1)] = new Forgotten(start, end, writesOnly);
        Version++;
    }

    private void NoteWritable(int slot)
    {
        if (_writableCount < KnownWritable) _writable[_writableCount] = (ushort)slot;
        if (_writableCount <= KnownWritable) _writableCount++;
    }

    /// <inheritdoc/>
    public void Dispose() => NativeMemory.AlignedFree(Tlb);
}
