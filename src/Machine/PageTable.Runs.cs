using System.Runtime.InteropServices;

namespace Kennel.Machine;

/// <summary>Runs of pages whose frames lie one behind the other, so that engines can check a whole run at once.</summary>
public sealed unsafe partial class PageTable
{
    /// <summary>
    /// The frame of a page that may be accessed directly; -1 if it may not, or a store to it must be noticed
    /// (as <see cref="TranslationCache.Fill"/> decides). Under the gate.
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

    /// <summary>
    /// Moves the private pages of an extent's length of addresses, of which nobody else knows, to the frames of an extent where those
    /// are free. Answers how many it moved. No processor runs meanwhile.
    /// </summary>
    public int Gather(ulong start, int extent)
    {
        var gathering = new Gathering(this, start, extent);
        _processors.Quiesce(static (p, g) => g.Visit(p), gathering);
        ReleaseDropped();
        return gathering.Moved;
    }

    private sealed class Gathering(PageTable table, ulong start, int extent)
    {
        private readonly ulong _end = start + ((ulong)FramePool.ExtentFrames << FramePool.FrameShift);
        private bool _isDone;

        public int Moved { get; private set; }

        public void Visit(Processor processor)
        {
            if (!_isDone) Moved = table.MoveTo(start, Math.Min(_end, AddressLimit), extent);
            _isDone = true;
            if (Moved > 0) processor.Forget(table, start, _end, code: false); // no engine has seen code in them
        }
    }

    private int MoveTo(ulong start, ulong end, int extent)
    {
        int moved = 0;
        lock (Gate)
        {
            for (ulong at = start; at < end;)
            {
                PageNode* leaf = FindLeaf(at, out bool exclusive);
                FindLeaf(at, out ulong next);
                for (; leaf != null && exclusive && at < next; at += FramePool.FrameSize)
                {
                    ref ulong slot = ref leaf->Slot[SlotOf(at, 0)];
                    int to = extent + (int)((at - start) >> FramePool.FrameShift);
                    var pte = new Pte(slot);
                    if (!pte.IsPresent || pte.IsShared || pte.Frame == to || Frames.References(pte.Frame) != 1 || Frames.HasCode(pte.Frame)) continue;
                    if (!Frames.TryTake(to, zeroed: false)) continue;
                    NativeMemory.Copy(Frames.Pointer(pte.Frame), Frames.Pointer(to), FramePool.FrameSize);
                    slot = Pte.For(to, pte.Access, shared: false).Bits;
                    _nodes.Dropped.Add(pte.Frame);
                    moved++;
                }
                at = next;
            }
        }
        return moved;
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
