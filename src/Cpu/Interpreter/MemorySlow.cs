using System.Runtime.CompilerServices;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter;

/// <summary>What <see cref="Memory"/> does when the TLB probe fails.</summary>
internal static unsafe class MemorySlow
{
    private const ulong PageMask = ~0xfffUL;

    /// <summary>Reads <paramref name="size"/> bytes that may lie in two pages; leaves zeroes when it answers false.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static bool Load(CpuState* s, ulong address, byte* value, int size)
    {
        new Span<byte>(value, size).Clear();
        int head = Math.Min(size, (int)(FramePool.FrameSize - (address & 0xfff)));
        if (!Reaches(s, address, size)) return false;
        byte* first = Translate(s, address, PageAccess.Read);
        if (first == null) return false;
        if (head == size)
        {
            Copy(first, value, size);
            return true;
        }
        // The second translation may evict the first entry, never the frame: both pointers stay good until the op ends.
        byte* second = Translate(s, address + (ulong)head, PageAccess.Read);
        if (second == null) return false;
        Unsafe.CopyBlock(value, first, (uint)head);
        Unsafe.CopyBlock(value + head, second, (uint)(size - head));
        return true;
    }

    /// <summary>Writes <paramref name="size"/> bytes that may lie in two pages: all of them or none.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static bool Store(CpuState* s, ulong address, byte* value, int size)
    {
        int head = Math.Min(size, (int)(FramePool.FrameSize - (address & 0xfff)));
        if (!Reaches(s, address, size)) return false;
        byte* first = Translate(s, address, PageAccess.Write);
        if (first == null) return false;
        if (head == size)
        {
            Copy(value, first, size);
            return true;
        }
        byte* second = Translate(s, address + (ulong)head, PageAccess.Write);
        if (second == null) return false;
        Unsafe.CopyBlock(first, value, (uint)head);
        Unsafe.CopyBlock(second, value + head, (uint)(size - head));
        return true;
    }

    /// <summary>Whether the last byte has an address, which is looked at before anything else.</summary>
    public static bool Reaches(CpuState* s, ulong address, int size)
    {
        if (IsCanonical(address + (ulong)(size - 1))) return true;
        s->Stop = Memory.NonCanonical;
        return false;
    }

    // In one piece where the processor could: other processors may be looking.
    private static void Copy(byte* from, byte* to, int size)
    {
        switch (size)
        {
            case 1:
                *to = *from;
                break;
            case 2:
                *(ushort*)to = *(ushort*)from;
                break;
            case 4:
                *(uint*)to = *(uint*)from;
                break;
            case 8:
                *(ulong*)to = *(ulong*)from;
                break;
            default:
                Unsafe.CopyBlock(to, from, (uint)size);
                break;
        }
    }

    /// <summary>
    /// Host address of one guest byte, valid to the end of its page; null after setting up the fault. For a write to a frame
    /// with decoded code, that code is thrown away first.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static byte* Translate(CpuState* s, ulong address, PageAccess access)
    {
        Processor processor = Processor.Of(s);
        if (!IsCanonical(address))
        {
            s->Stop = Memory.NonCanonical;
            return null;
        }
        if (!processor.Cache!.Fill(processor.Memory!, address, access, out TlbEntry entry))
        {
            s->Stop = StopReason.PageFault;
            s->FaultAddress = address;
            s->FaultAccess = access;
            return null;
        }
        if (access == PageAccess.Write && entry.WriteTag == TlbEntry.Invalid)
        {
            processor.Memory!.Frames.BeforeWrite((int)entry.Frame);
        }
        return (byte*)(address + (ulong)entry.Delta);
    }

    /// <summary>Host address of a guest byte to be read, valid to the end of its page; null after setting up the fault.</summary>
    public static byte* Readable(CpuState* s, ulong address)
    {
        TlbEntry* e = s->Tlb + TranslationCache.SlotOf(address);
        return (address & PageMask) == e->ReadTag ? (byte*)(address + (ulong)e->Delta) : Translate(s, address, PageAccess.Read);
    }

    private static bool IsCanonical(ulong address) => (ulong)((long)(address << 16) >> 16) == address;
}
