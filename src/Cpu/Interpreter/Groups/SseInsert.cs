using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Iced.Intel;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>Single lanes in and out: PINSR*, PEXTR*, INSERTPS, EXTRACTPS.</summary>
internal static unsafe class SseInsert
{
    public static bool Lower(in Instruction i, ref OpBuilder b)
    {
        switch (i.Mnemonic)
        {
            case Mnemonic.Pinsrb: return Operands.Emit(i, ref b, &InsertByte, &InsertByteMemory);
            case Mnemonic.Pinsrw when Operands.IsMmx(i): return Operands.Emit(i, ref b, &InsertMmx, &InsertMmxMemory);
            case Mnemonic.Pinsrw: return Operands.Emit(i, ref b, &InsertWord, &InsertWordMemory);
            case Mnemonic.Pinsrd: return Operands.Emit(i, ref b, &InsertDoubleword, &InsertDoublewordMemory);
            case Mnemonic.Pinsrq: return Operands.Emit(i, ref b, &InsertQuadword, &InsertQuadwordMemory);
            case Mnemonic.Insertps: return Operands.Emit(i, ref b, &InsertSingle, &InsertSingleMemory);
            case Mnemonic.Pextrb: return Operands.Emit(i, ref b, &Extract<W8>, &ExtractMemory<W8>);
            case Mnemonic.Pextrw when i.Op1Register is >= Register.MM0 and <= Register.MM7:
                return Operands.Emit(i, ref b, &ExtractMmx, null);
            case Mnemonic.Pextrw: return Operands.Emit(i, ref b, &Extract<W16>, &ExtractMemory<W16>);
            case Mnemonic.Pextrd:
            case Mnemonic.Extractps: return Operands.Emit(i, ref b, &Extract<W32>, &ExtractMemory<W32>);
            case Mnemonic.Pextrq: return Operands.Emit(i, ref b, &Extract<W64>, &ExtractMemory<W64>);
            default: return false;
        }
    }

    private static Op* InsertByte(CpuState* s, Op* op)
    {
        Vector128<byte>* a = Xmm.At(s, op->A);
        *a = Vectors.Insert(*a, (byte)(op->Imm & 15), (byte)s->R[op->B]);
        return Transfer.Next(s, op);
    }

    private static Op* InsertByteMemory(CpuState* s, Op* op)
    {
        byte* source = Xmm.Source(s, op, 1);
        if (source == null) return Memory.Fault(s, op);
        Vector128<byte>* a = Xmm.At(s, op->A);
        *a = Vectors.Insert(*a, (byte)(op->Imm & 15), *(byte*)source);
        return Transfer.Next(s, op);
    }

    private static Op* InsertWord(CpuState* s, Op* op)
    {
        Vector128<ushort>* a = Xmm.At<ushort>(s, op->A);
        *a = Vectors.Insert(*a, (ushort)(op->Imm & 7), (ushort)s->R[op->B]);
        return Transfer.Next(s, op);
    }

    private static Op* InsertWordMemory(CpuState* s, Op* op)
    {
        byte* source = Xmm.Source(s, op, 2);
        if (source == null) return Memory.Fault(s, op);
        Vector128<ushort>* a = Xmm.At<ushort>(s, op->A);
        *a = Vectors.Insert(*a, (ushort)(op->Imm & 7), *(ushort*)source);
        return Transfer.Next(s, op);
    }

    private static Op* InsertDoubleword(CpuState* s, Op* op)
    {
        Vector128<uint>* a = Xmm.At<uint>(s, op->A);
        *a = Vectors.Insert(*a, (uint)(op->Imm & 3), (uint)s->R[op->B]);
        return Transfer.Next(s, op);
    }

    private static Op* InsertDoublewordMemory(CpuState* s, Op* op)
    {
        byte* source = Xmm.Source(s, op, 4);
        if (source == null) return Memory.Fault(s, op);
        Vector128<uint>* a = Xmm.At<uint>(s, op->A);
        *a = Vectors.Insert(*a, (uint)(op->Imm & 3), *(uint*)source);
        return Transfer.Next(s, op);
    }

    private static Op* InsertQuadword(CpuState* s, Op* op)
    {
        Vector128<ulong>* a = Xmm.At<ulong>(s, op->A);
        *a = Vectors.Insert(*a, op->Imm & 1, s->R[op->B]);
        return Transfer.Next(s, op);
    }

    private static Op* InsertQuadwordMemory(CpuState* s, Op* op)
    {
        byte* source = Xmm.Source(s, op, 8);
        if (source == null) return Memory.Fault(s, op);
        Vector128<ulong>* a = Xmm.At<ulong>(s, op->A);
        *a = Vectors.Insert(*a, op->Imm & 1, *(ulong*)source);
        return Transfer.Next(s, op);
    }

    private static Op* InsertMmx(CpuState* s, Op* op)
    {
        if (Mmx.HasPendingException(s)) return Mmx.RaisePending(s, op);
        Mmx.Set(s, op->A, Vectors.Insert(Mmx.Get(s, op->A).AsUInt16(), (ushort)(op->Imm & 3), (ushort)s->R[op->B]).AsByte());
        return Transfer.Next(s, op);
    }

    private static Op* InsertMmxMemory(CpuState* s, Op* op)
    {
        if (Mmx.HasPendingException(s)) return Mmx.RaisePending(s, op);
        byte* source = Xmm.Source(s, op, 2);
        if (source == null) return Memory.Fault(s, op);
        Mmx.Set(s, op->A, Vectors.Insert(Mmx.Get(s, op->A).AsUInt16(), (ushort)(op->Imm & 3), *(ushort*)source).AsByte());
        return Transfer.Next(s, op);
    }

    private static Op* InsertSingle(CpuState* s, Op* op)
    {
        int lane = (int)(op->Imm >> 6) & 3;
        InsertSingle(s, op, ((uint*)Xmm.At(s, op->B))[lane]);
        return Transfer.Next(s, op);
    }

    private static Op* InsertSingleMemory(CpuState* s, Op* op)
    {
        byte* source = Xmm.Source(s, op, 4);
        if (source == null) return Memory.Fault(s, op);
        InsertSingle(s, op, *(uint*)source);
        return Transfer.Next(s, op);
    }

    private static void InsertSingle(CpuState* s, Op* op, uint value)
    {
        Vector128<uint>* a = Xmm.At<uint>(s, op->A);
        Vector128<uint> lanes = Vector128.Create(1u, 2, 4, 8);
        Vector128<uint> cleared = Vector128.Equals(Vector128.Create((uint)op->Imm) & lanes, lanes);
        *a = Vector128.AndNot(Vectors.Insert(*a, (uint)(op->Imm >> 4) & 3, value), cleared);
    }

    // The number of a lane is taken modulo the lanes there are.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Lane<TWidth>(CpuState* s, Op* op) where TWidth : struct, IWidth =>
        TWidth.Get((byte*)Xmm.At(s, op->B) + (((int)op->Imm * TWidth.Bytes) & 15));

    private static Op* Extract<TWidth>(CpuState* s, Op* op) where TWidth : struct, IWidth
    {
        s->R[op->A] = Lane<TWidth>(s, op);
        return Transfer.Next(s, op);
    }

    private static Op* ExtractMemory<TWidth>(CpuState* s, Op* op) where TWidth : struct, IWidth =>
        TWidth.Store(s, Memory.Address(s, op), Lane<TWidth>(s, op)) ? op + 1 : Memory.Fault(s, op);

    private static Op* ExtractMmx(CpuState* s, Op* op)
    {
        if (Mmx.HasPendingException(s)) return Mmx.RaisePending(s, op);
        Mmx.Enter(s);
        s->R[op->A] = ((ushort*)Mmx.At(s, op->B))[op->Imm & 3];
        return Transfer.Next(s, op);
    }
}
