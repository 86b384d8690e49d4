using Kennel.Files;
using Kennel.Machine;

namespace Kennel.Memory;

/// <summary>
/// An area of an address space (Linux: vm_area_struct): a range of pages with the same rights and the same source. Immutable; changes
/// make new ones, so address spaces that were forked can share them.
/// </summary>
public sealed record Vma
{
    /// <summary>First address, page aligned.</summary>
    public required ulong Start { get; init; }

    /// <summary>One past the last address, page aligned.</summary>
    public required ulong End { get; init; }

    /// <summary>What the guest may do (VM_READ, VM_WRITE, VM_EXEC).</summary>
    public PageAccess Access { get; init; }

    /// <summary>What mprotect may allow (VM_MAYREAD and so on).</summary>
    public PageAccess MaxAccess { get; init; } = PageAccess.Read | PageAccess.Write | PageAccess.Execute;

    public VmaFlags Flags { get; init; }

    /// <summary>The file mapped (for anonymous shared memory, a nameless one); null for private anonymous memory.</summary>
    /// <remarks>Each area list that holds the area holds one reference.</remarks>
    public OpenFile? File { get; init; }

    /// <summary>Where <see cref="File"/>'s pages come from.</summary>
    public PageCache? Pages { get; init; }

    /// <summary>The page of the file that lies at <see cref="Start"/>; 0 for anonymous memory.</summary>
    public long PageOffset { get; init; }

    /// <summary>Bytes.</summary>
    public ulong Length => End - Start;

    public long PageCount => (long)(Length >> FramePool.FrameShift);

    public bool IsShared => (Flags & VmaFlags.Shared) != 0;

    public bool IsAnonymous => File == null;

    public bool GrowsDown => (Flags & VmaFlags.GrowsDown) != 0;

    public bool IsLocked => (Flags & VmaFlags.Locked) != 0;

    /// <summary>Private, writable and neither stack nor file-less special: what RLIMIT_DATA counts (Linux: is_data_mapping).</summary>
    public bool IsData => (Access & PageAccess.Write) != 0 && !IsShared && !GrowsDown;

    /// <summary>
    /// The rights that entries get. On this processor all that is accessible can be read. A page of a shared file becomes writable at
    /// its first write only, if its cache has to know which pages are dirty.
    /// </summary>
    public PageAccess EntryAccess
    {
        get
        {
            PageAccess access = Access == 0 ? 0 : Access | PageAccess.Read;
            return IsShared && Pages!.TracksDirtyPages ? access & ~PageAccess.Write : access;
        }
    }

    /// <summary>Lowest address that another mapping may end at without being asked for it (Linux: vm_start_gap).</summary>
    public ulong GuardedStart => !GrowsDown ? Start : Start > AddressSpace.StackGuardGap ? Start - AddressSpace.StackGuardGap : 0;

    /// <summary>The file's page behind an address.</summary>
    public long PageAt(ulong address) => PageOffset + (long)((address - Start) >> FramePool.FrameShift);

    /// <summary>The part in [start, end). The caller sees to the file's reference.</summary>
    public Vma Slice(ulong start, ulong end) =>
        start == Start && end == End ? this : this with { Start = start, End = end, PageOffset = File == null ? 0 : PageAt(start) };

    /// <summary>Whether <paramref name="next"/> goes on where this ends, so that both can be one area (Linux: can_vma_merge_after).</summary>
    public bool CanMerge(Vma next) =>
        End == next.Start && Access == next.Access && MaxAccess == next.MaxAccess && Flags == next.Flags && File == next.File
        && (Flags & VmaFlags.Special) == 0 && (File == null || PageOffset + PageCount == next.PageOffset);
}

/// <summary>What is special about an area (Linux: VM_*).</summary>
[Flags]
public enum VmaFlags
{
    None = 0,

    /// <summary>MAP_SHARED: writes go to the file or object.</summary>
    Shared = 1,

    /// <summary>MAP_GROWSDOWN, and the stack.</summary>
    GrowsDown = 2,

    /// <summary>mlock.</summary>
    Locked = 4,

    /// <summary>MAP_NORESERVE.</summary>
    NoReserve = 8,

    /// <summary>MADV_DONTFORK: a child does not get it.</summary>
    DontFork = 0x10,

    /// <summary>MADV_WIPEONFORK: a child gets it empty.</summary>
    WipeOnFork = 0x20,

    /// <summary>MADV_DONTDUMP.</summary>
    DontDump = 0x40,

    /// <summary>MADV_RANDOM, MADV_SEQUENTIAL: shown in smaps.</summary>
    RandomRead = 0x80,
    SequentialRead = 0x100,

    /// <summary>MADV_HUGEPAGE, MADV_NOHUGEPAGE: shown in smaps.</summary>
    HugePage = 0x200,
    NoHugePage = 0x400,

    /// <summary>MADV_MERGEABLE.</summary>
    Mergeable = 0x800,

    /// <summary>Was private and writable once, so its pages count as possibly needed. Told apart when areas merge (VM_ACCOUNT).</summary>
    Accounted = 0x2000,

    /// <summary>Made by the kernel (vDSO); never merged, grown or advised.</summary>
    Special = 0x1000,
}
