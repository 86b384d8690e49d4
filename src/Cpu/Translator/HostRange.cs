using Kennel.Machine;

namespace Kennel.Cpu.Translator;

/// <summary>Guest pages that lie one behind the other in host memory as well, all with the same right.</summary>
internal readonly unsafe struct HostRange(ulong start, ulong length, byte* host)
{
    public ulong Start { get; } = start;

    public ulong Length { get; } = length;

    public byte* Host { get; } = host;

    /// <summary>One past the last address.</summary>
    public ulong End => Start + Length;

    public bool Contains(ulong address) => address - Start < Length;

    /// <summary>Whether it is not empty, and another one has all of it at the same place.</summary>
    public bool IsPartOf(in HostRange other) =>
        Length != 0 && Start >= other.Start && End <= other.End && Host - Start == other.Host - other.Start;

    /// <summary>The larger part that is left when [start, end) is taken out.</summary>
    public HostRange Without(ulong start, ulong end)
    {
        if (Length == 0 || start >= End || end <= Start) return this;
        ulong before = start > Start ? start - Start : 0, behind = end < End ? End - end : 0;
        return before == 0 && behind == 0 ? default
            : before >= behind ? new HostRange(Start, before & ~0xfffUL, Host)
            : new HostRange(End - behind, behind, Host + (Length - behind));
    }

    /// <summary>Such a range around an address; empty if the access is not allowed, or a store must be noticed.</summary>
    /// <param name="table">The address space.</param>
    /// <param name="address">An address in it.</param>
    /// <param name="write">Whether it is for stores.</param>
    /// <param name="reach">Pages to look at on each side.</param>
    /// <param name="known">Ranges that still hold; if the new one goes on where one of them ends, it takes that one in.</param>
    /// <param name="taken">Which one it has taken in below itself; -1 for none.</param>
    /// <param name="takenAbove">The same, above.</param>
    public static HostRange Around(PageTable table, ulong address, bool write, int reach, ReadOnlySpan<HostRange> known, out int taken, out int takenAbove)
    {
        const ulong size = FramePool.FrameSize;
        ulong page = address & ~(size - 1);
        taken = takenAbove = -1;
        lock (table.Gate)
        {
            int frame = table.DirectFrame(page, write);
            if (frame < 0) return default;
            byte* host = table.Frames.Pointer(frame);
            ulong below = 0, above = 0;
            for (int n = 0; n < known.Length; n++)
            {
                HostRange range = known[n];
                if (range.Length == 0) continue;
                if (range.End == page && range.Host + range.Length == host) (below, taken) = (range.Length, n);
                else if (range.Start == page + size && range.Host == host + size) (above, takenAbove) = (range.Length, n);
            }
            if (below == 0) below = (ulong)table.CountBelow(page, frame, write, reach) << FramePool.FrameShift;
            if (above == 0) above = (ulong)table.CountAbove(page, frame, write, reach) << FramePool.FrameShift;
            return new HostRange(page - below, below + size + above, host - below);
        }
    }
}
