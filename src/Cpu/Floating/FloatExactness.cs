using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Kennel.Cpu.Floating;

/// <summary>
/// Whether a result, rounded to nearest, is exact: what rounding took away is itself a number, which can be computed without error
/// (Knuth's TwoSum for sums, a fused multiply-add for the others) and compared with zero.
/// </summary>
/// <remarks>Operands and results are normal numbers, see <see cref="NativeFloat"/>.</remarks>
internal static class FloatExactness<TOp> where TOp : struct, IFloatOp
{
    // With exponents from here on, what a product, quotient or root has lost is no denormal.
    private const uint DoubleFloor = 0x08000000, SingleFloor = 0x10000000;

    private static bool IsSum => TOp.Operation <= FloatOperation.Subtract;

    /// <summary>Whether <see cref="IsExact(double, double, double)"/> may be asked.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool CanTell(double x, double y, double r) =>
        IsSum || (Exponent(x) >= DoubleFloor && Exponent(y) >= DoubleFloor && Exponent(r) >= DoubleFloor);

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
        IsSum || Low(x.AsInt32(), y.AsInt32(), r.AsInt32(), 0x7ff00000, (int)DoubleFloor).AsDouble().ExtractMostSignificantBits() == 0;

    /// <summary>Whether all lanes are exact.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsExact(Vector128<double> x, Vector128<double> y, Vector128<double> r)
    {
        Vector128<double> error = TOp.Operation switch
        {
            FloatOperation.Add => ErrorOfSum(x, y, r),
            FloatOperation.Subtract => ErrorOfSum(x, -y, r),
            FloatOperation.Multiply => Vector128.FusedMultiplyAdd(x, y, -r),
            FloatOperation.Divide => Vector128.FusedMultiplyAdd(-r, y, x),
            _ => Vector128.FusedMultiplyAdd(-r, r, y),
        };
        return Vector128.Equals(error, Vector128<double>.Zero).ExtractMostSignificantBits() == 3;
    }

    /// <summary>Whether <see cref="IsExact(Vector128{float}, Vector128{float}, Vector128{float})"/> may be asked.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool CanTell(Vector128<float> x, Vector128<float> y, Vector128<float> r) =>
        IsSum || Low(x.AsInt32(), y.AsInt32(), r.AsInt32(), 0x7f800000, (int)SingleFloor).ExtractMostSignificantBits() == 0;

    /// <summary>Whether all lanes are exact.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsExact(Vector128<float> x, Vector128<float> y, Vector128<float> r)
    {
        Vector128<float> error = TOp.Operation switch
        {
            FloatOperation.Add => ErrorOfSum(x, y, r),
            FloatOperation.Subtract => ErrorOfSum(x, -y, r),
            FloatOperation.Multiply => Vector128.FusedMultiplyAdd(x, y, -r),
            FloatOperation.Divide => Vector128.FusedMultiplyAdd(-r, y, x),
            _ => Vector128.FusedMultiplyAdd(-r, r, y),
        };
        return Vector128.Equals(error, Vector128<float>.Zero).ExtractMostSignificantBits() == 0xf;
    }

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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Low(Vector128<int> x, Vector128<int> y, Vector128<int> r, int exponent, int floor)
    {
        Vector128<int> exponents = Vector128.Create(exponent);
        Vector128<int> least = Vector128.Min(Vector128.Min(x & exponents, y & exponents), r & exponents);
        return Vector128.LessThan(least, Vector128.Create(floor));
    }
}
