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
        Mnemonic.Phminposuw => Binary<MinimumPosition>.Emit(i, ref b),
        Mnemonic.Mpsadbw => Operands.Emit(i, ref b, &SumDifferences, &SumDifferencesMemory),
        _ => false,
    };

    private static Vector128<int> LowWords(Vector128<byte> v) => (v.AsInt32() << 16) >> 16;

    private static Vector128<int> HighWords(Vector128<byte> v) => v.AsInt32() >> 16;

    private static Op* SumDifferences(CpuState* s, Op* op)
    {
        Vector128<byte>* a = Xmm.At(s, op->A);
        *a = SumDifferences(*a, *Xmm.At(s, op->B), (int)op->Imm);
        return op + 1;
    }

    private static Op* SumDifferencesMemory(CpuState* s, Op* op)
    {
        if (!Xmm.LoadAligned(s, op, out Vector128<byte> source)) return Memory.Fault(s, op);
        Vector128<byte>* a = Xmm.At(s, op->A);
        *a = SumDifferences(*a, source, (int)op->Imm);
        return op + 1;
    }

    // Eight sums of the absolute differences between four bytes of b and four neighbours of a, one further each time.
    private static Vector128<byte> SumDifferences(Vector128<byte> a, Vector128<byte> b, int control)
    {
        byte* left = (byte*)&a + (control & 4);
        byte* right = (byte*)&b + ((control & 3) * 4);
        ushort* sums = stackalloc ushort[8];
        for (int i = 0; i < 8; i++)
        {
            int sum = 0;
            for (int k = 0; k < 4; k++) sum += Math.Abs(left[i + k] - right[k]);
            sums[i] = (ushort)sum;
        }
        return *(Vector128<byte>*)sums;
    }

    private struct AddWords : IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
            Vector128.Narrow(LowWords(a) + HighWords(a), LowWords(b) + HighWords(b)).AsByte();
    }

    private struct SubtractWords : IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
            Vector128.Narrow(LowWords(a) - HighWords(a), LowWords(b) - HighWords(b)).AsByte();
    }

    private struct AddSaturated : IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
            Vector128.NarrowWithSaturation(LowWords(a) + HighWords(a), LowWords(b) + HighWords(b)).AsByte();
    }

    private struct SubtractSaturated : IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
            Vector128.NarrowWithSaturation(LowWords(a) - HighWords(a), LowWords(b) - HighWords(b)).AsByte();
    }

    private struct AddDoublewords : IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b)
        {
            Vector128<long> x = a.AsInt64(), y = b.AsInt64();
            return Vector128.Narrow(x + (x >> 32), y + (y >> 32)).AsByte();
        }
    }

    private struct SubtractDoublewords : IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b)
        {
            Vector128<long> x = a.AsInt64(), y = b.AsInt64();
            return Vector128.Narrow(x - (x >> 32), y - (y >> 32)).AsByte();
        }
    }

    private struct MinimumPosition : IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b)
        {
            Vector128<ushort> words = b.AsUInt16();
            int position = 0;
            for (int i = 1; i < 8; i++)
            {
                if (words.GetElement(i) < words.GetElement(position)) position = i;
            }
            return Vector128.CreateScalar(words.GetElement(position) | ((uint)position << 16)).AsByte();
        }
    }
}
