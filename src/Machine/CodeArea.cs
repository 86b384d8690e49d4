namespace Kennel.Machine;

/// <summary>
/// A range of addresses that shows code of a file, unchanged: any two address spaces with equal ones run the same code there.
/// </summary>
/// <param name="Start">First address, page aligned.</param>
/// <param name="End">One past the last.</param>
/// <param name="Source">Whose pages these are; compared by reference. An <see cref="ICodeSource"/> where they are a file's.</param>
/// <param name="FirstPage">The source's page at <paramref name="Start"/>.</param>
public sealed record CodeArea(ulong Start, ulong End, object Source, long FirstPage)
{
    /// <summary>Whether an address lies in it.</summary>
    public bool Contains(ulong address) => address - Start < End - Start;

    // Asked at every search for code: each address space has objects of its own.

    /// <inheritdoc/>
    public bool Equals(CodeArea? other) => ReferenceEquals(this, other) ||
        (other != null && Start == other.Start && End == other.End && FirstPage == other.FirstPage && ReferenceEquals(Source, other.Source));

    /// <inheritdoc/>
    public override int GetHashCode() => (int)(Start >> FramePool.FrameShift) * 31 + (int)FirstPage;
}
