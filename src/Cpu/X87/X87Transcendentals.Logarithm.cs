namespace Kennel.Cpu.X87;

public static partial class X87Transcendentals
{
    /// <summary>√2 in units of 2^-127, roughly: significands above it are halved before their logarithm is taken.</summary>
    private static UInt128 RootOfTwo => new(0xb504f333f9de6484, 0);

    /// <summary>FYL2X: y · log2(x), where x is ST(0) and y is ST(1).</summary>
    public static Float80 Fyl2x(ref X87Context context, Float80 x, Float80 y)
    {
        context.C1 = false;
        if (Operands.AnswerNaN(ref context, x, y, out Float80 answer))
            return answer;
        Float80Kind kindX = x.Kind;
        Float80Kind kindY = y.Kind;
        bool xIsOne = kindX == Float80Kind.Normal && x == Float80.One;
        if (x.IsNegative && kindX != Float80Kind.Zero
            || kindX is Float80Kind.Zero or Float80Kind.Infinity && kindY == Float80Kind.Zero
            || xIsOne && kindY == Float80Kind.Infinity)
        {
            return Operands.Invalid(ref context);
        }
        bool logarithmIsNegative = x.BiasedExponent < Float80.Bias;
        uint sign = y.Sign ^ (logarithmIsNegative ? Float80.SignBit : 0);
        if (kindX == Float80Kind.Zero && kindY != Float80Kind.Infinity)
        {
            context.Raise(X87Exceptions.ZeroDivide);
            return Float80.Infinity(sign);
        }
        if (Operands.StopForDenormal(ref context, x, y))
            return y;
        if (kindX == Float80Kind.Infinity || kindY == Float80Kind.Infinity)
            return Float80.Infinity(sign);
        if (xIsOne || kindY == Float80Kind.Zero)
            return Float80.SignedZero(sign);

        return MultiplyByLog2(ref context, Wide.From(x), y, sign);
    }

    /// <summary>
    /// FYL2XP1: y · log2(x + 1), where x is ST(0) and y is ST(1). The manual defines it for |x| up to 1 − √½; beyond,
    /// it is computed as well, and from −1 downwards, where there is no logarithm, x comes back.
    /// </summary>
    public static Float80 Fyl2xp1(ref X87Context context, Float80 x, Float80 y)
    {
        context.C1 = false;
        if (Operands.AnswerNaN(ref context, x, y, out Float80 answer))
            return answer;
        Float80Kind kindX = x.Kind;
        Float80Kind kindY = y.Kind;
        uint sign = x.Sign ^ y.Sign;
        if (kindX == Float80Kind.Infinity && (x.IsNegative || kindY == Float80Kind.Zero)
            || kindX == Float80Kind.Zero && kindY == Float80Kind.Infinity)
        {
            return Operands.Invalid(ref context);
        }
        if (Operands.StopForDenormal(ref context, x, y))
            return y;
        if (kindX == Float80Kind.Infinity || kindY == Float80Kind.Infinity)
            return Float80.Infinity(sign);
        if (kindX == Float80Kind.Zero || kindY == Float80Kind.Zero)
            return Float80.SignedZero(sign);

        Wide magnitude = Wide.From(x);
        Wide one = new(FixedOne, 0);
        if (x.IsNegative && magnitude.Exponent >= 0)
        {
            context.Raise(X87Exceptions.Precision);
            return x;
        }
        if (magnitude.Exponent >= -2)
            return MultiplyByLog2(ref context, x.IsNegative ? one - magnitude : one + magnitude, y, sign);

        // log2(1+x) = 2/ln 2 · atanh(x/(2+x)).
        Wide two = new(FixedOne, 1);
        Wide quotient = magnitude / (x.IsNegative ? two - magnitude : two + magnitude);
        return (Log2OfQuotient(quotient) * Wide.From(y)).Pack(ref context, sign);
    }

    /// <summary>y · log2(x) for x other than one; the sign is known.</summary>
    private static Float80 MultiplyByLog2(ref X87Context context, Wide x, Float80 y, uint sign)
    {
        if (x.Significand != FixedOne)
            return (Log2(x) * Wide.From(y)).Pack(ref context, sign);
        ulong significand = Operands.Normalize(y, out int exponent);
        UInt128 product = (UInt128)significand * (uint)Math.Abs(x.Exponent);
        return PackProduct(ref context, sign, product, exponent - Float80.Bias - 63);
    }

    /// <summary>|log2(x)| for other than powers of two.</summary>
    private static Wide Log2(Wide x)
    {
        // m in (√½, √2]: log2 m = 2/ln 2 · atanh((m−1)/(m+1)).
        bool halved = x.Significand > RootOfTwo;
        int exponent = x.Exponent + (halved ? 1 : 0);
        UInt128 distance = halved ? 0 - x.Significand : x.Significand - FixedOne;
        UInt128 halfSum = (x.Significand >> 1) + (halved ? FixedOne : FixedOne >> 1);
        Wide logarithm = Log2OfQuotient(Wide.From(distance, 0) / Wide.From(halfSum, 1));
        if (exponent == 0)
            return logarithm;
        Wide whole = Wide.From((UInt128)(uint)Math.Abs(exponent), 0);
        return halved == exponent < 0 ? whole + logarithm : whole - logarithm;
    }

    /// <summary>2/ln 2 · atanh(s), for s up to (√2−1)/(√2+1).</summary>
    private static Wide Log2OfQuotient(Wide s)
    {
        UInt128 series = Wide.Evaluate(SeriesTables.OddReciprocals, (s * s).ToFixed(128), alternating: false);
        return s * Wide.From(series, -127) * new Wide(SeriesTables.TwoLog2OfE, 1);
    }
}
