using System.Numerics;

namespace Kennel.Cpu.X87;

/// <summary>What all operations share about their operands: NaNs, denormals, and reading out sign and size.</summary>
internal static class Operands
{
    /// <summary>
    /// Answers an operation with one operand that is a NaN or not supported, and flags a denormal one.
    /// Returns false if there is something to compute.
    /// </summary>
    public static bool AnswerSpecial(ref X87Context context, Float80 operand, out Float80 answer)
    {
        Float80Kind kind = operand.Kind;
        if (kind >= Float80Kind.QuietNaN)
        {
            if (kind != Float80Kind.QuietNaN)
                context.Raise(X87Exceptions.Invalid);
            answer = kind == Float80Kind.Unsupported ? Float80.Indefinite : Quiet(operand);
            return true;
        }
        answer = operand;
        if (kind != Float80Kind.Denormal)
            return false;
        context.Raise(X87Exceptions.Denormal);
        return context.Stopped;
    }

    /// <summary>
    /// The same for two operands. Denormals are not flagged yet: an invalid operation comes before them.
    /// Source: Intel SDM volume 1, table 4-7.
    /// </summary>
    public static bool AnswerNaN(ref X87Context context, Float80 a, Float80 b, out Float80 answer)
    {
        Float80Kind kindA = a.Kind;
        Float80Kind kindB = b.Kind;
        answer = default;
        if (kindA < Float80Kind.QuietNaN && kindB < Float80Kind.QuietNaN)
            return false;
        if (kindA > Float80Kind.QuietNaN || kindB > Float80Kind.QuietNaN)
            context.Raise(X87Exceptions.Invalid);

        if (kindA == Float80Kind.Unsupported || kindB == Float80Kind.Unsupported)
            answer = Float80.Indefinite;
        else if (kindB < Float80Kind.QuietNaN)
            answer = Quiet(a);
        else if (kindA < Float80Kind.QuietNaN)
            answer = Quiet(b);
        else if (kindA != kindB)
            answer = kindA == Float80Kind.QuietNaN ? a : b;
        else
            answer = Quiet(Larger(a, b));
        return true;
    }

    /// <summary>Flags denormal operands; true if that exception is not masked.</summary>
    public static bool StopForDenormal(ref X87Context context, Float80 a, Float80 b)
    {
        if (a.Kind != Float80Kind.Denormal && b.Kind != Float80Kind.Denormal)
            return false;
        context.Raise(X87Exceptions.Denormal);
        return context.Stopped;
    }

    /// <summary>The masked answer to an invalid operation.</summary>
    public static Float80 Invalid(ref X87Context context)
    {
        context.Raise(X87Exceptions.Invalid);
        return Float80.Indefinite;
    }

    /// <summary>The significand of a finite number other than zero, its top bit set, and the exponent to go with it.</summary>
    public static ulong Normalize(Float80 value, out int exponent)
    {
        int zeros = BitOperations.LeadingZeroCount(value.Significand);
        exponent = Math.Max(value.BiasedExponent, 1) - zeros;
        return value.Significand << zeros;
    }

    public static Float80 Quiet(Float80 nan) => new(nan.Significand | Float80.QuietBit, nan.SignExponent);

    /// <summary>The NaN with the larger significand; of equal ones the positive.</summary>
    private static Float80 Larger(Float80 a, Float80 b)
    {
        if (a.Significand != b.Significand)
            return a.Significand > b.Significand ? a : b;
        return a.IsNegative ? b : a;
    }
}
