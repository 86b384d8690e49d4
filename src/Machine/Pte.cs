namespace Kennel.Machine;

/// <summary>
/// A page-table entry: a frame and what may be done with it. Zero means that nothing is there.
/// A private writable page may be written in place only while its frame has one reference and no node above it is
/// shared; so fork changes no entry (see <see cref="PageTable.Fork"/>).
/// </summary>
public readonly record struct Pte(ulong Bits)
{
    private const ulong PresentBit = 1, ReadBit = 2, WriteBit = 4, ExecuteBit = 8, SharedBit = 16;

    /// <summary>An entry for a frame.</summary>
    /// <param name="frame">The frame; the entry owns one reference to it.</param>
    /// <param name="access">What the guest may do.</param>
    /// <param name="shared">True for MAP_SHARED: writes go to the frame whoever else holds it.</param>
    public static Pte For(int frame, PageAccess access, bool shared) =>
        new(((ulong)(uint)frame << 12) | PresentBit | ((ulong)access << 1) | (shared ? SharedBit : 0));

    public bool IsPresent => (Bits & PresentBit) != 0;
    public bool CanRead => (Bits & ReadBit) != 0;
    public bool CanWrite => (Bits & WriteBit) != 0;
    public bool CanExecute => (Bits & ExecuteBit) != 0;
    public bool IsShared => (Bits & SharedBit) != 0;
    public int Frame => (int)(Bits >> 12);
    public PageAccess Access => (PageAccess)((Bits >> 1) & 7);

    /// <summary>Whether all of <paramref name="access"/> is allowed.</summary>
    public bool Allows(PageAccess access) => ((ulong)access << 1 & ~Bits) == 0 && IsPresent;

    /// <summary>The same frame with other rights.</summary>
    public Pte WithAccess(PageAccess access) => new((Bits & ~(7UL << 1)) | ((ulong)access << 1));
}

/// <summary>What may be done with a page; the values of PROT_READ, PROT_WRITE and PROT_EXEC (man 2 mmap).</summary>
[Flags]
public enum PageAccess : byte
{
    None = 0,
    Read = 1,
    Write = 2,
    Execute = 4,
}
