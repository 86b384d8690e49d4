using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Iced.Intel;
using Kennel.Cpu.Floating;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>Conversions of one number: CVTSI2Sx, CVT(T)Sx2SI, CVTSS2SD, CVTSD2SS.</summary>
internal static unsafe class SseConvertScalar
{
    public static bool Lower(in Instruction i, ref OpBuilder b)
    {
        switch (i.Code)
        {
            case Code.Cvtsi2sd_xmm_rm32: return Operands.Emit(i, ref b, &Int32ToDouble, &Int32ToDoubleMemory);
            case Code.Cvtsi2sd_xmm_rm64: return Operands.Emit(i, ref b, &Int64ToDouble, &Int64ToDoubleMemory);
            case Code.Cvtsi2ss_xmm_rm32: return Operands.Emit(i, ref b, &Int32ToSingle, &Int32ToSingleMemory);
            case Code.Cvtsi2ss_xmm_rm64: return Operands.Emit(i, ref b, &Int64ToSingle, &Int64ToSingleMemory);
            case Code.Cvttsd2si_r32_xmmm64: return ToInteger<Binary64, W32, Truncating>.Emit(i, ref b);
            case Code.Cvttsd2si_r64_xmmm64: return ToInteger<Binary64, W64, Truncating>.Emit(i, ref b);
            case Code.Cvttss2si_r32_xmmm32: return ToInteger<Binary32, W32, Truncating>.Emit(i, ref b);
            case Code.Cvttss2si_r64_xmmm32: return ToInteger<Binary32, W64, Truncating>.Emit(i, ref b);
            case Code.Cvtsd2si_r32_xmmm64: return ToInteger<Binary64, W32, Rounding>.Emit(i, ref b);
            case Code.Cvtsd2si_r64_xmmm64: return ToInteger<Binary64, W64, Rounding>.Emit(i, ref b);
            case Code.Cvtss2si_r32_xmmm32: return ToInteger<Binary32, W32, Rounding>.Emit(i, ref b);
            case Code.Cvtss2si_r64_xmmm32: return ToInteger<Binary32, W64, Rounding>.Emit(i, ref b);
            case Code.Cvtss2sd_xmm_xmmm32: return Operands.Emit(i, ref b, &Widen, &WidenMemory);
            case Code.Cvtsd2ss_xmm_xmmm64: return Operands.Emit(i, ref b, &Narrow, &NarrowMemory);
            default: return false;
        }
    }

    private static Op* Int32ToDouble(CpuState* s, Op* op) => PutDouble(s, op, (int)s->R[op->B]);

    private static Op* Int32ToDoubleMemory(CpuState* s, Op* op)
    {
        byte* source = Xmm.Source(s, op, 4);
        return source != null ? PutDouble(s, op, *(int*)source) : Memory.Fault(s, op);
    }

    private static Op* Int64ToDouble(CpuState* s, Op* op) => ToDouble(s, op, (long)s->R[op->B]);

    private static Op* Int64ToDoubleMemory(CpuState* s, Op* op)
    {
        byte* source = Xmm.Source(s, op, 8);
        return source != null ? ToDouble(s, op, *(long*)source) : Memory.Fault(s, op);
    }

    private static Op* Int32ToSingle(CpuState* s, Op* op) => ToSingle(s, op, (int)s->R[op->B]);

    private static Op* Int32ToSingleMemory(CpuState* s, Op* op)
    {
        byte* source = Xmm.Source(s, op, 4);
        return source != null ? ToSingle(s, op, *(int*)source) : Memory.Fault(s, op);
    }

    private static Op* Int64ToSingle(CpuState* s, Op* op) => ToSingle(s, op, (long)s->R[op->B]);

    private static Op* Int64ToSingleMemory(CpuState* s, Op* op)
    {
        byte* source = Xmm.Source(s, op, 8);
        return source != null ? ToSingle(s, op, *(long*)source) : Memory.Fault(s, op);
    }

    private static Op* Widen(CpuState* s, Op* op) => Widen(s, op, Xmm.At<float>(s, op->B)->ToScalar());

    private static Op* WidenMemory(CpuState* s, Op* op)
    {
        byte* source = Xmm.Source(s, op, 4);
        return source != null ? Widen(s, op, *(float*)source) : Memory.Fault(s, op);
    }

    private static Op* Narrow(CpuState* s, Op* op) => Narrow(s, op, Xmm.At<double>(s, op->B)->ToScalar());

    private static Op* NarrowMemory(CpuState* s, Op* op)
    {
        byte* source = Xmm.Source(s, op, 8);
        return source != null ? Narrow(s, op, *(double*)source) : Memory.Fault(s, op);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Op* ToDouble(CpuState* s, Op* op, long value) =>
        value is >= -(1L << 53) and <= 1L << 53 || NativeFloat.FlagsAreSettled(s)
            ? PutDouble(s, op, value)
            : ToDoubleSlow(s, op, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Op* ToSingle(CpuState* s, Op* op, long value) =>
        value is >= -(1L << 24) and <= 1L << 24 || NativeFloat.FlagsAreSettled(s)
            ? PutSingle(s, op, value)
            : ToSingleSlow(s, op, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Op* Widen(CpuState* s, Op* op, float value) =>
        NativeFloat.IsComparable(value) ? PutDouble(s, op, value) : WidenSlow(s, op, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Op* Narrow(CpuState* s, Op* op, double value)
    {
        var r = (float)value;
        return NativeFloat.FlagsAreSettled(s) && NativeFloat.Holds(1, value, 1) && NativeFloat.Holds(1, 1, r)
            ? PutSingle(s, op, r)
            : NarrowSlow(s, op, value);
    }

    private static Op* ToDoubleSlow(CpuState* s, Op* op, long value)
    {
        var status = new FloatStatus(s->Mxcsr);
        double r = FloatConversion.ToDouble(value, ref status);
        return FloatSlow.Raises(s, status) ? Memory.Raise(s, op, StopReason.FloatingPoint) : PutDouble(s, op, r);
    }

    private static Op* ToSingleSlow(CpuState* s, Op* op, long value)
    {
        var status = new FloatStatus(s->Mxcsr);
        float r = FloatConversion.ToSingle(value, ref status);
        return FloatSlow.Raises(s, status) ? Memory.Raise(s, op, StopReason.FloatingPoint) : PutSingle(s, op, r);
    }

    private static Op* WidenSlow(CpuState* s, Op* op, float value)
    {
        var status = new FloatStatus(s->Mxcsr);
        double r = FloatConversion.ToDouble(value, ref status);
        return FloatSlow.Raises(s, status) ? Memory.Raise(s, op, StopReason.FloatingPoint) : PutDouble(s, op, r);
    }

    private static Op* NarrowSlow(CpuState* s, Op* op, double value)
    {
        var status = new FloatStatus(s->Mxcsr);
        float r = FloatConversion.ToSingle(value, ref status);
        return FloatSlow.Raises(s, status) ? Memory.Raise(s, op, StopReason.FloatingPoint) : PutSingle(s, op, r);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Op* PutDouble(CpuState* s, Op* op, double value)
    {
        Vector128<double>* a = Xmm.At<double>(s, op->A);
        *a = a->WithElement(0, value);
        return Transfer.Next(s, op);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Op* PutSingle(CpuState* s, Op* op, float value)
    {
        Vector128<float>* a = Xmm.At<float>(s, op->A);
        *a = a->WithElement(0, value);
        return Transfer.Next(s, op);
    }

    private interface IMode
    {
        static abstract bool Truncates { get; }
    }

    private struct Truncating : IMode
    {
        public static bool Truncates => true;
    }

    private struct Rounding : IMode
    {
        public static bool Truncates => false;
    }

    private static class ToInteger<TFormat, TWidth, TMode>
        where TFormat : struct, IFloatFormat
        where TWidth : struct, IWidth
        where TMode : struct, IMode
    {
        private static bool IsDouble => TFormat.Precision == 53;

        [MethodImpl(MethodImplOptions.NoInlining)]
        public static bool Emit(in Instruction i, ref OpBuilder b) => Operands.Emit(i, ref b, &Register, &FromMemory);

        private static Op* Register(CpuState* s, Op* op) => Run(s, op, (byte*)Xmm.At(s, op->B));

        private static Op* FromMemory(CpuState* s, Op* op)
        {
            byte* source = Xmm.Source(s, op, IsDouble ? 8 : 4);
            return source != null ? Run(s, op, source) : Memory.Fault(s, op);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Op* Run(CpuState* s, Op* op, byte* source)
        {
            double x = IsDouble ? *(double*)source : *(float*)source;
            double end = TWidth.Bytes == 8 ? 9223372036854775808.0 : 2147483648.0;
            double whole = TMode.Truncates ? Math.Truncate(x) : Math.Round(x);
            if (!(whole >= -end && whole < end) || !(whole == x || NativeFloat.FlagsAreSettled(s))) return Slow(s, op, source);
            s->R[op->A] = TWidth.Bytes == 8 ? (ulong)(long)whole : (uint)(int)whole;
            return Transfer.Next(s, op);
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private static Op* Slow(CpuState* s, Op* op, byte* source)
        {
            var status = new FloatStatus(s->Mxcsr);
            ulong r;
            if (IsDouble)
            {
                r = TWidth.Bytes == 8
                    ? (ulong)FloatConversion.ToInt64(*(double*)source, TMode.Truncates, ref status)
                    : (uint)FloatConversion.ToInt32(*(double*)source, TMode.Truncates, ref status);
            }
            else
            {
                r = TWidth.Bytes == 8
                    ? (ulong)FloatConversion.ToInt64(*(float*)source, TMode.Truncates, ref status)
                    : (uint)FloatConversion.ToInt32(*(float*)source, TMode.Truncates, ref status);
            }
            if (FloatSlow.Raises(s, status)) return Memory.Raise(s, op, StopReason.FloatingPoint);
            s->R[op->A] = r;
            return op + 1;
        }
    }
}
