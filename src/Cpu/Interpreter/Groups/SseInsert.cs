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
            case Mnemonic.Pextrb: return Operands.Emit(i, ref b, &Extract<byte>, &ExtractMemory<byte>);
            case Mnemonic.Pextrw when i.Op1Register is >= Register.MM0 and <= Register.MM7:
                return Operands.Emit(i, ref b, &ExtractMmx, null);
            case Mnemonic.Pextrw: return Operands.Emit(i, ref b, &Extract<ushort>, &ExtractMemory<ushort>);
            case Mnemonic.Pextrd:
            case Mnemonic.Extractps: return Operands.Emit(i, ref b, &Extract<uint>, &ExtractMemory<uint>);
            case Mnemonic.Pextrq: return Operands.Emit(i, ref b, &Extract<ulong>, &ExtractMemory<ulong>);
            default: return false;
        }
    }

    private static Op* InsertByte(CpuState* s, Op* op)
    {
        Vector128<byte>* a = Xmm.At(s, op->A);
        *a = Vectors.Insert(*a, (byte)(op->Imm & 15), (byte)s->R[op->B]);
        return op + 1;
    }

    private static Op* InsertByteMemory(CpuState* s, Op* op)
    {
        if (!Memory.Load(s, Memory.Address(s, op), out byte value)) return Memory.Fault(s, op);
        Vector128<byte>* a = Xmm.At(s, op->A);
        *a = Vectors.Insert(*a, (byte)(op->Imm & 15), value);
        return op + 1;
    }

    private static Op* InsertWord(CpuState* s, Op* op)
    {
        Vector128<ushort>* a = Xmm.At<ushort>(s, op->A);
        *a = Vectors.Insert(*a, (ushort)(op->Imm & 7), (ushort)s->R[op->B]);
        return op + 1;
    }

    private static Op* InsertWordMemory(CpuState* s, Op* op)
    {
        if (!Memory.Load(s, Memory.Address(s, op), out ushort value)) return Memory.Fault(s, op);
        Vector128<ushort>* a = Xmm.At<ushort>(s, op->A);
        *a = Vectors.Insert(*a, (ushort)(op->Imm & 7), value);
        return op + 1;
    }

    private static Op* InsertDoubleword(CpuState* s, Op* op)
    {
        Vector128<uint>* a = Xmm.At<uint>(s, op->A);
        *a = Vectors.Insert(*a, (uint)(op->Imm & 3), (uint)s->R[op->B]);
        return op + 1;
    }

    private static Op* InsertDoublewordMemory(CpuState* s, Op* op)
    {
        if (!Memory.Load(s, Memory.Address(s, op), out uint value)) return Memory.Fault(s, op);
        Vector128<uint>* a = Xmm.At<uint>(s, op->A);
        *a = Vectors.Insert(*a, (uint)(op->Imm & 3), value);
        return op + 1;
    }

    private static Op* InsertQuadword(CpuState* s, Op* op)
    {
        Vector128<ulong>* a = Xmm.At<ulong>(s, op->A);
        *a = Vectors.Insert(*a, op->Imm & 1, s->R[op->B]);
        return op + 1;
    }

    private static Op* InsertQuadwordMemory(CpuState* s, Op* op)
    {
        if (!Memory.Load(s, Memory.Address(s, op), out ulong value)) return Memory.Fault(s, op);
        Vector128<ulong>* a = Xmm.At<ulong>(s, op->A);
        *a = Vectors.Insert(*a, op->Imm & 1, value);
        return op + 1;
    }

    private static Op* InsertMmx(CpuState* s, Op* op)
    {
        if (Mmx.HasPendingException(s)) return Mmx.RaisePending(s, op);
        Mmx.Set(s, op->A, Vectors.Insert(Mmx.Get(s, op->A).AsUInt16(), (ushort)(op->Imm & 3), (ushort)s->R[op->B]).AsByte());
        return op + 1;
    }

    private static Op* InsertMmxMemory(CpuState* s, Op* op)
    {
        if (Mmx.HasPendingException(s)) return Mmx.RaisePending(s, op);
        if (!Memory.Load(s, Memory.Address(s, op), out ushort value)) return Memory.Fault(s, op);
        Mmx.Set(s, op->A, Vectors.Insert(Mmx.Get(s, op->A).AsUInt16(), (ushort)(op->Imm & 3), value).AsByte());
        return op + 1;
    }

    private static Op* InsertSingle(CpuState* s, Op* op)
    {
        int lane = (int)(op->Imm >> 6) & 3;
        InsertSingle(s, op, ((uint*)Xmm.At(s, op->B))[lane]);
        return op + 1;
    }

    private static Op* InsertSingleMemory(CpuState* s, Op* op)
    {
        if (!Memory.Load(s, Memory.Address(s, op), out uint value)) return Memory.Fault(s, op);
        InsertSingle(s, op, value);
        return op + 1;
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
    private static ulong Lane<T>(CpuState* s, Op* op) where T : unmanaged
    {
        byte* lane = (byte*)Xmm.At(s, op->B) + (((int)op->Imm * sizeof(T)) & 15);
        return sizeof(T) switch { 1 => *lane, 2 => *(ushort*)lane, 4 => *(uint*)lane, _ => *(ulong*)lane };
    }

    private static Op* Extract<T>(CpuState* s, Op* op) where T : unmanaged
    {
        s->R[op->A] = Lane<T>(s, op);
        return op + 1;
    }

    private static Op* ExtractMemory<T>(CpuState* s, Op* op) where T : unmanaged
    {
        ulong lane = Lane<T>(s, op);
        if (!Memory.Store(s, Memory.Address(s, op), Unsafe.As<ulong, T>(ref lane))) return Memory.Fault(s, op);
        return op + 1;
    }

    private static Op* ExtractMmx(CpuState* s, Op* op)
    {
        if (Mmx.HasPendingException(s)) return Mmx.RaisePending(s, op);
        Mmx.Enter(s);
        s->R[op->A] = ((ushort*)Mmx.At(s, op->B))[op->Imm & 3];
        return op + 1;
    }
}
