namespace Kennel.Cpu.X87;

/// <summary>FILD, FIST, FISTTP, FBLD and FBSTP. Source: Intel SDM volume 2.</summary>
public static partial class X87Conversions
{
    private const ulong LargestDecimal = 999_999_999_999_999_999;

    /// <summary>FILD of any size: exact, without exceptions; C1 is cleared by the instruction.</summary>
    public static Float80 FromInteger(long value)
    {
        uint sign = value < 0 ? Float80.SignBit : 0;
        return IntegerRounding.FromMagnitude(sign, value < 0 ? 0 - (ulong)value : (ulong)value);
    }

    /// <summary>FIST m16, and FISTTP if truncating; the integer indefinite (−2^15) if it does not fit.</summary>
    public static short ToInt16(ref X87Context context, Float80 value, bool truncate = false) =>
        (short)ToInteger(ref context, value, truncate, short.MinValue);

    /// <summary>FIST m32, and FISTTP if truncating; the integer indefinite (−2^31) if it does not fit.</summary>
    public static int ToInt32(ref X87Context context, Float80 value, bool truncate = false) =>
        (int)ToInteger(ref context, value, truncate, int.MinValue);

    /// <summary>FISTP m64, and FISTTP if truncating; the integer indefinite (−2^63) if it does not fit.</summary>
    public static long ToInt64(ref X87Context context, Float80 value, bool truncate = false) =>
        ToInteger(ref context, value, truncate, long.MinValue);

    /// <summary>
    /// FBLD: 18 decimal digits, two to a byte from the lowest, and the sign in bit 79. Digits above 9, which the manual
    /// leaves undefined, count with their value.
    /// </summary>
    public static Float80 FromPackedDecimal(ulong low, ushort high)
    {
        ulong magnitude = 0;
        for (int shift = 4; shift >= 0; shift -= 4)
            magnitude = magnitude * 10 + (uint)(high >> shift & 0xf);
        for (int shift = 60; shift >= 0; shift -= 4)
            magnitude = magnitude * 10 + (low >> shift & 0xf);
        return IntegerRounding.FromMagnitude(high & Float80.SignBit, magnitude);
    }

    /// <summary>FBSTP: rounded to an integer of 18 digits; the packed indefinite if it does not fit.</summary>
    public static (ulong Low, ushort High) ToPackedDecimal(ref X87Context context, Float80 value)
    {
        if (!TryToMagnitude(ref context, value, context.Rounding, LargestDecimal, out ulong magnitude))
            return (0xc000_0000_0000_0000, 0xffff);
        ulong low = 0;
        for (int shift = 0; shift < 64; shift += 4)
        {
            (magnitude, ulong digit) = Math.DivRem(magnitude, 10);
            low |= digit << shift;
        }
        return (low, (ushort)(value.Sign | (uint)(magnitude / 10 << 4 | magnitude % 10)));
    }

    private static long ToInteger(ref X87Context context, Float80 value, bool truncate, long minimum)
    {
        X87Rounding rounding = truncate ? X87Rounding.Zero : context.Rounding;
        ulong limit = value.IsNegative ? 0 - (ulong)minimum : (ulong)-(minimum + 1);
        if (!TryToMagnitude(ref context, value, rounding, limit, out ulong magnitude))
            return minimum;
        return value.IsNegative ? (long)(0 - magnitude) : (long)magnitude;
    }

    private static bool TryToMagnitude(
        ref X87Context context, Float80 value, X87Rounding rounding, ulong limit, out ulong magnitude)
    {
        context.C1 = false;
        magnitude = 0;
        if (value.Kind >= Float80Kind.Infinity || value.BiasedExponent > Float80.Bias + 63)
        {
            context.Raise(X87Exceptions.Invalid);
            return false;
        }
        magnitude = IntegerRounding.Split(value, out ulong fraction);
        bool up = Rounding.RoundsUp(rounding, value.Sign, magnitude, fraction);
        if (magnitude > limit || up && magnitude == limit)
        {
            context.Raise(X87Exceptions.Invalid);
            return false;
        }
        magnitude += up ? 1UL : 0;
        Report(ref context, fraction != 0, up);
        return true;
    }
}
