using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Kennel.Cpu.Floating;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>Floating-point instructions lane by lane, with all exceptions: what handlers do when the native result is not enough.</summary>
internal static unsafe class FloatSlow
{
    /// <summary>Computes the low double of the destination.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static Op* Scalar(CpuState* s, Op* op, FloatOperation operation, double y)
    {
        var status = new FloatStatus(s->Mxcsr);
        Vector128<double>* a = Xmm.At<double>(s, op->A);
        double r = FloatArithmetic.Compute(operation, a->ToScalar(), y, ref status);
        return Finish(s, op, status, a->WithElement(0, r).AsByte());
    }

    /// <summary>Computes the low float of the destination.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static Op* Scalar(CpuState* s, Op* op, FloatOperation operation, float y)
    {
        var status = new FloatStatus(s->Mxcsr);
        Vector128<float>* a = Xmm.At<float>(s, op->A);
        float r = FloatArithmetic.Compute(operation, a->ToScalar(), y, ref status);
        return Finish(s, op, status, a->WithElement(0, r).AsByte());
    }

    /// <summary>Computes two doubles into the destination.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static Op* Packed(CpuState* s, Op* op, FloatOperation operation, Vector128<double> x, Vector128<double> y)
    {
        var status = new FloatStatus(s->Mxcsr);
        double low = FloatArithmetic.Compute(operation, x.GetElement(0), y.GetElement(0), ref status);
        double high = FloatArithmetic.Compute(operation, x.GetElement(1), y.GetElement(1), ref status);
        return Finish(s, op, status, Vector128.Create(low, high).AsByte());
    }

    /// <summary>Computes four floats into the destination.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static Op* Packed(CpuState* s, Op* op, FloatOperation operation, Vector128<float> x, Vector128<float> y)
    {
        var status = new FloatStatus(s->Mxcsr);
        float* left = (float*)&x;
        float* right = (float*)&y;
        for (int i = 0; i < 4; i++) left[i] = FloatArithmetic.Compute(operation, left[i], right[i], ref status);
        return Finish(s, op, status, x.AsByte());
    }

    /// <summary>Writes the destination and MXCSR, or raises #XM.</summary>
    public static Op* Finish(CpuState* s, Op* op, in FloatStatus status, Vector128<byte> result)
    {
        if (Raises(s, status)) return Memory.Raise(s, op, StopReason.FloatingPoint);
        *Xmm.At(s, op->A) = result;
        return op + 1;
    }

    /// <summary>Writes MXCSR; whether an unmasked exception came up.</summary>
    public static bool Raises(CpuState* s, in FloatStatus status)
    {
        s->Mxcsr = status.Finish(out bool raised);
        return raised;
    }
}
