using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Iced.Intel;
using Kennel.Cpu.Floating;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>Floating-point comparison to masks (CMPxx) and to flags (COMISx, UCOMISx).</summary>
internal static unsafe class SseFloatCompare
{
    private const byte Signalling = 1;

    public static bool Lower(in Instruction i, ref OpBuilder b)
    {
        switch (i.Mnemonic)
        {
            case Mnemonic.Ucomisd: return Operands.Emit(i, ref b, &ToFlagsDouble, &ToFlagsDoubleMemory);
            case Mnemonic.Ucomiss: return Operands.Emit(i, ref b, &ToFlagsSingle, &ToFlagsSingleMemory);
            case Mnemonic.Comisd:
                Operands.Append(i, ref b, &ToFlagsDouble, &ToFlagsDoubleMemory).Modifier = Signalling;
                return true;
            case Mnemonic.Comiss:
                Operands.Append(i, ref b, &ToFlagsSingle, &ToFlagsSingleMemory).Modifier = Signalling;
                return true;
            case Mnemonic.Cmpsd when i.OpCount == 3 && i.Op0Kind == OpKind.Register:
            case Mnemonic.Cmpss or Mnemonic.Cmppd or Mnemonic.Cmpps: break;
            default: return false;
        }
        return (i.Immediate8 & 3) switch
        {
            0 => FloatCompare<Equal>.Emit(i, ref b),
            1 => FloatCompare<LessThan>.Emit(i, ref b),
            2 => FloatCompare<LessOrEqual>.Emit(i, ref b),
            _ => FloatCompare<IsUnordered>.Emit(i, ref b),
        };
    }

    private static Op* ToFlagsDouble(CpuState* s, Op* op) => ToFlags(s, op, Xmm.At<double>(s, op->B)->ToScalar());

    private static Op* ToFlagsDoubleMemory(CpuState* s, Op* op)
    {
        byte* y = Xmm.Source(s, op, 8);
        return y != null ? ToFlags(s, op, *(double*)y) : Memory.Fault(s, op);
    }

    private static Op* ToFlagsSingle(CpuState* s, Op* op) => ToFlags(s, op, Xmm.At<float>(s, op->B)->ToScalar());

    private static Op* ToFlagsSingleMemory(CpuState* s, Op* op)
    {
        byte* y = Xmm.Source(s, op, 4);
        return y != null ? ToFlags(s, op, *(float*)y) : Memory.Fault(s, op);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Op* ToFlags(CpuState* s, Op* op, double y)
    {
        double x = Xmm.At<double>(s, op->A)->ToScalar();
        if (!NativeFloat.IsComparable(x) || !NativeFloat.IsComparable(y))
        {
            return ToFlagsSlow<Binary64>(s, op, BitConverter.DoubleToUInt64Bits(x), BitConverter.DoubleToUInt64Bits(y));
        }
        SseFlags.Set(s, (x < y ? SseFlags.Carry : 0) | (x == y ? SseFlags.Zero : 0));
        return Transfer.Next(s, op);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Op* ToFlags(CpuState* s, Op* op, float y)
    {
        float x = Xmm.At<float>(s, op->A)->ToScalar();
        if (!NativeFloat.IsComparable(x) || !NativeFloat.IsComparable(y))
        {
            return ToFlagsSlow<Binary32>(s, op, BitConverter.SingleToUInt32Bits(x), BitConverter.SingleToUInt32Bits(y));
        }
        SseFlags.Set(s, (x < y ? SseFlags.Carry : 0) | (x == y ? SseFlags.Zero : 0));
        return Transfer.Next(s, op);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Op* ToFlagsSlow<TFormat>(CpuState* s, Op* op, ulong x, ulong y) where TFormat : struct, IFloatFormat
    {
        var status = new FloatStatus(s->Mxcsr);
        FloatRelation relation = SoftFloat<TFormat>.Compare(x, y, op->Modifier == Signalling, ref status);
        if (FloatSlow.Raises(s, status)) return Memory.Raise(s, op, StopReason.FloatingPoint);
        SseFlags.Set(s, relation switch
        {
            FloatRelation.Less => SseFlags.Carry,
            FloatRelation.Equal => SseFlags.Zero,
            FloatRelation.Greater => 0,
            _ => SseFlags.Zero | SseFlags.Parity | SseFlags.Carry,
        });
        return op + 1;
    }

    private struct Equal : IPredicate
    {
        public static bool Signalling => false;

        public static bool Holds(FloatRelation relation) => relation == FloatRelation.Equal;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<double> Apply(Vector128<double> x, Vector128<double> y) => Vector128.Equals(x, y);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<float> Apply(Vector128<float> x, Vector128<float> y) => Vector128.Equals(x, y);
    }

    private struct LessThan : IPredicate
    {
        public static bool Signalling => true;

        public static bool Holds(FloatRelation relation) => relation == FloatRelation.Less;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<double> Apply(Vector128<double> x, Vector128<double> y) => Vector128.LessThan(x, y);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<float> Apply(Vector128<float> x, Vector128<float> y) => Vector128.LessThan(x, y);
    }

    private struct LessOrEqual : IPredicate
    {
        public static bool Signalling => true;

        public static bool Holds(FloatRelation relation) => relation is FloatRelation.Less or FloatRelation.Equal;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<double> Apply(Vector128<double> x, Vector128<double> y) => Vector128.LessThanOrEqual(x, y);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<float> Apply(Vector128<float> x, Vector128<float> y) => Vector128.LessThanOrEqual(x, y);
    }

    private struct IsUnordered : IPredicate
    {
        public static bool Signalling => false;

        public static bool Holds(FloatRelation relation) => relation == FloatRelation.Unordered;

        // Asked only where there is no NaN.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<double> Apply(Vector128<double> x, Vector128<double> y) => Vector128<double>.Zero;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<float> Apply(Vector128<float> x, Vector128<float> y) => Vector128<float>.Zero;
    }
}
