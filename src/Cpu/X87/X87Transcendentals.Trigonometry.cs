namespace Kennel.Cpu.X87;

public static partial class X87Transcendentals
{
    /// <summary>
    /// π/2 as processors reduce arguments by it: 66 bits, in units of 2^-65. An argument that is itself a number of 64
    /// bits is never a multiple of it.
    /// </summary>
    private static UInt128 ReducingHalfPi => new(3, 0x243f6a8885a308d3);

    /// <summary>FSIN. From 2^63 on, the argument is out of range: it comes back, and C2 is set.</summary>
    public static Float80 Fsin(ref X87Context context, Float80 x)
    {
        if (AnswerAngle(ref context, x, out Float80 answer))
            return answer;
        if (x.Kind == Float80Kind.Zero)
            return x;
        Angle angle = Reduce(x);
        return Sine(angle, angle.Quadrant).Pack(ref context, SineSign(angle.Quadrant, x.Sign ^ angle.Sign, x.Sign));
    }

    /// <summary>FCOS. From 2^63 on, the argument is out of range: it comes back, and C2 is set.</summary>
    public static Float80 Fcos(ref X87Context context, Float80 x)
    {
        if (AnswerAngle(ref context, x, out Float80 answer))
            return answer;
        if (x.Kind == Float80Kind.Zero)
            return Float80.One;
        Angle angle = Reduce(x);
        return Sine(angle, angle.Quadrant + 1).Pack(ref context, SineSign(angle.Quadrant + 1, angle.Sign, 0));
    }

    /// <summary>
    /// FSINCOS: the sine replaces the operand, and the cosine is pushed, unless C2 is set.
    /// </summary>
    public static (Float80 Sine, Float80 Cosine) Fsincos(ref X87Context context, Float80 x)
    {
        Float80 sine = Fsin(ref context, x);
        if (context.Stopped)
            return (sine, sine);
        Float80 cosine = Fcos(ref context, x);
        return (sine, cosine);
    }

    /// <summary>
    /// FPTAN: the tangent replaces the operand, and then one (or the same NaN) is pushed, unless C2 is set.
    /// </summary>
    public static (Float80 Tangent, Float80 Pushed) Fptan(ref X87Context context, Float80 x)
    {
        if (AnswerAngle(ref context, x, out Float80 answer))
            return (answer, answer);
        if (x.Kind == Float80Kind.Zero)
            return (x, Float80.One);
        Angle angle = Reduce(x);
        Wide tangent = angle.Quadrant == 0 && angle.Rest.Exponent < -32
            ? SmallTangent(angle.Rest)
            : Sine(angle, angle.Quadrant) / Sine(angle, angle.Quadrant + 1);
        uint sign = x.Sign ^ angle.Sign ^ ((angle.Quadrant & 1) != 0 ? Float80.SignBit : 0);
        return (tangent.Pack(ref context, sign), Float80.One);
    }

    /// <summary>NaNs, infinities and angles out of range.</summary>
    private static bool AnswerAngle(ref X87Context context, Float80 x, out Float80 answer)
    {
        context.Set(X87Conditions.C1 | X87Conditions.C2, 0);
        if (x.Kind == Float80Kind.Infinity)
        {
            answer = Operands.Invalid(ref context);
            return true;
        }
        if (Operands.AnswerSpecial(ref context, x, out answer))
            return true;
        context.C2 = x.BiasedExponent >= Float80.Bias + 63;
        return context.C2;
    }

    /// <summary>|x| as a multiple of π/2 and a rest between −π/4 and π/4, whose sign is apart.</summary>
    private static Angle Reduce(Float80 x)
    {
        Wide magnitude = Wide.From(x);
        if (magnitude.Exponent < -1)
            return new Angle(magnitude, 0, 0);
        UInt128 units = magnitude.Significand >> 64 << (magnitude.Exponent + 2);
        (UInt128 quotient, UInt128 rest) = UInt128.DivRem(units, ReducingHalfPi);
        uint sign = 0;
        if (rest > ReducingHalfPi >> 1)
        {
            rest = ReducingHalfPi - rest;
            quotient++;
            sign = Float80.SignBit;
        }
        return new Angle(Wide.From(rest, -65), (int)quotient & 3, sign);
    }

    /// <summary>The magnitude of the rest's sine, or in odd quadrants of its cosine.</summary>
    private static Wide Sine(Angle angle, int quadrant)
    {
        UInt128 square = (angle.Rest * angle.Rest).ToFixed(128);
        bool cosine = (quadrant & 1) != 0;
        UInt128 series = Wide.Evaluate(
            cosine ? SeriesTables.EvenReciprocalFactorials : SeriesTables.OddReciprocalFactorials, square, alternating: true);
        // Never quite one, so that directed rounding sees on which side the result lies.
        Wide factor = Wide.From(series == FixedOne ? series - 1 : series, -127);
        return cosine ? factor : angle.Rest * factor;
    }

    /// <summary>tan(z) = z + z³/3 + …, always greater than z.</summary>
    private static Wide SmallTangent(Wide z) => z * Wide.From(FixedOne + (z * z).ToFixed(127) / 3 + 1, -127);

    /// <summary>The sign of sin(quadrant · π/2 ± rest), given that of the rest, and turned over for negative x.</summary>
    private static uint SineSign(int quadrant, uint restSign, uint argumentSign)
    {
        uint half = (quadrant & 2) != 0 ? Float80.SignBit : 0;
        return (quadrant & 1) != 0 ? half ^ argumentSign : half ^ restSign;
    }

    private readonly struct Angle(Wide rest, int quadrant, uint sign)
    {
        public readonly Wide Rest = rest;
        public readonly int Quadrant = quadrant;
        public readonly uint Sign = sign;
    }
}
