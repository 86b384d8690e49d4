using Kennel.Abi;

namespace Kennel.Memory;

/// <summary>Where a new area goes (Linux: get_unmapped_area, arch/x86/kernel/sys_x86_64.c).</summary>
public sealed partial class AddressSpace
{
    private const ulong LowStart = 0x40000000, LowEnd = 0x80000000; // MAP_32BIT

    // Between this address and the map base there is no gap of at least that many bytes; spares walking over packed areas.
    private ulong _noGapAbove, _noGapLength = ulong.MaxValue;

    private Errno Place(ulong hint, ulong length, MapFlags flags, out ulong address)
    {
        address = hint;
        if ((flags & MapFlags.MAP_FIXED) != 0)
        {
            if (hint > Top - length) return Errno.ENOMEM;
            if ((hint & ~PageMask) != 0) return Errno.EINVAL;
            return hint < Bottom && !MayUseLowMemory ? Errno.EPERM : Errno.None;
        }
        hint &= PageMask;
        if (hint != 0 && hint < Bottom) hint = Bottom;
        bool low = (flags & MapFlags.MAP_32BIT) != 0;
        ulong top = low ? LowEnd : Top;
        if (hint != 0 && length <= top && hint <= top - length && IsFree(hint, hint + length))
        {
            address = hint;
            return Errno.None;
        }
        address = low ? FindUpwards(length, LowStart, LowEnd) : FindDownwards(length);
        if (address == 0 && !low) address = FindUpwards(length, PageUp(Top / 3), Top);
        return address == 0 ? Errno.ENOMEM : Errno.None;
    }

    /// <summary>Whether nothing lies in [start, end), stack guard included.</summary>
    private bool IsFree(ulong start, ulong end)
    {
        int index = _areas.IndexOf(start);
        return index == _areas.Count || _areas[index].GuardedStart >= end;
    }

    private bool IsOccupied(ulong start, ulong end)
    {
        int index = _areas.IndexOf(start);
        return index < _areas.Count && _areas[index].Start < end;
    }

    /// <summary>Pages of areas in [start, end) (Linux: count_vma_pages_range).</summary>
    private long Occupied(ulong start, ulong end)
    {
        ulong sum = 0;
        for (int i = _areas.IndexOf(start); i < _areas.Count && _areas[i].Start < end; i++)
        {
            sum += Math.Min(_areas[i].End, end) - Math.Max(_areas[i].Start, start);
        }
        return (long)(sum >> 12);
    }

    // The highest gap that is large enough; 0 if none.
    private ulong FindDownwards(ulong length)
    {
        ulong ceiling = length >= _noGapLength ? Math.Min(_noGapAbove, Layout.MapBase) : Layout.MapBase;
        int index = _areas.IndexOf(ceiling - 1);
        if (index < _areas.Count) ceiling = Math.Min(ceiling, _areas[index].GuardedStart);
        while (true)
        {
            ulong floor = index > 0 ? Math.Max(_areas[index - 1].End, Bottom) : Bottom;
            if (ceiling >= floor && ceiling - floor >= length)
            {
                if (length <= _noGapLength || ceiling < _noGapAbove) (_noGapAbove, _noGapLength) = (ceiling, length);
                return ceiling - length;
            }
            if (index == 0) return 0;
            ceiling = _areas[--index].GuardedStart;
        }
    }

    // The lowest gap of [low, high) that is large enough; 0 if none.
    private ulong FindUpwards(ulong length, ulong low, ulong high)
    {
        ulong floor = low;
        for (int i = _areas.IndexOf(low); ; i++)
        {
            ulong ceiling = i < _areas.Count ? Math.Min(_areas[i].GuardedStart, high) : high;
            if (ceiling >= floor && ceiling - floor >= length) return floor;
            if (i >= _areas.Count || _areas[i].Start >= high) return 0;
            floor = Math.Max(floor, _areas[i].End);
        }
    }
}
