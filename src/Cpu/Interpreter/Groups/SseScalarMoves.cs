using System.Runtime.Intrinsics;
using Iced.Intel;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>
/// Moves of parts of XMM registers: MOVSS, MOVSD, MOVD, MOVQ, the high and low halves, and MOVNTI.
/// </summary>
internal static unsafe class SseScalarMoves
{
    public static bool Lower(in Instruction i, ref OpBuilder b)
    {
        switch (i.Mnemonic)
        {
            case Mnemonic.Movsd when i.Op0Kind == OpKind.Memory && i.Op1Kind == OpKind.Register:
            case Mnemonic.Movlps when i.Op0Kind == OpKind.Memory:
            case Mnemonic.Movlpd when i.Op0Kind == OpKind.Memory:
                return Operands.Emit(i, ref b, null, &StoreLow64);
            case Mnemonic.Movsd when i.Op0Kind == OpKind.Register:
                return Operands.Emit(i, ref b, &MergeLow64, &LoadZero64);
            case Mnemonic.Movss when i.Op0Kind == OpKind.Memory:
                return Operands.Emit(i, ref b, null, &StoreLow32);
            case Mnemonic.Movss:
                return Operands.Emit(i, ref b, &MergeLow32, &LoadZero32);
            case Mnemonic.Movlps:
            case Mnemonic.Movlpd:
                return Operands.Emit(i, ref b, null, &LoadLow64);
            case Mnemonic.Movhps when i.Op0Kind == OpKind.Memory:
            case Mnemonic.Movhpd when i.Op0Kind == OpKind.Memory:
                return Operands.Emit(i, ref b, null, &StoreHigh64);
            case Mnemonic.Movhps:
            case Mnemonic.Movhpd:
                return Operands.Emit(i, ref b, null, &LoadHigh64);
            case Mnemonic.Movhlps:
                return Operands.Emit(i, ref b, &HighToLow, null);
            case Mnemonic.Movlhps:
                return Operands.Emit(i, ref b, &LowToHigh, null);
            default:
                return LowerWithGeneral(i, ref b);
        }
    }

    /// <summary>MOVNTI, which is an SSE2 instruction of general registers.</summary>
    public static bool LowerWithoutVector(in Instruction i, ref OpBuilder b) =>
        i.Mnemonic == Mnemonic.Movnti && Operands.Emit(i, ref b, null, i.Op1Register.GetSize() == 8
            ? &StoreGeneral64
            : &StoreGeneral32);

    private static bool LowerWithGeneral(in Instruction i, ref OpBuilder b)
    {
        switch (i.Code)
        {
            case Code.Movd_xmm_rm32:
                return Operands.Emit(i, ref b, &General32ToXmm, &LoadZero32);
            case Code.Movq_xmm_rm64:
                return Operands.Emit(i, ref b, &General64ToXmm, &LoadZero64);
            case Code.Movd_rm32_xmm:
                return Operands.Emit(i, ref b, &XmmToGeneral32, &StoreLow32);
            case Code.Movq_rm64_xmm:
                return Operands.Emit(i, ref b, &XmmToGeneral64, &StoreLow64);
            case Code.Movq_xmm_xmmm64:
            case Code.Movq_xmmm64_xmm when i.Op0Kind == OpKind.Register:
                return Operands.Emit(i, ref b, &CopyLow64, &LoadZero64);
            case Code.Movq_xmmm64_xmm:
                return Operands.Emit(i, ref b, null, &StoreLow64);
            default:
                return false;
        }
    }

    private static Op* MergeLow64(CpuState* s, Op* op)
    {
        Vector128<ulong>* a = Xmm.At<ulong>(s, op->A);
        *a = a->WithElement(0, Xmm.At<ulong>(s, op->B)->ToScalar());
        return Transfer.Next(s, op);
    }

    private static Op* MergeLow32(CpuState* s, Op* op)
    {
        Vector128<float>* a = Xmm.At<float>(s, op->A);
        *a = a->WithElement(0, Xmm.At<float>(s, op->B)->ToScalar());
        return Transfer.Next(s, op);
    }

    private static Op* CopyLow64(CpuState* s, Op* op)
    {
        *Xmm.At<ulong>(s, op->A) = Vector128.CreateScalar(Xmm.At<ulong>(s, op->B)->ToScalar());
        return Transfer.Next(s, op);
    }

    private static Op* HighToLow(CpuState* s, Op* op)
    {
        Vector128<ulong>* a = Xmm.At<ulong>(s, op->A);
        *a = Vectors.HighHigh(*Xmm.At<ulong>(s, op->B), *a);
        return Transfer.Next(s, op);
    }

    private static Op* LowToHigh(CpuState* s, Op* op)
    {
        Vector128<ulong>* a = Xmm.At<ulong>(s, op->A);
        *a = Vectors.LowLow(*a, *Xmm.At<ulong>(s, op->B));
        return Transfer.Next(s, op);
    }

    private static Op* LoadZero64(CpuState* s, Op* op)
    {
        if (!Memory.TryRead(s, Memory.Address(s, op), 8, out byte* host)) return LoadZero64Slow(s, op);
        *Xmm.At<ulong>(s, op->A) = Vector128.CreateScalar(*(ulong*)host);
        return Transfer.Next(s, op);
    }

    private static Op* LoadZero64Slow(CpuState* s, Op* op)
    {
        byte* source = Xmm.Source(s, op, 8);
        if (source == null) return Memory.Fault(s, op);
        *Xmm.At<ulong>(s, op->A) = Vector128.CreateScalar(*(ulong*)source);
        return op + 1;
    }

    private static Op* LoadZero32(CpuState* s, Op* op)
    {
        if (!Memory.TryRead(s, Memory.Address(s, op), 4, out byte* host)) return LoadZero32Slow(s, op);
        *Xmm.At<uint>(s, op->A) = Vector128.CreateScalar(*(uint*)host);
        return Transfer.Next(s, op);
    }

    private static Op* LoadZero32Slow(CpuState* s, Op* op)
    {
        byte* source = Xmm.Source(s, op, 4);
        if (source == null) return Memory.Fault(s, op);
        *Xmm.At<uint>(s, op->A) = Vector128.CreateScalar(*(uint*)source);
        return op + 1;
    }

    private static Op* LoadLow64(CpuState* s, Op* op)
    {
        byte* source = Xmm.Source(s, op, 8);
        if (source == null) return Memory.Fault(s, op);
        Vector128<ulong>* a = Xmm.At<ulong>(s, op->A);
        *a = a->WithElement(0, *(ulong*)source);
        return Transfer.Next(s, op);
    }

    private static Op* LoadHigh64(CpuState* s, Op* op)
    {
        byte* source = Xmm.Source(s, op, 8);
        if (source == null) return Memory.Fault(s, op);
        Vector128<ulong>* a = Xmm.At<ulong>(s, op->A);
        *a = a->WithElement(1, *(ulong*)source);
        return Transfer.Next(s, op);
    }

    private static Op* StoreLow64(CpuState* s, Op* op)
    {
        if (!Memory.TryWrite(s, Memory.Address(s, op), 8, out byte* host)) return StoreSlow(s, op, (byte*)Xmm.At(s, op->B), 8);
        *(ulong*)host = *(ulong*)Xmm.At(s, op->B);
        return Transfer.Next(s, op);
    }

    private static Op* StoreLow32(CpuState* s, Op* op)
    {
        if (!Memory.TryWrite(s, Memory.Address(s, op), 4, out byte* host)) return StoreSlow(s, op, (byte*)Xmm.At(s, op->B), 4);
        *(uint*)host = *(uint*)Xmm.At(s, op->B);
        return Transfer.Next(s, op);
    }

    private static Op* StoreHigh64(CpuState* s, Op* op)
    {
        if (!Memory.TryWrite(s, Memory.Address(s, op), 8, out byte* host))
        {
            return StoreSlow(s, op, (byte*)Xmm.At(s, op->B) + 8, 8);
        }
        *(ulong*)host = ((ulong*)Xmm.At(s, op->B))[1];
        return Transfer.Next(s, op);
    }

    private static Op* StoreGeneral64(CpuState* s, Op* op)
    {
        if (!Memory.TryWrite(s, Memory.Address(s, op), 8, out byte* host)) return StoreSlow(s, op, (byte*)(s->R + op->B), 8);
        *(ulong*)host = s->R[op->B];
        return Transfer.Next(s, op);
    }

    private static Op* StoreGeneral32(CpuState* s, Op* op)
    {
        if (!Memory.TryWrite(s, Memory.Address(s, op), 4, out byte* host)) return StoreSlow(s, op, (byte*)(s->R + op->B), 4);
        *(uint*)host = (uint)s->R[op->B];
        return Transfer.Next(s, op);
    }

    private static Op* StoreSlow(CpuState* s, Op* op, byte* value, int size) =>
        MemorySlow.Store(s, Memory.Address(s, op), value, size) ? op + 1 : Memory.Fault(s, op);

    private static Op* General64ToXmm(CpuState* s, Op* op)
    {
        *Xmm.At<ulong>(s, op->A) = Vector128.CreateScalar(s->R[op->B]);
        return Transfer.Next(s, op);
    }

    private static Op* General32ToXmm(CpuState* s, Op* op)
    {
        *Xmm.At<ulong>(s, op->A) = Vector128.CreateScalar((ulong)(uint)s->R[op->B]);
        return Transfer.Next(s, op);
    }

    private static Op* XmmToGeneral64(CpuState* s, Op* op)
    {
        s->R[op->A] = Xmm.At<ulong>(s, op->B)->ToScalar();
        return Transfer.Next(s, op);
    }

    private static Op* XmmToGeneral32(CpuState* s, Op* op)
    {
        s->R[op->A] = Xmm.At<uint>(s, op->B)->ToScalar();
        return Transfer.Next(s, op);
    }
}
