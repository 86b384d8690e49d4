using System.Runtime.CompilerServices;

namespace Kennel.Cpu.Floating;

/// <summary>
/// One lane of conversion with its exception flags: natively where that is exact, else in <see cref="SoftFloat{TFormat}"/>.
/// </summary>
internal static class FloatConversion
{
    private const double Int32End = 2147483648.0, Int64End = 9223372036854775808.0;
    private const long DoubleWhole = 1L << 53, SingleWhole = 1L << 24;

    /// <summary>To a 32-bit integer; the most negative one if it does not fit.</summary>
    public static int ToInt32(double x, bool truncate, ref FloatStatus status) =>
        TryNatively(x, truncate, Int32End, ref status, out double whole)
            ? (int)whole
            : (int)SoftFloat<Binary64>.ToInteger(Bits(x), 32, Mode(truncate, status), ref status);

    /// <inheritdoc cref="ToInt32(double, bool, ref FloatStatus)"/>
    public static int ToInt32(float x, bool truncate, ref FloatStatus status) =>
        TryNatively(x, truncate, Int32End, ref status, out double whole)
            ? (int)whole
            : (int)SoftFloat<Binary32>.ToInteger(Bits(x), 32, Mode(truncate, status), ref status);

    /// <summary>To a 64-bit integer; the most negative one if it does not fit.</summary>
    public static long ToInt64(double x, bool truncate, ref FloatStatus status) =>
        TryNatively(x, truncate, Int64End, ref status, out double whole)
            ? (long)whole
            : SoftFloat<Binary64>.ToInteger(Bits(x), 64, Mode(truncate, status), ref status);

    /// <inheritdoc cref="ToInt64(double, bool, ref FloatStatus)"/>
    public static long ToInt64(float x, bool truncate, ref FloatStatus status) =>
        TryNatively(x, truncate, Int64End, ref status, out double whole)
            ? (long)whole
            : SoftFloat<Binary32>.ToInteger(Bits(x), 64, Mode(truncate, status), ref status);

    public static double ToDouble(long value, ref FloatStatus status) =>
        value is >= -DoubleWhole and <= DoubleWhole
            ? value
            : BitConverter.UInt64BitsToDouble(SoftFloat<Binary64>.FromInteger(value, ref status));

    public static float ToSingle(long value, ref FloatStatus status) =>
        value is >= -SingleWhole and <= SingleWhole
            ? value
            : BitConverter.UInt32BitsToSingle((uint)SoftFloat<Binary32>.FromInteger(value, ref status));

    public static double ToDouble(float x, ref FloatStatus status) =>
        float.IsNormal(x) || x == 0
            ? x
            : BitConverter.UInt64BitsToDouble(SoftFloat<Binary32>.ConvertTo<Binary64>(Bits(x), ref status));

    public static float ToSingle(double x, ref FloatStatus status)
    {
        if (status.IsOrdinary && double.IsNormal(x))
        {
            var r = (float)x;
            // Not the least normal number: a tiny result may have been rounded up to it.
            if (float.IsNormal(r) && Math.Abs(r) > 1.17549435e-38f)
            {
                if (r != x) status.Flags |= Mxcsr.Precision;
                return r;
            }
        }
        return BitConverter.UInt32BitsToSingle((uint)SoftFloat<Binary64>.ConvertTo<Binary32>(Bits(x), ref status));
    }

    /// <summary>To an integral value of the same format.</summary>
    public static double Round(double x, FloatRounding rounding, bool exceptInexact, ref FloatStatus status) =>
        BitConverter.UInt64BitsToDouble(SoftFloat<Binary64>.RoundToIntegral(Bits(x), rounding, exceptInexact, ref status));

    /// <inheritdoc cref="Round(double, FloatRounding, bool, ref FloatStatus)"/>
    public static float Round(float x, FloatRounding rounding, bool exceptInexact, ref FloatStatus status) =>
        BitConverter.UInt32BitsToSingle((uint)SoftFloat<Binary32>.RoundToIntegral(Bits(x), rounding, exceptInexact, ref status));

    // A float's value is the same as a double. Denormals are left to the slow way, as they may count as zero.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryNatively(double x, bool truncate, double end, ref FloatStatus status, out double whole)
    {
        whole = truncate ? Math.Truncate(x) : Math.Round(x);
        if (!truncate && status.Rounding != FloatRounding.Nearest) return false;
        if (!(whole >= -end && whole < end) || (Math.Abs(x) < 1e-30 && x != 0)) return false;
        if (whole != x) status.Flags |= Mxcsr.Precision;
        return true;
    }

    private static FloatRounding Mode(bool truncate, in FloatStatus status) => truncate ? FloatRounding.Zero : status.Rounding;

    private static ulong Bits(double x) => BitConverter.DoubleToUInt64Bits(x);

    private static ulong Bits(float x) => BitConverter.SingleToUInt32Bits(x);
}
