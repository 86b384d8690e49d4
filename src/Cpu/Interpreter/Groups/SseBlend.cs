using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Iced.Intel;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>
/// Selection between two vectors, by an immediate (BLENDPS, BLENDPD, PBLENDW) or by the signs in XMM0 (BLENDV*).
/// </summary>
internal static unsafe class SseBlend
{
    public static bool Lower(in Instruction i, ref OpBuilder b)
    {
        switch (i.Mnemonic)
        {
            case Mnemonic.Pblendw: return EmitByWords(i, ref b, i.Immediate8);
            case Mnemonic.Blendps: return EmitByWords(i, ref b, Repeat(i.Immediate8, 4, 2));
            case Mnemonic.Blendpd: return EmitByWords(i, ref b, Repeat(i.Immediate8, 2, 4));
            case Mnemonic.Pblendvb: return BySign<SignOfBytes>.Emit(i, ref b);
            case Mnemonic.Blendvps: return BySign<SignOfDoublewords>.Emit(i, ref b);
            case Mnemonic.Blendvpd: return BySign<SignOfQuadwords>.Emit(i, ref b);
            default: return false;
        }
    }

    // A control for lanes, as one for words: bit by bit, `times` copies of each.
    private static uint Repeat(uint control, int lanes, int times)
    {
        uint words = 0;
        for (int bit = 0; bit < lanes * times; bit++) words |= ((control >> (bit / times)) & 1) << bit;
        return words;
    }

    private static bool EmitByWords(in Instruction i, ref OpBuilder b, uint words)
    {
        bool inMemory = i.Op1Kind == OpKind.Memory;
        ref Op op = ref inMemory ? ref b.AddMemory(i, &ByWordsMemory) : ref b.Add(i, &ByWords);
        op.A = Operands.Slot(i.Op0Register);
        if (!inMemory) op.B = Operands.Slot(i.Op1Register);
        op.Imm = words;
        return true;
    }

    private static Op* ByWords(CpuState* s, Op* op)
    {
        ByWords(s, op, *Xmm.At(s, op->B));
        return Transfer.Next(s, op);
    }

    private static Op* ByWordsMemory(CpuState* s, Op* op)
    {
        Vector128<byte>* source = Xmm.Aligned(s, op);
        if (source == null) return Memory.Fault(s, op);
        ByWords(s, op, *source);
        return Transfer.Next(s, op);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ByWords(CpuState* s, Op* op, Vector128<byte> source)
    {
        Vector128<byte>* a = Xmm.At(s, op->A);
        Vector128<ushort> lanes = Vector128.Create((ushort)1, 2, 4, 8, 16, 32, 64, 128);
        Vector128<ushort> chosen = Vector128.Equals(Vector128.Create((ushort)op->Imm) & lanes, lanes);
        *a = Vector128.ConditionalSelect(chosen.AsByte(), source, *a);
    }

    private interface ISign
    {
        static abstract Vector128<byte> Spread(Vector128<byte> v);
    }

    private static class BySign<TSign> where TSign : struct, ISign
    {
        [MethodImpl(MethodImplOptions.NoInlining)]
        public static bool Emit(in Instruction i, ref OpBuilder b) => Operands.Emit(i, ref b, &Register, &Memory);

        private static Op* Register(CpuState* s, Op* op)
        {
            Vector128<byte>* a = Xmm.At(s, op->A);
            *a = Vector128.ConditionalSelect(TSign.Spread(*Xmm.At(s, 0)), *Xmm.At(s, op->B), *a);
            return Transfer.Next(s, op);
        }

        private static Op* Memory(CpuState* s, Op* op)
        {
            Vector128<byte>* source = Xmm.Aligned(s, op);
            if (source == null) return Interpreter.Memory.Fault(s, op);
            Vector128<byte>* a = Xmm.At(s, op->A);
            *a = Vector128.ConditionalSelect(TSign.Spread(*Xmm.At(s, 0)), *source, *a);
            return Transfer.Next(s, op);
        }
    }

    private struct SignOfBytes : ISign
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Spread(Vector128<byte> v) => (v.AsSByte() >> 7).AsByte();
    }

    private struct SignOfDoublewords : ISign
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Spread(Vector128<byte> v) => (v.AsInt32() >> 31).AsByte();
    }

    private struct SignOfQuadwords : ISign
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Spread(Vector128<byte> v) => (v.AsInt64() >> 63).AsByte();
    }
}
