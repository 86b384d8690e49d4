using System.Runtime.Intrinsics;
using Iced.Intel;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>Moves to and from MMX registers: MOVD, MOVQ, MOVNTQ, MOVQ2DQ, MOVDQ2Q; and EMMS.</summary>
internal static unsafe class MmxMoves
{
    public static bool Lower(in Instruction i, ref OpBuilder b)
    {
        switch (i.Code)
        {
            case Code.Movq_mm_mmm64:
            case Code.Movq_mmm64_mm when i.Op0Kind == OpKind.Register:
                return Operands.Emit(i, ref b, &Copy, &Load);
            case Code.Movq_mmm64_mm:
            case Code.Movntq_m64_mm: return Operands.Emit(i, ref b, null, &Store);
            case Code.Movd_mm_rm32: return Operands.Emit(i, ref b, &FromGeneral32, &Load32);
            case Code.Movq_mm_rm64: return Operands.Emit(i, ref b, &FromGeneral64, &Load);
            case Code.Movd_rm32_mm: return Operands.Emit(i, ref b, &ToGeneral32, &Store32);
            case Code.Movq_rm64_mm: return Operands.Emit(i, ref b, &ToGeneral64, &Store);
            case Code.Movq2dq_xmm_mm: return Operands.Emit(i, ref b, &ToXmm, null);
            case Code.Movdq2q_mm_xmm: return Operands.Emit(i, ref b, &FromXmm, null);
            default: return false;
        }
    }

    /// <summary>EMMS.</summary>
    public static bool LowerWithoutVector(in Instruction i, ref OpBuilder b)
    {
        if (i.Code != Code.Emms) return false;
        b.Add(i, &Empty);
        return true;
    }

    private static Op* Copy(CpuState* s, Op* op)
    {
        if (Mmx.HasPendingException(s)) return Mmx.RaisePending(s, op);
        Mmx.Set(s, op->A, *Mmx.At(s, op->B));
        return Transfer.Next(s, op);
    }

    private static Op* Load(CpuState* s, Op* op)
    {
        if (Mmx.HasPendingException(s)) return Mmx.RaisePending(s, op);
        byte* source = Xmm.Source(s, op, 8);
        if (source == null) return Memory.Fault(s, op);
        Mmx.Set(s, op->A, *(ulong*)source);
        return Transfer.Next(s, op);
    }

    private static Op* Load32(CpuState* s, Op* op)
    {
        if (Mmx.HasPendingException(s)) return Mmx.RaisePending(s, op);
        byte* source = Xmm.Source(s, op, 4);
        if (source == null) return Memory.Fault(s, op);
        Mmx.Set(s, op->A, *(uint*)source);
        return Transfer.Next(s, op);
    }

    private static Op* Store(CpuState* s, Op* op)
    {
        if (Mmx.HasPendingException(s)) return Mmx.RaisePending(s, op);
        if (!Memory.Store(s, Memory.Address(s, op), *Mmx.At(s, op->B))) return Memory.Fault(s, op);
        Mmx.Enter(s);
        return Transfer.Next(s, op);
    }

    private static Op* Store32(CpuState* s, Op* op)
    {
        if (Mmx.HasPendingException(s)) return Mmx.RaisePending(s, op);
        if (!Memory.Store(s, Memory.Address(s, op), (uint)*Mmx.At(s, op->B))) return Memory.Fault(s, op);
        Mmx.Enter(s);
        return Transfer.Next(s, op);
    }

    private static Op* FromGeneral32(CpuState* s, Op* op)
    {
        if (Mmx.HasPendingException(s)) return Mmx.RaisePending(s, op);
        Mmx.Set(s, op->A, (uint)s->R[op->B]);
        return Transfer.Next(s, op);
    }

    private static Op* FromGeneral64(CpuState* s, Op* op)
    {
        if (Mmx.HasPendingException(s)) return Mmx.RaisePending(s, op);
        Mmx.Set(s, op->A, s->R[op->B]);
        return Transfer.Next(s, op);
    }

    private static Op* ToGeneral32(CpuState* s, Op* op)
    {
        if (Mmx.HasPendingException(s)) return Mmx.RaisePending(s, op);
        Mmx.Enter(s);
        s->R[op->A] = (uint)*Mmx.At(s, op->B);
        return Transfer.Next(s, op);
    }

    private static Op* ToGeneral64(CpuState* s, Op* op)
    {
        if (Mmx.HasPendingException(s)) return Mmx.RaisePending(s, op);
        Mmx.Enter(s);
        s->R[op->A] = *Mmx.At(s, op->B);
        return Transfer.Next(s, op);
    }

    private static Op* ToXmm(CpuState* s, Op* op)
    {
        if (Mmx.HasPendingException(s)) return Mmx.RaisePending(s, op);
        Mmx.Enter(s);
        *Xmm.At(s, op->A) = Mmx.Get(s, op->B);
        return Transfer.Next(s, op);
    }

    private static Op* FromXmm(CpuState* s, Op* op)
    {
        if (Mmx.HasPendingException(s)) return Mmx.RaisePending(s, op);
        Mmx.Set(s, op->A, *Xmm.At(s, op->B));
        return Transfer.Next(s, op);
    }

    private static Op* Empty(CpuState* s, Op* op)
    {
        if (Mmx.HasPendingException(s)) return Mmx.RaisePending(s, op);
        Mmx.Enter(s); // AMD's EMMS sets TOP like its fellows; Intel's leaves it alone, but it is 0 after any MMX instruction
        s->FpTag = 0;
        return Transfer.Next(s, op);
    }
}
