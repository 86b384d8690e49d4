using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Iced.Intel;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>Integer multiplication: PMUL*, PMADD*, and the sum of absolute differences.</summary>
internal static class SseMultiply
{
    public static bool Lower(in Instruction i, ref OpBuilder b) => i.Mnemonic switch
    {
        Mnemonic.Pmullw => Lanewise<LowWords>.Emit(i, ref b),
        Mnemonic.Pmulhw => Lanewise<HighSignedWords>.Emit(i, ref b),
        Mnemonic.Pmulhuw => Lanewise<HighUnsignedWords>.Emit(i, ref b),
        Mnemonic.Pmulhrsw => Lanewise<RoundedHighWords>.Emit(i, ref b),
        Mnemonic.Pmulld => Binary<LowDoublewords>.Emit(i, ref b),
        Mnemonic.Pmuludq => Lanewise<WideUnsigned>.Emit(i, ref b),
        Mnemonic.Pmuldq => Binary<WideSigned>.Emit(i, ref b),
        Mnemonic.Pmaddwd => Lanewise<AddWords>.Emit(i, ref b),
        Mnemonic.Pmaddubsw => Lanewise<AddBytes>.Emit(i, ref b),
        Mnemonic.Psadbw => Lanewise<AbsoluteDifferences>.Emit(i, ref b),
        _ => false,
    };

    private struct LowWords : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => (a.AsInt16() * b.AsInt16()).AsByte();
    }

    private struct LowDoublewords : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => (a.AsInt32() * b.AsInt32()).AsByte();
    }

    private struct HighSignedWords : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b)
        {
            if (Sse2.IsSupported) return Sse2.MultiplyHigh(a.AsInt16(), b.AsInt16()).AsByte();
            (Vector128<int> a0, Vector128<int> a1) = Vector128.Widen(a.AsInt16());
            (Vector128<int> b0, Vector128<int> b1) = Vector128.Widen(b.AsInt16());
            return Vector128.Narrow((a0 * b0) >> 16, (a1 * b1) >> 16).AsByte();
        }
    }

    private struct HighUnsignedWords : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b)
        {
            if (Sse2.IsSupported) return Sse2.MultiplyHigh(a.AsUInt16(), b.AsUInt16()).AsByte();
            (Vector128<uint> a0, Vector128<uint> a1) = Vector128.Widen(a.AsUInt16());
            (Vector128<uint> b0, Vector128<uint> b1) = Vector128.Widen(b.AsUInt16());
            return Vector128.Narrow((a0 * b0) >>> 16, (a1 * b1) >>> 16).AsByte();
        }
    }

    private struct RoundedHighWords : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b)
        {
            Vector128<int> half = Vector128.Create(0x4000);
            Vector128<int> low = Vector128.WidenLower(a.AsInt16()) * Vector128.WidenLower(b.AsInt16());
            Vector128<int> high = Vector128.WidenUpper(a.AsInt16()) * Vector128.WidenUpper(b.AsInt16());
            return Vector128.Narrow((low + half) >> 15, (high + half) >> 15).AsByte();
        }
    }

    private struct WideUnsigned : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b)
        {
            if (Sse2.IsSupported) return Sse2.Multiply(a.AsUInt32(), b.AsUInt32()).AsByte();
            Vector128<ulong> low = Vector128.Create((ulong)uint.MaxValue);
            return ((a.AsUInt64() & low) * (b.AsUInt64() & low)).AsByte();
        }
    }

    private struct WideSigned : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b)
        {
            Vector128<long> x = a.AsInt64(), y = b.AsInt64();
            return Vector128.Create((long)(int)x[0] * (int)y[0], (long)(int)x[1] * (int)y[1]).AsByte();
        }
    }

    private struct AddWords : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b)
        {
            if (Sse2.IsSupported) return Sse2.MultiplyAddAdjacent(a.AsInt16(), b.AsInt16()).AsByte();
            Vector128<int> x = a.AsInt32(), y = b.AsInt32();
            return ((((x << 16) >> 16) * ((y << 16) >> 16)) + ((x >> 16) * (y >> 16))).AsByte();
        }
    }

    private struct AddBytes : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b)
        {
            Vector128<short> x = a.AsInt16(), y = b.AsInt16();
            Vector128<short> even = (x & Vector128.Create((short)0xff)) * ((y << 8) >> 8);
            return Vector128.AddSaturate(even, (x >>> 8) * (y >> 8)).AsByte();
        }
    }

    private struct AbsoluteDifferences : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b)
        {
            if (Sse2.IsSupported) return Sse2.SumAbsoluteDifferences(a, b).AsByte();
            Vector128<ushort> differences = (Vector128.Max(a, b) - Vector128.Min(a, b)).AsUInt16();
            Vector128<uint> pairs = ((differences & Vector128.Create((ushort)0xff)) + (differences >>> 8)).AsUInt32();
            Vector128<ulong> fours = ((pairs & Vector128.Create(0xffffu)) + (pairs >>> 16)).AsUInt64();
            return ((fours & Vector128.Create((ulong)uint.MaxValue)) + (fours >>> 32)).AsByte();
        }
    }
}
