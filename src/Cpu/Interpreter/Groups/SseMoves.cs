using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Iced.Intel;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>Moves of whole XMM registers: MOVAPS, MOVUPS, MOVDQA, MOVDQU, LDDQU and the non-temporal ones.</summary>
internal static unsafe class SseMoves
{
    public static bool Lower(in Instruction i, ref OpBuilder b)
    {
        switch (i.Mnemonic)
        {
            case Mnemonic.Movaps:
            case Mnemonic.Movapd:
            case Mnemonic.Movdqa:
            case Mnemonic.Movntps:
            case Mnemonic.Movntpd:
            case Mnemonic.Movntdq:
            case Mnemonic.Movntdqa:
                return i.Op0Kind == OpKind.Memory
                    ? Operands.Emit(i, ref b, null, &StoreAligned)
                    : Operands.Emit(i, ref b, &Copy, &LoadAligned);
            case Mnemonic.Movups:
            case Mnemonic.Movupd:
            case Mnemonic.Movdqu:
            case Mnemonic.Lddqu:
                return i.Op0Kind == OpKind.Memory ? Operands.Emit(i, ref b, null, &Store) : Operands.Emit(i, ref b, &Copy, &Load);
            default:
                return false;
        }
    }

    private static Op* Copy(CpuState* s, Op* op)
    {
        *Xmm.At(s, op->A) = *Xmm.At(s, op->B);
        return Transfer.Next(s, op);
    }

    // An aligned operand is one that may lie anywhere, after a look at its address.
    private static Op* LoadAligned(CpuState* s, Op* op)
    {
        if ((Memory.Address(s, op) & 15) != 0) return Memory.Raise(s, op, StopReason.GeneralProtection);
        return Load(s, op);
    }

    private static Op* StoreAligned(CpuState* s, Op* op)
    {
        if ((Memory.Address(s, op) & 15) != 0) return Memory.Raise(s, op, StopReason.GeneralProtection);
        return Store(s, op);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Op* Load(CpuState* s, Op* op)
    {
        if (!Memory.TryRead(s, Memory.Address(s, op), 16, out byte* host)) return LoadSlow(s, op);
        *Xmm.At(s, op->A) = *(Vector128<byte>*)host;
        return Transfer.Next(s, op);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Op* Store(CpuState* s, Op* op)
    {
        if (!Memory.TryWrite(s, Memory.Address(s, op), 16, out byte* host)) return StoreSlow(s, op);
        *(Vector128<byte>*)host = *Xmm.At(s, op->B);
        return Transfer.Next(s, op);
    }

    private static Op* LoadSlow(CpuState* s, Op* op)
    {
        byte* source = Xmm.Source(s, op, 16);
        if (source == null) return Memory.Fault(s, op);
        *Xmm.At(s, op->A) = *(Vector128<byte>*)source;
        return op + 1;
    }

    private static Op* StoreSlow(CpuState* s, Op* op) =>
        MemorySlow.Store(s, Memory.Address(s, op), (byte*)Xmm.At(s, op->B), 16) ? op + 1 : Memory.Fault(s, op);
}
