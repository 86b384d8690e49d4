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
/// Changes happen under the kernel lock and the table's gate; engines walk under the gate alone. Frames that a change
/// drops are released behind it, outside the gate: first no processor may remember them, and releasing one that holds decoded
/// code stops all processors, which must not find the gate taken. The tree itself is in PageTable.Tree.
/// </remarks>
public sealed unsafe partial class PageTable : IDisposable
{
    private const int LevelBits = 6, Levels = 6, SlotMask = PageNode.Slots - 1;

    /// <summary>One past the highest address that a page table can map (and that a user program may use).</summary>
    public const ulong AddressLimit = 0x0000_7fff_ffff_f000;

    private readonly PageNodePool _nodes;
    private readonly ProcessorSet _processors;
    private PageNode* _root;
    private bool _hasOwnCode; // a page that can be executed was once made for this table alone

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
        _codeAreas = parent._codeAreas;
    }

    /// <summary>Held by whoever changes the table, and by engines that look something up.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Where the frames come from.</summary>
    public FramePool Frames { get; }

    /// <summary>Resident pages: those present, less those that show the zero frame, which nobody pays for.</summary>
    public long Resident { get; private set; }

    /// <summary>Pages that <see cref="SetAbsent"/> takes at once.</summary>
    public const int MostAbsent = PageNode.Slots;

    /// <summary>
    /// Which code may lie where, as a number: in all tables with the same one, an address that can be executed leads to the same frame, or
    /// to none yet. So engines keep one set of entry points for all of them. 0 for a table with code of its own.
    /// </summary>
    public long CodeLayout { get; private set; }

    /// <summary>Whoever describes the memory tells what code there may be from now on. No processor uses what it knew before.</summary>
    public void SetCodeLayout(long layout)
    {
        if (_hasOwnCode) layout = 0;
        if (layout == CodeLayout) return;
        CodeLayout = layout;
        _processors.Rekey(this);
    }

    /// <summary>A second table with the same content, sharing every node until one side changes it.</summary>
    public PageTable Fork()
    {
        PageTable child;
        lock (Gate) child = new PageTable(this) { Resident = Resident, CodeLayout = CodeLayout, _hasOwnCode = _hasOwnCode };
        _processors.InvalidateWrites(this); // no private page may be written in place any more
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
        bool withdrawn;
        ulong page = address & ~0xfffUL;
        if (pte.CanExecute && !pte.IsShared)
        {
            _hasOwnCode = true;
            SetCodeLayout(0);
        }
        lock (Gate)
        {
            withdrawn = WithdrawCode(page, page + FramePool.FrameSize);
            PageNode* leaf = ExclusiveLeaf(address);
            ulong* slot = &leaf->Slot[SlotOf(address, 0)];
            old = new Pte(*slot);
            *slot = pte.Bits;
            Resident += Weight(pte) - Weight(old);
            if (!old.IsPresent) leaf->Used++;
        }
        if (old.IsPresent || withdrawn) _processors.Invalidate(this, page, page + FramePool.FrameSize, old.CanExecute || withdrawn);
        if (old.IsPresent) Frames.Release(old.Frame);
    }

    /// <summary>
    /// Puts entries for consecutive pages where there are none yet, adding a reference to each frame used; -1 skips a page. The pages
    /// lie in one aligned run of <see cref="MostAbsent"/>. Nothing needs invalidating: an absent page is never remembered.
    /// </summary>
    /// <exception cref="ArgumentException">They do not.</exception>
    public void SetAbsent(ulong address, ReadOnlySpan<int> frames, PageAccess access, bool shared)
    {
        lock (Gate)
        {
            int first = SlotOf(address, 0);
            if (first + frames.Length > MostAbsent) throw new ArgumentException($"{frames.Length} pages from {address:x} on are not within one node.", nameof(frames));
            PageNode* leaf = ExclusiveLeaf(address);
            for (int i = 0; i < frames.Length; i++)
            {
                if (frames[i] < 0 || leaf->Slot[first + i] != 0) continue;
                Frames.AddReference(frames[i]);
                var pte = Pte.For(frames[i], access, shared);
                leaf->Slot[first + i] = pte.Bits;
                leaf->Used++;
                Resident += Weight(pte);
            }
        }
    }

    /// <summary>Drops all entries in [start, end) and their frames.</summary>
    /// <param name="start">First address.</param>
    /// <param name="end">One past the last.</param>
    /// <param name="code">Whether any of it could be executed.</param>
    public void Clear(ulong start, ulong end, bool code = true)
    {
        if (start >= end) return;
        bool changed = false, withdrawn;
        lock (Gate)
        {
            withdrawn = WithdrawCode(start, end);
            ClearIn(ref _root, Levels - 1, 0, start >> 12, (end + 0xfff) >> 12, ref changed);
        }
        if (changed || withdrawn) _processors.Invalidate(this, start, end, code || withdrawn);
        ReleaseDropped();
    }

    /// <summary>Gives all present entries in [start, end) other rights.</summary>
    public void Protect(ulong start, ulong end, PageAccess access)
    {
        if (start >= end) return;
        var change = new Protection(access);
        bool withdrawn;
        lock (Gate)
        {
            withdrawn = (access & PageAccess.Execute) == 0 && WithdrawCode(start, end);
            ProtectIn(ref _root, Levels - 1, 0, start >> 12, (end + 0xfff) >> 12, ref change);
        }
        if (change.Reduced || withdrawn) _processors.Invalidate(this, start, end, change.Code || withdrawn);
    }

    /// <summary>Moves the present entries of [from, from+length) to the same offsets from <paramref name="to"/> (mremap), where nothing is.</summary>
    /// <remarks>The two ranges do not overlap.</remarks>
    public void Move(ulong from, ulong to, ulong length)
    {
        ulong end = from + length;
        lock (Gate)
        {
            WithdrawCode(from, end);
            WithdrawCode(to, to + length);
            for (ulong page = from; page < end;)
            {
                if (FindLeaf(page, out ulong next) != null) MoveLeaf(page, Math.Min(next, end), to - from);
                page = next;
            }
            bool none = false;
            ClearIn(ref _root, Levels - 1, 0, from >> 12, end >> 12, ref none); // frees the emptied nodes
        }
        _processors.Invalidate(this, from, end, code: true);
    }

    /// <summary>Finds the first present page at or behind <paramref name="address"/> and before <paramref name="end"/>.</summary>
    /// <param name="address">In: where to look from, a page's address. Out: the page found.</param>
    public bool NextPresent(ref ulong address, ulong end, out Pte pte)
    {
        while (address < end)
        {
            PageNode* leaf = FindLeaf(address, out ulong next);
            for (; leaf != null && address < Math.Min(next, end); address += FramePool.FrameSize)
            {
                pte = new Pte(leaf->Slot[SlotOf(address, 0)]);
                if (pte.IsPresent) return true;
            }
            address = next;
        }
        pte = default;
        return false;
    }

    /// <summary>The first page from <paramref name="address"/> on, a page's address, that is not present, or <paramref name="end"/>.</summary>
    public ulong PresentUpTo(ulong address, ulong end)
    {
        while (address < end)
        {
            PageNode* leaf = FindLeaf(address, out ulong next);
            if (leaf == null) return address;
            for (; address < Math.Min(next, end); address += FramePool.FrameSize)
            {
                if (!new Pte(leaf->Slot[SlotOf(address, 0)]).IsPresent) return address;
            }
        }
        return end;
    }

    /// <summary>Releases every node and frame.</summary>
    public void Dispose()
    {
        if (_root == null) return;
        _processors.Drop(this);
        lock (Gate)
        {
            ReleaseNode(_root, Levels - 1);
            _root = null;
            Resident = 0;
        }
        ReleaseDropped();
    }
}
