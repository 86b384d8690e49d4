using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Iced.Intel;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>
/// Reordering of lanes: PSHUF*, SHUFPS, SHUFPD, PSHUFB, PALIGNR, PSLLDQ, PSRLDQ, MOVDDUP, MOVSHDUP, MOVSLDUP.
/// </summary>
/// <remarks>
/// An immediate is turned, once, into the numbers of the sixteen source bytes, four bits each, which fill <see cref="Op.Imm"/>;
/// the
/// handlers spread them out to the control of a byte permutation.
/// </remarks>
internal static unsafe class SseShuffle
{
    private const ulong Identity = 0xfedcba98_76543210;

    public static bool Lower(in Instruction i, ref OpBuilder b)
    {
        switch (i.Mnemonic)
        {
            case Mnemonic.Pshufd: return EmitPermute(i, ref b, &Permute, &PermuteMemory, Doublewords(i.Immediate8));
            case Mnemonic.Pshuflw:
                return EmitPermute(i, ref b, &Permute, &PermuteMemory, Words(i.Immediate8) | (Identity & ~0xffffffffUL));
            case Mnemonic.Pshufhw:
                ulong upper = Words(i.Immediate8) | 0x88888888;
                return EmitPermute(i, ref b, &Permute, &PermuteMemory, (upper << 32) | (Identity & 0xffffffff));
            case Mnemonic.Pshufw: return EmitPermute(i, ref b, &PermuteMmx, &PermuteMmxMemory, Words(i.Immediate8));
            case Mnemonic.Shufps: return EmitPermute(i, ref b, &PermuteTwo, &PermuteTwoMemory, Doublewords(i.Immediate8));
            case Mnemonic.Shufpd: return EmitPermute(i, ref b, &PermuteTwo, &PermuteTwoMemory, Quadwords(i.Immediate8));
            case Mnemonic.Movshdup: return EmitPermute(i, ref b, &Permute, &PermuteMemory, Doublewords(0b11_11_01_01));
            case Mnemonic.Movsldup: return EmitPermute(i, ref b, &Permute, &PermuteMemory, Doublewords(0b10_10_00_00));
            case Mnemonic.Movddup: return EmitPermute(i, ref b, &Permute, &Duplicate, Quadwords(0));
            case Mnemonic.Pshufb:
                return Operands.IsMmx(i) ? MmxBinary<PermuteBytesOfEight>.Emit(i, ref b) : Binary<PermuteBytes>.Emit(i, ref b);
            case Mnemonic.Palignr when Operands.IsMmx(i): return Operands.Emit(i, ref b, &AlignMmx, &AlignMmxMemory);
            case Mnemonic.Palignr: return Operands.Emit(i, ref b, &Align, &AlignMemory);
            case Mnemonic.Psrldq: return Operands.Emit(i, ref b, &ShiftRight, null);
            case Mnemonic.Pslldq: return Operands.Emit(i, ref b, &ShiftLeft, null);
            default: return false;
        }
    }

    private static bool EmitPermute(
        in Instruction i,
        ref OpBuilder b,
        delegate*<CpuState*, Op*, Op*> register,
        delegate*<CpuState*, Op*, Op*> memory,
        ulong bytes)
    {
        bool inMemory = i.Op1Kind == OpKind.Memory;
        ref Op op = ref inMemory ? ref b.AddMemory(i, memory) : ref b.Add(i, register);
        op.A = Operands.Slot(i.Op0Register);
        if (!inMemory) op.B = Operands.Slot(i.Op1Register);
        op.Imm = bytes;
        return true;
    }

    private static ulong Doublewords(int control)
    {
        ulong bytes = 0;
        for (int lane = 3; lane >= 0; lane--)
        {
            bytes = (bytes << 16) | (0x3210UL + (0x4444UL * (uint)((control >> (lane * 2)) & 3)));
        }
        return bytes;
    }

    private static ulong Words(int control)
    {
        ulong bytes = 0;
        for (int lane = 3; lane >= 0; lane--) bytes = (bytes << 8) | (0x10UL + (0x22UL * (uint)((control >> (lane * 2)) & 3)));
        return bytes;
    }

    private static ulong Quadwords(int control) =>
        (0x76543210UL + (0x88888888UL * (uint)(control & 1)))
        | ((0x76543210UL + (0x88888888UL * (uint)((control >> 1) & 1))) << 32);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Spread(ulong bytes)
    {
        Vector128<ulong> packed = Vector128.CreateScalar(bytes);
        Vector128<byte> low = Vector128.Create((byte)0xf);
        return Vectors.InterleaveLow(packed.AsByte() & low, (packed >>> 4).AsByte() & low);
    }

    private static Op* Permute(CpuState* s, Op* op)
    {
        *Xmm.At(s, op->A) = Vectors.Permute(*Xmm.At(s, op->B), Spread(op->Imm));
        return Transfer.Next(s, op);
    }

    private static Op* PermuteMemory(CpuState* s, Op* op)
    {
        Vector128<byte>* source = Xmm.Aligned(s, op);
        if (source == null) return Memory.Fault(s, op);
        *Xmm.At(s, op->A) = Vectors.Permute(*source, Spread(op->Imm));
        return Transfer.Next(s, op);
    }

    private static Op* Duplicate(CpuState* s, Op* op)
    {
        byte* source = Xmm.Source(s, op, 8);
        if (source == null) return Memory.Fault(s, op);
        *Xmm.At<ulong>(s, op->A) = Vector128.Create(*(ulong*)source);
        return Transfer.Next(s, op);
    }

    private static Op* PermuteTwo(CpuState* s, Op* op)
    {
        PermuteTwo(s, op, *Xmm.At(s, op->B));
        return Transfer.Next(s, op);
    }

    private static Op* PermuteTwoMemory(CpuState* s, Op* op)
    {
        Vector128<byte>* source = Xmm.Aligned(s, op);
        if (source == null) return Memory.Fault(s, op);
        PermuteTwo(s, op, *source);
        return Transfer.Next(s, op);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PermuteTwo(CpuState* s, Op* op, Vector128<byte> source)
    {
        Vector128<byte>* a = Xmm.At(s, op->A);
        Vector128<byte> bytes = Spread(op->Imm);
        *a = Vectors.LowHigh(Vectors.Permute(*a, bytes), Vectors.Permute(source, bytes));
    }

    private static Op* PermuteMmx(CpuState* s, Op* op)
    {
        if (Mmx.HasPendingException(s)) return Mmx.RaisePending(s, op);
        Mmx.Set(s, op->A, Vectors.Permute(Mmx.Get(s, op->B), Spread(op->Imm)));
        return Transfer.Next(s, op);
    }

    private static Op* PermuteMmxMemory(CpuState* s, Op* op)
    {
        if (Mmx.HasPendingException(s)) return Mmx.RaisePending(s, op);
        byte* source = Xmm.Source(s, op, 8);
        if (source == null) return Memory.Fault(s, op);
        Mmx.Set(s, op->A, Vectors.Permute(Vector128.CreateScalar(*(ulong*)source).AsByte(), Spread(op->Imm)));
        return Transfer.Next(s, op);
    }

    private static Op* Align(CpuState* s, Op* op)
    {
        Vector128<byte>* a = Xmm.At(s, op->A);
        *a = Align(*a, *Xmm.At(s, op->B), op->Imm);
        return Transfer.Next(s, op);
    }

    private static Op* AlignMemory(CpuState* s, Op* op)
    {
        Vector128<byte>* source = Xmm.Aligned(s, op);
        if (source == null) return Memory.Fault(s, op);
        Vector128<byte>* a = Xmm.At(s, op->A);
        *a = Align(*a, *source, op->Imm);
        return Transfer.Next(s, op);
    }

    private static Op* AlignMmx(CpuState* s, Op* op)
    {
        if (Mmx.HasPendingException(s)) return Mmx.RaisePending(s, op);
        AlignMmx(s, op, Mmx.Get(s, op->B));
        return Transfer.Next(s, op);
    }

    private static Op* AlignMmxMemory(CpuState* s, Op* op)
    {
        if (Mmx.HasPendingException(s)) return Mmx.RaisePending(s, op);
        byte* source = Xmm.Source(s, op, 8);
        if (source == null) return Memory.Fault(s, op);
        AlignMmx(s, op, Vector128.CreateScalar(*(ulong*)source).AsByte());
        return Transfer.Next(s, op);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AlignMmx(CpuState* s, Op* op, Vector128<byte> source)
    {
        Vector128<byte> joined = Vectors.LowLow(source, Mmx.Get(s, op->A));
        Mmx.Set(s, op->A, Vectors.Permute(joined, From((byte)Math.Min(op->Imm, 16))));
    }

    private static Op* ShiftRight(CpuState* s, Op* op)
    {
        Vector128<byte>* a = Xmm.At(s, op->A);
        *a = Vectors.Permute(*a, From((byte)Math.Min(op->Imm, 16)));
        return Transfer.Next(s, op);
    }

    private static Op* ShiftLeft(CpuState* s, Op* op)
    {
        Vector128<byte>* a = Xmm.At(s, op->A);
        *a = Vectors.Permute(*a, Vector128<byte>.Indices - Vector128.Create((byte)Math.Min(op->Imm, 16)));
        return Transfer.Next(s, op);
    }

    // The sixteen bytes from number `count` of the 32 that high and low make together; zeros beyond.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Align(Vector128<byte> high, Vector128<byte> low, ulong count)
    {
        if (count > 16) return Vectors.Permute(high, From((byte)(Math.Min(count, 32) - 16)));
        Vector128<byte> upward = Vector128<byte>.Indices - Vector128.Create((byte)(16 - count));
        return Vectors.Permute(low, From((byte)count)) | Vectors.Permute(high, upward);
    }

    // Control of a permutation that moves down by `first` (at most 16) bytes: numbers above 15 get their sign bit set.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> From(byte first) => Vector128<byte>.Indices + Vector128.Create((byte)(first + 0x70));

    private struct PermuteBytes : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => Vectors.Permute(a, b);
    }

    private struct PermuteBytesOfEight : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
            Vectors.Permute(a, b & Vector128.Create((byte)0x87));
    }
}
