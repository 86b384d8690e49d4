using System.Runtime.CompilerServices;

namespace Kennel.Cpu.Floating;

/// <summary>
/// One lane of arithmetic with its exception flags: natively where it can be told cheaply what the flags are, else in
/// <see cref="SoftFloat{TFormat}"/>.
/// </summary>
internal static class FloatArithmetic<TOp> where TOp : struct, IFloatOp
{
    private const int DoubleFraction = 52, SingleFraction = 23;

    public static double Compute(double x, double y, ref FloatStatus status)
    {
        if (TOp.Operation == FloatOperation.SquareRoot) x = y;
        if (TOp.Operation < FloatOperation.Minimum && status.IsOrdinary && IsZeroOrNormal(x) && IsZeroOrNormal(y))
        {
            double r = TOp.Apply(x, y);
            if (IsZeroOrWellAboveTiny(r))
            {
                if (x == 0 || y == 0) return r; // 0/0 and x/0 are not here: their results are not finite
                if (r == 0)
                {
                    if (TOp.Operation <= FloatOperation.Subtract) return r;
                }
                else if ((status.Control & Mxcsr.Precision) != 0)
                {
                    return r;
                }
                else if (IsMiddling(x) && IsMiddling(y) && IsMiddling(r))
                {
                    if (!IsExact(x, y, r)) status.Flags |= Mxcsr.Precision;
                    return r;
                }
            }
        }
        ulong a = BitConverter.DoubleToUInt64Bits(x), b = BitConverter.DoubleToUInt64Bits(y);
        return BitConverter.UInt64BitsToDouble(Soft<Binary64>(a, b, ref status));
    }

    public static float Compute(float x, float y, ref FloatStatus status)
    {
        if (TOp.Operation == FloatOperation.SquareRoot) x = y;
        if (TOp.Operation < FloatOperation.Minimum && status.IsOrdinary && IsZeroOrNormal(x) && IsZeroOrNormal(y))
        {
            float r = TOp.Apply(x, y);
            if (IsZeroOrWellAboveTiny(r))
            {
                if (x == 0 || y == 0) return r;
                if (r == 0)
                {
                    if (TOp.Operation <= FloatOperation.Subtract) return r;
                }
                else
                {
                    if ((status.Control & Mxcsr.Precision) == 0 && !IsExact(x, y, r)) status.Flags |= Mxcsr.Precision;
                    return r;
                }
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

    // What rounding took away is itself a number: is it zero? (Knuth's TwoSum; fused multiply-add for the others.)
    private static bool IsExact(double x, double y, double r) => TOp.Operation switch
    {
        FloatOperation.Add => ErrorOfSum(x, y, r) == 0,
        FloatOperation.Subtract => ErrorOfSum(x, -y, r) == 0,
        FloatOperation.Multiply => Math.FusedMultiplyAdd(x, y, -r) == 0,
        FloatOperation.Divide => Math.FusedMultiplyAdd(-r, y, x) == 0,
        _ => Math.FusedMultiplyAdd(-r, r, y) == 0,
    };

    // A double holds the product of two floats.
    private static bool IsExact(float x, float y, float r) => TOp.Operation switch
    {
        FloatOperation.Add => IsExactSum(x, y, r),
        FloatOperation.Subtract => IsExactSum(x, -(double)y, r),
        FloatOperation.Multiply => (double)x * y == r,
        FloatOperation.Divide => (double)r * y == x,
        _ => (double)r * r == y,
    };

    private static bool IsExactSum(double x, double y, double r)
    {
        double sum = x + y;
        return sum == r && ErrorOfSum(x, y, sum) == 0;
    }

    private static double ErrorOfSum(double x, double y, double sum)
    {
        double second = sum - x;
        return (x - (sum - second)) + (y - second);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int ExponentField(double x) => (int)(BitConverter.DoubleToUInt64Bits(x) >> DoubleFraction) & 0x7ff;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int ExponentField(float x) => (int)(BitConverter.SingleToUInt32Bits(x) >> SingleFraction) & 0xff;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsZeroOrNormal(double x) => x == 0 || (uint)(ExponentField(x) - 1) < 0x7fe;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsZeroOrNormal(float x) => x == 0 || (uint)(ExponentField(x) - 1) < 0xfe;

    // The least normal number may be what a tiny result was rounded up to, so it does not count.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsZeroOrWellAboveTiny(double x) => x == 0 || (uint)(ExponentField(x) - 2) < 0x7fd;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsZeroOrWellAboveTiny(float x) => x == 0 || (uint)(ExponentField(x) - 2) < 0xfd;

    // Far enough from both ends that the error of an operation is a normal number too.
    private static bool IsMiddling(double x) => (uint)(ExponentField(x) - 200) < 1647;
}
