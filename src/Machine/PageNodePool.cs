using System.Runtime.InteropServices;

namespace Kennel.Machine;

/// <summary>One node of a page table: 64 slots, each an entry (in a leaf) or the address of a node below.</summary>
internal unsafe struct PageNode
{
    public const int Slots = 64;

    /// <summary>How many parents (nodes or page tables) point here; more than one means copy before change.</summary>
    public int References;

    /// <summary>How many slots are in use; a node with none is freed.</summary>
    public int Used;

    public fixed ulong Slot[Slots];
}

/// <summary>Allocates page-table nodes in slabs and reuses them. Guarded by the kernel lock.</summary>
public sealed unsafe class PageNodePool : IDisposable
{
    private const int NodesPerSlab = 256;

    private readonly List<nint> _slabs = [];
    private PageNode* _free;

    /// <summary>Nodes in use now.</summary>
    public int InUse { get; private set; }

    internal PageNode* Allocate()
    {
        if (_free == null) AddSlab();
        PageNode* node = _free;
        _free = (PageNode*)node->Slot[0];
        node->Slot[0] = 0;
        node->References = 1;
        node->Used = 0;
        InUse++;
        return node;
    }

    /// <summary>Takes back a node whose slots are all zero.</summary>
    internal void Free(PageNode* node)
    {
        node->Slot[0] = (ulong)_free;
        _free = node;
        InUse--;
    }

    private void AddSlab()
    {
        var slab = (PageNode*)NativeMemory.AllocZeroed(NodesPerSlab, (nuint)sizeof(PageNode));
        _slabs.Add((nint)slab);
        for (int i = NodesPerSlab - 1; i >= 0; i--)
        {
            slab[i].Slot[0] = (ulong)_free;
            _free = &slab[i];
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (nint slab in _slabs) NativeMemory.Free((void*)slab);
        _slabs.Clear();
        _free = null;
    }
}
