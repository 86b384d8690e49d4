using System.Runtime.CompilerServices;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter;

/// <summary>
/// How handlers reach guest memory. The fast path is one TLB probe; everything else (a miss, two pages, a fault, code that
/// is written over) is in <see cref="MemorySlow"/>.
/// </summary>
/// <remarks>
/// Each answers false (or null) when a fault has to be raised; <c>state-&gt;Stop</c> and the fault fields are set then, and the handler
/// returns <see cref="Fault"/> without having changed any register or flag.
///
/// The hottest handlers do the probe themselves (<see cref="TryRead"/>, <see cref="TryWrite"/>) and jump to a twin for the rest,
/// so that they need no stack frame and can go on to the next op with a jump.
/// </remarks>
internal static unsafe partial class Memory
{
    /// <summary>Engine-internal: #GP or #SS, to be decided by <see cref="Fault"/>.</summary>
    public const StopReason NonCanonical = (StopReason)104;

    /// <summary>Address of an op's memory operand.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Address(CpuState* s, Op* op) =>
        ((ulong*)s)[op->Base] + (((ulong*)s)[op->Index] << op->Scale) + (ulong)op->Disp; // R is the first field

    /// <summary>The TLB probe for a read of <paramref name="size"/> bytes: false if the slow way must be taken.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryRead(CpuState* s, ulong address, int size, out byte* host)
    {
        TlbEntry* e = s->Tlb + ((address >> 12) & (TranslationCache.Entries - 1));
        host = (byte*)(address + (ulong)e->Delta);
        return ((address + (ulong)(size - 1)) & ~0xfffUL) == e->ReadTag;
    }

    /// <summary>The TLB probe for a write, or a read and a write.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryWrite(CpuState* s, ulong address, int size, out byte* host)
    {
        TlbEntry* e = s->Tlb + ((address >> 12) & (TranslationCache.Entries - 1));
        host = (byte*)(address + (ulong)e->Delta);
        return ((address + (ulong)(size - 1)) & ~0xfffUL) == e->WriteTag;
    }

    /// <summary>Reads a value of 1 to 8 (or 16: Vector128) bytes into a local.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Load<T>(CpuState* s, ulong address, out T value) where T : unmanaged
    {
        if (TryRead(s, address, sizeof(T), out byte* host))
        {
            value = *(T*)host;
            return true;
        }
        T found;
        bool ok = MemorySlow.Load(s, address, (byte*)&found, sizeof(T));
        value = found;
        return ok;
    }

    /// <summary>Writes a value of 1 to 8 (or 16) bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Store<T>(CpuState* s, ulong address, T value) where T : unmanaged
    {
        if (TryWrite(s, address, sizeof(T), out byte* host))
        {
            *(T*)host = value;
            return true;
        }
        return MemorySlow.Store(s, address, (byte*)&value, sizeof(T));
    }

    /// <summary>
    /// A host pointer for a read-modify-write of <paramref name="size"/> bytes, or null: then the handler takes the slow way, a
    /// <see cref="Load"/> and a <see cref="Store"/>, which also raise the fault if there is one.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* InPlace(CpuState* s, ulong address, int size)
    {
        TlbEntry* e = s->Tlb + ((address >> 12) & (TranslationCache.Entries - 1));
        if (((address + (ulong)(size - 1)) & ~0xfffUL) == e->WriteTag) return (byte*)(address + (ulong)e->Delta);
        return null;
    }

    /// <summary>Whether <paramref name="size"/> bytes can be written; sets up the fault if not. For what reads before it writes: the
    /// fault is the write's.</summary>
    public static bool CanModify(CpuState* s, ulong address, int size)
    {
        if (!MemorySlow.Reaches(s, address, size) || MemorySlow.Translate(s, address, PageAccess.Write) == null) return false;
        ulong last = address + (ulong)(size - 1);
        return ((address ^ last) & ~0xfffUL) == 0 || MemorySlow.Translate(s, last & ~0xfffUL, PageAccess.Write) != null;
    }

    /// <summary>
    /// Reads the operand of a read-modify-write instruction; <see cref="Store"/> of the same address will not fault then.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool LoadToModify<W>(CpuState* s, ulong address, out ulong value) where W : struct, IWidth
    {
        byte* host = InPlace(s, address, W.Bytes);
        if (host != null)
        {
            value = W.Get(host);
            return true;
        }
        value = 0;
        return CanModify(s, address, W.Bytes) && W.Load(s, address, out value);
    }

    /// <summary>Ends the run at the instruction of <paramref name="op"/> because its memory access failed (Stop is set already).</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static Op* Fault(CpuState* s, Op* op)
    {
        if (s->Stop == NonCanonical)
        {
            bool stack = op->Base is CpuState.Rsp or CpuState.Rbp && op->Index is not (CpuState.FsBase or CpuState.GsBase);
            s->Stop = stack ? StopReason.StackFault : StopReason.GeneralProtection;
        }
        s->Rip = s->R[CpuState.CodeBase] + op->Offset;
        s->Budget -= op->Count - 1;
        return null;
    }

    /// <summary>The same, for an access that push, pop and their like make.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static Op* FaultOnStack(CpuState* s, Op* op)
    {
        if (s->Stop == NonCanonical) s->Stop = StopReason.StackFault;
        return Fault(s, op);
    }

    /// <summary>Ends the run at the instruction of <paramref name="op"/> for another reason than memory.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static Op* Raise(CpuState* s, Op* op, StopReason reason)
    {
        s->Stop = reason;
        return Fault(s, op);
    }
}
