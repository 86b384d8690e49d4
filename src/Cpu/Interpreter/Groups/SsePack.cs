using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Iced.Intel;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>Interleaving and narrowing: PUNPCK*, UNPCK*, PACK*.</summary>
internal static class SsePack
{
    public static bool Lower(in Instruction i, ref OpBuilder b) => i.Mnemonic switch
    {
        Mnemonic.Punpcklbw => Lanewise<LowBytes>.Emit(i, ref b),
        Mnemonic.Punpcklwd => Lanewise<LowWords>.Emit(i, ref b),
        Mnemonic.Punpckldq => Lanewise<LowDoublewords>.Emit(i, ref b),
        Mnemonic.Punpcklqdq or Mnemonic.Unpcklpd => Binary<LowQuadwords>.Emit(i, ref b),
        Mnemonic.Unpcklps => Binary<LowDoublewords>.Emit(i, ref b),
        Mnemonic.Punpckhbw when Operands.IsMmx(i) => MmxBinary<UpperOf<LowBytes>>.Emit(i, ref b),
        Mnemonic.Punpckhwd when Operands.IsMmx(i) => MmxBinary<UpperOf<LowWords>>.Emit(i, ref b),
        Mnemonic.Punpckhdq when Operands.IsMmx(i) => MmxBinary<UpperOf<LowDoublewords>>.Emit(i, ref b),
        Mnemonic.Punpckhbw => Binary<HighBytes>.Emit(i, ref b),
        Mnemonic.Punpckhwd => Binary<HighWords>.Emit(i, ref b),
        Mnemonic.Punpckhdq or Mnemonic.Unpckhps => Binary<HighDoublewords>.Emit(i, ref b),
        Mnemonic.Punpckhqdq or Mnemonic.Unpckhpd => Binary<HighQuadwords>.Emit(i, ref b),
        Mnemonic.Packsswb => Halfwise<SignedWords>.Emit(i, ref b),
        Mnemonic.Packuswb => Halfwise<UnsignedWords>.Emit(i, ref b),
        Mnemonic.Packssdw => Halfwise<SignedDoublewords>.Emit(i, ref b),
        Mnemonic.Packusdw => Binary<UnsignedDoublewords>.Emit(i, ref b),
        _ => false,
    };

    private struct LowBytes : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => Vectors.InterleaveLow(a, b);
    }

    private struct LowWords : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
            Sse2.IsSupported
                ? Sse2.UnpackLow(a.AsUInt16(), b.AsUInt16()).AsByte()
                : (Vector128.WidenLower(a.AsUInt16()) | (Vector128.WidenLower(b.AsUInt16()) << 16)).AsByte();
    }

    private struct LowDoublewords : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
            Sse2.IsSupported
                ? Sse2.UnpackLow(a.AsUInt32(), b.AsUInt32()).AsByte()
                : (Vector128.WidenLower(a.AsUInt32()) | (Vector128.WidenLower(b.AsUInt32()) << 32)).AsByte();
    }

    private struct LowQuadwords : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
            Vectors.LowLow(a, b);
    }

    private struct HighBytes : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
            Sse2.IsSupported
                ? Sse2.UnpackHigh(a, b)
                : (Vector128.WidenUpper(a) | (Vector128.WidenUpper(b) << 8)).AsByte();
    }

    private struct HighWords : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
            Sse2.IsSupported
                ? Sse2.UnpackHigh(a.AsUInt16(), b.AsUInt16()).AsByte()
                : (Vector128.WidenUpper(a.AsUInt16()) | (Vector128.WidenUpper(b.AsUInt16()) << 16)).AsByte();
    }

    private struct HighDoublewords : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
            Sse2.IsSupported
                ? Sse2.UnpackHigh(a.AsUInt32(), b.AsUInt32()).AsByte()
                : (Vector128.WidenUpper(a.AsUInt32()) | (Vector128.WidenUpper(b.AsUInt32()) << 32)).AsByte();
    }

    private struct HighQuadwords : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
            Vectors.HighHigh(a, b);
    }

    private struct SignedWords : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
            Vector128.NarrowWithSaturation(a.AsInt16(), b.AsInt16()).AsByte();
    }

    private struct SignedDoublewords : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
            Vector128.NarrowWithSaturation(a.AsInt32(), b.AsInt32()).AsByte();
    }

    private struct UnsignedWords : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b)
        {
            if (Sse2.IsSupported) return Sse2.PackUnsignedSaturate(a.AsInt16(), b.AsInt16());
            Vector128<short> most = Vector128.Create((short)0xff);
            Vector128<short> x = Vector128.Min(Vector128.Max(a.AsInt16(), Vector128<short>.Zero), most);
            Vector128<short> y = Vector128.Min(Vector128.Max(b.AsInt16(), Vector128<short>.Zero), most);
            return Vector128.Narrow(x.AsUInt16(), y.AsUInt16());
        }
    }

    private struct UnsignedDoublewords : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b)
        {
            Vector128<int> most = Vector128.Create(0xffff);
            Vector128<int> x = Vector128.Min(Vector128.Max(a.AsInt32(), Vector128<int>.Zero), most);
            Vector128<int> y = Vector128.Min(Vector128.Max(b.AsInt32(), Vector128<int>.Zero), most);
            return Vector128.Narrow(x.AsUInt32(), y.AsUInt32()).AsByte();
        }
    }

    // What MMX calls the high half of the interleaving of two 8-byte registers is the high half of the 16 bytes that it gives.
    private struct UpperOf<TOp> : IVectorOp where TOp : struct, IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b)
        {
            Vector128<byte> all = TOp.Apply(a, b);
            return Vectors.HighHigh(all, all);
        }
    }
}
