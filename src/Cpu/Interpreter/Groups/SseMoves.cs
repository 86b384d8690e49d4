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
                return i.Op0Kind == OpKind.Memory ? Operands.Emit(i, ref b, null, &StoreAligned) : Operands.Emit(i, ref b, &Copy, &LoadAligned);
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
        return op + 1;
    }

    private static Op* LoadAligned(CpuState* s, Op* op)
    {
        if (!Xmm.LoadAligned(s, op, out Vector128<byte> value)) return Memory.Fault(s, op);
        *Xmm.At(s, op->A) = value;
        return op + 1;
    }

    private static Op* StoreAligned(CpuState* s, Op* op)
    {
        if (!Xmm.StoreAligned(s, op, Xmm.At(s, op->B))) return Memory.Fault(s, op);
        return op + 1;
    }

    private static Op* Load(CpuState* s, Op* op)
    {
        if (!Xmm.Load(s, op, out Vector128<byte> value)) return Memory.Fault(s, op);
        *Xmm.At(s, op->A) = value;
        return op + 1;
    }

    private static Op* Store(CpuState* s, Op* op)
    {
        if (!Xmm.Store(s, op, Xmm.At(s, op->B))) return Memory.Fault(s, op);
        return op + 1;
    }
}
