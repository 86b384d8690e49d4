using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Kennel.Cpu.Floating;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>How floating-point handlers end when flags may have come up.</summary>
internal static unsafe class FloatSlow
{
    /// <summary>Writes the destination, all 16 bytes of it, and MXCSR; or raises #XM.</summary>
    public static Op* Finish(CpuState* s, Op* op, in FloatStatus status, void* result)
    {
        if (Raises(s, status)) return Memory.Raise(s, op, StopReason.FloatingPoint);
        *Xmm.At(s, op->A) = *(Vector128<byte>*)result;
        return op + 1;
    }

    /// <summary>Writes MXCSR; whether an unmasked exception came up.</summary>
    public static bool Raises(CpuState* s, in FloatStatus status)
    {
        s->Mxcsr = status.Finish(out bool raised);
        return raised;
    }
}

/// <summary>
/// Arithmetic lane by lane, with all exceptions: what handlers do when they cannot tell at once that there are none.
/// </summary>
internal static unsafe class FloatSlow<TOp> where TOp : struct, IFloatOp
{
    /// <summary>Computes the low double of the destination.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static Op* Scalar(CpuState* s, Op* op, double y)
    {
        Vector128<double>* a = Xmm.At<double>(s, op->A);
        double x = TOp.Operation == FloatOperation.SquareRoot ? y : a->ToScalar();
        if (TOp.Operation < FloatOperation.Minimum && NativeFloat.IsOrdinary(s))
        {
            double native = TOp.Apply(x, y);
            if (NativeFloat.Holds(x, y, native) && FloatExactness<TOp>.CanTell(x, y, native))
            {
                if (!FloatExactness<TOp>.IsExact(x, y, native)) s->Mxcsr |= Mxcsr.Precision;
                *a = a->WithElement(0, native);
                return op + 1;
            }
            if (NativeFloat.HoldsWithZero(x, y, native, TOp.Operation <= FloatOperation.Subtract))
            {
                *a = a->WithElement(0, native);
                return op + 1;
            }
        }
        var status = new FloatStatus(s->Mxcsr);
        double r = FloatArithmetic<TOp>.Compute(x, y, ref status);
        if (status.Flags != 0 && FloatSlow.Raises(s, status)) return Memory.Raise(s, op, StopReason.FloatingPoint);
        *a = a->WithElement(0, r);
        return op + 1;
    }

    /// <summary>Computes the low float of the destination.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static Op* Scalar(CpuState* s, Op* op, float y)
    {
        Vector128<float>* a = Xmm.At<float>(s, op->A);
        float x = TOp.Operation == FloatOperation.SquareRoot ? y : a->ToScalar();
        if (TOp.Operation < FloatOperation.Minimum && NativeFloat.IsOrdinary(s))
        {
            float native = TOp.Apply(x, y);
            if (NativeFloat.Holds(x, y, native))
            {
                if (!FloatExactness<TOp>.IsExact(x, y, native)) s->Mxcsr |= Mxcsr.Precision;
                *a = a->WithElement(0, native);
                return op + 1;
            }
            if (NativeFloat.HoldsWithZero(x, y, native, TOp.Operation <= FloatOperation.Subtract))
            {
                *a = a->WithElement(0, native);
                return op + 1;
            }
        }
        var status = new FloatStatus(s->Mxcsr);
        float r = FloatArithmetic<TOp>.Compute(x, y, ref status);
        if (status.Flags != 0 && FloatSlow.Raises(s, status)) return Memory.Raise(s, op, StopReason.FloatingPoint);
        *a = a->WithElement(0, r);
        return op + 1;
    }

    /// <summary>Computes two doubles into the destination.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static Op* Packed(CpuState* s, Op* op, double* x, double* y)
    {
        if (TOp.Operation < FloatOperation.Minimum && NativeFloat.IsOrdinary(s))
        {
            Vector128<double> right = *(Vector128<double>*)y;
            Vector128<double> left = TOp.Operation == FloatOperation.SquareRoot ? right : *(Vector128<double>*)x;
            Vector128<double> all = TOp.Apply(left, right);
            if ((s->Mxcsr & Mxcsr.Precision) != 0)
            {
                if (NativeFloat.HoldsWithZeros(left, right, all, TOp.Operation <= FloatOperation.Subtract))
                {
                    return Put(s, op, &all);
                }
            }
            else if (NativeFloat.Holds(left, right, all) && FloatExactness<TOp>.CanTell(left, right, all))
            {
                if (!FloatExactness<TOp>.IsExact(left, right, all)) s->Mxcsr |= Mxcsr.Precision;
                return Put(s, op, &all);
            }
        }
        var status = new FloatStatus(s->Mxcsr);
        double low = FloatArithmetic<TOp>.Compute(x[0], y[0], ref status);
        double high = FloatArithmetic<TOp>.Compute(x[1], y[1], ref status);
        Vector128<double> r = Vector128.Create(low, high);
        return FloatSlow.Finish(s, op, status, &r);
    }

    /// <summary>Computes four floats into the destination.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static Op* Packed(CpuState* s, Op* op, float* x, float* y)
    {
        if (TOp.Operation < FloatOperation.Minimum && NativeFloat.IsOrdinary(s))
        {
            Vector128<float> right = *(Vector128<float>*)y;
            Vector128<float> left = TOp.Operation == FloatOperation.SquareRoot ? right : *(Vector128<float>*)x;
            Vector128<float> all = TOp.Apply(left, right);
            if ((s->Mxcsr & Mxcsr.Precision) != 0)
            {
                if (NativeFloat.HoldsWithZeros(left, right, all, TOp.Operation <= FloatOperation.Subtract))
                {
                    return Put(s, op, &all);
                }
            }
            else if (NativeFloat.Holds(left, right, all))
            {
                if (!FloatExactness<TOp>.IsExact(left, right, all)) s->Mxcsr |= Mxcsr.Precision;
                return Put(s, op, &all);
            }
        }
        var status = new FloatStatus(s->Mxcsr);
        float* r = stackalloc float[4];
        for (int i = 0; i < 4; i++) r[i] = FloatArithmetic<TOp>.Compute(x[i], y[i], ref status);
        return FloatSlow.Finish(s, op, status, r);
    }

    private static Op* Put(CpuState* s, Op* op, void* result)
    {
        *Xmm.At(s, op->A) = *(Vector128<byte>*)result;
        return op + 1;
    }
}
