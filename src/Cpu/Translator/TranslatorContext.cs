using System.Runtime.InteropServices;
using Kennel.Machine;

namespace Kennel.Cpu.Translator;

/// <summary>
/// What generated code reaches through GS: one per processor, in native memory. Field offsets are constants in the code.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal unsafe struct TranslatorContext
{
    public const int Size = X87ImageAt + 512;

    public const int StateAt = 0, BudgetAt = 8, FlagsAt = 16, R10At = 24, R11At = 32, R15At = 40, FsBaseAt = 48, GsBaseAt = 56,
        TlbAt = 64, StackBaseAt = 72, KeyAt = 80, SiteAt = 88, AddressAt = 96, TargetAt = 104, PageRangeAt = 112,
        ReadRangesAt = 120, WriteRangesAt = 128, StackLimitAt = 136, BeganAt = 144, TicksAt = 152,
        X87LoadedAt = 160, ControlAt = 164, LastX87At = 168, LastX87DataAt = 176, YmmInUseAt = 184, PagePatienceAt = 188, HostMxcsrAt = 192, KeptAt = 200, ReadPagesAt = 248, WritePagesAt = 256, ThreadReadAt = 264, ThreadWriteAt = 272, ThreadAt = 280, PinsAt = 288, CallsAt = 320, HostStackAt = 328;

    /// <summary>
    /// Ranges in slots: {first address, how many addresses begin an access of <see cref="LargestAccess"/> that ends within, host address of the
    /// first, host less guest address, how many begin one of <see cref="WideAccess"/>, and of <see cref="MiddleAccess"/>,
    /// the last address that begins one of <see cref="LargestAccess"/>, and that less <see cref="Nearness"/>}. Of an empty one that lies before the first address.
    /// </summary>
    public const int SlotSize = 64, LimitAt = 8, HostAt = 16, DeltaAt = 24, WideAt = 32, MiddleAt = 40, LastAt = 48, NearAt = 56;

    /// <summary>Of a slot for groups, instead of <see cref="MiddleAt"/>, which they do not ask: the first address plus <see cref="Nearness"/>.</summary>
    public const int GroupLowAt = MiddleAt;

    /// <summary>Slots that only some instructions use: groups of stack accesses, and what rsi and rdi go over; those for reading, then those for writing.</summary>
    public const int SlotsAt = 384, GroupSlot = 0, StringSlot = 1, ReadSlots = 3, SlotCount = 2 * ReadSlots;

    /// <summary>Slots of the ranges that are known: for reading, for writing; behind them one that never serves, and one that does not either,
    /// but has the distance of a page that an access has just found in the TLB.</summary>
    public const int RangesAt = SlotsAt + (SlotCount * SlotSize), RangeSlots = 64, NoRangeAt = RangesAt + (2 * RangeSlots * SlotSize), PageAt = NoRangeAt + SlotSize;

    /// <summary>
    /// For each place that accesses memory, the address of the slot that served it the last time: for those that read, then for those that
    /// write, which a range for reading must never serve. Places get theirs in turn, so that those of one block have different ones, but
    /// for code that is large they begin anew. With 6,144 entries instead of these, of which gcc's places shared each among twenty, gcc took 1.4 times as long.
    /// </summary>
    public const int SitesAt = PageAt + SlotSize, ReadSites = 1 << 16, WriteSites = 1 << 15, Sites = ReadSites + WriteSites;

    /// <summary>Image of the x87 registers, on a multiple of 16: <see cref="X87State"/>.</summary>
    public const int X87ImageAt = SitesAt + (Sites * 8);

    /// <summary>An access of up to this many bytes at an address below the limit ends within the range.</summary>
    public const int LargestAccess = 16;

    /// <summary>The same for what one check covers together.</summary>
    public const int WideAccess = 512, MiddleAccess = 64;

    /// <summary>Bytes on both sides of the base of FS that are near it.</summary>
    public const int ThreadNearness = 64;

    /// <summary>Guest registers whose host registers point to slots, at <see cref="PinsAt"/>: <see cref="BlockTranslator"/>'s pins.</summary>
    public const int MostPins = 4;

    /// <summary>How far behind a register accesses may begin for which the register itself is compared with the range's ends; less than a page.</summary>
    public const int Nearness = 256;

    /// <summary>The field of a slot by which accesses of so many bytes are checked.</summary>
    public static int LimitFor(int size) => size <= LargestAccess ? LimitAt : size <= MiddleAccess ? MiddleAt : WideAt;

    [FieldOffset(StateAt)]
    public CpuState* State;

    /// <summary>Guest instructions left of the slice, if they are counted: generated code leaves when it falls below zero. Else ticks.</summary>
    [FieldOffset(BudgetAt)]
    public long Budget;

    /// <summary>Guest status flags as lahf and seto give them: overflow in bit 0, the others in the upper byte.</summary>
    [FieldOffset(FlagsAt)]
    public ushort Flags;

    [FieldOffset(TlbAt)]
    public TlbEntry* Tlb;

    [FieldOffset(KeyAt)]
    public ulong Key;

    /// <summary>The exit record of the place where generated code was left.</summary>
    [FieldOffset(SiteAt)]
    public ExitRecord* Site;

    /// <summary>The guest address that missed.</summary>
    [FieldOffset(AddressAt)]
    public ulong Address;

    /// <summary>Where an indirect jump goes.</summary>
    [FieldOffset(TargetAt)]
    public ulong Target;

    /// <summary>
    /// Generated code leaves when the host's stack pointer is below this: its stack is used up, or, all ones, somebody wants the
    /// processor.
    /// </summary>
    [FieldOffset(StackLimitAt)]
    public ulong StackLimit;

    /// <summary>The stack pointer of generated code when that begins. Its stack is behind the context, and holds calls that the guest has not returned from.</summary>
    [FieldOffset(CallsAt)]
    public ulong Calls;

    /// <summary>The stack pointer where there is none of them.</summary>
    [FieldOffset(StackBaseAt)]
    public ulong StackBase;

    /// <summary>The host's time-stamp counter when generated code was entered.</summary>
    [FieldOffset(BeganAt)]
    public long Began;

    /// <summary>How long generated code ran the last time, by the same counter.</summary>
    [FieldOffset(TicksAt)]
    public long Ticks;

    /// <summary>The slot at <see cref="PageAt"/>.</summary>
    [FieldOffset(PageRangeAt)]
    public RangeSlot* PageRange;

    /// <summary>Slow accesses that the TLB serves to allow before one looks for a range.</summary>
    [FieldOffset(PagePatienceAt)]
    public int PagePatience;

    /// <summary>Where the host has pages that code accesses at constant addresses, by <see cref="ConstantPages"/>' numbers; 0 for those that are not known.</summary>
    [FieldOffset(ReadPagesAt)]
    public ulong* ReadPages;

    /// <inheritdoc cref="ReadPages"/>
    [FieldOffset(WritePagesAt)]
    public ulong* WritePages;

    /// <summary>Where the host has the base of FS, for reads and for writes near it; 0 if that is not known.</summary>
    [FieldOffset(ThreadReadAt)]
    public ulong ThreadRead;

    /// <inheritdoc cref="ThreadRead"/>
    [FieldOffset(ThreadWriteAt)]
    public ulong ThreadWrite;

    /// <summary>The base of FS that <see cref="ThreadRead"/> and <see cref="ThreadWrite"/> are for.</summary>
    [FieldOffset(ThreadAt)]
    public ulong Thread;

    /// <summary>Tables of ranges: <see cref="KnownRanges"/>.</summary>
    [FieldOffset(ReadRangesAt)]
    public ulong* ReadRanges;

    /// <inheritdoc cref="ReadRanges"/>
    [FieldOffset(WriteRangesAt)]
    public ulong* WriteRanges;

    /// <summary>1 when the guest's x87 registers are in the processor, or are to be loaded from the image on the way in.</summary>
    [FieldOffset(X87LoadedAt)]
    public int X87Loaded;

    /// <summary>Number of the last x87 instruction that the processor would have noted (<see cref="X87Sites"/>); -1 for none since they were loaded.</summary>
    [FieldOffset(LastX87At)]
    public int LastX87;

    /// <summary>Address of the last x87 memory operand.</summary>
    [FieldOffset(LastX87DataAt)]
    public ulong LastX87Data;

    /// <summary>Whether an upper half of a YMM register may be other than zero; the guest's are in the processor then.</summary>
    [FieldOffset(YmmInUseAt)]
    public int YmmInUse;

    /// <summary>The processor's jump table, behind the context: tags (address exclusive-or key), and places to enter with the flags in the context.</summary>
    public const int JumpIndexBits = 16, JumpEntries = 1 << JumpIndexBits, JumpTagsAt = 1 << 20, JumpCodesAt = JumpTagsAt + (JumpEntries * 8),
        StackAt = JumpCodesAt + (JumpEntries * 8);

    /// <summary>Bytes of the stack for calls, and below them for what the host does there by itself: its signals' handlers.</summary>
    public const int CallRoom = 64 << 10, SignalRoom = 64 << 10, WholeSize = StackAt + SignalRoom + CallRoom;

    /// <summary>A tag's first slot are its low bits; its second are those of the tag exclusive-or itself shifted right by this.</summary>
    public const int JumpSecondShift = 13;

    /// <summary>Offset of a slot's first field.</summary>
    public static int SlotAt(int slot) => SlotsAt + (slot * SlotSize);

    /// <summary>Offset of the entry of a place that reads.</summary>
    public static int ReadSiteAt(int site) => SitesAt + ((site & (ReadSites - 1)) * 8);

    /// <summary>The same for one that writes.</summary>
    public static int WriteSiteAt(int site) => SitesAt + ((ReadSites + (site & (WriteSites - 1))) * 8);
}

/// <summary>Why generated code was left, as constant data behind the place.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct ExitRecord
{
    public const int Size = 31;

    public ExitKind Kind;

    /// <summary>Of <see cref="ExitKind.Link"/>, the <see cref="EntryKind"/>; of <see cref="ExitKind.Interpret"/>, the <see cref="SimpleInstruction"/>; of
    /// <see cref="ExitKind.Memory"/>, bytes from the address to what the instruction itself accesses.</summary>
    public byte Slot;

    /// <summary>Whether it is a write (bit 7), and bytes; of <see cref="ExitKind.Memory"/>, log2 of them.</summary>
    public byte Access;

    /// <summary>Bit of <see cref="Access"/>: not all bytes may be looked at, so that it is not certain to fault.</summary>
    public const byte Masked = 0x40;

    /// <summary>For <see cref="ExitKind.Memory"/>: 1 if checks made earlier in the block must still hold to go on at <see cref="Place"/>; for <see cref="ExitKind.X87"/> too.
    /// For <see cref="ExitKind.Group"/>: bytes to be covered, in units of 8; there <see cref="Own"/> tells the former.</summary>
    public byte Extent;

    /// <summary>For <see cref="ExitKind.Memory"/>: what the instruction itself accesses, like <see cref="Access"/>. For <see cref="ExitKind.Group"/>: 1 as
    /// <see cref="Extent"/> is it for the others. For a <see cref="SimpleInstruction"/>: its length.</summary>
    public byte Own;

    /// <summary>Instructions done that the code itself has not counted.</summary>
    public int Count;

    /// <summary>Place in code memory: of the jump to be linked, or where to try the instruction again. For <see cref="ExitKind.Indirect"/>:
    /// what takes the instruction's effect on the stack pointer back.</summary>
    public int Place;

    /// <summary><see cref="TranslatedPage.Id"/> of the page whose code this is.</summary>
    public int Page;

    /// <summary>The guest address to go on at.</summary>
    public ulong Rip;

    /// <summary>For memory: offset in the context of the place's entry in <see cref="TranslatorContext.SitesAt"/>, or of the slot that it uses.</summary>
    public int Range;

    /// <summary>Which registers the code has in each other's places: four bits each for who has changed places with r10, r11 and r15; 0 for nobody.</summary>
    public ushort Exchange;

    /// <summary>Offset of <see cref="Range"/>.</summary>
    public const int RangeAt = 25;
}

internal enum ExitKind : byte
{
    /// <summary>A direct jump within the page, which may be linked.</summary>
    Link,

    /// <summary>Somebody wants the processor; to be gone on with.</summary>
    Go,

    /// <summary>A jump to <see cref="TranslatorContext.Target"/>.</summary>
    Indirect,

    /// <summary>An instruction for the interpreter.</summary>
    Interpret,

    /// <summary>syscall; Rip is behind it.</summary>
    SystemCall,

    /// <summary>No translation at hand for a memory operand.</summary>
    Memory,

    /// <summary>None for a group of stack accesses.</summary>
    Group,

    /// <summary>The x87 registers are needed in the processor.</summary>
    X87,

    /// <summary>A slot's range does not hold all of what a repeated instruction goes over.</summary>
    Whole,

    /// <summary>A slot's range does not hold the first element that a repeated instruction goes over.</summary>
    Element,
}
