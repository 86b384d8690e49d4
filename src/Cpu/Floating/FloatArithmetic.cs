using System.Runtime.CompilerServices;

namespace Kennel.Cpu.Floating;

/// <summary>
/// One lane of arithmetic with its exception flags: natively where it can be told cheaply what the flags are, else in
/// <see cref="SoftFloat{TFormat}"/>.
/// </summary>
internal static class FloatArithmetic<TOp> where TOp : struct, IFloatOp
{
    public static double Compute(double x, double y, ref FloatStatus status)
    {
        if (TOp.Operation == FloatOperation.SquareRoot) x = y;
        if (TOp.Operation < FloatOperation.Minimum && status.IsOrdinary)
        {
            double r = TOp.Apply(x, y);
            if (NativeFloat.Holds(x, y, r))
            {
                if ((status.Control & Mxcsr.Precision) != 0) return r;
                if (FloatExactness<TOp>.CanTell(x, y, r))
                {
                    if (!FloatExactness<TOp>.IsExact(x, y, r)) status.Flags |= Mxcsr.Precision;
                    return r;
                }
            }
            else if (NativeFloat.HoldsWithZero(x, y, r, TOp.Operation <= FloatOperation.Subtract))
            {
                return r;
            }
        }
        ulong a = BitConverter.DoubleToUInt64Bits(x), b = BitConverter.DoubleToUInt64Bits(y);
        return BitConverter.UInt64BitsToDouble(Soft<Binary64>(a, b, ref status));
    }

    public static float Compute(float x, float y, ref FloatStatus status)
    {
        if (TOp.Operation == FloatOperation.SquareRoot) x = y;
        if (TOp.Operation < FloatOperation.Minimum && status.IsOrdinary)
        {
            float r = TOp.Apply(x, y);
            if (NativeFloat.Holds(x, y, r))
            {
                if ((status.Control & Mxcsr.Precision) != 0) return r;
                if (!FloatExactness<TOp>.IsExact(x, y, r)) status.Flags |= Mxcsr.Precision;
                return r;
            }
            else if (NativeFloat.HoldsWithZero(x, y, r, TOp.Operation <= FloatOperation.Subtract))
            {
                return r;
            }
        }
        uint a = BitConverter.SingleToUInt32Bits(x), b = BitConverter.SingleToUInt32Bits(y);
        return BitConverter.UInt32BitsToSingle((uint)Soft<Binary32>(a, b, ref status));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ulong Soft<TFormat>(ulong a, ulong b, ref FloatStatus status) where TFormat : struct, IFloatFormat =>
        TOp.Operation switch
        {
            FloatOperation.Add => SoftFloat<TFormat>.Add(a, b, ref status),
            FloatOperation.Subtract => SoftFloat<TFormat>.Subtract(a, b, ref status),
            FloatOperation.Multiply => SoftFloat<TFormat>.Multiply(a, b, ref status),
            FloatOperation.Divide => SoftFloat<TFormat>.Divide(a, b, ref status),
            FloatOperation.SquareRoot => SoftFloat<TFormat>.SquareRoot(b, ref status),
            FloatOperation.Minimum => SoftFloat<TFormat>.Minimum(a, b, ref status),
            _ => SoftFloat<TFormat>.Maximum(a, b, ref status),
        };
}
