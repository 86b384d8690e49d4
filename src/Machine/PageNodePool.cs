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
/// <param name="limit">The most bytes of nodes before <see cref="IsFull"/> asks that no more pages be mapped.</param>
public sealed unsafe class PageNodePool(long limit = long.MaxValue) : IDisposable
{
    private const int NodesPerSlab = 256;

    private readonly List<nint> _slabs = [];
    private PageNode* _free;

    /// <summary>Nodes in use now.</summary>
    public int InUse { get; private set; }

    /// <summary>
    /// Whether the guests' page tables have taken their share of host memory: whoever maps more pages is out of memory. Changes to
    /// what is mapped already still go through.
    /// </summary>
    public bool IsFull => InUse >= limit / sizeof(PageNode);

    /// <summary>Frames that a change has taken out of a table and that are to be released behind it; empty between changes.</summary>
    internal List<int> Dropped { get; } = [];

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
