using System.Numerics;

namespace Kennel.Cpu.X87;

/// <summary>
/// FPREM and FPREM1: exact remainders, in several steps where the operands are far apart.
/// When done, C2 is clear, and C0, C3, C1 hold bits 2, 1, 0 of the quotient; while partial, C2 is set.
/// Source: Intel SDM volume 2, FPREM, FPREM1.
/// </summary>
public static class X87Remainder
{
    /// <summary>FPREM: the remainder of a / b, with the quotient rounded towards zero.</summary>
    public static Float80 Truncating(ref X87Context context, Float80 a, Float80 b) =>
        Remainder(ref context, a, b, nearest: false);

    /// <summary>FPREM1: the remainder of a / b, with the quotient rounded to nearest, as IEEE 754 defines it.</summary>
    public static Float80 Nearest(ref X87Context context, Float80 a, Float80 b) =>
        Remainder(ref context, a, b, nearest: true);

    private static Float80 Remainder(ref X87Context context, Float80 a, Float80 b, bool nearest)
    {
        // Where there is no remainder, C0 and C3 stay as they were.
        context.Set(X87Conditions.C1 | X87Conditions.C2, 0);
        if (Operands.AnswerNaN(ref context, a, b, out Float80 answer))
            return answer;
        Float80Kind kindA = a.Kind;
        Float80Kind kindB = b.Kind;
        if (kindA == Float80Kind.Infinity || kindB == Float80Kind.Zero)
            return Operands.Invalid(ref context);
        if (Operands.StopForDenormal(ref context, a, b))
            return a;
        context.Set(X87Conditions.All, 0);
        if (kindA == Float80Kind.Zero)
            return a;
        ulong significandA = Operands.Normalize(a, out int exponentA);
        if (kindB == Float80Kind.Infinity)
            return Rounding.PackExtended(ref context, a.Sign, exponentA, significandA, 0);
        ulong significandB = Operands.Normalize(b, out int exponentB);

        int distance = exponentA - exponentB;
        if (distance >= 64)
            return Partial(ref context, a.Sign, significandA, exponentB, significandB, distance);
        if (distance < (nearest ? -1 : 0))
            return Rounding.PackExtended(ref context, a.Sign, exponentA, significandA, 0);
        return distance < 0
            ? Below(ref context, a.Sign, significandA, exponentA, significandB)
            : Complete(ref context, a.Sign, significandA, exponentB, significandB, distance, nearest);
    }

    private static Float80 Complete(
        ref X87Context context, uint sign, ulong significandA, int exponentB, ulong significandB, int distance, bool nearest)
    {
        ulong high = significandA >> 1 >> (63 - distance);
        ulong low = significandA << distance;
        ulong quotient;
        ulong remainder;
        if (distance == 0)
        {
            quotient = significandA >= significandB ? 1UL : 0;
            remainder = significandA - (quotient != 0 ? significandB : 0);
        }
        else
        {
            quotient = WideInteger.DivRem(high, low, significandB, out remainder);
        }
        uint signOfZero = sign;
        ulong rest = significandB - remainder;
        if (nearest && (remainder > rest || remainder == rest && (quotient & 1) != 0))
        {
            remainder = rest;
            quotient++;
            sign ^= Float80.SignBit;
        }
        SetQuotient(ref context, quotient);
        return remainder == 0
            ? Float80.SignedZero(signOfZero)
            : PackRemainder(ref context, sign, exponentB, remainder);
    }

    /// <summary>FPREM1 where a is between a quarter of b and b: the quotient is 0 or 1.</summary>
    private static Float80 Below(ref X87Context context, uint sign, ulong significandA, int exponentA, ulong significandB)
    {
        if (significandA <= significandB)
            return Rounding.PackExtended(ref context, sign, exponentA, significandA, 0);
        SetQuotient(ref context, 1);
        return PackRemainder(ref context, sign ^ Float80.SignBit, exponentA, (significandB << 1) - significandA);
    }

    /// <summary>One step of reduction; how far it goes is the processor's choice between 32 and 63 bits.</summary>
    private static Float80 Partial(
        ref X87Context context, uint sign, ulong significandA, int exponentB, ulong significandB, int distance)
    {
        int step = distance & 31 | 32;
        WideInteger.DivRem(significandA >> (64 - step), significandA << step, significandB, out ulong remainder);
        context.C2 = true;
        return remainder == 0
            ? Float80.SignedZero(sign)
            : PackRemainder(ref context, sign, exponentB + distance - step, remainder);
    }

    private static Float80 PackRemainder(ref X87Context context, uint sign, int exponent, ulong remainder)
    {
        int zeros = BitOperations.LeadingZeroCount(remainder);
        return Rounding.PackExtended(ref context, sign, exponent - zeros, remainder << zeros, 0);
    }

    private static void SetQuotient(ref X87Context context, ulong quotient) =>
        context.Set(
            X87Conditions.All,
            ((quotient & 4) != 0 ? X87Conditions.C0 : 0)
            | ((quotient & 2) != 0 ? X87Conditions.C3 : 0)
            | ((quotient & 1) != 0 ? X87Conditions.C1 : 0));
}
