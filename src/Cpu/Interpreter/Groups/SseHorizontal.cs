using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Iced.Intel;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>Integer operations across lanes: PHADD*, PHSUB*, PHMINPOSUW, MPSADBW.</summary>
internal static unsafe class SseHorizontal
{
    public static bool Lower(in Instruction i, ref OpBuilder b) => i.Mnemonic switch
    {
        Mnemonic.Phaddw => Halfwise<AddWords>.Emit(i, ref b),
        Mnemonic.Phaddd => Halfwise<AddDoublewords>.Emit(i, ref b),
        Mnemonic.Phaddsw => Halfwise<AddSaturated>.Emit(i, ref b),
        Mnemonic.Phsubw => Halfwise<SubtractWords>.Emit(i, ref b),
        Mnemonic.Phsubd => Halfwise<SubtractDoublewords>.Emit(i, ref b),
        Mnemonic.Phsubsw => Halfwise<SubtractSaturated>.Emit(i, ref b),
        Mnemonic.Phminposuw => Operands.Emit(i, ref b, &MinimumPosition, &MinimumPositionMemory),
        Mnemonic.Mpsadbw => Operands.Emit(i, ref b, &SumDifferences, &SumDifferencesMemory),
        _ => false,
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> LowWords(Vector128<byte> v) => (v.AsInt32() << 16) >> 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> HighWords(Vector128<byte> v) => v.AsInt32() >> 16;

    private static Op* SumDifferences(CpuState* s, Op* op)
    {
        SumDifferences(s, op, (byte*)Xmm.At(s, op->B));
        return op + 1;
    }

    private static Op* SumDifferencesMemory(CpuState* s, Op* op)
    {
        Vector128<byte>* source = Xmm.Aligned(s, op);
        if (source == null) return Memory.Fault(s, op);
        SumDifferences(s, op, (byte*)source);
        return op + 1;
    }

    // Eight sums of the absolute differences between four bytes of b and four neighbours of a, one further each time.
    private static void SumDifferences(CpuState* s, Op* op, byte* b)
    {
        var control = (int)op->Imm;
        byte* left = (byte*)Xmm.At(s, op->A) + (control & 4);
        byte* right = b + ((control & 3) * 4);
        ushort* sums = stackalloc ushort[8];
        for (int i = 0; i < 8; i++)
        {
            int sum = 0;
            for (int k = 0; k < 4; k++) sum += Math.Abs(left[i + k] - right[k]);
            sums[i] = (ushort)sum;
        }
        *Xmm.At(s, op->A) = *(Vector128<byte>*)sums;
    }

    private static Op* MinimumPosition(CpuState* s, Op* op)
    {
        MinimumPosition(s, op, (ushort*)Xmm.At(s, op->B));
        return op + 1;
    }

    private static Op* MinimumPositionMemory(CpuState* s, Op* op)
    {
        Vector128<byte>* source = Xmm.Aligned(s, op);
        if (source == null) return Memory.Fault(s, op);
        MinimumPosition(s, op, (ushort*)source);
        return op + 1;
    }

    private static void MinimumPosition(CpuState* s, Op* op, ushort* words)
    {
        int position = 0;
        for (int i = 1; i < 8; i++)
        {
            if (words[i] < words[position]) position = i;
        }
        *Xmm.At<uint>(s, op->A) = Vector128.CreateScalar(words[position] | ((uint)position << 16));
    }

    private struct AddWords : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
            Vector128.Narrow(LowWords(a) + HighWords(a), LowWords(b) + HighWords(b)).AsByte();
    }

    private struct SubtractWords : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
            Vector128.Narrow(LowWords(a) - HighWords(a), LowWords(b) - HighWords(b)).AsByte();
    }

    private struct AddSaturated : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
            Vector128.NarrowWithSaturation(LowWords(a) + HighWords(a), LowWords(b) + HighWords(b)).AsByte();
    }

    private struct SubtractSaturated : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
            Vector128.NarrowWithSaturation(LowWords(a) - HighWords(a), LowWords(b) - HighWords(b)).AsByte();
    }

    private struct AddDoublewords : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b)
        {
            Vector128<long> x = a.AsInt64(), y = b.AsInt64();
            return Vector128.Narrow(x + (x >> 32), y + (y >> 32)).AsByte();
        }
    }

    private struct SubtractDoublewords : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b)
        {
            Vector128<long> x = a.AsInt64(), y = b.AsInt64();
            return Vector128.Narrow(x - (x >> 32), y - (y >> 32)).AsByte();
        }
    }
}
