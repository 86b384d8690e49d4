using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Iced.Intel;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>Bitwise operations: PAND, PANDN, POR, PXOR, their floating-point namesakes, and PTEST.</summary>
internal static unsafe class SseLogic
{
    public static bool Lower(in Instruction i, ref OpBuilder b)
    {
        bool same = i.Op1Kind == OpKind.Register && i.Op0Register == i.Op1Register && !Operands.IsMmx(i);
        switch (i.Mnemonic)
        {
            // The idiom for zero: nothing to read.
            case Mnemonic.Pxor or Mnemonic.Xorps or Mnemonic.Xorpd when same: return Operands.Emit(i, ref b, &Zero, null);
            case Mnemonic.Pxor: return Lanewise<Xor>.Emit(i, ref b);
            case Mnemonic.Xorps:
            case Mnemonic.Xorpd: return Binary<Xor>.Emit(i, ref b);
            case Mnemonic.Pand: return Lanewise<And>.Emit(i, ref b);
            case Mnemonic.Pandn: return Lanewise<AndNot>.Emit(i, ref b);
            case Mnemonic.Por: return Lanewise<Or>.Emit(i, ref b);
            case Mnemonic.Andps:
            case Mnemonic.Andpd: return Binary<And>.Emit(i, ref b);
            case Mnemonic.Andnps:
            case Mnemonic.Andnpd: return Binary<AndNot>.Emit(i, ref b);
            case Mnemonic.Orps:
            case Mnemonic.Orpd: return Binary<Or>.Emit(i, ref b);
            case Mnemonic.Ptest: return Operands.Emit(i, ref b, &Test, &TestMemory);
            default: return false;
        }
    }

    private static Op* Zero(CpuState* s, Op* op)
    {
        *Xmm.At(s, op->A) = Vector128<byte>.Zero;
        return Transfer.Next(s, op);
    }

    private static Op* Test(CpuState* s, Op* op)
    {
        SetTestFlags(s, *Xmm.At(s, op->A), *Xmm.At(s, op->B));
        return Transfer.Next(s, op);
    }

    private static Op* TestMemory(CpuState* s, Op* op)
    {
        Vector128<byte>* source = Xmm.Aligned(s, op);
        if (source == null) return Memory.Fault(s, op);
        SetTestFlags(s, *Xmm.At(s, op->A), *source);
        return Transfer.Next(s, op);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SetTestFlags(CpuState* s, Vector128<byte> a, Vector128<byte> b)
    {
        uint flags = 0;
        if ((a & b) == Vector128<byte>.Zero) flags |= SseFlags.Zero;
        if (Vector128.AndNot(b, a) == Vector128<byte>.Zero) flags |= SseFlags.Carry;
        SseFlags.Set(s, flags);
    }

    private struct And : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => a & b;
    }

    private struct AndNot : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => Vector128.AndNot(b, a);
    }

    private struct Or : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => a | b;
    }

    private struct Xor : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => a ^ b;
    }
}
