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
            case Code.Cvttsd2si_r32_xmmm64: return ToInteger<double, int, Truncating>.Emit(i, ref b);
            case Code.Cvttsd2si_r64_xmmm64: return ToInteger<double, long, Truncating>.Emit(i, ref b);
            case Code.Cvttss2si_r32_xmmm32: return ToInteger<float, int, Truncating>.Emit(i, ref b);
            case Code.Cvttss2si_r64_xmmm32: return ToInteger<float, long, Truncating>.Emit(i, ref b);
            case Code.Cvtsd2si_r32_xmmm64: return ToInteger<double, int, Rounding>.Emit(i, ref b);
            case Code.Cvtsd2si_r64_xmmm64: return ToInteger<double, long, Rounding>.Emit(i, ref b);
            case Code.Cvtss2si_r32_xmmm32: return ToInteger<float, int, Rounding>.Emit(i, ref b);
            case Code.Cvtss2si_r64_xmmm32: return ToInteger<float, long, Rounding>.Emit(i, ref b);
            case Code.Cvtss2sd_xmm_xmmm32: return Operands.Emit(i, ref b, &Widen, &WidenMemory);
            case Code.Cvtsd2ss_xmm_xmmm64: return Operands.Emit(i, ref b, &Narrow, &NarrowMemory);
            default: return false;
        }
    }

    private static Op* Int32ToDouble(CpuState* s, Op* op) => PutDouble(s, op, (int)s->R[op->B]);

    private static Op* Int32ToDoubleMemory(CpuState* s, Op* op) =>
        Memory.Load(s, Memory.Address(s, op), out int value) ? PutDouble(s, op, value) : Memory.Fault(s, op);

    private static Op* Int64ToDouble(CpuState* s, Op* op) => ToDouble(s, op, (long)s->R[op->B]);

    private static Op* Int64ToDoubleMemory(CpuState* s, Op* op) =>
        Memory.Load(s, Memory.Address(s, op), out long value) ? ToDouble(s, op, value) : Memory.Fault(s, op);

    private static Op* Int32ToSingle(CpuState* s, Op* op) => ToSingle(s, op, (int)s->R[op->B]);

    private static Op* Int32ToSingleMemory(CpuState* s, Op* op) =>
        Memory.Load(s, Memory.Address(s, op), out int value) ? ToSingle(s, op, value) : Memory.Fault(s, op);

    private static Op* Int64ToSingle(CpuState* s, Op* op) => ToSingle(s, op, (long)s->R[op->B]);

    private static Op* Int64ToSingleMemory(CpuState* s, Op* op) =>
        Memory.Load(s, Memory.Address(s, op), out long value) ? ToSingle(s, op, value) : Memory.Fault(s, op);

    private static Op* Widen(CpuState* s, Op* op) => Widen(s, op, Xmm.At<float>(s, op->B)->ToScalar());

    private static Op* WidenMemory(CpuState* s, Op* op) =>
        Memory.Load(s, Memory.Address(s, op), out float value) ? Widen(s, op, value) : Memory.Fault(s, op);

    private static Op* Narrow(CpuState* s, Op* op) => Narrow(s, op, Xmm.At<double>(s, op->B)->ToScalar());

    private static Op* NarrowMemory(CpuState* s, Op* op) =>
        Memory.Load(s, Memory.Address(s, op), out double value) ? Narrow(s, op, value) : Memory.Fault(s, op);

    private static Op* ToDouble(CpuState* s, Op* op, long value)
    {
        if (value is >= -(1L << 53) and <= 1L << 53 || NativeFloat.FlagsAreSettled(s)) return PutDouble(s, op, value);
        var status = new FloatStatus(s->Mxcsr);
        double r = FloatConversion.ToDouble(value, ref status);
        return FloatSlow.Raises(s, status) ? Memory.Raise(s, op, StopReason.FloatingPoint) : PutDouble(s, op, r);
    }

    private static Op* ToSingle(CpuState* s, Op* op, long value)
    {
        if (value is >= -(1L << 24) and <= 1L << 24 || NativeFloat.FlagsAreSettled(s)) return PutSingle(s, op, value);
        var status = new FloatStatus(s->Mxcsr);
        float r = FloatConversion.ToSingle(value, ref status);
        return FloatSlow.Raises(s, status) ? Memory.Raise(s, op, StopReason.FloatingPoint) : PutSingle(s, op, r);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Op* Widen(CpuState* s, Op* op, float value)
    {
        if (NativeFloat.IsComparable(value)) return PutDouble(s, op, value);
        var status = new FloatStatus(s->Mxcsr);
        double r = FloatConversion.ToDouble(value, ref status);
        return FloatSlow.Raises(s, status) ? Memory.Raise(s, op, StopReason.FloatingPoint) : PutDouble(s, op, r);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Op* Narrow(CpuState* s, Op* op, double value)
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
        return op + 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Op* PutSingle(CpuState* s, Op* op, float value)
    {
        Vector128<float>* a = Xmm.At<float>(s, op->A);
        *a = a->WithElement(0, value);
        return op + 1;
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

    private static class ToInteger<TFloat, TInteger, TMode>
        where TFloat : unmanaged
        where TInteger : unmanaged
        where TMode : struct, IMode
    {
        [MethodImpl(MethodImplOptions.NoInlining)]
        public static bool Emit(in Instruction i, ref OpBuilder b) => Operands.Emit(i, ref b, &Register, &FromMemory);

        private static Op* Register(CpuState* s, Op* op) => Run(s, op, *(TFloat*)Xmm.At(s, op->B));

        private static Op* FromMemory(CpuState* s, Op* op) =>
            Memory.Load(s, Memory.Address(s, op), out TFloat x) ? Run(s, op, x) : Memory.Fault(s, op);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Op* Run(CpuState* s, Op* op, TFloat value)
        {
            double x = sizeof(TFloat) == 8 ? Unsafe.As<TFloat, double>(ref value) : Unsafe.As<TFloat, float>(ref value);
            double end = sizeof(TInteger) == 8 ? 9223372036854775808.0 : 2147483648.0;
            double whole = TMode.Truncates ? Math.Truncate(x) : Math.Round(x);
            if (!(whole >= -end && whole < end) || !(whole == x || NativeFloat.FlagsAreSettled(s))) return Slow(s, op, value);
            s->R[op->A] = sizeof(TInteger) == 8 ? (ulong)(long)whole : (uint)(int)whole;
            return op + 1;
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private static Op* Slow(CpuState* s, Op* op, TFloat value)
        {
            var status = new FloatStatus(s->Mxcsr);
            ulong r;
            if (sizeof(TFloat) == 8)
            {
                double x = Unsafe.As<TFloat, double>(ref value);
                r = sizeof(TInteger) == 8
                    ? (ulong)FloatConversion.ToInt64(x, TMode.Truncates, ref status)
                    : (uint)FloatConversion.ToInt32(x, TMode.Truncates, ref status);
            }
            else
            {
                float x = Unsafe.As<TFloat, float>(ref value);
                r = sizeof(TInteger) == 8
                    ? (ulong)FloatConversion.ToInt64(x, TMode.Truncates, ref status)
                    : (uint)FloatConversion.ToInt32(x, TMode.Truncates, ref status);
            }
            if (FloatSlow.Raises(s, status)) return Memory.Raise(s, op, StopReason.FloatingPoint);
            s->R[op->A] = r;
            return op + 1;
        }
    }
}
