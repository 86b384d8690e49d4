using System.Runtime.CompilerServices;

namespace Kennel.Cpu.X87;

public static partial class X87Arithmetic
{
    /// <summary>FDIV: a / b.</summary>
    public static Float80 Divide(ref X87Context context, Float80 a, Float80 b)
    {
        context.C1 = false;
        return a.IsNormal && b.IsNormal
            ? DivideFinite(
                ref context, (a.SignExponent ^ (uint)b.SignExponent) & Float80.SignBit, a.BiasedExponent, a.Significand,
                b.BiasedExponent, b.Significand)
            : DivideSpecial(ref context, a, b);
    }

    /// <summary>FSQRT.</summary>
    public static Float80 SquareRoot(ref X87Context context, Float80 a)
    {
        context.C1 = false;
        if (!a.IsNormal)
        {
            Float80Kind kind = a.Kind;
            if (kind == Float80Kind.Zero || kind == Float80Kind.Infinity && !a.IsNegative)
                return a;
            if (kind <= Float80Kind.Infinity && a.IsNegative)
                return Operands.Invalid(ref context);
            if (Operands.AnswerSpecial(ref context, a, out Float80 answer))
                return answer;
        }
        if (a.IsNegative)
            return Operands.Invalid(ref context);

        ulong significand = Operands.Normalize(a, out int exponent);
        // The root of 2^126·[1, 4) has 64 bits; an odd true exponent takes the upper half of that range.
        int trueExponent = exponent - Float80.Bias;
        bool odd = (trueExponent & 1) != 0;
        ulong high = odd ? significand : significand >> 1;
        ulong low = odd ? 0 : significand << 63;
        ulong root = WideInteger.SquareRoot(high, low, out ulong fraction);
        return Rounding.Pack(ref context, 0, (trueExponent >> 1) + Float80.Bias, root, fraction);
    }

    private static Float80 DivideSpecial(ref X87Context context, Float80 a, Float80 b)
    {
        if (Operands.AnswerNaN(ref context, a, b, out Float80 answer))
            return answer;
        Float80Kind kindA = a.Kind;
        Float80Kind kindB = b.Kind;
        uint sign = a.Sign ^ b.Sign;
        if (kindA == kindB && kindA is Float80Kind.Infinity or Float80Kind.Zero)
            return Operands.Invalid(ref context);
        if (kindB == Float80Kind.Zero && kindA != Float80Kind.Infinity)
        {
            context.Raise(X87Exceptions.ZeroDivide);
            return Float80.Infinity(sign);
        }
        if (Operands.StopForDenormal(ref context, a, b))
            return a;
        if (kindA == Float80Kind.Infinity)
            return Float80.Infinity(sign);
        if (kindB == Float80Kind.Infinity || kindA == Float80Kind.Zero)
            return Float80.SignedZero(sign);
        ulong significandA = Operands.Normalize(a, out int exponentA);
        ulong significandB = Operands.Normalize(b, out int exponentB);
        return DivideFinite(ref context, sign, exponentA, significandA, exponentB, significandB);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Float80 DivideFinite(
        ref X87Context context, uint sign, int exponentA, ulong significandA, int exponentB, ulong significandB)
    {
        int exponent = exponentA - exponentB + Float80.Bias;
        ulong high = significandA;
        ulong low = 0;
        if (significandA >= significandB)
        {
            high = significandA >> 1;
            low = significandA << 63;
        }
        else
        {
            exponent--;
        }
        ulong quotient = WideInteger.DivRem(high, low, significandB, out ulong remainder);
        return Rounding.Pack(ref context, sign, exponent, quotient, Fraction(remainder, significandB));
    }

    /// <summary>What a remainder amounts to for rounding: nothing, less than half, half, or more.</summary>
    private static ulong Fraction(ulong remainder, ulong divisor)
    {
        ulong rest = divisor - remainder;
        ulong half = remainder >= rest ? Float80.IntegerBit : 0;
        return half | (remainder != 0 && remainder != rest ? 1UL : 0);
    }
}
