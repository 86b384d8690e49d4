using System.Numerics;
using System.Runtime.CompilerServices;

namespace Kennel.Cpu.X87;

/// <summary>
/// FLD and FST between extended, double and single precision. A store that an unmasked exception keeps from completing
/// (<see cref="X87Context.Unmasked"/> has invalid, overflow or underflow) must not write memory.
/// Source: Intel SDM volume 2, FLD, FST; volume 1, table 4-7.
/// </summary>
public static partial class X87Conversions
{
    private const int SingleFraction = 23;
    private const int DoubleFraction = 52;

    /// <summary>
    /// FLD m32: exact; a signalling NaN is made quiet and raises invalid. The load completes, and pushes, even if the
    /// denormal exception is not masked; only an unmasked invalid keeps it from doing so.
    /// </summary>
    public static Float80 FromSingle(ref X87Context context, uint bits)
    {
        context.C1 = false;
        return IsNormalSingle(bits) ? NormalSingle(bits) : Loaded(ref context, WidenSingle(bits, out bool denormal), denormal);
    }

    /// <summary>FLD m64: as <see cref="FromSingle"/>.</summary>
    public static Float80 FromDouble(ref X87Context context, ulong bits)
    {
        context.C1 = false;
        return IsNormalDouble(bits) ? NormalDouble(bits) : Loaded(ref context, WidenDouble(bits, out bool denormal), denormal);
    }

    /// <summary>
    /// The operand of FADD m32 and its like, whose other operand is in a register: exact, a signalling NaN stays one.
    /// A denormal is flagged unless the other operand is a NaN, or is a zero that it is to be divided by (FDIVR); the
    /// operation must not be done if that leaves the context stopped.
    /// </summary>
    public static Float80 SingleOperand(ref X87Context context, uint bits, Float80 other, bool isDividend = false) =>
        IsNormalSingle(bits)
            ? NormalSingle(bits)
            : Operand(ref context, WidenSingle(bits, out bool denormal), denormal, other, isDividend);

    /// <summary>The same for FADD m64 and its like.</summary>
    public static Float80 DoubleOperand(ref X87Context context, ulong bits, Float80 other, bool isDividend = false) =>
        IsNormalDouble(bits)
            ? NormalDouble(bits)
            : Operand(ref context, WidenDouble(bits, out bool denormal), denormal, other, isDividend);

    /// <summary>FST m32.</summary>
    public static uint ToSingle(ref X87Context context, Float80 value) =>
        (uint)ToFormat(ref context, value, SingleFraction, 8);

    /// <summary>FST m64.</summary>
    public static ulong ToDouble(ref X87Context context, Float80 value)
    {
        int exponent = value.BiasedExponent - (Float80.Bias - 1023);
        if ((context.Control & 0x0c00) != 0 || (uint)(exponent - 1) >= 0x7fd || (long)value.Significand >= 0)
            return ToFormat(ref context, value, DoubleFraction, 11);

        // Nearest, and a normal number even after a carry, which goes from the fraction to the exponent by itself.
        context.C1 = false;
        ulong significand = value.Significand;
        ulong result = (ulong)value.Sign << 48 | (ulong)exponent << DoubleFraction | significand << 1 >> 12;
        ulong fraction = significand & 0x7ff;
        if (fraction != 0)
        {
            context.Raise(X87Exceptions.Precision);
            if (fraction > 0x400 || fraction == 0x400 && (result & 1) != 0)
            {
                context.C1 = true;
                result++;
            }
        }
        return result;
    }

    private static bool IsNormalSingle(uint bits) => (bits >> SingleFraction & 0xff) - 1 < 0xfe;

    private static Float80 NormalSingle(uint bits) =>
        new(
            (ulong)bits << 40 | Float80.IntegerBit,
            (ushort)(bits >> 16 & Float80.SignBit | (bits >> SingleFraction & 0xff) + (Float80.Bias - 127)));

    private static bool IsNormalDouble(ulong bits) => (bits >> DoubleFraction & 0x7ff) - 1 < 0x7fe;

    private static Float80 NormalDouble(ulong bits) =>
        new(
            bits << 11 | Float80.IntegerBit,
            (ushort)(bits >> 48 & Float80.SignBit | (bits >> DoubleFraction & 0x7ff) + (Float80.Bias - 1023)));

    private static Float80 WidenSingle(uint bits, out bool denormal) =>
        Widen((ulong)bits << 40, bits >> 16 & Float80.SignBit, (int)(bits >> SingleFraction & 0xff), 0xff, out denormal);

    private static Float80 WidenDouble(ulong bits, out bool denormal) =>
        Widen(
            bits << 11, (uint)(bits >> 48) & Float80.SignBit, (int)(bits >> DoubleFraction & 0x7ff), 0x7ff, out denormal);

    /// <summary>The fraction is left-aligned below the integer bit, in whose place anything may stand.</summary>
    private static Float80 Widen(ulong fraction, uint sign, int exponent, int maximum, out bool denormal)
    {
        fraction &= ~Float80.IntegerBit;
        denormal = exponent == 0 && fraction != 0;
        if (exponent == maximum)
            return new Float80(fraction | Float80.IntegerBit, (ushort)(sign | Float80.MaximumExponent));
        int rebias = Float80.Bias - (maximum >> 1);
        if (exponent != 0)
            return new Float80(fraction | Float80.IntegerBit, (ushort)(sign | (uint)(exponent + rebias)));
        if (fraction == 0)
            return Float80.SignedZero(sign);
        int zeros = BitOperations.LeadingZeroCount(fraction);
        return new Float80(fraction << zeros, (ushort)(sign | (uint)(1 + rebias - zeros)));
    }

    private static Float80 Loaded(ref X87Context context, Float80 value, bool denormal)
    {
        if (denormal)
            context.Raise(X87Exceptions.Denormal);
        if (value.Kind != Float80Kind.SignalingNaN)
            return value;
        context.Raise(X87Exceptions.Invalid);
        return Operands.Quiet(value);
    }

    private static Float80 Operand(
        ref X87Context context, Float80 value, bool denormal, Float80 other, bool isDividend)
    {
        Float80Kind otherKind = other.Kind;
        if (denormal && otherKind < Float80Kind.QuietNaN && !(isDividend && otherKind == Float80Kind.Zero))
            context.Raise(X87Exceptions.Denormal);
        return value;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ulong ToFormat(ref X87Context context, Float80 value, int fractionBits, int exponentBits)
    {
        context.C1 = false;
        int maximum = (1 << exponentBits) - 1;
        ulong sign = (value.IsNegative ? 1UL : 0) << (fractionBits + exponentBits);
        ulong infinity = (ulong)maximum << fractionBits;
        switch (value.Kind)
        {
            case Float80Kind.Zero:
                return sign;
            case Float80Kind.Infinity:
                return sign | infinity;
            case Float80Kind.Unsupported:
                context.Raise(X87Exceptions.Invalid);
                return 1UL << (fractionBits + exponentBits) | infinity | 1UL << (fractionBits - 1);
            case Float80Kind.SignalingNaN:
                context.Raise(X87Exceptions.Invalid);
                break;
            case Float80Kind.QuietNaN:
                break;
            default:
                return RoundToFormat(ref context, value, fractionBits, maximum, sign);
        }
        ulong payload = (value.Significand & ~Float80.IntegerBit | Float80.QuietBit) >> (63 - fractionBits);
        return sign | infinity | payload;
    }

    private static ulong RoundToFormat(ref X87Context context, Float80 value, int fractionBits, int maximum, ulong sign)
    {
        ulong significand = Operands.Normalize(value, out int exponent);
        exponent -= Float80.Bias - (maximum >> 1);
        ulong result = Round(ref context, value.Sign, significand, 63 - fractionBits, out bool inexact, out bool up);
        bool carry = result >> (fractionBits + 1) != 0;
        int rounded = exponent + (carry ? 1 : 0);
        if (rounded >= maximum)
        {
            context.Raise(X87Exceptions.Overflow);
            if (!context.IsMasked(X87Exceptions.Overflow))
                return 0;
            return sign | MaskedOverflow(ref context, value.Sign, fractionBits, maximum);
        }
        if (rounded <= 0)
        {
            if (!context.IsMasked(X87Exceptions.Underflow))
            {
                context.Raise(X87Exceptions.Underflow);
                return 0;
            }
            // The integer bit of a number that rounds up to the smallest normal becomes its exponent.
            result = Round(ref context, value.Sign, significand, 63 - fractionBits + 1 - exponent, out inexact, out up);
            Report(ref context, inexact, up);
            if (inexact)
                context.Raise(X87Exceptions.Underflow);
            return sign | result;
        }
        Report(ref context, inexact, up);
        return sign | ((ulong)exponent << fractionBits) + (result - (1UL << fractionBits));
    }

    private static ulong Round(
        ref X87Context context, uint sign, ulong significand, int shift, out bool inexact, out bool up)
    {
        ulong fraction = shift switch
        {
            < 64 => significand << (64 - shift),
            64 => significand,
            _ => 1,
        };
        ulong result = shift < 64 ? significand >> shift : 0;
        inexact = fraction != 0;
        up = Rounding.RoundsUp(context.Rounding, sign, result, fraction);
        return result + (up ? 1UL : 0);
    }

    private static ulong MaskedOverflow(ref X87Context context, uint sign, int fractionBits, int maximum)
    {
        ulong infinity = (ulong)maximum << fractionBits;
        bool toInfinity = Rounding.OverflowsToInfinity(context.Rounding, sign);
        Report(ref context, inexact: true, toInfinity);
        return toInfinity ? infinity : infinity - 1;
    }

    private static void Report(ref X87Context context, bool inexact, bool up)
    {
        if (inexact)
            context.Raise(X87Exceptions.Precision);
        if (up)
            context.C1 = true;
    }
}
