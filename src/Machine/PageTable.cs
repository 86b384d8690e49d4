namespace Kennel.Machine;

/// <summary>
/// Maps guest pages to frames: a radix tree of six levels, 64 slots a node, over 48-bit addresses.
/// </summary>
/// <remarks>
/// Nodes are reference-counted and copied on write. <see cref="Fork"/> takes one more reference to the root and is done:
/// its cost does not depend on the size of memory. Whoever then changes something copies the nodes on the path from the
/// root, each copy taking a reference to all below it. A private page may therefore be written in place only if every
/// node on its path, and its frame, has a single reference; <see cref="Walk"/> reports that as <c>exclusive</c>.
///
/// Changes happen under the kernel lock and this object's monitor; engines walk under the monitor alone.
/// </remarks>
public sealed unsafe class PageTable : IDisposable
{
    private const int LevelBits = 6, Levels = 6, SlotMask = PageNode.Slots - 1;

    /// <summary>One past the highest address that a page table can map (and that a user program may use).</summary>
    public const ulong AddressLimit = 0x0000_7fff_ffff_f000;

    private readonly PageNodePool _nodes;
    private readonly ProcessorSet _processors;
    private PageNode* _root;

    /// <summary>An empty table.</summary>
    public PageTable(FramePool frames, PageNodePool nodes, ProcessorSet processors)
    {
        Frames = frames;
        _nodes = nodes;
        _processors = processors;
        _root = nodes.Allocate();
    }

    private PageTable(PageTable parent)
    {
        Frames = parent.Frames;
        _nodes = parent._nodes;
        _processors = parent._processors;
        _root = parent._root;
        _root->References++;
    }

    /// <summary>Where the frames come from.</summary>
    public FramePool Frames { get; }

    /// <summary>Frames present in this table (resident pages).</summary>
    public long Resident { get; private set; }

    /// <summary>A second table with the same content, sharing every node until one side changes it.</summary>
    public PageTable Fork()
    {
        PageTable child;
        lock (this) child = new PageTable(this) { Resident = Resident };
        _processors.Invalidate(this, 0, AddressLimit, code: false); // no page may be written in place any more
        return child;
    }

    /// <summary>The entry for the page that holds <paramref name="address"/>; zero if none.</summary>
    /// <param name="exclusive">Whether no other table shares a node on the way.</param>
    public Pte Walk(ulong address, out bool exclusive)
    {
        PageNode* node = _root;
        exclusive = true;
        for (int level = Levels - 1; ; level--)
        {
            if (node->References != 1) exclusive = false;
            ulong slot = node->Slot[SlotOf(address, level)];
            if (level == 0 || slot == 0) return new Pte(slot);
            node = (PageNode*)slot;
        }
    }

    /// <summary>Whether the guest may store to this page right now, without a fault.</summary>
    public bool IsWritableNow(Pte pte, bool exclusive) =>
        pte.CanWrite && (pte.IsShared || (exclusive && Frames.References(pte.Frame) == 1));

    /// <summary>Puts an entry, releasing the frame of the one before. The entry's reference passes to the table.</summary>
    public void Set(ulong address, Pte pte)
    {
        Pte old;
        lock (this)
        {
            PageNode* leaf = ExclusiveLeaf(address);
            ulong* slot = &leaf->Slot[SlotOf(address, 0)];
            old = new Pte(*slot);
            *slot = pte.Bits;
            if (!old.IsPresent)
            {
                leaf->Used++;
                Resident++;
                return;
            }
        }
        ulong page = address & ~0xfffUL;
        _processors.Invalidate(this, page, page + FramePool.FrameSize, old.CanExecute);
        Frames.Release(old.Frame);
    }

    /// <summary>Makes the path to a page this table's own, so that a private page with one holder can be written in place.</summary>
    public Pte MakeExclusive(ulong address)
    {
        lock (this) return new Pte(ExclusiveLeaf(address)->Slot[SlotOf(address, 0)]);
    }

    /// <summary>Drops all entries in [start, end) and their frames.</summary>
    /// <param name="start">First address.</param>
    /// <param name="end">One past the last.</param>
    /// <param name="code">Whether any of it could be executed.</param>
    public void Clear(ulong start, ulong end, bool code = true)
    {
        if (start >= end) return;
        lock (this) ClearIn(ref _root, Levels - 1, 0, start >> 12, (end + 0xfff) >> 12);
        // The kernel lock is held until the call returns, so no frame released above is in use again before this.
        _processors.Invalidate(this, start, end, code);
    }

    /// <summary>Gives all present entries in [start, end) other rights.</summary>
    public void Protect(ulong start, ulong end, PageAccess access)
    {
        bool code = false;
        lock (this)
        {
            foreach (ulong page in PresentPages(start, end))
            {
                PageNode* leaf = ExclusiveLeaf(page);
                ulong* slot = &leaf->Slot[SlotOf(page, 0)];
                code |= new Pte(*slot).CanExecute;
                *slot = new Pte(*slot).WithAccess(access).Bits;
            }
        }
        _processors.Invalidate(this, start, end, code);
    }

    /// <summary>Moves the present entries of [from, from+length) to the same offsets from <paramref name="to"/> (mremap).</summary>
    public void Move(ulong from, ulong to, ulong length)
    {
        foreach (ulong page in PresentPages(from, from + length))
        {
            Pte pte = Walk(page, out _);
            Frames.AddReference(pte.Frame);
            Set(to + (page - from), pte);
        }
        Clear(from, from + length);
    }

    /// <summary>The addresses of the present pages in [start, end), ascending.</summary>
    public List<ulong> PresentPages(ulong start, ulong end)
    {
        var pages = new List<ulong>();
        lock (this) Collect(_root, Levels - 1, 0, start >> 12, (end + 0xfff) >> 12, pages);
        return pages;
    }

    /// <summary>Releases every node and frame.</summary>
    public void Dispose()
    {
        if (_root == null) return;
        _processors.Drop(this);
        lock (this)
        {
            ReleaseNode(_root, Levels - 1);
            _root = null;
            Resident = 0;
        }
    }

    private static int SlotOf(ulong address, int level) => (int)(address >> (12 + (level * LevelBits))) & SlotMask;

    private PageNode* ExclusiveLeaf(ulong address)
    {
        if (_root->References != 1) _root = Copy(_root, Levels - 1);
        PageNode* node = _root;
        for (int level = Levels - 1; level > 0; level--)
        {
            ulong* slot = &node->Slot[SlotOf(address, level)];
            var child = (PageNode*)*slot;
            if (child == null)
            {
                child = _nodes.Allocate();
                *slot = (ulong)child;
                node->Used++;
            }
            else if (child->References != 1)
            {
                child = Copy(child, level - 1);
                *slot = (ulong)child;
            }
            node = child;
        }
        return node;
    }

    // Takes over the caller's reference to a shared node: answers a private copy that holds one reference to all below.
    private PageNode* Copy(PageNode* node, int level)
    {
        PageNode* copy = _nodes.Allocate();
        copy->Used = node->Used;
        for (int i = 0; i < PageNode.Slots; i++)
        {
            ulong slot = node->Slot[i];
            if (slot == 0) continue;
            copy->Slot[i] = slot;
            if (level == 0) Frames.AddReference(new Pte(slot).Frame);
            else ((PageNode*)slot)->References++;
        }
        node->References--;
        return copy;
    }

    private void ReleaseNode(PageNode* node, int level)
    {
        if (--node->References != 0) return;
        for (int i = 0; i < PageNode.Slots && node->Used > 0; i++)
        {
            ulong slot = node->Slot[i];
            if (slot == 0) continue;
            node->Slot[i] = 0;
            node->Used--;
            if (level == 0) Frames.Release(new Pte(slot).Frame);
            else ReleaseNode((PageNode*)slot, level - 1);
        }
        _nodes.Free(node);
    }

    // Page numbers, not addresses: [first, last) is cut from the subtree whose first page is basePage.
    private void ClearIn(ref PageNode* node, int level, ulong basePage, ulong first, ulong last)
    {
        if (node->References != 1) node = Copy(node, level);
        ulong span = 1UL << (level * LevelBits);
        for (int i = 0; i < PageNode.Slots; i++)
        {
            ulong start = basePage + ((ulong)i * span);
            if (start >= last) break;
            if (start + span <= first || node->Slot[i] == 0) continue;
            if (level == 0)
            {
                Frames.Release(new Pte(node->Slot[i]).Frame);
                Resident--;
            }
            else
            {
                var child = (PageNode*)node->Slot[i];
                if (start >= first && start + span <= last)
                {
                    Resident -= Count(child, level - 1);
                    ReleaseNode(child, level - 1);
                }
                else
                {
                    ClearIn(ref child, level - 1, start, first, last);
                    node->Slot[i] = (ulong)child;
                    if (child->Used != 0) continue;
                    ReleaseNode(child, level - 1);
                }
            }
            node->Slot[i] = 0;
            node->Used--;
        }
    }

    private static long Count(PageNode* node, int level)
    {
        if (level == 0) return node->Used;
        long sum = 0;
        for (int i = 0; i < PageNode.Slots; i++)
        {
            if (node->Slot[i] != 0) sum += Count((PageNode*)node->Slot[i], level - 1);
        }
        return sum;
    }

    private static void Collect(PageNode* node, int level, ulong basePage, ulong first, ulong last, List<ulong> pages)
    {
        ulong span = 1UL << (level * LevelBits);
        for (int i = 0; i < PageNode.Slots; i++)
        {
            ulong start = basePage + ((ulong)i * span);
            if (start >= last) break;
            if (start + span <= first || node->Slot[i] == 0) continue;
            if (level == 0) pages.Add(start << 12);
            else Collect((PageNode*)node->Slot[i], level - 1, start, first, last, pages);
        }
    }
}
