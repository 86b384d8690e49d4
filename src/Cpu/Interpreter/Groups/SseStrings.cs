using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Iced.Intel;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>String comparison: PCMPISTRI, PCMPISTRM, PCMPESTRI, PCMPESTRM (Intel SDM, volume 2, 4.1).</summary>
internal static unsafe class SseStrings
{
    // The control byte.
    private const int Words = 1, Signed = 2, Aggregation = 0xc, Negate = 0x10, OnlyValid = 0x20, Last = 0x40, Spread = 0x40;
    private const int EqualAny = 0, Ranges = 4, EqualEach = 8;

    /// <summary>Explicit lengths are in RAX and RDX, not EAX and EDX.</summary>
    private const byte Wide = 1;

    public static bool Lower(in Instruction i, ref OpBuilder b)
    {
        switch (i.Mnemonic)
        {
            case Mnemonic.Pcmpistri: return Operands.Emit(i, ref b, &ImplicitIndex, &ImplicitIndexMemory);
            case Mnemonic.Pcmpistrm: return Operands.Emit(i, ref b, &ImplicitMask, &ImplicitMaskMemory);
            case Mnemonic.Pcmpestri: return Operands.Emit(i, ref b, &ExplicitIndex, &ExplicitIndexMemory);
            case Mnemonic.Pcmpestrm: return Operands.Emit(i, ref b, &ExplicitMask, &ExplicitMaskMemory);
            case Mnemonic.Pcmpestri64:
                Operands.Append(i, ref b, &ExplicitIndex, &ExplicitIndexMemory).Modifier = Wide;
                return true;
            case Mnemonic.Pcmpestrm64: Operands.Append(i, ref b, &ExplicitMask, &ExplicitMaskMemory).Modifier = Wide; return true;
            default: return false;
        }
    }

    private static Op* ImplicitIndex(CpuState* s, Op* op)
    {
        PutIndex(s, op, Implicit(s, op, Xmm.At(s, op->B)));
        return op + 1;
    }

    private static Op* ImplicitIndexMemory(CpuState* s, Op* op)
    {
        byte* source = Xmm.Source(s, op, 16);
        if (source == null) return Memory.Fault(s, op);
        PutIndex(s, op, Implicit(s, op, (Vector128<byte>*)source));
        return op + 1;
    }

    private static Op* ImplicitMask(CpuState* s, Op* op)
    {
        PutMask(s, op, Implicit(s, op, Xmm.At(s, op->B)));
        return op + 1;
    }

    private static Op* ImplicitMaskMemory(CpuState* s, Op* op)
    {
        byte* source = Xmm.Source(s, op, 16);
        if (source == null) return Memory.Fault(s, op);
        PutMask(s, op, Implicit(s, op, (Vector128<byte>*)source));
        return op + 1;
    }

    private static Op* ExplicitIndex(CpuState* s, Op* op)
    {
        PutIndex(s, op, Explicit(s, op, Xmm.At(s, op->B)));
        return op + 1;
    }

    private static Op* ExplicitIndexMemory(CpuState* s, Op* op)
    {
        byte* source = Xmm.Source(s, op, 16);
        if (source == null) return Memory.Fault(s, op);
        PutIndex(s, op, Explicit(s, op, (Vector128<byte>*)source));
        return op + 1;
    }

    private static Op* ExplicitMask(CpuState* s, Op* op)
    {
        PutMask(s, op, Explicit(s, op, Xmm.At(s, op->B)));
        return op + 1;
    }

    private static Op* ExplicitMaskMemory(CpuState* s, Op* op)
    {
        byte* source = Xmm.Source(s, op, 16);
        if (source == null) return Memory.Fault(s, op);
        PutMask(s, op, Explicit(s, op, (Vector128<byte>*)source));
        return op + 1;
    }

    private static void PutIndex(CpuState* s, Op* op, uint result)
    {
        int control = (int)op->Imm;
        int lanes = (control & Words) != 0 ? 8 : 16;
        s->R[CpuState.Rcx] = result == 0 ? (uint)lanes
            : (control & Last) != 0 ? (uint)BitOperations.Log2(result)
            : (uint)BitOperations.TrailingZeroCount(result);
    }

    private static void PutMask(CpuState* s, Op* op, uint result)
    {
        Vector128<byte>* target = Xmm.At(s, 0);
        if ((op->Imm & Spread) == 0)
        {
            *target = Vector128.CreateScalar(result).AsByte();
        }
        else if ((op->Imm & Words) != 0)
        {
            Vector128<ushort> lanes = Vector128.Create((ushort)1, 2, 4, 8, 16, 32, 64, 128);
            *target = Vector128.Equals(Vector128.Create((ushort)result) & lanes, lanes).AsByte();
        }
        else
        {
            Vector128<byte> lanes = Vector128.Create(0x80402010_08040201).AsByte();
            const ulong everywhere = 0x0101010101010101;
            Vector128<byte> bits = Vector128.Create((byte)result * everywhere, (byte)(result >> 8) * everywhere).AsByte();
            *target = Vector128.Equals(bits & lanes, lanes);
        }
    }

    // Strings that end with a zero, if they end.
    private static uint Implicit(CpuState* s, Op* op, Vector128<byte>* b)
    {
        Vector128<byte>* a = Xmm.At(s, op->A);
        return ((int)op->Imm & Words) == 0
            ? Compare(s, op, a, b, Length(*a, 16), Length(*b, 16))
            : Compare(s, op, a, b, Length(a->AsUInt16(), 8), Length(b->AsUInt16(), 8));
    }

    // Strings whose lengths are given in registers.
    private static uint Explicit(CpuState* s, Op* op, Vector128<byte>* b)
    {
        int lanes = ((int)op->Imm & Words) != 0 ? 8 : 16;
        ulong a = s->R[CpuState.Rax], d = s->R[CpuState.Rdx];
        if (op->Modifier != Wide) (a, d) = ((ulong)(int)a, (ulong)(int)d);
        return Compare(s, op, Xmm.At(s, op->A), b, Length((long)a, lanes), Length((long)d, lanes));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Length<T>(Vector128<T> v, int lanes) =>
        BitOperations.TrailingZeroCount(Vector128.Equals(v, Vector128<T>.Zero).ExtractMostSignificantBits() | (1u << lanes));

    private static int Length(long given, int lanes) => given > -lanes && given < lanes ? (int)Math.Abs(given) : lanes;

    private static uint Compare(CpuState* s, Op* op, Vector128<byte>* a, Vector128<byte>* b, int lengthA, int lengthB)
    {
        int control = (int)op->Imm;
        int lanes = (control & Words) != 0 ? 8 : 16;
        uint all = (1u << lanes) - 1, validB = (1u << lengthB) - 1;
        uint result = (control & Words) != 0
            ? Aggregate(control, a, b->AsUInt16(), lengthA, lengthB, all)
            : Aggregate(control, a, *b, lengthA, lengthB, all);
        if ((control & Negate) != 0) result ^= (control & OnlyValid) != 0 ? validB : all;
        uint flags = (result & 1) * SseFlags.Overflow;
        if (result != 0) flags |= SseFlags.Carry;
        if (lengthB < lanes) flags |= SseFlags.Zero;
        if (lengthA < lanes) flags |= SseFlags.Sign;
        SseFlags.Set(s, flags);
        return result;
    }

    // The bit of each lane of b, before polarity.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Aggregate<T>(int control, void* a, Vector128<T> b, int lengthA, int lengthB, uint all)
    {
        uint validA = (1u << lengthA) - 1, validB = (1u << lengthB) - 1;
        switch (control & Aggregation)
        {
            case EqualAny:
                Vector128<T> any = default;
                for (int i = 0; i < lengthA; i++) any |= Vector128.Equals(b, Vector128.Create(At<T>(a, i)));
                return any.ExtractMostSignificantBits() & validB;
            case Ranges:
                return validB & ((control & Signed) == 0 ? InRanges(a, b, lengthA)
                    : Unsafe.SizeOf<T>() == 1 ? InRanges(a, b.AsSByte(), lengthA)
                    : InRanges(a, b.AsInt16(), lengthA));
            case EqualEach:
                uint equal = Vector128.Equals(b, Unsafe.ReadUnaligned<Vector128<T>>(a)).ExtractMostSignificantBits();
                return (equal & validA & validB) | (all & ~(validA | validB));
            default:
                uint found = all;
                for (int i = 0; i < lengthA; i++)
                {
                    uint here = Vector128.Equals(b, Vector128.Create(At<T>(a, i))).ExtractMostSignificantBits() & validB;
                    found &= (here >> i) | ~(all >> i); // what lies behind the end of b is not compared
                }
                return found;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint InRanges<T>(void* a, Vector128<T> b, int length)
    {
        Vector128<T> any = default;
        for (int i = 0; i + 1 < length; i += 2)
        {
            any |= Vector128.GreaterThanOrEqual(b, Vector128.Create(At<T>(a, i)))
                & Vector128.LessThanOrEqual(b, Vector128.Create(At<T>(a, i + 1)));
        }
        return any.ExtractMostSignificantBits();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T At<T>(void* lanes, int number) => Unsafe.ReadUnaligned<T>((byte*)lanes + (number * Unsafe.SizeOf<T>()));
}
