using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Iced.Intel;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>Integer minimum, maximum, average, absolute value and sign transfer.</summary>
internal static class SseMinMax
{
    public static bool Lower(in Instruction i, ref OpBuilder b) => i.Mnemonic switch
    {
        Mnemonic.Pminub => Lanewise<MinimumUnsignedBytes>.Emit(i, ref b),
        Mnemonic.Pminsw => Lanewise<MinimumSignedWords>.Emit(i, ref b),
        Mnemonic.Pminsb => Binary<MinimumSignedBytes>.Emit(i, ref b),
        Mnemonic.Pminuw => Binary<MinimumUnsignedWords>.Emit(i, ref b),
        Mnemonic.Pminud => Binary<MinimumUnsignedDoublewords>.Emit(i, ref b),
        Mnemonic.Pminsd => Binary<MinimumSignedDoublewords>.Emit(i, ref b),
        Mnemonic.Pmaxub => Lanewise<MaximumUnsignedBytes>.Emit(i, ref b),
        Mnemonic.Pmaxsw => Lanewise<MaximumSignedWords>.Emit(i, ref b),
        Mnemonic.Pmaxsb => Binary<MaximumSignedBytes>.Emit(i, ref b),
        Mnemonic.Pmaxuw => Binary<MaximumUnsignedWords>.Emit(i, ref b),
        Mnemonic.Pmaxud => Binary<MaximumUnsignedDoublewords>.Emit(i, ref b),
        Mnemonic.Pmaxsd => Binary<MaximumSignedDoublewords>.Emit(i, ref b),
        Mnemonic.Pavgb => Lanewise<AverageBytes>.Emit(i, ref b),
        Mnemonic.Pavgw => Lanewise<AverageWords>.Emit(i, ref b),
        Mnemonic.Pabsb => Lanewise<AbsoluteBytes>.Emit(i, ref b),
        Mnemonic.Pabsw => Lanewise<AbsoluteWords>.Emit(i, ref b),
        Mnemonic.Pabsd => Lanewise<AbsoluteDoublewords>.Emit(i, ref b),
        Mnemonic.Psignb => Lanewise<SignBytes>.Emit(i, ref b),
        Mnemonic.Psignw => Lanewise<SignWords>.Emit(i, ref b),
        Mnemonic.Psignd => Lanewise<SignDoublewords>.Emit(i, ref b),
        _ => false,
    };

    private struct MinimumUnsignedBytes : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => Vector128.Min(a, b);
    }

    private struct MinimumSignedWords : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
            Vector128.Min(a.AsInt16(), b.AsInt16()).AsByte();
    }

    private struct MinimumSignedBytes : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
            Vector128.Min(a.AsSByte(), b.AsSByte()).AsByte();
    }

    private struct MinimumUnsignedWords : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
            Vector128.Min(a.AsUInt16(), b.AsUInt16()).AsByte();
    }

    private struct MinimumUnsignedDoublewords : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
            Vector128.Min(a.AsUInt32(), b.AsUInt32()).AsByte();
    }

    private struct MinimumSignedDoublewords : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
            Vector128.Min(a.AsInt32(), b.AsInt32()).AsByte();
    }

    private struct MaximumUnsignedBytes : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => Vector128.Max(a, b);
    }

    private struct MaximumSignedWords : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
            Vector128.Max(a.AsInt16(), b.AsInt16()).AsByte();
    }

    private struct MaximumSignedBytes : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
            Vector128.Max(a.AsSByte(), b.AsSByte()).AsByte();
    }

    private struct MaximumUnsignedWords : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
            Vector128.Max(a.AsUInt16(), b.AsUInt16()).AsByte();
    }

    private struct MaximumUnsignedDoublewords : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
            Vector128.Max(a.AsUInt32(), b.AsUInt32()).AsByte();
    }

    private struct MaximumSignedDoublewords : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
            Vector128.Max(a.AsInt32(), b.AsInt32()).AsByte();
    }

    private struct AverageBytes : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
            Sse2.IsSupported ? Sse2.Average(a, b) : Vectors.Average(a, b);
    }

    private struct AverageWords : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
            Sse2.IsSupported
                ? Sse2.Average(a.AsUInt16(), b.AsUInt16()).AsByte()
                : Vectors.Average(a.AsUInt16(), b.AsUInt16()).AsByte();
    }

    private struct AbsoluteBytes : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => Vector128.Abs(b.AsSByte()).AsByte();
    }

    private struct AbsoluteWords : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => Vector128.Abs(b.AsInt16()).AsByte();
    }

    private struct AbsoluteDoublewords : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => Vector128.Abs(b.AsInt32()).AsByte();
    }

    private struct SignBytes : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
            Vectors.Sign(a.AsSByte(), b.AsSByte()).AsByte();
    }

    private struct SignWords : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
            Vectors.Sign(a.AsInt16(), b.AsInt16()).AsByte();
    }

    private struct SignDoublewords : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
            Vectors.Sign(a.AsInt32(), b.AsInt32()).AsByte();
    }
}
