using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kennel.Cpu.Interpreter;
using Kennel.Machine;

namespace Kennel.Cpu.Decoding;

/// <summary>
/// The decoded code of one frame: ops in chunks of native memory, and where in them each instruction decoded so far is.
/// Entries are read without a lock; only the holder of the cache's lock adds to it.
/// </summary>
internal unsafe struct CodePage
{
    private const int GroupShift = 6, GroupSize = 1 << GroupShift, Groups = FramePool.FrameSize >> GroupShift;
    private const int FirstChunk = 48, LargestChunk = 768;

    private fixed ulong _groups[Groups];
    private Chunk* _chunks;

    public int Frame;

    /// <summary>Native memory in use.</summary>
    public long Bytes;

    /// <summary>The next one that waits to be freed.</summary>
    public CodePage* Next;

    /// <summary>Runs of instructions that lie partly in this page: begin here, end here.</summary>
    public StraddlingRun* Beginning, Ending;

    private struct Chunk
    {
        public Chunk* Next;
        public int Used, Capacity;
    }

    public static CodePage* Create(int frame)
    {
        var page = (CodePage*)NativeMemory.AllocZeroed((nuint)sizeof(CodePage));
        page->Frame = frame;
        page->Bytes = sizeof(CodePage);
        return page;
    }

    /// <summary>The op of the instruction at an offset; null if it is not decoded yet.</summary>
    public static Op* Entry(CodePage* page, int offset)
    {
        var group = (nint*)Volatile.Read(ref page->_groups[offset >> GroupShift]);
        return group == null ? null : (Op*)Volatile.Read(ref group[offset & (GroupSize - 1)]);
    }

    public static void SetEntry(CodePage* page, int offset, Op* op)
    {
        ref ulong slot = ref page->_groups[offset >> GroupShift];
        if (slot == 0)
        {
            Volatile.Write(ref slot, (ulong)NativeMemory.AllocZeroed(GroupSize, (nuint)sizeof(nint)));
            page->Bytes += GroupSize * sizeof(nint);
        }
        Volatile.Write(ref ((nint*)slot)[offset & (GroupSize - 1)], (nint)op);
    }

    /// <summary>Copies ops to where they stay.</summary>
    public static Op* Append(CodePage* page, Op* ops, int count)
    {
        Chunk* chunk = page->_chunks;
        if (chunk == null || chunk->Capacity - chunk->Used < count)
        {
            int capacity = Math.Max(count, chunk == null ? FirstChunk : Math.Min(chunk->Capacity * 2, LargestChunk));
            nuint bytes = (nuint)(sizeof(Chunk) + (capacity * sizeof(Op)));
            chunk = (Chunk*)NativeMemory.Alloc(bytes);
            *chunk = new Chunk { Next = page->_chunks, Capacity = capacity };
            page->_chunks = chunk;
            page->Bytes += (long)bytes;
        }
        Op* place = (Op*)(chunk + 1) + chunk->Used;
        Unsafe.CopyBlock(place, ops, (uint)(count * sizeof(Op)));
        chunk->Used += count;
        return place;
    }

    /// <summary>Makes whoever is inside leave at the next op.</summary>
    public static void MakeStale(CodePage* page)
    {
        for (Chunk* chunk = page->_chunks; chunk != null; chunk = chunk->Next) MakeStale((Op*)(chunk + 1), chunk->Used);
    }

    public static void MakeStale(Op* ops, int count)
    {
        Handler stale = &Transfer.Stale;
        for (int i = 0; i < count; i++) Volatile.Write(ref *(nint*)&ops[i].Run, (nint)stale);
    }

    public static void Free(CodePage* page)
    {
        for (Chunk* chunk = page->_chunks; chunk != null;)
        {
            Chunk* next = chunk->Next;
            NativeMemory.Free(chunk);
            chunk = next;
        }
        for (int i = 0; i < Groups; i++) NativeMemory.Free((void*)page->_groups[i]);
        NativeMemory.Free(page);
    }
}
