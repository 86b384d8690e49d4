using System.Globalization;
using Kennel.Tracing.Stap.Runtime;

namespace Kennel.Tracing.Stap.Functions;

/// <summary>Floating point on numbers that hold a double's bits (man 3stap, tapset::floatingpoint).</summary>
internal static class FloatFunctions
{
    [StapFunction("fp32_to_fp64")]
    public static long Widen(StapRuntime rt, long value) => Bits(BitConverter.Int32BitsToSingle((int)value));

    [StapFunction("fp64_to_fp32")]
    public static long Narrow(StapRuntime rt, long value) => BitConverter.SingleToInt32Bits((float)Of(value)) & 0xffffffffL;

    [StapFunction("long_to_fp")]
    public static long FromNumber(StapRuntime rt, long value) => Bits(value);

    /// <summary>The rounding is IEEE 754's: 0 nearest even, 1 to zero, 2 down, 3 up, 4 nearest away.</summary>
    [StapFunction("fp_to_long")]
    public static long ToNumber(StapRuntime rt, long value, long rounding, long exact)
    {
        double number = Of(value);
        double rounded = rounding switch
        {
            1 => Math.Truncate(number),
            2 => Math.Floor(number),
            3 => Math.Ceiling(number),
            4 => Math.Round(number, MidpointRounding.AwayFromZero),
            _ => Math.Round(number, MidpointRounding.ToEven),
        };
        return double.IsNaN(rounded) ? long.MaxValue : rounded >= 9.2233720368547758e18 ? long.MaxValue : rounded < -9.2233720368547758e18 ? long.MinValue : (long)rounded;
    }

    [StapFunction("string_to_fp")]
    public static long FromText(StapRuntime rt, string text) =>
        Bits(double.TryParse(text.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : 0);

    [StapFunction("fp_to_string")]
    public static string ToText(StapRuntime rt, long value, long precision)
    {
        double number = Of(value);
        if (double.IsNaN(number)) return "NaN";
        if (double.IsInfinity(number)) return number > 0 ? "Infinity" : "-Infinity";
        string text = number.ToString("F" + Math.Clamp(precision, 0, 60).ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        return rt.Cut(text);
    }

    [StapFunction("fp_add")]
    public static long Add(StapRuntime rt, long left, long right) => Bits(Of(left) + Of(right));

    [StapFunction("fp_sub")]
    public static long Subtract(StapRuntime rt, long left, long right) => Bits(Of(left) - Of(right));

    [StapFunction("fp_mul")]
    public static long Multiply(StapRuntime rt, long left, long right) => Bits(Of(left) * Of(right));

    [StapFunction("fp_div")]
    public static long Divide(StapRuntime rt, long left, long right) => Bits(Of(left) / Of(right));

    [StapFunction("fp_rem")]
    public static long Remainder(StapRuntime rt, long left, long right) => Bits(Math.IEEERemainder(Of(left), Of(right)));

    [StapFunction("fp_sqrt")]
    public static long Root(StapRuntime rt, long value) => Bits(Math.Sqrt(Of(value)));

    [StapFunction("fp_eq")]
    public static long IsEqual(StapRuntime rt, long left, long right) => Of(left) == Of(right) ? 1 : 0;

    [StapFunction("fp_lt")]
    public static long IsLess(StapRuntime rt, long left, long right) => Of(left) < Of(right) ? 1 : 0;

    [StapFunction("fp_le")]
    public static long IsLessOrEqual(StapRuntime rt, long left, long right) => Of(left) <= Of(right) ? 1 : 0;

    private static double Of(long bits) => BitConverter.Int64BitsToDouble(bits);

    private static long Bits(double number) => BitConverter.DoubleToInt64Bits(number);
}
