using Kennel.Abi;
using Kennel.Machine;
using Kennel.Memory;
using Kennel.Tasks;

namespace Kennel.Files;

/// <summary>Room for a file's content ahead of time, and holes in it (man 2 fallocate; Linux: mm/shmem.c, shmem_fallocate).</summary>
public static class Allocation
{
    /// <summary>FALLOC_FL_*.</summary>
    [Flags]
    public enum Mode
    {
        None = 0,
        KeepSize = 1,
        PunchHole = 2,
        CollapseRange = 8,
        ZeroRange = 16,
        InsertRange = 32,
        UnshareRange = 64,
    }

    /// <summary>Whether it is one of the modes that files in memory have.</summary>
    public static bool IsSupported(Mode mode) => mode is Mode.None or Mode.KeepSize or (Mode.PunchHole | Mode.KeepSize);

    /// <summary>Allocates, or punches a hole.</summary>
    public static Errno Apply(LinuxTask current, Inode inode, Mode mode, long offset, long length)
    {
        if ((mode & Mode.PunchHole) != 0) return Punch(current, inode, offset, length);
        Errno e = inode.GetAttributes(out InodeAttributes a);
        if (e != Errno.None) return e;
        (long blockSize, long blocks, long free, _, _) = inode.FileSystem.Usage;
        if (blocks > 0 && length / blockSize > free + (a.Blocks * 512 / blockSize)) return Errno.ENOSPC;
        bool grows = (mode & Mode.KeepSize) == 0 && offset + length > a.Size;
        return grows ? AttributeChanges.SetSize(current, inode, offset + length) : Errno.None;
    }

    private static Errno Punch(LinuxTask current, Inode inode, long offset, long length)
    {
        if (inode.Pages is not { } pages) return Errno.EOPNOTSUPP;
        Errno refused = MemoryFile.CheckWrite(inode, 0);
        if (refused != Errno.None) return refused;
        long end = Math.Min(offset + length, pages.Size);
        long first = (offset + FramePool.FrameSize - 1) >> FramePool.FrameShift, last = end >> FramePool.FrameShift;
        if (offset + length >= pages.Size) last = (end + FramePool.FrameSize - 1) >> FramePool.FrameShift;
        if (first < last)
        {
            Errno e = pages.Punch(first, last);
            if (e != Errno.None) return e;
        }
        long headEnd = Math.Min(end, first << FramePool.FrameShift);
        if (offset < headEnd) Clear(current, pages, offset, headEnd);
        long tail = Math.Max(last << FramePool.FrameShift, offset);
        if (first <= last && tail < end) Clear(current, pages, tail, end);
        inode.Touch(modified: true);
        return Errno.None;
    }

    // Part of one page.
    private static unsafe void Clear(LinuxTask current, PageCache pages, long from, long to)
    {
        if (!pages.TryPeek(from >> FramePool.FrameShift, out int frame)) return;
        current.Kernel.Frames.BeforeWrite(frame);
        new Span<byte>(current.Kernel.Frames.Pointer(frame) + (from & (FramePool.FrameSize - 1)), (int)(to - from)).Clear();
    }
}
