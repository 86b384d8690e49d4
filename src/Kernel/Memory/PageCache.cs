using Kennel.Abi;
using Kennel.Machine;

namespace Kennel.Memory;

/// <summary>
/// The pages of one inode (Linux: struct address_space): for host files a cache that can be read again, for tmpfs the content itself.
/// Each cached frame holds one reference; a mapping adds its own.
/// </summary>
public abstract class PageCache(FramePool frames)
{
    protected FramePool Frames { get; } = frames;

    /// <summary>Bytes of the file now; a fault in a page wholly behind it is SIGBUS.</summary>
    public abstract long Size { get; }

    /// <summary>
    /// The frame of a page (index in units of 4096 bytes), made or read if need be. The caller gets no reference of its own.
    /// The bytes behind the file's end read as zero. ENOMEM when there is no frame, EIO when the host cannot read.
    /// </summary>
    /// <param name="forWrite">Whether a shared mapping or write() is going to change it (a hole gets a frame of its own).</param>
    public abstract Errno GetPage(long index, bool forWrite, out int frame);
}
