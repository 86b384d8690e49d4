using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Iced.Intel;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>Widening of the low lanes: PMOVSX*, PMOVZX*.</summary>
internal static class SseExtend
{
    public static bool Lower(in Instruction i, ref OpBuilder b) => i.Mnemonic switch
    {
        Mnemonic.Pmovsxbw => Extend<SignedByteToWord>.Emit(i, ref b),
        Mnemonic.Pmovsxbd => Extend<SignedByteToDoubleword>.Emit(i, ref b),
        Mnemonic.Pmovsxbq => Extend<SignedByteToQuadword>.Emit(i, ref b),
        Mnemonic.Pmovsxwd => Extend<SignedWordToDoubleword>.Emit(i, ref b),
        Mnemonic.Pmovsxwq => Extend<SignedWordToQuadword>.Emit(i, ref b),
        Mnemonic.Pmovsxdq => Extend<SignedDoublewordToQuadword>.Emit(i, ref b),
        Mnemonic.Pmovzxbw => Extend<ByteToWord>.Emit(i, ref b),
        Mnemonic.Pmovzxbd => Extend<ByteToDoubleword>.Emit(i, ref b),
        Mnemonic.Pmovzxbq => Extend<ByteToQuadword>.Emit(i, ref b),
        Mnemonic.Pmovzxwd => Extend<WordToDoubleword>.Emit(i, ref b),
        Mnemonic.Pmovzxwq => Extend<WordToQuadword>.Emit(i, ref b),
        Mnemonic.Pmovzxdq => Extend<DoublewordToQuadword>.Emit(i, ref b),
        _ => false,
    };

    private interface IExtension
    {
        /// <summary>What is read from memory.</summary>
        static abstract int SourceBytes { get; }

        static abstract Vector128<byte> Apply(Vector128<byte> v);
    }

    private static unsafe class Extend<TOp> where TOp : struct, IExtension
    {
        [MethodImpl(MethodImplOptions.NoInlining)]
        public static bool Emit(in Instruction i, ref OpBuilder b) => Operands.Emit(i, ref b, &Register, &Memory);

        private static Op* Register(CpuState* s, Op* op)
        {
            *Xmm.At(s, op->A) = TOp.Apply(*Xmm.At(s, op->B));
            return Transfer.Next(s, op);
        }

        private static Op* Memory(CpuState* s, Op* op)
        {
            byte* source = Xmm.Source(s, op, TOp.SourceBytes);
            if (source == null) return Interpreter.Memory.Fault(s, op);
            ulong low = TOp.SourceBytes switch { 8 => *(ulong*)source, 4 => *(uint*)source, _ => *(ushort*)source };
            *Xmm.At(s, op->A) = TOp.Apply(Vector128.CreateScalar(low).AsByte());
            return Transfer.Next(s, op);
        }
    }

    private struct SignedByteToWord : IExtension
    {
        public static int SourceBytes => 8;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> v) => Vector128.WidenLower(v.AsSByte()).AsByte();
    }

    private struct SignedByteToDoubleword : IExtension
    {
        public static int SourceBytes => 4;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> v) =>
            Vector128.WidenLower(Vector128.WidenLower(v.AsSByte())).AsByte();
    }

    private struct SignedByteToQuadword : IExtension
    {
        public static int SourceBytes => 2;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> v) =>
            Vector128.WidenLower(Vector128.WidenLower(Vector128.WidenLower(v.AsSByte()))).AsByte();
    }

    private struct SignedWordToDoubleword : IExtension
    {
        public static int SourceBytes => 8;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> v) => Vector128.WidenLower(v.AsInt16()).AsByte();
    }

    private struct SignedWordToQuadword : IExtension
    {
        public static int SourceBytes => 4;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> v) =>
            Vector128.WidenLower(Vector128.WidenLower(v.AsInt16())).AsByte();
    }

    private struct SignedDoublewordToQuadword : IExtension
    {
        public static int SourceBytes => 8;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> v) => Vector128.WidenLower(v.AsInt32()).AsByte();
    }

    private struct ByteToWord : IExtension
    {
        public static int SourceBytes => 8;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> v) => Vector128.WidenLower(v).AsByte();
    }

    private struct ByteToDoubleword : IExtension
    {
        public static int SourceBytes => 4;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> v) => Vector128.WidenLower(Vector128.WidenLower(v)).AsByte();
    }

    private struct ByteToQuadword : IExtension
    {
        public static int SourceBytes => 2;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> v) =>
            Vector128.WidenLower(Vector128.WidenLower(Vector128.WidenLower(v))).AsByte();
    }

    private struct WordToDoubleword : IExtension
    {
        public static int SourceBytes => 8;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> v) => Vector128.WidenLower(v.AsUInt16()).AsByte();
    }

    private struct WordToQuadword : IExtension
    {
        public static int SourceBytes => 4;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> v) =>
            Vector128.WidenLower(Vector128.WidenLower(v.AsUInt16())).AsByte();
    }

    private struct DoublewordToQuadword : IExtension
    {
        public static int SourceBytes => 8;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> v) => Vector128.WidenLower(v.AsUInt32()).AsByte();
    }
}
