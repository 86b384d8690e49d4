using System.Numerics;
using System.Runtime.CompilerServices;

namespace Kennel.Cpu.X87;

/// <summary>
/// Addition, subtraction, multiplication, division and square root, rounded to the precision that the control word asks
/// for. Source: Intel SDM volume 2, FADD, FSUB, FMUL, FDIV, FSQRT.
/// </summary>
public static partial class X87Arithmetic
{
    /// <summary>FADD: a + b.</summary>
    public static Float80 Add(ref X87Context context, Float80 a, Float80 b) => AddSigned(ref context, a, b, signFlip: 0);

    /// <summary>FSUB: a − b.</summary>
    public static Float80 Subtract(ref X87Context context, Float80 a, Float80 b) =>
        AddSigned(ref context, a, b, Float80.SignBit);

    /// <summary>FMUL: a · b.</summary>
    public static Float80 Multiply(ref X87Context context, Float80 a, Float80 b)
    {
        context.C1 = false;
        return a.IsNormal && b.IsNormal
            ? MultiplyFinite(
                ref context, (a.SignExponent ^ (uint)b.SignExponent) & Float80.SignBit, a.BiasedExponent, a.Significand,
                b.BiasedExponent, b.Significand)
            : MultiplySpecial(ref context, a, b);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Float80 AddSigned(ref X87Context context, Float80 a, Float80 b, uint signFlip)
    {
        context.C1 = false;
        return a.IsNormal && b.IsNormal
            ? AddFinite(
                ref context, a.Sign, a.BiasedExponent, a.Significand, b.Sign ^ signFlip, b.BiasedExponent, b.Significand)
            : AddSpecial(ref context, a, b, signFlip);
    }

    private static Float80 AddSpecial(ref X87Context context, Float80 a, Float80 b, uint signFlip)
    {
        if (Operands.AnswerNaN(ref context, a, b, out Float80 answer))
            return answer;
        uint signA = a.Sign;
        uint signB = b.Sign ^ signFlip;
        Float80Kind kindA = a.Kind;
        Float80Kind kindB = b.Kind;
        if (kindA == Float80Kind.Infinity && kindB == Float80Kind.Infinity && signA != signB)
            return Operands.Invalid(ref context);
        if (Operands.StopForDenormal(ref context, a, b))
            return a;
        if (kindA == Float80Kind.Infinity)
            return a;
        if (kindB == Float80Kind.Infinity)
            return Float80.Infinity(signB);
        if (kindA == Float80Kind.Zero && kindB == Float80Kind.Zero)
            return Float80.SignedZero(signA == signB ? signA : SignOfExactZero(ref context));
        if (kindA == Float80Kind.Zero)
            return RoundAlone(ref context, signB, b);
        if (kindB == Float80Kind.Zero)
            return RoundAlone(ref context, signA, a);
        ulong significandA = Operands.Normalize(a, out int exponentA);
        ulong significandB = Operands.Normalize(b, out int exponentB);
        return AddFinite(ref context, signA, exponentA, significandA, signB, exponentB, significandB);
    }

    private static Float80 AddFinite(
        ref X87Context context, uint signA, int exponentA, ulong significandA, uint signB, int exponentB, ulong significandB)
    {
        int distance = exponentA - exponentB;
        if (distance < 0 || distance == 0 && significandA < significandB)
        {
            (signA, signB) = (signB, signA);
            (significandA, significandB) = (significandB, significandA);
            exponentA = exponentB;
            distance = -distance;
        }

        ulong high = significandB;
        ulong low = 0;
        if ((uint)distance < 64)
        {
            low = significandB << 1 << (63 - distance);
            high >>= distance;
        }
        else
        {
            Rounding.ShiftRightSticky(ref high, ref low, distance);
        }
        return signA == signB
            ? Sum(ref context, signA, exponentA, significandA, high, low)
            : Difference(ref context, signA, exponentA, significandA, high, low);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Float80 Sum(ref X87Context context, uint sign, int exponent, ulong significand, ulong high, ulong low)
    {
        ulong sum = significand + high;
        if (sum < significand)
        {
            low = sum << 63 | low >> 1 | low & 1;
            sum = sum >> 1 | Float80.IntegerBit;
            exponent++;
        }
        return Rounding.Pack(ref context, sign, exponent, sum, low);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Float80 Difference(ref X87Context context, uint sign, int exponent, ulong significand, ulong high, ulong low)
    {
        ulong difference = significand - high - (low != 0 ? 1UL : 0);
        low = 0 - low;
        if (difference == 0)
        {
            if (low == 0)
                return Float80.SignedZero(SignOfExactZero(ref context));
            difference = low;
            low = 0;
            exponent -= 64;
        }
        // More than one leading zero only arises from distances 0 and 1, where nothing was lost below.
        int zeros = BitOperations.LeadingZeroCount(difference);
        difference = difference << zeros | low >> 1 >> (63 - zeros);
        return Rounding.Pack(ref context, sign, exponent - zeros, difference, low << zeros);
    }

    private static Float80 MultiplySpecial(ref X87Context context, Float80 a, Float80 b)
    {
        if (Operands.AnswerNaN(ref context, a, b, out Float80 answer))
            return answer;
        Float80Kind kindA = a.Kind;
        Float80Kind kindB = b.Kind;
        uint sign = a.Sign ^ b.Sign;
        bool infinite = kindA == Float80Kind.Infinity || kindB == Float80Kind.Infinity;
        bool zero = kindA == Float80Kind.Zero || kindB == Float80Kind.Zero;
        if (infinite && zero)
            return Operands.Invalid(ref context);
        if (Operands.StopForDenormal(ref context, a, b))
            return a;
        if (infinite)
            return Float80.Infinity(sign);
        if (zero)
            return Float80.SignedZero(sign);
        ulong significandA = Operands.Normalize(a, out int exponentA);
        ulong significandB = Operands.Normalize(b, out int exponentB);
        return MultiplyFinite(ref context, sign, exponentA, significandA, exponentB, significandB);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Float80 MultiplyFinite(
        ref X87Context context, uint sign, int exponentA, ulong significandA, int exponentB, ulong significandB)
    {
        int exponent = exponentA + exponentB - (Float80.Bias - 1);
        ulong high = Math.BigMul(significandA, significandB, out ulong low);
        if ((long)high >= 0)
        {
            high = high << 1 | low >> 63;
            low <<= 1;
            exponent--;
        }
        return Rounding.Pack(ref context, sign, exponent, high, low);
    }

    /// <summary>A number plus zero: it may still be rounded to less precision, or be denormal.</summary>
    private static Float80 RoundAlone(ref X87Context context, uint sign, Float80 value)
    {
        ulong significand = Operands.Normalize(value, out int exponent);
        return Rounding.Pack(ref context, sign, exponent, significand, 0);
    }

    private static uint SignOfExactZero(ref X87Context context) =>
        context.Rounding == X87Rounding.Down ? Float80.SignBit : 0;
}
