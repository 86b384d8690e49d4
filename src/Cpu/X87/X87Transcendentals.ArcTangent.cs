namespace Kennel.Cpu.X87;

public static partial class X87Transcendentals
{
    /// <summary>FPATAN: the angle of the point (x, y), where x is ST(0) and y is ST(1).</summary>
    public static Float80 Fpatan(ref X87Context context, Float80 x, Float80 y)
    {
        context.C1 = false;
        if (Operands.AnswerNaN(ref context, x, y, out Float80 answer))
            return answer;
        if (Operands.StopForDenormal(ref context, x, y))
            return y;
        Float80Kind kindX = x.Kind;
        Float80Kind kindY = y.Kind;
        Wide halfPi = new(SeriesTables.HalfPi, 0);
        Wide pi = new(SeriesTables.HalfPi, 1);
        if (kindY == Float80Kind.Infinity)
        {
            if (kindX != Float80Kind.Infinity)
                return halfPi.Pack(ref context, y.Sign);
            Wide quarterPi = new(SeriesTables.HalfPi, -1);
            return (x.IsNegative ? quarterPi + halfPi : quarterPi).Pack(ref context, y.Sign);
        }
        if (kindX == Float80Kind.Infinity || kindY == Float80Kind.Zero)
            return x.IsNegative ? pi.Pack(ref context, y.Sign) : Float80.SignedZero(y.Sign);
        if (kindX == Float80Kind.Zero)
            return halfPi.Pack(ref context, y.Sign);

        Wide wideX = Wide.From(x);
        Wide wideY = Wide.From(y);
        bool steep = wideY.Exponent > wideX.Exponent
            || wideY.Exponent == wideX.Exponent && wideY.Significand > wideX.Significand;
        if (!steep && !x.IsNegative)
            return ArcTangent(wideY, wideX).Pack(ref context, y.Sign);
        Wide angle = steep ? ArcTangent(wideX, wideY) : ArcTangent(wideY, wideX);
        Wide whole = steep ? halfPi : pi;
        return (steep && x.IsNegative ? whole + angle : whole - angle).Pack(ref context, y.Sign);
    }

    /// <summary>atan(n/d) for n ≤ d, both of 64 significant bits.</summary>
    private static Wide ArcTangent(Wide n, Wide d)
    {
        int distance = d.Exponent - n.Exponent;
        if (distance > 6)
            return SmallArcTangent(n / d);

        // atan(n/d) = atan(c) + atan((n − c·d)/(d + c·n)), with c the nearest of 0/32 to 32/32; both are exact.
        UInt128 numerator = n.Significand >> 64;
        UInt128 denominator = d.Significand >> 64 << distance;
        int index = (int)Math.Round(32.0 * ((double)numerator / (double)denominator));
        if (index == 0)
            return SmallArcTangent(n / d);
        UInt128 scaled = numerator * 32;
        UInt128 subtrahend = denominator * (uint)index;
        UInt128 sum = new(SeriesTables.ArcTangents[2 * index], SeriesTables.ArcTangents[2 * index + 1]);
        if (scaled == subtrahend)
            return Wide.From(sum, -128);
        bool above = scaled > subtrahend;
        Wide rest = Wide.From(above ? scaled - subtrahend : subtrahend - scaled, 0)
            / Wide.From(denominator * 32 + numerator * (uint)index, 0);
        UInt128 angle = SmallArcTangent(rest).ToFixed(128);
        return Wide.From(above ? sum + angle : sum - angle, -128);
    }

    /// <summary>atan(t) for t up to 1/32; always less than t.</summary>
    private static Wide SmallArcTangent(Wide t)
    {
        UInt128 series = Wide.Evaluate(SeriesTables.OddReciprocals, (t * t).ToFixed(128), alternating: true);
        return t * Wide.From(series == FixedOne ? series - 1 : series, -127);
    }
}
