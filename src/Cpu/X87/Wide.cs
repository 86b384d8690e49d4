using System.Numerics;
using System.Runtime.CompilerServices;

namespace Kennel.Cpu.X87;

/// <summary>
/// A positive number of 128 significant bits, Significand · 2^(Exponent−127) with the top bit set, in which the
/// transcendental functions compute. Results are cut off, not rounded; an error is a few units of the last place.
/// </summary>
internal readonly struct Wide(UInt128 significand, int exponent)
{
    public readonly UInt128 Significand = significand;
    public readonly int Exponent = exponent;

    /// <summary>value · 2^unit, for a value other than zero.</summary>
    public static Wide From(UInt128 value, int unit)
    {
        int zeros = LeadingZeros(value);
        return new Wide(value << zeros, unit + 127 - zeros);
    }

    /// <summary>The magnitude of a finite number other than zero.</summary>
    public static Wide From(Float80 value)
    {
        ulong significand = Operands.Normalize(value, out int exponent);
        return new Wide(new UInt128(significand, 0), exponent - Float80.Bias);
    }

    public static Wide operator *(Wide a, Wide b)
    {
        UInt128 product = MultiplyHigh(a.Significand, b.Significand);
        int exponent = a.Exponent + b.Exponent + 1;
        return (long)(ulong)(product >> 64) < 0 ? new Wide(product, exponent) : new Wide(product << 1, exponent - 1);
    }

    public static Wide operator /(Wide a, Wide b)
    {
        bool less = a.Significand < b.Significand;
        UInt128 remainder = less ? a.Significand : a.Significand - b.Significand;
        ulong upper = Digit(ref remainder, b.Significand);
        ulong lower = Digit(ref remainder, b.Significand);
        UInt128 fraction = new(upper, lower);
        return less
            ? From(fraction, a.Exponent - b.Exponent - 128)
            : new Wide(fraction >> 1 | UInt128.One << 127, a.Exponent - b.Exponent);
    }

    public static Wide operator +(Wide a, Wide b)
    {
        if (a.Exponent < b.Exponent)
            (a, b) = (b, a);
        int distance = a.Exponent - b.Exponent;
        UInt128 addend = distance < 128 ? b.Significand >> distance : 0;
        UInt128 sum = a.Significand + addend;
        return sum >= addend
            ? new Wide(sum, a.Exponent)
            : new Wide(sum >> 1 | UInt128.One << 127, a.Exponent + 1);
    }

    /// <summary>a − b, for a &gt; b.</summary>
    public static Wide operator -(Wide a, Wide b)
    {
        int distance = a.Exponent - b.Exponent;
        return From(a.Significand - (distance < 128 ? b.Significand >> distance : 0), a.Exponent - 127);
    }

    /// <summary>This number times 2^bits, cut off to an integer: with 128 the fixed-point form of one below 1.</summary>
    public UInt128 ToFixed(int bits)
    {
        int shift = 127 - bits - Exponent;
        return shift < 128 ? Significand >> shift : 0;
    }

    /// <summary>Rounded as an inexact result.</summary>
    public Float80 Pack(ref X87Context context, uint sign) =>
        Rounding.PackExtended(
            ref context, sign, Exponent + Float80.Bias, (ulong)(Significand >> 64), (ulong)Significand | 1);

    /// <summary>
    /// Σ coefficients[k] · (±z)^k by Horner's rule; z in units of 2^-128, coefficients and result of 2^-127.
    /// </summary>
    public static UInt128 Evaluate(ReadOnlySpan<ulong> coefficients, UInt128 z, bool alternating)
    {
        UInt128 sum = new(coefficients[^2], coefficients[^1]);
        for (int i = coefficients.Length - 4; i >= 0; i -= 2)
        {
            UInt128 coefficient = new(coefficients[i], coefficients[i + 1]);
            UInt128 term = MultiplyHigh(z, sum);
            sum = alternating ? coefficient - term : coefficient + term;
        }
        return sum;
    }

    /// <summary>The upper half of the product.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static UInt128 MultiplyHigh(UInt128 a, UInt128 b)
    {
        ulong highA = (ulong)(a >> 64);
        ulong highB = (ulong)(b >> 64);
        ulong high = Math.BigMul(highA, highB, out ulong middle);
        ulong cross = Math.BigMul(highA, (ulong)b, out ulong crossLow);
        ulong otherCross = Math.BigMul((ulong)a, highB, out ulong otherCrossLow);
        ulong low = Math.BigMul((ulong)a, (ulong)b, out _);
        UInt128 carries = (UInt128)crossLow + otherCrossLow + low;
        return new UInt128(high, middle) + cross + otherCross + (ulong)(carries >> 64);
    }

    /// <summary>The next 64 bits of remainder / divisor, where remainder &lt; divisor and the divisor's top bit is set.</summary>
    private static ulong Digit(ref UInt128 remainder, UInt128 divisor)
    {
        ulong divisorHigh = (ulong)(divisor >> 64);
        ulong remainderHigh = (ulong)(remainder >> 64);
        ulong digit = remainderHigh >= divisorHigh
            ? ulong.MaxValue
            : WideInteger.DivRem(remainderHigh, (ulong)remainder, divisorHigh, out _);

        // The estimate is at most two too large; the true remainder fits 128 bits, so 192-bit arithmetic may wrap.
        UInt128 lowProduct = (UInt128)digit * (ulong)divisor;
        UInt128 highProduct = (UInt128)digit * divisorHigh + (ulong)(lowProduct >> 64);
        UInt128 high = remainder - highProduct;
        ulong low = 0 - (ulong)lowProduct;
        if (low != 0)
            high--;
        while ((long)(ulong)(high >> 64) < 0)
        {
            digit--;
            ulong sum = low + (ulong)divisor;
            high += (UInt128)divisorHigh + (sum < low ? 1UL : 0);
            low = sum;
        }
        remainder = high << 64 | low;
        return digit;
    }

    private static int LeadingZeros(UInt128 value)
    {
        ulong high = (ulong)(value >> 64);
        return high != 0 ? BitOperations.LeadingZeroCount(high) : 64 + BitOperations.LeadingZeroCount((ulong)value);
    }
}
