using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Iced.Intel;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>Integer addition and subtraction, wrapping and saturating.</summary>
internal static class SseAdd
{
    public static bool Lower(in Instruction i, ref OpBuilder b) => i.Mnemonic switch
    {
        Mnemonic.Paddb => Lanewise<AddBytes>.Emit(i, ref b),
        Mnemonic.Paddw => Lanewise<AddWords>.Emit(i, ref b),
        Mnemonic.Paddd => Lanewise<AddDoublewords>.Emit(i, ref b),
        Mnemonic.Paddq => Lanewise<AddQuadwords>.Emit(i, ref b),
        Mnemonic.Paddsb => Lanewise<AddSaturatedSignedBytes>.Emit(i, ref b),
        Mnemonic.Paddsw => Lanewise<AddSaturatedSignedWords>.Emit(i, ref b),
        Mnemonic.Paddusb => Lanewise<AddSaturatedUnsignedBytes>.Emit(i, ref b),
        Mnemonic.Paddusw => Lanewise<AddSaturatedUnsignedWords>.Emit(i, ref b),
        Mnemonic.Psubb => Lanewise<SubtractBytes>.Emit(i, ref b),
        Mnemonic.Psubw => Lanewise<SubtractWords>.Emit(i, ref b),
        Mnemonic.Psubd => Lanewise<SubtractDoublewords>.Emit(i, ref b),
        Mnemonic.Psubq => Lanewise<SubtractQuadwords>.Emit(i, ref b),
        Mnemonic.Psubsb => Lanewise<SubtractSaturatedSignedBytes>.Emit(i, ref b),
        Mnemonic.Psubsw => Lanewise<SubtractSaturatedSignedWords>.Emit(i, ref b),
        Mnemonic.Psubusb => Lanewise<SubtractSaturatedUnsignedBytes>.Emit(i, ref b),
        Mnemonic.Psubusw => Lanewise<SubtractSaturatedUnsignedWords>.Emit(i, ref b),
        _ => false,
    };

    private struct AddBytes : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => a + b;
    }

    private struct AddWords : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => (a.AsInt16() + b.AsInt16()).AsByte();
    }

    private struct AddDoublewords : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => (a.AsInt32() + b.AsInt32()).AsByte();
    }

    private struct AddQuadwords : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => (a.AsInt64() + b.AsInt64()).AsByte();
    }

    private struct AddSaturatedSignedBytes : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
            Vector128.AddSaturate(a.AsSByte(), b.AsSByte()).AsByte();
    }

    private struct AddSaturatedSignedWords : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
            Vector128.AddSaturate(a.AsInt16(), b.AsInt16()).AsByte();
    }

    private struct AddSaturatedUnsignedBytes : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => Vector128.AddSaturate(a, b);
    }

    private struct AddSaturatedUnsignedWords : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
            Vector128.AddSaturate(a.AsUInt16(), b.AsUInt16()).AsByte();
    }

    private struct SubtractBytes : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => a - b;
    }

    private struct SubtractWords : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => (a.AsInt16() - b.AsInt16()).AsByte();
    }

    private struct SubtractDoublewords : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => (a.AsInt32() - b.AsInt32()).AsByte();
    }

    private struct SubtractQuadwords : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => (a.AsInt64() - b.AsInt64()).AsByte();
    }

    private struct SubtractSaturatedSignedBytes : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
            Vector128.SubtractSaturate(a.AsSByte(), b.AsSByte()).AsByte();
    }

    private struct SubtractSaturatedSignedWords : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
            Vector128.SubtractSaturate(a.AsInt16(), b.AsInt16()).AsByte();
    }

    private struct SubtractSaturatedUnsignedBytes : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => Vector128.SubtractSaturate(a, b);
    }

    private struct SubtractSaturatedUnsignedWords : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
            Vector128.SubtractSaturate(a.AsUInt16(), b.AsUInt16()).AsByte();
    }
}
