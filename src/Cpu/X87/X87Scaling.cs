using System.Numerics;

namespace Kennel.Cpu.X87;

/// <summary>FRNDINT, FSCALE and FXTRACT. Source: Intel SDM volume 2.</summary>
public static class X87Scaling
{
    /// <summary>Beyond any scale that makes a difference.</summary>
    private const int ScaleLimit = 0x10000;

    /// <summary>FRNDINT: rounded to an integer, as the rounding control asks.</summary>
    public static Float80 RoundToInteger(ref X87Context context, Float80 a)
    {
        context.C1 = false;
        if (Operands.AnswerSpecial(ref context, a, out Float80 answer))
            return answer;
        if (a.BiasedExponent >= Float80.Bias + 63 || a.Kind == Float80Kind.Zero)
            return a;
        ulong integer = IntegerRounding.Split(a, out ulong fraction);
        if (fraction == 0)
            return a;
        context.Raise(X87Exceptions.Precision);
        if (Rounding.RoundsUp(context.Rounding, a.Sign, integer, fraction))
        {
            context.C1 = true;
            integer++;
        }
        return IntegerRounding.FromMagnitude(a.Sign, integer);
    }

    /// <summary>FSCALE: a · 2^b, with b rounded towards zero.</summary>
    public static Float80 Scale(ref X87Context context, Float80 a, Float80 b)
    {
        context.C1 = false;
        if (Operands.AnswerNaN(ref context, a, b, out Float80 answer))
            return answer;
        Float80Kind kindA = a.Kind;
        bool infinite = b.Kind == Float80Kind.Infinity;
        if (infinite && kindA == (b.IsNegative ? Float80Kind.Infinity : Float80Kind.Zero))
            return Operands.Invalid(ref context);
        if (Operands.StopForDenormal(ref context, a, b))
            return a;
        if (kindA is Float80Kind.Infinity or Float80Kind.Zero)
            return a;
        if (infinite)
            return b.IsNegative ? Float80.SignedZero(a.Sign) : Float80.Infinity(a.Sign);
        ulong significand = Operands.Normalize(a, out int exponent);
        return Rounding.PackExtended(ref context, a.Sign, exponent + ScaleOf(b), significand, 0);
    }

    /// <summary>
    /// FXTRACT: the significand, which becomes ST(0), and the unbiased exponent as a number, which becomes ST(1).
    /// </summary>
    public static (Float80 Significand, Float80 Exponent) Extract(ref X87Context context, Float80 a)
    {
        context.C1 = false;
        if (a.Kind == Float80Kind.Zero)
        {
            context.Raise(X87Exceptions.ZeroDivide);
            return (a, Float80.Infinity(Float80.SignBit));
        }
        if (Operands.AnswerSpecial(ref context, a, out Float80 answer))
            return (answer, answer);
        if (a.Kind == Float80Kind.Infinity)
            return (a, Float80.Infinity(0));
        ulong significand = Operands.Normalize(a, out int exponent);
        exponent -= Float80.Bias;
        return (
            new Float80(significand, (ushort)(a.Sign | Float80.Bias)),
            IntegerRounding.FromMagnitude(exponent < 0 ? Float80.SignBit : 0, (ulong)Math.Abs(exponent)));
    }

    private static int ScaleOf(Float80 b)
    {
        int exponent = b.BiasedExponent - Float80.Bias;
        if (exponent < 0)
            return 0;
        int scale = exponent >= 16 ? ScaleLimit : (int)(b.Significand >> (63 - exponent));
        return b.IsNegative ? -scale : scale;
    }
}

/// <summary>Between numbers and integers of 64 bits and a sign.</summary>
internal static class IntegerRounding
{
    /// <summary>
    /// The whole part of a finite number below 2^64, and the bits below it as a fraction of 2^64 (the lowest sticky).
    /// </summary>
    public static ulong Split(Float80 value, out ulong fraction)
    {
        int shift = Float80.Bias + 63 - Math.Max(value.BiasedExponent, 1);
        ulong significand = value.Significand;
        switch (shift)
        {
            case 0:
                fraction = 0;
                return significand;
            case < 64:
                fraction = significand << (64 - shift);
                return significand >> shift;
            case 64:
                fraction = significand;
                return 0;
            default:
                fraction = significand != 0 ? 1UL : 0;
                return 0;
        }
    }

    public static Float80 FromMagnitude(uint sign, ulong magnitude)
    {
        if (magnitude == 0)
            return Float80.SignedZero(sign);
        int zeros = BitOperations.LeadingZeroCount(magnitude);
        return new Float80(magnitude << zeros, (ushort)(sign | (uint)(Float80.Bias + 63 - zeros)));
    }
}
