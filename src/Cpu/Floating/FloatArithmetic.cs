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
            // With a zero: 0/0 and x/0 do not come through here, as their results are not finite.
            else if (IsZeroOrNormal(x) && IsZeroOrNormal(y) && IsZeroOrWellAboveTiny(r))
            {
                if (x == 0 || y == 0 || (r == 0 && TOp.Operation <= FloatOperation.Subtract)) return r;
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
            // With a zero: 0/0 and x/0 do not come through here, as their results are not finite.
            else if (IsZeroOrNormal(x) && IsZeroOrNormal(y) && IsZeroOrWellAboveTiny(r))
            {
                if (x == 0 || y == 0 || (r == 0 && TOp.Operation <= FloatOperation.Subtract)) return r;
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
}
