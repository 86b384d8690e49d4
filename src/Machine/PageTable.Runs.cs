namespace Kennel.Machine;

/// <summary>Runs of pages whose frames lie one behind the other, so that engines can check a whole run at once.</summary>
public sealed unsafe partial class PageTable
{
    /// <summary>
    /// The frame of a page that may be accessed directly; -1 if it may not, or a store to it must be noticed
    /// (as <see cref="TranslationCache.Fill"/> decides). Under this object's monitor.
    /// </summary>
    public int DirectFrame(ulong page, bool write)
    {
        if (page >= AddressLimit) return -1;
        Pte pte = Walk(page, out bool exclusive);
        return DirectFrame(pte, exclusive, write);
    }

    /// <summary>How many pages behind <paramref name="page"/>, whose frame is given, go on with the frames behind that one.</summary>
    public int CountAbove(ulong page, int frame, bool write, int most)
    {
        int count = 0;
        while (count < most)
        {
            ulong at = page + ((ulong)(count + 1) << FramePool.FrameShift);
            if (at >= AddressLimit) return count;
            PageNode* leaf = FindLeaf(at, out bool exclusive);
            if (leaf == null) return count;
            for (int slot = SlotOf(at, 0); slot < PageNode.Slots && count < most; slot++)
            {
                if (DirectFrame(new Pte(leaf->Slot[slot]), exclusive, write) != frame + count + 1) return count;
                count++;
            }
        }
        return count;
    }

    /// <summary>The same for the pages before.</summary>
    public int CountBelow(ulong page, int frame, bool write, int most)
    {
        int count = 0;
        most = (int)Math.Min((ulong)Math.Min(most, frame), page >> FramePool.FrameShift);
        while (count < most)
        {
            ulong at = page - ((ulong)(count + 1) << FramePool.FrameShift);
            PageNode* leaf = FindLeaf(at, out bool exclusive);
            if (leaf == null) return count;
            for (int slot = SlotOf(at, 0); slot >= 0 && count < most; slot--)
            {
                if (DirectFrame(new Pte(leaf->Slot[slot]), exclusive, write) != frame - count - 1) return count;
                count++;
            }
        }
        return count;
    }

    private int DirectFrame(Pte pte, bool exclusive, bool write)
    {
        if (!pte.IsPresent) return -1;
        if (!write) return pte.CanRead || pte.CanWrite ? pte.Frame : -1;
        if (!IsWritableNow(pte, exclusive)) return -1;
        Frames.MarkWritable(pte.Frame);
        return Frames.HasCode(pte.Frame) ? -1 : pte.Frame;
    }

    // The leaf that covers an address, or null, and whether no other table shares a node on the way.
    private PageNode* FindLeaf(ulong address, out bool exclusive)
    {
        PageNode* node = _root;
        exclusive = node->References == 1;
        for (int level = Levels - 1; level > 0; level--)
        {
            node = (PageNode*)node->Slot[SlotOf(address, level)];
            if (node == null) return null;
            exclusive &= node->References == 1;
        }
        return node;
    }
}
