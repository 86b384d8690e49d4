using System.Text;
using Kennel.Abi;
using Kennel.Machine;

namespace Kennel.Memory;

/// <summary>The kernel's own accesses to guest memory: copies that fault pages in as the guest's would (Linux: copy_from_user and its kin).</summary>
public sealed unsafe partial class AddressSpace
{
    /// <summary>Copies from the guest, faulting pages in; false is EFAULT.</summary>
    public bool CopyIn(ulong address, Span<byte> destination) => CopyInPartial(address, destination) == destination.Length;

    /// <summary>Copies to the guest; false is EFAULT.</summary>
    public bool CopyOut(ulong address, ReadOnlySpan<byte> source) => CopyOutPartial(address, source) == source.Length;

    /// <summary>Copies from the guest up to the first bad page; answers the bytes copied.</summary>
    public int CopyInPartial(ulong address, Span<byte> destination)
    {
        int done = 0;
        while (done < destination.Length)
        {
            byte* host = Reach(address + (ulong)done, PageAccess.Read);
            if (host == null) break;
            int n = Math.Min(destination.Length - done, LeftInPage(address + (ulong)done));
            new ReadOnlySpan<byte>(host, n).CopyTo(destination[done..]);
            done += n;
        }
        return done;
    }

    /// <summary>Copies to the guest up to the first bad page; answers the bytes copied.</summary>
    public int CopyOutPartial(ulong address, ReadOnlySpan<byte> source)
    {
        int done = 0;
        while (done < source.Length)
        {
            byte* host = Reach(address + (ulong)done, PageAccess.Write);
            if (host == null) break;
            int n = Math.Min(source.Length - done, LeftInPage(address + (ulong)done));
            source.Slice(done, n).CopyTo(new Span<byte>(host, n));
            done += n;
        }
        return done;
    }

    /// <summary>Copies a NUL-terminated string: EFAULT, or ENAMETOOLONG when there is no NUL within the limit.</summary>
    public Errno CopyInString(ulong address, int limit, out string text)
    {
        text = "";
        StringBuilder? collected = null; // only for what lies in more than one page
        while (collected == null || collected.Length < limit)
        {
            byte* host = Reach(address, PageAccess.Read);
            if (host == null) return Errno.EFAULT;
            var chunk = new ReadOnlySpan<byte>(host, Math.Min(limit - (collected?.Length ?? 0), LeftInPage(address)));
            int end = chunk.IndexOf((byte)0);
            if (end >= 0 && collected == null)
            {
                text = Encoding.Latin1.GetString(chunk[..end]);
                return Errno.None;
            }
            (collected ??= new StringBuilder()).Append(Encoding.Latin1.GetString(end < 0 ? chunk : chunk[..end]));
            address += (ulong)chunk.Length;
            if (end < 0) continue;
            text = collected.ToString();
            return Errno.None;
        }
        return Errno.ENAMETOOLONG;
    }

    /// <summary>
    /// Host address of a guest byte, good to the end of its page and until the kernel lock is given up; null for EFAULT. The
    /// page is faulted in first, with the same effects as if the guest had touched it.
    /// </summary>
    public byte* Reach(ulong address, PageAccess access)
    {
        if (address >= PageTable.AddressLimit) return null;
        for (int attempt = 0; attempt < 2; attempt++)
        {
            Pte pte = Pages.Walk(address, out bool exclusive);
            bool allowed = access == PageAccess.Write ? Pages.IsWritableNow(pte, exclusive) : pte.CanRead || pte.CanWrite;
            if (pte.IsPresent && allowed)
            {
                if (access == PageAccess.Write) Kernel.Frames.BeforeWrite(pte.Frame);
                return Kernel.Frames.Pointer(pte.Frame) + (address & 0xfff);
            }
            if (HandleFault(address, access) != FaultResult.Handled) return null;
        }
        return null;
    }

    /// <summary>
    /// Reads for a debugger or /proc/PID/mem, which see what the process itself may not (Linux: FOLL_FORCE); answers the bytes copied.
    /// </summary>
    public int CopyInForced(ulong address, Span<byte> destination)
    {
        int done = 0;
        while (done < destination.Length)
        {
            byte* host = ReachForced(address + (ulong)done, PageAccess.Read);
            if (host == null) break;
            int n = Math.Min(destination.Length - done, LeftInPage(address + (ulong)done));
            new ReadOnlySpan<byte>(host, n).CopyTo(destination[done..]);
            done += n;
        }
        return done;
    }

    /// <summary>Writes for a debugger or /proc/PID/mem, to read-only private pages too, which are copied first.</summary>
    public int CopyOutForced(ulong address, ReadOnlySpan<byte> source)
    {
        int done = 0;
        while (done < source.Length)
        {
            byte* host = ReachForced(address + (ulong)done, PageAccess.Write);
            if (host == null) break;
            int n = Math.Min(source.Length - done, LeftInPage(address + (ulong)done));
            source.Slice(done, n).CopyTo(new Span<byte>(host, n));
            done += n;
        }
        return done;
    }

    // Linux: mm/gup.c, check_vma_flags and follow_page_mask with FOLL_FORCE.
    private byte* ReachForced(ulong address, PageAccess access)
    {
        byte* host = Reach(address, access);
        Vma? area = host == null ? Find(address) : null;
        if (area == null || (area.MaxAccess & access) == 0) return host;
        if (area.IsShared && access == PageAccess.Write) return null;
        ulong page = address & PageMask;
        FaultResult result = area.IsShared ? FaultShared(area, page, access)
            : access == PageAccess.Write ? FaultPrivateWrite(area, page)
            : area.Pages != null ? FaultFileRead(area, page) : FaultZero(area, page);
        if (result != FaultResult.Handled) return null;
        int frame = Pages.Walk(page, out _).Frame;
        if (access == PageAccess.Write) Kernel.Frames.BeforeWrite(frame);
        return Kernel.Frames.Pointer(frame) + (address & ~PageMask);
    }

    /// <summary>
    /// Reads what the guest would read there, without a fault: nothing becomes resident, and no counter moves. Answers the bytes copied.
    /// </summary>
    /// <remarks>
    /// Differs from Linux, whose tracers fail on a page that is not resident: such a page of a file is read from the page cache, which gets it
    /// from the host if need be (that never sleeps here), and one of untouched anonymous memory is zeros, as the guest would find it.
    /// </remarks>
    internal int Peek(ulong address, Span<byte> destination)
    {
        int done = 0;
        while (done < destination.Length)
        {
            ulong at = address + (ulong)done;
            int frame = at < PageTable.AddressLimit ? PeekFrame(at) : FramePool.None;
            if (frame == FramePool.None) break;
            int n = Math.Min(destination.Length - done, LeftInPage(at));
            new ReadOnlySpan<byte>(Kernel.Frames.Pointer(frame) + (at & ~PageMask), n).CopyTo(destination[done..]);
            done += n;
        }
        return done;
    }

    private int PeekFrame(ulong address)
    {
        Pte pte = Pages.Walk(address, out _);
        if (pte.IsPresent) return pte.CanRead || pte.CanWrite ? pte.Frame : FramePool.None;
        Vma? area = Find(address);
        if (area == null || area.Access == 0) return FramePool.None;
        if (area.Pages == null) return FramePool.Zero;
        long index = area.PageAt(address & PageMask);
        if (area.Pages.TryPeek(index, out int frame)) return frame;
        if (index << FramePool.FrameShift >= area.Pages.Size) return FramePool.None;
        return area.Pages.GetPageForRead(index, out frame) == Errno.None ? frame : FramePool.None;
    }

    private static int LeftInPage(ulong address) => FramePool.FrameSize - (int)(address & 0xfff);
}
