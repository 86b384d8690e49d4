using Kennel.Machine;

namespace Kennel.Cpu.Translator;

/// <summary>Guest pages that lie one behind the other in host memory as well, all with the same right.</summary>
internal readonly unsafe struct HostRange(ulong start, ulong length, byte* host)
{
    public ulong Start { get; } = start;

    public ulong Length { get; } = length;

    public byte* Host { get; } = host;

    /// <summary>Such a range around an address; empty if the access is not allowed, or a store must be noticed.</summary>
    /// <param name="table">The address space.</param>
    /// <param name="address">An address in it.</param>
    /// <param name="write">Whether it is for stores.</param>
    /// <param name="reach">Pages to look at on each side.</param>
    public static HostRange Around(PageTable table, ulong address, bool write, int reach)
    {
        if (address >= PageTable.AddressLimit) return default;
        ulong page = address & ~(ulong)(FramePool.FrameSize - 1);
        lock (table)
        {
            int frame = FrameAt(table, page, write);
            if (frame < 0) return default;
            int below = 0, above = 0;
            while (below < reach && page >= (ulong)(below + 1) << FramePool.FrameShift &&
                frame > below && FrameAt(table, page - ((ulong)(below + 1) << FramePool.FrameShift), write) == frame - below - 1)
            {
                below++;
            }
            while (above < reach && FrameAt(table, page + ((ulong)(above + 1) << FramePool.FrameShift), write) == frame + above + 1) above++;
            return new HostRange(
                page - ((ulong)below << FramePool.FrameShift),
                (ulong)(below + above + 1) << FramePool.FrameShift,
                table.Frames.Pointer(frame - below));
        }
    }

    // As TranslationCache.Fill: a frame that holds code gets no translation for stores.
    private static int FrameAt(PageTable table, ulong page, bool write)
    {
        if (page >= PageTable.AddressLimit) return -1;
        Pte pte = table.Walk(page, out bool exclusive);
        if (!pte.IsPresent) return -1;
        if (!write) return pte.CanRead || pte.CanWrite ? pte.Frame : -1;
        if (!table.IsWritableNow(pte, exclusive)) return -1;
        table.Frames.MarkWritable(pte.Frame);
        return table.Frames.HasCode(pte.Frame) ? -1 : pte.Frame;
    }
}
