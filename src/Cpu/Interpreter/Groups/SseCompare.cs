using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Iced.Intel;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>Integer comparison: PCMPEQ and PCMPGT.</summary>
internal static class SseCompare
{
    public static bool Lower(in Instruction i, ref OpBuilder b) => i.Mnemonic switch
    {
        Mnemonic.Pcmpeqb => Lanewise<EqualBytes>.Emit(i, ref b),
        Mnemonic.Pcmpeqw => Lanewise<EqualWords>.Emit(i, ref b),
        Mnemonic.Pcmpeqd => Lanewise<EqualDoublewords>.Emit(i, ref b),
        Mnemonic.Pcmpeqq => Binary<EqualQuadwords>.Emit(i, ref b),
        Mnemonic.Pcmpgtb => Lanewise<GreaterBytes>.Emit(i, ref b),
        Mnemonic.Pcmpgtw => Lanewise<GreaterWords>.Emit(i, ref b),
        Mnemonic.Pcmpgtd => Lanewise<GreaterDoublewords>.Emit(i, ref b),
        Mnemonic.Pcmpgtq => Binary<GreaterQuadwords>.Emit(i, ref b),
        _ => false,
    };

    private struct EqualBytes : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => Vector128.Equals(a, b);
    }

    private struct EqualWords : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
            Vector128.Equals(a.AsInt16(), b.AsInt16()).AsByte();
    }

    private struct EqualDoublewords : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
            Vector128.Equals(a.AsInt32(), b.AsInt32()).AsByte();
    }

    private struct EqualQuadwords : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
            Vector128.Equals(a.AsInt64(), b.AsInt64()).AsByte();
    }

    private struct GreaterBytes : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
            Vector128.GreaterThan(a.AsSByte(), b.AsSByte()).AsByte();
    }

    private struct GreaterWords : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
            Vector128.GreaterThan(a.AsInt16(), b.AsInt16()).AsByte();
    }

    private struct GreaterDoublewords : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
            Vector128.GreaterThan(a.AsInt32(), b.AsInt32()).AsByte();
    }

    private struct GreaterQuadwords : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
            Vector128.GreaterThan(a.AsInt64(), b.AsInt64()).AsByte();
    }
}
