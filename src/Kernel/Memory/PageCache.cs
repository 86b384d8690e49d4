using Kennel.Abi;
using Kennel.Machine;

namespace Kennel.Memory;

/// <summary>
/// The pages of one inode (Linux: struct address_space): for host files a cache that can be read again, for tmpfs the content itself.
/// Each cached frame holds one reference; a mapping adds its own.
/// </summary>
/// <remarks>
/// Dirty pages: <see cref="GetPage"/> with forWrite makes a page dirty. As a shared mapping may then store to it unseen, it stays
/// dirty as long as its frame has other references than the cache's.
/// </remarks>
public abstract class PageCache(FramePool frames) : ICodeSource
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

    /// <summary>The frame to read a page's bytes from: as <see cref="GetPage"/>, but a hole may stay one, and give the zero frame.</summary>
    public virtual Errno GetPageForRead(long index, out int frame) => GetPage(index, forWrite: false, out frame);

    /// <summary>
    /// The frame of a page that is here already, and not behind the file's end; nothing is made or read, and the host is not asked.
    /// Lets one fault map its neighbours too.
    /// </summary>
    public virtual bool TryPeek(long index, out int frame)
    {
        frame = FramePool.None;
        return false;
    }

    /// <summary>Whether pages that are not here lie elsewhere, so that reading some before anybody asks for them changes nothing. A hole that is read for that would get a frame.</summary>
    public virtual bool ReadsAhead => false;

    /// <summary>Whether it must know which pages were written, to write them back: then shared mappings announce a page's first write.</summary>
    public virtual bool TracksDirtyPages => false;

    /// <summary>Writes the dirty ones of the pages [first, end) back: msync, and the end of a shared writable mapping.</summary>
    public virtual Errno Sync(long first, long end) => Errno.None;

    /// <summary>Frees the pages [first, end), which read as zero from then on (MADV_REMOVE); EOPNOTSUPP where that cannot be.</summary>
    public virtual Errno Punch(long first, long end) => Errno.EOPNOTSUPP;

    /// <summary>Pages that had to be read from the host so far: tells major faults from minor ones.</summary>
    public long HostReads { get; protected set; }

    /// <inheritdoc/>
    public virtual FileVersion? Version => null;

    /// <summary>How many areas map it.</summary>
    public int Mappings { get; internal set; }

    /// <summary>
    /// Takes the pages [first, end) out of all address spaces that map them, as truncation and punching do; the next access faults.
    /// Linux: mm/memory.c, unmap_mapping_range.
    /// </summary>
    public void Unmap(Kernel kernel, long first, long end)
    {
        if (Mappings == 0) return;
        foreach (AddressSpace space in kernel.AddressSpaces) space.Unmap(this, first, end);
    }

    /// <summary>A page leaves the cache: if there is code in it, no processor may go by what it knows of that. See <see cref="CodeLayouts"/>.</summary>
    protected void ForgetCode(Kernel kernel, int frame)
    {
        if (Frames.HasCode(frame)) kernel.Machine.FlushJumps();
    }

    /// <summary>
    /// Sets the file's size: pages behind the end are dropped, and the rest of the last page is zeroed. EROFS for what cannot be
    /// changed, ENOSPC when the file system is full.
    /// </summary>
    public virtual Errno Resize(long size) => Errno.EROFS;
}
