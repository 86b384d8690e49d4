using Kennel.Abi;
using Kennel.Credentials;
using Kennel.Machine;
using Kennel.Memory;
using Kennel.Syscalls;
using Kennel.Tasks;

namespace Kennel.Files;

/// <summary>
/// An open regular file whose content is its inode's pages (Linux: mm/filemap.c, generic_file_read_iter and
/// generic_perform_write): bytes go straight between the pages' frames and guest memory.
/// </summary>
public sealed class RegularFile(OpenFlags flags) : OpenFile(flags)
{
    private const uint SetUidBit = 0x800, SetGidBit = 0x400, GroupExecuteBit = 8;

    /// <inheritdoc/>
    public override bool IsSeekable => true;

    /// <inheritdoc/>
    public override unsafe ValueTask<SyscallResult> ReadAsync(LinuxTask current, IoIterator destination, long offset)
    {
        Inode inode = Inode!;
        PageCache pages = inode.Pages!;
        FramePool frames = current.Kernel.Frames;
        long size = pages.Size;
        long begin = offset;
        Errno error = Errno.None;
        while (destination.Remaining > 0 && offset < size)
        {
            int within = (int)(offset & (FramePool.FrameSize - 1));
            int want = (int)Math.Min(Math.Min(FramePool.FrameSize - within, size - offset), destination.Remaining);
            error = pages.GetPageForRead(offset >> FramePool.FrameShift, out int frame);
            if (error != Errno.None) break;
            frames.AddReference(frame); // the copy may fault, and that may reclaim pages
            int went = destination.CopyTo(new ReadOnlySpan<byte>(frames.Pointer(frame) + within, want));
            frames.Release(frame);
            offset += went;
            if (went == want) continue;
            error = Errno.EFAULT;
            break;
        }
        if (offset == begin) return new(error);
        if ((Flags & OpenFlags.NoAccessTime) == 0) inode.Touch(modified: false);
        return new(offset - begin);
    }

    /// <inheritdoc/>
    public override ValueTask<SyscallResult> WriteAsync(LinuxTask current, IoIterator source, long offset)
    {
        if (source.Remaining == 0) return new(0);
        Inode inode = Inode!;
        PageCache pages = inode.Pages!;
        Errno error = FileLimits.CheckWrite(current, source, offset);
        if (error == Errno.None) error = MemoryFile.CheckWrite(inode, offset + source.Remaining);
        if (error != Errno.None) return new(error);
        RemovePrivileges(inode, current);
        long oldSize = pages.Size;
        long end = offset + source.Remaining;
        if (end > oldSize)
        {
            error = pages.Resize(end);
            if (error != Errno.None) return new(error);
        }
        long written = CopyIn(current.Kernel.Frames, pages, source, offset, ref error);
        if (offset + written < end && end > oldSize) pages.Resize(Math.Max(oldSize, written > 0 ? offset + written : oldSize));
        if (written == 0) return new(error);
        inode.Touch(modified: true);
        return new(written);
    }

    /// <inheritdoc/>
    public override Errno Sync() => Errno.None;

    private static unsafe long CopyIn(FramePool frames, PageCache pages, IoIterator source, long offset, ref Errno error)
    {
        long begin = offset;
        while (source.Remaining > 0)
        {
            int within = (int)(offset & (FramePool.FrameSize - 1));
            int want = (int)Math.Min(FramePool.FrameSize - within, source.Remaining);
            error = pages.GetPage(offset >> FramePool.FrameShift, forWrite: true, out int frame);
            if (error != Errno.None) break;
            frames.AddReference(frame);
            frames.BeforeWrite(frame);
            int came = source.CopyFrom(new Span<byte>(frames.Pointer(frame) + within, want));
            frames.Release(frame);
            offset += came;
            if (came == want) continue;
            error = Errno.EFAULT;
            break;
        }
        return offset - begin;
    }

    /// <summary>A write takes set-id bits away, unless by CAP_FSETID. Linux: fs/inode.c, file_remove_privs.</summary>
    public static void RemovePrivileges(Inode inode, LinuxTask current)
    {
        if (inode.GetAttributes(out InodeAttributes a) != Errno.None || (a.Permissions & (SetUidBit | SetGidBit)) == 0) return;
        if (current.Credential.Has(Capability.Fsetid)) return;
        uint remove = a.Permissions & SetUidBit;
        if ((a.Permissions & SetGidBit) != 0 && (a.Permissions & GroupExecuteBit) != 0) remove |= SetGidBit;
        if (remove != 0) inode.SetAttributes(new AttributeChange { Permissions = a.Permissions & ~remove });
    }
}
