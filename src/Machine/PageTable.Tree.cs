namespace Kennel.Machine;

/// <summary>The tree: descending, copying nodes before a change, cutting ranges out.</summary>
public sealed unsafe partial class PageTable
{
    private static int SlotOf(ulong address, int level) => (int)(address >> (12 + (level * LevelBits))) & SlotMask;

    // The leaf that covers an address, or null; next is the address behind the leaf, or behind the hole.
    private PageNode* FindLeaf(ulong address, out ulong next)
    {
        PageNode* node = _root;
        int level = Levels - 1;
        for (; level > 0; level--)
        {
            var child = (PageNode*)node->Slot[SlotOf(address, level)];
            node = child;
            if (child == null) break;
        }
        ulong span = 1UL << (12 + (Math.Max(level, 1) * LevelBits));
        next = (address & ~(span - 1)) + span;
        return node;
    }

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
        int left = node->Used;
        for (int i = 0; left > 0; i++)
        {
            ulong slot = node->Slot[i];
            if (slot == 0) continue;
            left--;
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
        for (int i = 0; node->Used > 0; i++)
        {
            ulong slot = node->Slot[i];
            if (slot == 0) continue;
            node->Slot[i] = 0;
            node->Used--;
            if (level == 0) _nodes.Dropped.Add(new Pte(slot).Frame);
            else ReleaseNode((PageNode*)slot, level - 1);
        }
        _nodes.Free(node);
    }

    private void ReleaseDropped()
    {
        List<int> dropped = _nodes.Dropped;
        foreach (int frame in dropped) Frames.Release(frame);
        dropped.Clear();
    }

    // Page numbers, not addresses: [first, last) is cut from the subtree whose first page is basePage.
    private void ClearIn(ref PageNode* node, int level, ulong basePage, ulong first, ulong last, ref bool changed)
    {
        int shift = level * LevelBits;
        ulong span = 1UL << shift;
        int from = first <= basePage ? 0 : (int)((first - basePage) >> shift);
        int to = last - basePage >= span << LevelBits ? SlotMask : (int)((last - basePage - 1) >> shift);
        for (int i = from; i <= to; i++)
        {
            if (node->Slot[i] == 0) continue;
            ulong start = basePage + ((ulong)i << shift);
            if (node->References != 1) node = Copy(node, level);
            if (level == 0)
            {
                var pte = new Pte(node->Slot[i]);
                _nodes.Dropped.Add(pte.Frame);
                Resident -= Weight(pte);
                changed = true;
            }
            else
            {
                var child = (PageNode*)node->Slot[i];
                if (start >= first && start + span <= last)
                {
                    Resident -= Count(child, level - 1);
                    ReleaseNode(child, level - 1);
                    changed = true;
                }
                else
                {
                    ClearIn(ref child, level - 1, start, first, last, ref changed);
                    node->Slot[i] = (ulong)child;
                    if (child->Used != 0) continue;
                    ReleaseNode(child, level - 1);
                }
            }
            node->Slot[i] = 0;
            node->Used--;
        }
    }

    // What an entry adds to the resident pages.
    private static int Weight(Pte pte) => pte.IsPresent && pte.Frame != FramePool.Zero ? 1 : 0;

    private static long Count(PageNode* node, int level)
    {
        long sum = 0;
        for (int i = 0, left = node->Used; left > 0; i++)
        {
            if (node->Slot[i] == 0) continue;
            left--;
            sum += level == 0 ? Weight(new Pte(node->Slot[i])) : Count((PageNode*)node->Slot[i], level - 1);
        }
        return sum;
    }

    private void ProtectIn(ref PageNode* node, int level, ulong basePage, ulong first, ulong last, ref Protection change)
    {
        int shift = level * LevelBits;
        ulong span = 1UL << shift;
        int from = first <= basePage ? 0 : (int)((first - basePage) >> shift);
        int to = last - basePage >= span << LevelBits ? SlotMask : (int)((last - basePage - 1) >> shift);
        for (int i = from; i <= to; i++)
        {
            ulong slot = node->Slot[i];
            if (slot == 0) continue;
            if (level > 0)
            {
                // A shared child is copied as soon as there is an entry in it: nearly always its rights do change.
                if (node->References != 1) node = Copy(node, level);
                var child = (PageNode*)node->Slot[i];
                ProtectIn(ref child, level - 1, basePage + ((ulong)i << shift), first, last, ref change);
                node->Slot[i] = (ulong)child;
                continue;
            }
            var pte = new Pte(slot);
            if (pte.Access == change.Access) continue;
            if (node->References != 1) node = Copy(node, level);
            node->Slot[i] = pte.WithAccess(change.Access).Bits;
            change.Reduced |= (pte.Access & ~change.Access) != 0;
            change.Code |= pte.CanExecute;
        }
    }

    private void MoveLeaf(ulong page, ulong end, ulong distance)
    {
        PageNode* source = ExclusiveLeaf(page);
        for (; page < end && source->Used > 0; page += FramePool.FrameSize)
        {
            ulong* slot = &source->Slot[SlotOf(page, 0)];
            if (*slot == 0) continue;
            PageNode* target = ExclusiveLeaf(page + distance);
            target->Slot[SlotOf(page + distance, 0)] = *slot;
            target->Used++;
            *slot = 0;
            source->Used--;
        }
    }

    private struct Protection(PageAccess access)
    {
        public readonly PageAccess Access = access;

        /// <summary>Whether an entry lost a right that a processor may remember.</summary>
        public bool Reduced;

        /// <summary>Whether an entry among them could be executed.</summary>
        public bool Code;
    }
}
