using System.Runtime.CompilerServices;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter;

/// <summary>What <see cref="Memory"/> does when the TLB probe fails.</summary>
internal static unsafe class MemorySlow
{
    private const ulong PageMask = ~0xfffUL;

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static bool Load<T>(CpuState* s, ulong address, out T value) where T : unmanaged
    {
        value = default;
        if (Straddles(address, sizeof(T)))
        {
            int head = (int)(((address + 0xfff) & PageMask) - address);
            byte* first = Translate(s, address, PageAccess.Read);
            if (first == null) return false;
            // The second translation may evict the first entry, never the frame: both pointers stay good until the op ends.
            byte* second = Translate(s, address + (ulong)head, PageAccess.Read);
            if (second == null) return false;
            fixed (T* p = &value)
            {
                Unsafe.CopyBlock(p, first, (uint)head);
                Unsafe.CopyBlock((byte*)p + head, second, (uint)(sizeof(T) - head));
            }
            return true;
        }
        byte* host = Translate(s, address, PageAccess.Read);
        if (host == null) return false;
        value = Unsafe.ReadUnaligned<T>(host);
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static bool Store<T>(CpuState* s, ulong address, T value) where T : unmanaged
    {
        if (Straddles(address, sizeof(T)))
        {
            int head = (int)(((address + 0xfff) & PageMask) - address);
            byte* first = Translate(s, address, PageAccess.Write);
            if (first == null) return false;
            byte* second = Translate(s, address + (ulong)head, PageAccess.Write);
            if (second == null) return false;
            Unsafe.CopyBlock(first, &value, (uint)head);
            Unsafe.CopyBlock(second, (byte*)&value + head, (uint)(sizeof(T) - head));
            return true;
        }
        byte* host = Translate(s, address, PageAccess.Write);
        if (host == null) return false;
        Unsafe.WriteUnaligned(host, value);
        return true;
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

    private static bool Straddles(ulong address, int size) => (address & 0xfff) + (ulong)size > 0x1000;
}
