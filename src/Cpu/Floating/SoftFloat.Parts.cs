using System.Numerics;

namespace Kennel.Cpu.Floating;

/// <summary>Taking operands apart and putting results together.</summary>
internal static partial class SoftFloat<TFormat>
{
    /// <summary>Exponent and significand of a finite value that is not zero.</summary>
    private static (int Exponent, ulong Significand) Unpack(ulong a)
    {
        int field = (int)((a & Infinity) >> FractionBits);
        ulong fraction = a & ((1UL << FractionBits) - 1);
        if (field != 0) return (field - Bias, (fraction | (1UL << FractionBits)) << (63 - FractionBits));
        int shift = BitOperations.LeadingZeroCount(fraction);
        return (MinExponent + 63 - FractionBits - shift, fraction << shift);
    }

    /// <summary>Rounds and packs; notes overflow, underflow and inexactness.</summary>
    private static ulong Pack(ulong sign, int exponent, ulong significand, ref FloatStatus status)
    {
        (ulong rounded, bool inexact) = Round(sign, significand, status.Rounding);
        int final = exponent;
        if (rounded >> TFormat.Precision != 0)
        {
            rounded >>= 1;
            final++;
        }
        if (final < MinExponent) return PackTiny(sign, exponent, significand, inexact, ref status);
        if (final > Bias) return PackHuge(sign, inexact, ref status);
        if (inexact) status.Flags |= Mxcsr.Precision;
        return sign | (((ulong)(final + Bias - 1) << FractionBits) + rounded);
    }

    // x86 looks for tininess after rounding as if the exponent had no bounds.
    private static ulong PackTiny(ulong sign, int exponent, ulong significand, bool inexact, ref FloatStatus status)
    {
        if (!status.IsMasked(Mxcsr.Underflow))
        {
            status.Flags |= inexact ? Mxcsr.Underflow | Mxcsr.Precision : Mxcsr.Underflow;
            return sign;
        }
        if (status.FlushToZero)
        {
            status.Flags |= Mxcsr.Underflow | Mxcsr.Precision;
            return sign;
        }
        (ulong rounded, inexact) = Round(sign, ShiftRight(significand, MinExponent - exponent), status.Rounding);
        if (inexact) status.Flags |= Mxcsr.Underflow | Mxcsr.Precision;
        return sign | rounded;
    }

    private static ulong PackHuge(ulong sign, bool inexact, ref FloatStatus status)
    {
        status.Flags |= Mxcsr.Overflow;
        if (inexact || status.IsMasked(Mxcsr.Overflow)) status.Flags |= Mxcsr.Precision;
        bool toInfinity = status.Rounding switch
        {
            FloatRounding.Nearest => true,
            FloatRounding.Up => sign == 0,
            FloatRounding.Down => sign != 0,
            _ => false,
        };
        return sign | (toInfinity ? Infinity : Infinity - 1);
    }

    // Cuts a significand to the format's precision.
    private static (ulong Rounded, bool Inexact) Round(ulong sign, ulong significand, FloatRounding rounding)
    {
        int drop = 64 - TFormat.Precision;
        ulong kept = significand >> drop, lost = significand << TFormat.Precision;
        bool up = rounding switch
        {
            FloatRounding.Nearest => lost > 1UL << 63 || (lost == 1UL << 63 && (kept & 1) != 0),
            FloatRounding.Up => lost != 0 && sign == 0,
            FloatRounding.Down => lost != 0 && sign != 0,
            _ => false,
        };
        return (up ? kept + 1 : kept, lost != 0);
    }

    /// <summary>An operand as the instruction sees it: zero instead of a denormal, if MXCSR wants it so.</summary>
    private static void Enter(ref ulong a, in FloatStatus status)
    {
        if (status.DenormalsAreZero && (a & Infinity) == 0) a &= SignBit;
    }

    private static void NoteDenormals(ulong a, ulong b, ref FloatStatus status)
    {
        if (IsDenormal(a) || IsDenormal(b)) status.Flags |= Mxcsr.Denormal;
    }

    private static ulong Invalid(ref FloatStatus status)
    {
        status.Flags |= Mxcsr.Invalid;
        return DefaultNaN;
    }

    /// <summary>The result when an operand is a NaN: the first that is one, made quiet.</summary>
    private static ulong Propagate(ulong a, ulong b, ref FloatStatus status)
    {
        if (IsSignalling(a) || IsSignalling(b)) status.Flags |= Mxcsr.Invalid;
        return (IsNaN(a) ? a : b) | QuietBit;
    }
}
