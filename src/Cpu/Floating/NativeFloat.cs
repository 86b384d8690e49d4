using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Kennel.Machine;

namespace Kennel.Cpu.Floating;

/// <summary>
/// When a native result is the whole result: rounding is to nearest, nothing is unmasked, inexactness is on record already, and
/// operands and result are such that no other flag can come up — normal numbers, the result not as small as the least one
/// (to which a tiny result may have been rounded).
/// </summary>
/// <remarks>
/// MXCSR's flags are sticky, so a program that computes with fractions is here from its second operation on. DAZ and FTZ do
/// not matter for such numbers.
/// </remarks>
internal static unsafe class NativeFloat
{
    private const uint DoubleExponent = 0x7ff00000, DoubleStep = 0x00100000, SingleExponent = 0x7f800000, SingleStep = 0x00800000;
    private const double LeastDouble = 2.2250738585072014e-308;
    private const float LeastSingle = 1.17549435e-38f;

    /// <summary>Whether rounding is to nearest and nothing is unmasked.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsOrdinary(CpuState* s) => (s->Mxcsr & (Mxcsr.Masks | Mxcsr.Rounding)) == Mxcsr.Masks;

    /// <summary>Whether inexactness is on record as well.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool FlagsAreSettled(CpuState* s) =>
        (s->Mxcsr & (Mxcsr.Masks | Mxcsr.Rounding | Mxcsr.Precision)) == (Mxcsr.Masks | Mxcsr.Precision);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Holds(double x, double y, double r) =>
        (High(x) & DoubleExponent) != 0 && (High(y) & DoubleExponent) != 0
        && (High(r) & DoubleExponent) - (2 * DoubleStep) < DoubleExponent - (2 * DoubleStep);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Holds(float x, float y, float r) =>
        (BitConverter.SingleToUInt32Bits(x) & SingleExponent) != 0 && (BitConverter.SingleToUInt32Bits(y) & SingleExponent) != 0
        && (BitConverter.SingleToUInt32Bits(r) & SingleExponent) - (2 * SingleStep) < SingleExponent - (2 * SingleStep);

    /// <summary>Whether the same holds because an operand, or the result of an addition, is zero.</summary>
    /// <param name="x">First operand.</param>
    /// <param name="y">Second operand.</param>
    /// <param name="r">Result.</param>
    /// <param name="sum">Whether the operation is addition or subtraction: others may have underflowed to zero.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool HoldsWithZero(double x, double y, double r, bool sum)
    {
        // 0/0 and x/0 do not pass: their results are not finite.
        if (!(x == 0 || y == 0 || (sum && r == 0))) return false;
        return (x == 0 || double.IsNormal(x)) && (y == 0 || double.IsNormal(y)) && (r == 0 || Holds(1, 1, r));
    }

    /// <inheritdoc cref="HoldsWithZero(double, double, double, bool)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool HoldsWithZero(float x, float y, float r, bool sum)
    {
        if (!(x == 0 || y == 0 || (sum && r == 0))) return false;
        return (x == 0 || float.IsNormal(x)) && (y == 0 || float.IsNormal(y)) && (r == 0 || Holds(1, 1, r));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Holds(Vector128<double> x, Vector128<double> y, Vector128<double> r) =>
        Unfit(x.AsInt32(), y.AsInt32(), r.AsInt32(), (int)DoubleExponent, (int)DoubleStep)
            .AsDouble().ExtractMostSignificantBits() == 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Holds(Vector128<float> x, Vector128<float> y, Vector128<float> r) =>
        Unfit(x.AsInt32(), y.AsInt32(), r.AsInt32(), (int)SingleExponent, (int)SingleStep).ExtractMostSignificantBits() == 0;

    /// <summary>
    /// The same where lanes may be zero: an operand zero is as good as a normal number, a result zero is one only where the
    /// operation cannot have underflowed to it.
    /// </summary>
    /// <param name="x">First operands.</param>
    /// <param name="y">Second operands.</param>
    /// <param name="r">Results.</param>
    /// <param name="sum">Whether the operation is addition or subtraction.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool HoldsWithZeros(Vector128<double> x, Vector128<double> y, Vector128<double> r, bool sum)
    {
        Vector128<double> least = Vector128.Create(LeastDouble), most = Vector128.Create(double.MaxValue), r0 = Vector128.Abs(r);
        Vector128<double> zeroX = Vector128.Equals(x, Vector128<double>.Zero);
        Vector128<double> zeroY = Vector128.Equals(y, Vector128<double>.Zero);
        Vector128<double> fit = (Vector128.GreaterThanOrEqual(Vector128.Abs(x), least) | zeroX)
            & (Vector128.GreaterThanOrEqual(Vector128.Abs(y), least) | zeroY);
        Vector128<double> zeroR = Vector128.Equals(r, Vector128<double>.Zero);
        if (!sum) zeroR &= zeroX | zeroY;
        fit &= (Vector128.GreaterThan(r0, least) & Vector128.LessThanOrEqual(r0, most)) | zeroR;
        return fit.ExtractMostSignificantBits() == 3;
    }

    /// <inheritdoc cref="HoldsWithZeros(Vector128{double}, Vector128{double}, Vector128{double}, bool)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool HoldsWithZeros(Vector128<float> x, Vector128<float> y, Vector128<float> r, bool sum)
    {
        Vector128<float> least = Vector128.Create(LeastSingle), most = Vector128.Create(float.MaxValue), r0 = Vector128.Abs(r);
        Vector128<float> zeroX = Vector128.Equals(x, Vector128<float>.Zero), zeroY = Vector128.Equals(y, Vector128<float>.Zero);
        Vector128<float> fit = (Vector128.GreaterThanOrEqual(Vector128.Abs(x), least) | zeroX)
            & (Vector128.GreaterThanOrEqual(Vector128.Abs(y), least) | zeroY);
        Vector128<float> zeroR = Vector128.Equals(r, Vector128<float>.Zero);
        if (!sum) zeroR &= zeroX | zeroY;
        fit &= (Vector128.GreaterThan(r0, least) & Vector128.LessThanOrEqual(r0, most)) | zeroR;
        return fit.ExtractMostSignificantBits() == 0xf;
    }

    /// <summary>Whether no comparison with the number can set a flag: it is neither a NaN nor denormal.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsComparable(double x)
    {
        ulong twice = BitConverter.DoubleToUInt64Bits(x) << 1;
        return twice - 0x0020_0000_0000_0000 <= 0xffe0_0000_0000_0000 - 0x0020_0000_0000_0000 || twice == 0;
    }

    /// <inheritdoc cref="IsComparable(double)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsComparable(float x)
    {
        uint twice = BitConverter.SingleToUInt32Bits(x) << 1;
        return twice - 0x0100_0000 <= 0xff00_0000 - 0x0100_0000 || twice == 0;
    }

    /// <summary>The same for all lanes of two vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AreComparable(Vector128<double> x, Vector128<double> y)
    {
        Vector128<double> least = Vector128.Create(LeastDouble), x0 = Vector128.Abs(x), y0 = Vector128.Abs(y);
        Vector128<double> normal = Vector128.GreaterThanOrEqual(x0, least) & Vector128.GreaterThanOrEqual(y0, least);
        if (normal.ExtractMostSignificantBits() == 3) return true;
        Vector128<double> zeroX = Vector128.Equals(x, Vector128<double>.Zero);
        Vector128<double> zeroY = Vector128.Equals(y, Vector128<double>.Zero);
        Vector128<double> fit = (Vector128.GreaterThanOrEqual(x0, least) | zeroX)
            & (Vector128.GreaterThanOrEqual(y0, least) | zeroY);
        return fit.ExtractMostSignificantBits() == 3;
    }

    /// <inheritdoc cref="AreComparable(Vector128{double}, Vector128{double})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AreComparable(Vector128<float> x, Vector128<float> y)
    {
        Vector128<float> least = Vector128.Create(LeastSingle), x0 = Vector128.Abs(x), y0 = Vector128.Abs(y);
        Vector128<float> normal = Vector128.GreaterThanOrEqual(x0, least) & Vector128.GreaterThanOrEqual(y0, least);
        if (normal.ExtractMostSignificantBits() == 0xf) return true;
        Vector128<float> zeroX = Vector128.Equals(x, Vector128<float>.Zero), zeroY = Vector128.Equals(y, Vector128<float>.Zero);
        Vector128<float> fit = (Vector128.GreaterThanOrEqual(x0, least) | zeroX)
            & (Vector128.GreaterThanOrEqual(y0, least) | zeroY);
        return fit.ExtractMostSignificantBits() == 0xf;
    }

    // Of doubles only the upper halves are looked at.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Unfit(Vector128<int> x, Vector128<int> y, Vector128<int> r, int exponent, int step)
    {
        Vector128<int> exponents = Vector128.Create(exponent), result = r & exponents;
        Vector128<int> least = Vector128.Min(Vector128.Min(x & exponents, y & exponents), result - Vector128.Create(step));
        return Vector128.LessThan(least, Vector128.Create(step)) | Vector128.Equals(result, exponents);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint High(double x) => (uint)(BitConverter.DoubleToUInt64Bits(x) >> 32);
}
