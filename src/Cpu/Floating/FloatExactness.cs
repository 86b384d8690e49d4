using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Kennel.Cpu.Floating;

/// <summary>
/// Whether a result, rounded to nearest, is exact: what rounding took away is itself a number, which can be computed without
/// error (Knuth's TwoSum for sums, a fused multiply-add for the others) and compared with zero.
/// </summary>
/// <remarks>Operands and results are normal numbers, see <see cref="NativeFloat"/>.</remarks>
internal static class FloatExactness<TOp> where TOp : struct, IFloatOp
{
    // With exponents from here on, what a product, quotient or root has lost is no denormal.
    private const uint Floor = 0x08000000;

    private static bool IsSum => TOp.Operation <= FloatOperation.Subtract;

    /// <summary>Whether <see cref="IsExact(double, double, double)"/> may be asked.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool CanTell(double x, double y, double r) =>
        IsSum || (Exponent(x) >= Floor && Exponent(y) >= Floor && Exponent(r) >= Floor);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsExact(double x, double y, double r) => TOp.Operation switch
    {
        FloatOperation.Add => ErrorOfSum(x, y, r) == 0,
        FloatOperation.Subtract => ErrorOfSum(x, -y, r) == 0,
        FloatOperation.Multiply => Math.FusedMultiplyAdd(x, y, -r) == 0,
        FloatOperation.Divide => Math.FusedMultiplyAdd(-r, y, x) == 0,
        _ => Math.FusedMultiplyAdd(-r, r, y) == 0,
    };

    /// <summary>The same for floats: a double holds their product.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsExact(float x, float y, float r) => TOp.Operation switch
    {
        FloatOperation.Add => ErrorOfSum(x, y, (double)x + y) == 0 && (double)x + y == r,
        FloatOperation.Subtract => ErrorOfSum(x, -(double)y, (double)x - y) == 0 && (double)x - y == r,
        FloatOperation.Multiply => (double)x * y == r,
        FloatOperation.Divide => (double)r * y == x,
        _ => (double)r * r == y,
    };

    /// <summary>Whether <see cref="IsExact(Vector128{double}, Vector128{double}, Vector128{double})"/> may be asked.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool CanTell(Vector128<double> x, Vector128<double> y, Vector128<double> r) =>
        CanTell(x.ToScalar(), y.ToScalar(), r.ToScalar()) && CanTell(x.GetElement(1), y.GetElement(1), r.GetElement(1));

    /// <summary>Whether all lanes are exact.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsExact(Vector128<double> x, Vector128<double> y, Vector128<double> r)
    {
        if (!IsSum)
        {
            return IsExact(x.ToScalar(), y.ToScalar(), r.ToScalar())
                && IsExact(x.GetElement(1), y.GetElement(1), r.GetElement(1));
        }
        Vector128<double> error = ErrorOfSum(x, TOp.Operation == FloatOperation.Add ? y : -y, r);
        return Vector128.Equals(error, Vector128<double>.Zero).ExtractMostSignificantBits() == 3;
    }

    /// <summary>Whether all lanes are exact.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsExact(Vector128<float> x, Vector128<float> y, Vector128<float> r)
    {
        if (IsSum)
        {
            Vector128<float> error = ErrorOfSum(x, TOp.Operation == FloatOperation.Add ? y : -y, r);
            return Vector128.Equals(error, Vector128<float>.Zero).ExtractMostSignificantBits() == 0xf;
        }
        Vector128<double> low = IsProduct(Vector128.WidenLower(x), Vector128.WidenLower(y), Vector128.WidenLower(r));
        Vector128<double> high = IsProduct(Vector128.WidenUpper(x), Vector128.WidenUpper(y), Vector128.WidenUpper(r));
        return (low & high).ExtractMostSignificantBits() == 3;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<double> IsProduct(Vector128<double> x, Vector128<double> y, Vector128<double> r) =>
        TOp.Operation switch
        {
            FloatOperation.Multiply => Vector128.Equals(x * y, r),
            FloatOperation.Divide => Vector128.Equals(r * y, x),
            _ => Vector128.Equals(r * r, y),
        };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double ErrorOfSum(double x, double y, double sum)
    {
        double second = sum - x;
        return (x - (sum - second)) + (y - second);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<double> ErrorOfSum(Vector128<double> x, Vector128<double> y, Vector128<double> sum)
    {
        Vector128<double> second = sum - x;
        return (x - (sum - second)) + (y - second);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> ErrorOfSum(Vector128<float> x, Vector128<float> y, Vector128<float> sum)
    {
        Vector128<float> second = sum - x;
        return (x - (sum - second)) + (y - second);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Exponent(double x) => (uint)(BitConverter.DoubleToUInt64Bits(x) >> 32) & 0x7ff00000;
}
