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
        Mnemonic.Pmovsxbw => Extend<SignedByteToWord, ulong>.Emit(i, ref b),
        Mnemonic.Pmovsxbd => Extend<SignedByteToDoubleword, uint>.Emit(i, ref b),
        Mnemonic.Pmovsxbq => Extend<SignedByteToQuadword, ushort>.Emit(i, ref b),
        Mnemonic.Pmovsxwd => Extend<SignedWordToDoubleword, ulong>.Emit(i, ref b),
        Mnemonic.Pmovsxwq => Extend<SignedWordToQuadword, uint>.Emit(i, ref b),
        Mnemonic.Pmovsxdq => Extend<SignedDoublewordToQuadword, ulong>.Emit(i, ref b),
        Mnemonic.Pmovzxbw => Extend<ByteToWord, ulong>.Emit(i, ref b),
        Mnemonic.Pmovzxbd => Extend<ByteToDoubleword, uint>.Emit(i, ref b),
        Mnemonic.Pmovzxbq => Extend<ByteToQuadword, ushort>.Emit(i, ref b),
        Mnemonic.Pmovzxwd => Extend<WordToDoubleword, ulong>.Emit(i, ref b),
        Mnemonic.Pmovzxwq => Extend<WordToQuadword, uint>.Emit(i, ref b),
        Mnemonic.Pmovzxdq => Extend<DoublewordToQuadword, ulong>.Emit(i, ref b),
        _ => false,
    };

    private interface IExtension
    {
        static abstract Vector128<byte> Apply(Vector128<byte> v);
    }

    private static unsafe class Extend<TOp, TSource> where TOp : struct, IExtension where TSource : unmanaged
    {
        [MethodImpl(MethodImplOptions.NoInlining)]
        public static bool Emit(in Instruction i, ref OpBuilder b) => Operands.Emit(i, ref b, &Register, &Memory);

        private static Op* Register(CpuState* s, Op* op)
        {
            *Xmm.At(s, op->A) = TOp.Apply(*Xmm.At(s, op->B));
            return op + 1;
        }

        private static Op* Memory(CpuState* s, Op* op)
        {
            if (!Interpreter.Memory.Load(s, Interpreter.Memory.Address(s, op), out TSource source)) return Interpreter.Memory.Fault(s, op);
            ulong low = sizeof(TSource) == 8 ? Unsafe.As<TSource, ulong>(ref source)
                : sizeof(TSource) == 4 ? Unsafe.As<TSource, uint>(ref source)
                : Unsafe.As<TSource, ushort>(ref source);
            *Xmm.At(s, op->A) = TOp.Apply(Vector128.CreateScalar(low).AsByte());
            return op + 1;
        }
    }

    private struct SignedByteToWord : IExtension
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> v) => Vector128.WidenLower(v.AsSByte()).AsByte();
    }

    private struct SignedByteToDoubleword : IExtension
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> v) => Vector128.WidenLower(Vector128.WidenLower(v.AsSByte())).AsByte();
    }

    private struct SignedByteToQuadword : IExtension
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> v) => Vector128.WidenLower(Vector128.WidenLower(Vector128.WidenLower(v.AsSByte()))).AsByte();
    }

    private struct SignedWordToDoubleword : IExtension
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> v) => Vector128.WidenLower(v.AsInt16()).AsByte();
    }

    private struct SignedWordToQuadword : IExtension
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> v) => Vector128.WidenLower(Vector128.WidenLower(v.AsInt16())).AsByte();
    }

    private struct SignedDoublewordToQuadword : IExtension
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> v) => Vector128.WidenLower(v.AsInt32()).AsByte();
    }

    private struct ByteToWord : IExtension
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> v) => Vector128.WidenLower(v).AsByte();
    }

    private struct ByteToDoubleword : IExtension
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> v) => Vector128.WidenLower(Vector128.WidenLower(v)).AsByte();
    }

    private struct ByteToQuadword : IExtension
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> v) => Vector128.WidenLower(Vector128.WidenLower(Vector128.WidenLower(v))).AsByte();
    }

    private struct WordToDoubleword : IExtension
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> v) => Vector128.WidenLower(v.AsUInt16()).AsByte();
    }

    private struct WordToQuadword : IExtension
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> v) => Vector128.WidenLower(Vector128.WidenLower(v.AsUInt16())).AsByte();
    }

    private struct DoublewordToQuadword : IExtension
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> v) => Vector128.WidenLower(v.AsUInt32()).AsByte();
    }
}
