namespace Kennel.Cpu.Floating;

/// <summary>Conversions between the formats, to and from integers, and rounding to an integral value.</summary>
internal static partial class SoftFloat<TFormat>
{
    /// <summary>From an integer.</summary>
    public static ulong FromInteger(long value, ref FloatStatus status)
    {
        if (value == 0) return 0;
        ulong magnitude = value < 0 ? (ulong)-value : (ulong)value;
        int shift = System.Numerics.BitOperations.LeadingZeroCount(magnitude);
        return Pack(value < 0 ? SignBit : 0, 63 - shift, magnitude << shift, ref status);
    }

    /// <summary>To an integer of 32 or 64 bits; what does not fit gives the most negative one.</summary>
    public static long ToInteger(ulong a, int bits, FloatRounding rounding, ref FloatStatus status)
    {
        Enter(ref a, status);
        if (IsZero(a)) return 0;
        long indefinite = long.MinValue >> (64 - bits);
        bool negative = (a & SignBit) != 0;
        if (!IsNaN(a) && !IsInfinite(a))
        {
            (int exponent, ulong significand) = Unpack(a);
            if (exponent < 64)
            {
                // One bit more than asked would be lost for an exponent of 63, but then the value does not fit anyway.
                (ulong whole, bool inexact) = Whole(negative, exponent, significand, rounding);
                ulong limit = (1UL << (bits - 1)) - (negative ? 0UL : 1);
                if (whole <= limit)
                {
                    if (inexact) status.Flags |= Mxcsr.Precision;
                    return negative ? -(long)whole : (long)whole;
                }
            }
        }
        status.Flags |= Mxcsr.Invalid;
        return indefinite;
    }

    /// <summary>ROUNDSS, ROUNDSD: to an integral value of the same format.</summary>
    public static ulong RoundToIntegral(ulong a, FloatRounding rounding, bool exceptInexact, ref FloatStatus status)
    {
        if (IsNaN(a)) return Propagate(a, a, ref status);
        Enter(ref a, status);
        if (IsZero(a) || IsInfinite(a)) return a;
        (int exponent, ulong significand) = Unpack(a);
        if (exponent >= FractionBits) return a;
        (ulong whole, bool inexact) = Whole((a & SignBit) != 0, exponent, significand, rounding);
        if (inexact && !exceptInexact) status.Flags |= Mxcsr.Precision;
        if (whole == 0) return a & SignBit;
        int shift = System.Numerics.BitOperations.LeadingZeroCount(whole);
        var exact = new FloatStatus(status.Control);
        return Pack(a & SignBit, 63 - shift, whole << shift, ref exact);
    }

    /// <summary>To the other format.</summary>
    public static ulong ConvertTo<TOther>(ulong a, ref FloatStatus status) where TOther : struct, IFloatFormat
    {
        ulong sign = (a & SignBit) != 0 ? SoftFloat<TOther>.SignBit : 0;
        if (IsNaN(a))
        {
            ulong payload = (Propagate(a, a, ref status) & (QuietBit - 1)) << (64 - TFormat.Precision);
            return sign | SoftFloat<TOther>.Infinity | SoftFloat<TOther>.QuietBit | (payload >> (64 - TOther.Precision));
        }
        Enter(ref a, status);
        NoteDenormals(a, a, ref status);
        if (IsInfinite(a)) return sign | SoftFloat<TOther>.Infinity;
        if (IsZero(a)) return sign;
        (int exponent, ulong significand) = Unpack(a);
        return SoftFloat<TOther>.Pack(sign, exponent, significand, ref status);
    }

    // The integral part of a value below 2^64, rounded.
    private static (ulong Whole, bool Inexact) Whole(bool negative, int exponent, ulong significand, FloatRounding rounding)
    {
        ulong kept = exponent < 0 ? 0 : significand >> (63 - exponent);
        // The fraction, its first bit in bit 63.
        ulong lost = exponent >= 63 ? 0 : exponent >= 0 ? significand << (exponent + 1) : ShiftRight(significand, -1 - exponent);
        bool up = rounding switch
        {
            FloatRounding.Nearest => lost > 1UL << 63 || (lost == 1UL << 63 && (kept & 1) != 0),
            FloatRounding.Up => lost != 0 && !negative,
            FloatRounding.Down => lost != 0 && negative,
            _ => false,
        };
        return (up ? kept + 1 : kept, lost != 0);
    }
}
