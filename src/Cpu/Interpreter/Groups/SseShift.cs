using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Iced.Intel;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>Shifts of lanes: PSLL*, PSRL*, PSRA*, by a register, memory or an immediate.</summary>
internal static class SseShift
{
    public static bool Lower(in Instruction i, ref OpBuilder b) => i.Mnemonic switch
    {
        Mnemonic.Psllw => Shift<LeftWords>.Emit(i, ref b),
        Mnemonic.Pslld => Shift<LeftDoublewords>.Emit(i, ref b),
        Mnemonic.Psllq => Shift<LeftQuadwords>.Emit(i, ref b),
        Mnemonic.Psrlw => Shift<RightWords>.Emit(i, ref b),
        Mnemonic.Psrld => Shift<RightDoublewords>.Emit(i, ref b),
        Mnemonic.Psrlq => Shift<RightQuadwords>.Emit(i, ref b),
        Mnemonic.Psraw => Shift<ArithmeticRightWords>.Emit(i, ref b),
        Mnemonic.Psrad => Shift<ArithmeticRightDoublewords>.Emit(i, ref b),
        _ => false,
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Count(Vector128<byte> v) => v.AsUInt64().ToScalar();

    private static unsafe class Shift<TOp> where TOp : struct, IVectorOp
    {
        [MethodImpl(MethodImplOptions.NoInlining)]
        public static bool Emit(in Instruction i, ref OpBuilder b)
        {
            if (i.Op1Kind != OpKind.Immediate8) return Lanewise<TOp>.Emit(i, ref b);
            return Operands.IsMmx(i) ? Operands.Emit(i, ref b, &ImmediateMmx, null) : Operands.Emit(i, ref b, &Immediate, null);
        }

        private static Op* Immediate(CpuState* s, Op* op)
        {
            Vector128<byte>* a = Xmm.At(s, op->A);
            *a = TOp.Apply(*a, Vector128.CreateScalar(op->Imm).AsByte());
            return Transfer.Next(s, op);
        }

        private static Op* ImmediateMmx(CpuState* s, Op* op)
        {
            if (Mmx.HasPendingException(s)) return Mmx.RaisePending(s, op);
            Mmx.Set(s, op->A, TOp.Apply(Mmx.Get(s, op->A), Vector128.CreateScalar(op->Imm).AsByte()));
            return Transfer.Next(s, op);
        }
    }

    private struct LeftWords : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
            Sse2.IsSupported
                ? Sse2.ShiftLeftLogical(a.AsUInt16(), b.AsUInt16()).AsByte()
                : (Count(b) < 16 ? a.AsUInt16() << (int)Count(b) : default).AsByte();
    }

    private struct LeftDoublewords : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
            Sse2.IsSupported
                ? Sse2.ShiftLeftLogical(a.AsUInt32(), b.AsUInt32()).AsByte()
                : (Count(b) < 32 ? a.AsUInt32() << (int)Count(b) : default).AsByte();
    }

    private struct LeftQuadwords : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
            Sse2.IsSupported
                ? Sse2.ShiftLeftLogical(a.AsUInt64(), b.AsUInt64()).AsByte()
                : (Count(b) < 64 ? a.AsUInt64() << (int)Count(b) : default).AsByte();
    }

    private struct RightWords : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
            Sse2.IsSupported
                ? Sse2.ShiftRightLogical(a.AsUInt16(), b.AsUInt16()).AsByte()
                : (Count(b) < 16 ? a.AsUInt16() >>> (int)Count(b) : default).AsByte();
    }

    private struct RightDoublewords : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
            Sse2.IsSupported
                ? Sse2.ShiftRightLogical(a.AsUInt32(), b.AsUInt32()).AsByte()
                : (Count(b) < 32 ? a.AsUInt32() >>> (int)Count(b) : default).AsByte();
    }

    private struct RightQuadwords : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
            Sse2.IsSupported
                ? Sse2.ShiftRightLogical(a.AsUInt64(), b.AsUInt64()).AsByte()
                : (Count(b) < 64 ? a.AsUInt64() >>> (int)Count(b) : default).AsByte();
    }

    private struct ArithmeticRightWords : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
            Sse2.IsSupported
                ? Sse2.ShiftRightArithmetic(a.AsInt16(), b.AsInt16()).AsByte()
                : (a.AsInt16() >> (int)Math.Min(Count(b), 15)).AsByte();
    }

    private struct ArithmeticRightDoublewords : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
            Sse2.IsSupported
                ? Sse2.ShiftRightArithmetic(a.AsInt32(), b.AsInt32()).AsByte()
                : (a.AsInt32() >> (int)Math.Min(Count(b), 31)).AsByte();
    }
}
