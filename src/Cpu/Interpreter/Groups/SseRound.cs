using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Iced.Intel;
using Kennel.Cpu.Floating;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>Rounding to integral values (ROUNDxx) and the approximations RCPxS and RSQRTxS.</summary>
internal static unsafe class SseRound
{
    // The immediate of ROUNDxx.
    private const int ByMxcsr = 4, ExceptInexact = 8;

    public static bool Lower(in Instruction i, ref OpBuilder b)
    {
        switch (i.Mnemonic)
        {
            case Mnemonic.Roundsd: return Operands.Emit(i, ref b, &RoundDouble, &RoundDoubleMemory);
            case Mnemonic.Roundss: return Operands.Emit(i, ref b, &RoundSingle, &RoundSingleMemory);
            case Mnemonic.Roundpd: return Operands.Emit(i, ref b, &RoundDoubles, &RoundDoublesMemory);
            case Mnemonic.Roundps: return Operands.Emit(i, ref b, &RoundSingles, &RoundSinglesMemory);
            case Mnemonic.Rcpps: return Binary<Reciprocals>.Emit(i, ref b);
            case Mnemonic.Rsqrtps: return Binary<ReciprocalRoots>.Emit(i, ref b);
            case Mnemonic.Rcpss: return Operands.Emit(i, ref b, &Reciprocal, &ReciprocalMemory);
            case Mnemonic.Rsqrtss: return Operands.Emit(i, ref b, &ReciprocalRoot, &ReciprocalRootMemory);
            default: return false;
        }
    }

    private static Op* RoundDouble(CpuState* s, Op* op) => Round(s, op, Xmm.At<double>(s, op->B)->ToScalar());

    private static Op* RoundDoubleMemory(CpuState* s, Op* op)
    {
        byte* x = Xmm.Source(s, op, 8);
        return x != null ? Round(s, op, *(double*)x) : Memory.Fault(s, op);
    }

    private static Op* RoundSingle(CpuState* s, Op* op) => Round(s, op, Xmm.At<float>(s, op->B)->ToScalar());

    private static Op* RoundSingleMemory(CpuState* s, Op* op)
    {
        byte* x = Xmm.Source(s, op, 4);
        return x != null ? Round(s, op, *(float*)x) : Memory.Fault(s, op);
    }

    private static Op* RoundDoubles(CpuState* s, Op* op) => Round(s, op, Xmm.At<double>(s, op->B));

    private static Op* RoundDoublesMemory(CpuState* s, Op* op)
    {
        Vector128<byte>* x = Xmm.Aligned(s, op);
        return x != null ? Round(s, op, (Vector128<double>*)x) : Memory.Fault(s, op);
    }

    private static Op* RoundSingles(CpuState* s, Op* op) => Round(s, op, Xmm.At<float>(s, op->B));

    private static Op* RoundSinglesMemory(CpuState* s, Op* op)
    {
        Vector128<byte>* x = Xmm.Aligned(s, op);
        return x != null ? Round(s, op, (Vector128<float>*)x) : Memory.Fault(s, op);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Op* Round(CpuState* s, Op* op, double x)
    {
        var control = (int)op->Imm;
        double r = Integral(x, (control & ByMxcsr) != 0 ? FloatRounding.Nearest : (FloatRounding)(control & 3));
        bool settled = (control & (ByMxcsr | ExceptInexact)) == ExceptInexact || NativeFloat.FlagsAreSettled(s);
        if (!NativeFloat.IsComparable(x) || !settled) return RoundSlow(s, op, x);
        Vector128<double>* a = Xmm.At<double>(s, op->A);
        *a = a->WithElement(0, r);
        return Transfer.Next(s, op);
    }

    private static Op* RoundSlow(CpuState* s, Op* op, double x)
    {
        var status = new FloatStatus(s->Mxcsr);
        double r = Lane(x, (int)op->Imm, ref status);
        if (FloatSlow.Raises(s, status)) return Memory.Raise(s, op, StopReason.FloatingPoint);
        Vector128<double>* a = Xmm.At<double>(s, op->A);
        *a = a->WithElement(0, r);
        return op + 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Op* Round(CpuState* s, Op* op, float x)
    {
        var control = (int)op->Imm;
        float r = Integral(x, (control & ByMxcsr) != 0 ? FloatRounding.Nearest : (FloatRounding)(control & 3));
        bool settled = (control & (ByMxcsr | ExceptInexact)) == ExceptInexact || NativeFloat.FlagsAreSettled(s);
        if (!NativeFloat.IsComparable(x) || !settled) return RoundSlow(s, op, x);
        Vector128<float>* a = Xmm.At<float>(s, op->A);
        *a = a->WithElement(0, r);
        return Transfer.Next(s, op);
    }

    private static Op* RoundSlow(CpuState* s, Op* op, float x)
    {
        var status = new FloatStatus(s->Mxcsr);
        float r = Lane(x, (int)op->Imm, ref status);
        if (FloatSlow.Raises(s, status)) return Memory.Raise(s, op, StopReason.FloatingPoint);
        Vector128<float>* a = Xmm.At<float>(s, op->A);
        *a = a->WithElement(0, r);
        return op + 1;
    }

    private static Op* Round(CpuState* s, Op* op, Vector128<double>* x)
    {
        var status = new FloatStatus(s->Mxcsr);
        double low = Lane(x->GetElement(0), (int)op->Imm, ref status), high = Lane(x->GetElement(1), (int)op->Imm, ref status);
        Vector128<double> r = Vector128.Create(low, high);
        return FloatSlow.Finish(s, op, status, &r);
    }

    private static Op* Round(CpuState* s, Op* op, Vector128<float>* x)
    {
        var status = new FloatStatus(s->Mxcsr);
        float* r = stackalloc float[4];
        for (int i = 0; i < 4; i++) r[i] = Lane(((float*)x)[i], (int)op->Imm, ref status);
        return FloatSlow.Finish(s, op, status, r);
    }

    // What is neither a NaN nor denormal is inexact exactly if it changes.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Lane(double x, int control, ref FloatStatus status)
    {
        FloatRounding rounding = (control & ByMxcsr) != 0 ? status.Rounding : (FloatRounding)(control & 3);
        bool exceptInexact = (control & ExceptInexact) != 0;
        if (!NativeFloat.IsComparable(x)) return FloatConversion.Round(x, rounding, exceptInexact, ref status);
        double r = Integral(x, rounding);
        if (r != x && !exceptInexact) status.Flags |= Mxcsr.Precision;
        return r;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Lane(float x, int control, ref FloatStatus status)
    {
        FloatRounding rounding = (control & ByMxcsr) != 0 ? status.Rounding : (FloatRounding)(control & 3);
        bool exceptInexact = (control & ExceptInexact) != 0;
        if (!NativeFloat.IsComparable(x)) return FloatConversion.Round(x, rounding, exceptInexact, ref status);
        float r = Integral(x, rounding);
        if (r != x && !exceptInexact) status.Flags |= Mxcsr.Precision;
        return r;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Integral(double x, FloatRounding rounding) => rounding switch
    {
        FloatRounding.Nearest => Math.Round(x),
        FloatRounding.Down => Math.Floor(x),
        FloatRounding.Up => Math.Ceiling(x),
        _ => Math.Truncate(x),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Integral(float x, FloatRounding rounding) => rounding switch
    {
        FloatRounding.Nearest => MathF.Round(x),
        FloatRounding.Down => MathF.Floor(x),
        FloatRounding.Up => MathF.Ceiling(x),
        _ => MathF.Truncate(x),
    };

    private static Op* Reciprocal(CpuState* s, Op* op) => Put(s, op, Approximation.Reciprocal(*Xmm.At<float>(s, op->B)));

    private static Op* ReciprocalMemory(CpuState* s, Op* op)
    {
        byte* x = Xmm.Source(s, op, 4);
        return x != null ? Put(s, op, Approximation.Reciprocal(Vector128.CreateScalar(*(float*)x))) : Memory.Fault(s, op);
    }

    private static Op* ReciprocalRoot(CpuState* s, Op* op) => Put(s, op, Approximation.ReciprocalRoot(*Xmm.At<float>(s, op->B)));

    private static Op* ReciprocalRootMemory(CpuState* s, Op* op)
    {
        byte* x = Xmm.Source(s, op, 4);
        return x != null ? Put(s, op, Approximation.ReciprocalRoot(Vector128.CreateScalar(*(float*)x))) : Memory.Fault(s, op);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Op* Put(CpuState* s, Op* op, Vector128<float> r)
    {
        Vector128<float>* a = Xmm.At<float>(s, op->A);
        *a = a->WithElement(0, r.ToScalar());
        return op + 1;
    }

    private struct Reciprocals : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
            Approximation.Reciprocal(b.AsSingle()).AsByte();
    }

    private struct ReciprocalRoots : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
            Approximation.ReciprocalRoot(b.AsSingle()).AsByte();
    }

    /// <summary>
    /// The approximations are good to 12 bits, which ones is the processor's choice: the host's where it has the instruction.
    /// They set no flags and take denormals as zeros.
    /// </summary>
    private static class Approximation
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<float> Reciprocal(Vector128<float> x) =>
            Sse.IsSupported ? Sse.Reciprocal(x) : Trim(Vector128<float>.One / Flush(x));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<float> ReciprocalRoot(Vector128<float> x) =>
            Sse.IsSupported ? Sse.ReciprocalSqrt(x) : Trim(Vector128<float>.One / Vector128.Sqrt(Flush(x)));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector128<float> Flush(Vector128<float> x)
        {
            Vector128<uint> bits = x.AsUInt32(), exponent = Vector128.Create(0x7f800000u);
            Vector128<uint> tiny = Vector128.Equals(bits & exponent, Vector128<uint>.Zero);
            return Vector128.ConditionalSelect(tiny, bits & Vector128.Create(0x80000000u), bits).AsSingle();
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector128<float> Trim(Vector128<float> x) =>
            Vector128.ConditionalSelect(
                Vector128.Equals(x, x), Flush((x.AsUInt32() & Vector128.Create(0xfffff800u)).AsSingle()), x);
    }
}
