using Kennel.Machine;

namespace Kennel.Memory;

/// <summary>
/// Numbers for sets of areas that can be executed: equal sets have the same number. Only sets that can hold nothing but pages of files as
/// these are have one: areas that are shared, or were ever writable, may have code that is theirs alone.
/// </summary>
/// <remarks>
/// A number is good as long as each page of each file keeps its frame; whoever takes a page out of a cache has all processors forget
/// what they know of code (<see cref="ProcessorSet.FlushJumps"/>). guard-note: the kernel lock.
/// </remarks>
internal sealed class CodeLayouts
{
    private const int Places = 256;

    // Each at a place that follows from its parts: a set that has lost its place gets a new number next time.
    private readonly Part[]?[] _parts = new Part[]?[Places];
    private readonly long[] _numbers = new long[Places];
    private long _last;

    /// <summary>The number of what can be executed in a list; 0 when that may be code of its own.</summary>
    public long NumberOf(AreaList areas)
    {
        int count = 0;
        for (int i = 0; i < areas.Count; i++)
        {
            if ((areas[i].Access & PageAccess.Execute) == 0) continue;
            if (!IsPlain(areas[i])) return 0;
            count++;
        }
        var parts = new Part[count];
        ulong mix = 0;
        for (int i = 0, n = 0; n < count; i++)
        {
            Vma area = areas[i];
            if ((area.Access & PageAccess.Execute) == 0) continue;
            parts[n++] = new Part(area);
            // Nothing that differs between two runs: what is known decides how many faults there are.
            mix = (mix + area.Start) * 0x9e3779b97f4a7c15;
            mix = (mix ^ area.End ^ (ulong)area.PageOffset) * 0x9e3779b97f4a7c15;
        }
        int place = (int)(mix >> 56);
        if (!AreEqual(_parts[place], parts)) (_parts[place], _numbers[place]) = (parts, ++_last);
        return _numbers[place];
    }

    private static bool IsPlain(Vma area) =>
        area.Pages != null && (area.Access & PageAccess.Write) == 0
        && (area.Flags & (VmaFlags.Shared | VmaFlags.Accounted | VmaFlags.NoReserve)) == 0;

    private static bool AreEqual(Part[]? known, Part[] parts)
    {
        if (known == null || known.Length != parts.Length) return false;
        for (int i = 0; i < parts.Length; i++)
        {
            if (!known[i].Equals(parts[i])) return false;
        }
        return true;
    }

    private readonly struct Part(Vma area)
    {
        private readonly ulong _start = area.Start, _end = area.End;
        private readonly PageCache _pages = area.Pages!;
        private readonly long _first = area.PageOffset;

        public bool Equals(in Part other) => _start == other._start && _end == other._end && _pages == other._pages && _first == other._first;
    }
}
