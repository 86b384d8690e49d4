namespace Kennel.Cpu.X87;

/// <summary>
/// The transcendental instructions, rounded correctly from some 120 good bits. Processors differ from one another, and
/// from this, in the last place of a few results in a hundred; C1 tells how this result was rounded.
/// Source: Intel SDM volume 1, section 8.3.10, and volume 2.
/// </summary>
public static partial class X87Transcendentals
{
    /// <summary>2^127: one, in the fixed-point form of series.</summary>
    private static UInt128 FixedOne => UInt128.One << 127;

    /// <summary>F2XM1: 2^x − 1. Operands beyond ±1, for which it is not defined, come back as they are.</summary>
    public static Float80 F2xm1(ref X87Context context, Float80 x)
    {
        context.C1 = false;
        if (Operands.AnswerSpecial(ref context, x, out Float80 answer))
            return answer;
        if (x.Kind == Float80Kind.Infinity)
            return x.IsNegative ? new Float80(Float80.One.Significand, Float80.Bias | (ushort)Float80.SignBit) : x;
        if (x.Kind == Float80Kind.Zero)
            return x;
        Wide magnitude = Wide.From(x);
        if (magnitude.Exponent >= 0)
            return F2xm1Beyond(ref context, x, magnitude);
        Wide z = magnitude * new Wide(SeriesTables.LnOf2, -1);
        UInt128 series = Wide.Evaluate(SeriesTables.ReciprocalFactorials, z.ToFixed(128), alternating: x.IsNegative);
        return (z * Wide.From(series, -127)).Pack(ref context, x.Sign);
    }

    private static Float80 F2xm1Beyond(ref X87Context context, Float80 x, Wide magnitude)
    {
        context.Raise(X87Exceptions.Precision);
        bool isMinusOne = x.IsNegative && magnitude.Exponent == 0 && magnitude.Significand == FixedOne;
        return isMinusOne ? new Float80(Float80.IntegerBit, Float80.Bias - 1 | (ushort)Float80.SignBit) : x;
    }

    /// <summary>A product of integers. Processors report results of these functions as inexact even where they are not.</summary>
    private static Float80 PackProduct(ref X87Context context, uint sign, UInt128 product, int unit)
    {
        Wide wide = Wide.From(product, unit);
        Float80 result = Rounding.PackExtended(
            ref context, sign, wide.Exponent + Float80.Bias, (ulong)(wide.Significand >> 64), (ulong)wide.Significand);
        context.Raise(result.BiasedExponent == 0 ? X87Exceptions.Precision | X87Exceptions.Underflow : X87Exceptions.Precision);
        return result;
    }
}
