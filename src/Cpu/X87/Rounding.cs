using System.Runtime.CompilerServices;

namespace Kennel.Cpu.X87;

/// <summary>
/// Makes a <see cref="Float80"/> of an exact or sticky result, with overflow, underflow and inexactness.
/// The result is given as sign, biased exponent (of any size) and a 128-bit significand whose top bit is set; the lowest
/// bit stands for all that was cut off below it.
/// </summary>
internal static class Rounding
{
    private const ulong Half = 1UL << 63;

    /// <summary>What unmasked overflow and underflow add to or take from the exponent: 3·2^13.</summary>
    private const int ExponentWrap = 24576;

    /// <summary>Rounds to the precision that precision control asks for.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float80 Pack(ref X87Context context, uint sign, int exponent, ulong high, ulong low)
    {
        // Nearest, 64 bits, and no overflow or underflow even after a carry.
        if ((context.Control & 0x0f00) != 0x0300 || (uint)(exponent - 1) >= 0x7ffd)
            return PackSlowly(ref context, sign, exponent, high, low, DroppedBits(context.Precision));
        if (low != 0)
        {
            context.Raise(X87Exceptions.Precision);
            if (low > Half || low == Half && (high & 1) != 0)
            {
                context.Status |= (ushort)X87Conditions.C1;
                if (++high == 0)
                {
                    high = Half;
                    exponent++;
                }
            }
        }
        return new Float80(high, (ushort)(sign | (uint)exponent));
    }

    /// <summary>Rounds to 64 bits, whatever precision control says.</summary>
    public static Float80 PackExtended(ref X87Context context, uint sign, int exponent, ulong high, ulong low) =>
        PackSlowly(ref context, sign, exponent, high, low, droppedBits: 0);

    /// <summary>
    /// Whether a significand is to be incremented, given the bits below it as a fraction of 2^64.
    /// </summary>
    public static bool RoundsUp(X87Rounding rounding, uint sign, ulong significand, ulong fraction) => rounding switch
    {
        X87Rounding.Nearest => fraction > Half || fraction == Half && (significand & 1) != 0,
        X87Rounding.Down => fraction != 0 && sign != 0,
        X87Rounding.Up => fraction != 0 && sign == 0,
        _ => false,
    };

    /// <summary>Whether a number too large becomes an infinity, and not the largest finite number.</summary>
    public static bool OverflowsToInfinity(X87Rounding rounding, uint sign) => rounding switch
    {
        X87Rounding.Nearest => true,
        X87Rounding.Down => sign != 0,
        X87Rounding.Up => sign == 0,
        _ => false,
    };

    /// <summary>Shifts right by any positive count, keeping what falls out as a sticky lowest bit.</summary>
    public static void ShiftRightSticky(ref ulong high, ref ulong low, int count)
    {
        if (count == 0)
            return;
        if (count < 64)
        {
            bool lost = low << (64 - count) != 0;
            low = high << (64 - count) | low >> count | (lost ? 1UL : 0);
            high >>= count;
        }
        else if (count < 128)
        {
            bool lost = low != 0 || count > 64 && high << (128 - count) != 0;
            low = high >> (count - 64) | (lost ? 1UL : 0);
            high = 0;
        }
        else
        {
            low = (high | low) != 0 ? 1UL : 0;
            high = 0;
        }
    }

    private static int DroppedBits(X87Precision precision) => precision switch
    {
        X87Precision.Single => 40,
        X87Precision.Double => 11,
        _ => 0,
    };

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Float80 PackSlowly(ref X87Context context, uint sign, int exponent, ulong high, ulong low, int droppedBits)
    {
        ulong unroundedHigh = high;
        int roundedExponent = exponent;
        bool inexact = RoundSignificand(context.Rounding, sign, ref high, low, droppedBits, out bool up);
        if (up && high == 0)
        {
            high = Half;
            roundedExponent++;
        }
        if (roundedExponent <= 0)
            return PackTiny(ref context, sign, exponent, unroundedHigh, low, droppedBits);
        if (roundedExponent >= Float80.MaximumExponent)
        {
            context.Raise(X87Exceptions.Overflow);
            if (context.IsMasked(X87Exceptions.Overflow))
                return MaskedOverflow(ref context, sign, droppedBits);
            roundedExponent -= ExponentWrap;
            if (roundedExponent >= Float80.MaximumExponent)
            {
                Report(ref context, inexact: true, up: true);
                return Float80.Infinity(sign);
            }
        }
        Report(ref context, inexact, up);
        return new Float80(high, (ushort)(sign | (uint)roundedExponent));
    }

    private static Float80 PackTiny(ref X87Context context, uint sign, int exponent, ulong high, ulong low, int droppedBits)
    {
        if (!context.IsMasked(X87Exceptions.Underflow))
            return PackWrapped(ref context, sign, exponent, high, low, droppedBits);
        ShiftRightSticky(ref high, ref low, 1 - exponent);
        bool inexact = RoundSignificand(context.Rounding, sign, ref high, low, droppedBits, out bool up);
        Report(ref context, inexact, up);
        if (inexact)
            context.Raise(X87Exceptions.Underflow);
        return new Float80(high, (ushort)(sign | (uint)(high >> 63)));
    }

    private static Float80 PackWrapped(ref X87Context context, uint sign, int exponent, ulong high, ulong low, int droppedBits)
    {
        context.Raise(X87Exceptions.Underflow);
        bool inexact = RoundSignificand(context.Rounding, sign, ref high, low, droppedBits, out bool up);
        if (up && high == 0)
        {
            high = Half;
            exponent++;
        }
        exponent += ExponentWrap;
        if (exponent <= 0)
        {
            // Only scaling gets this far down.
            Report(ref context, inexact: true, up: false);
            return Float80.SignedZero(sign);
        }
        Report(ref context, inexact, up);
        return new Float80(high, (ushort)(sign | (uint)exponent));
    }

    /// <summary>Rounds in place; a carry out of the top leaves zero.</summary>
    private static bool RoundSignificand(X87Rounding rounding, uint sign, ref ulong high, ulong low, int droppedBits, out bool up)
    {
        ulong fraction = low;
        ulong significand = high;
        if (droppedBits != 0)
        {
            fraction = high << (64 - droppedBits) | low >> droppedBits | (low != 0 ? 1UL : 0);
            significand = high >> droppedBits;
        }
        up = RoundsUp(rounding, sign, significand, fraction);
        high = (significand + (up ? 1UL : 0)) << droppedBits;
        return fraction != 0;
    }

    private static Float80 MaskedOverflow(ref X87Context context, uint sign, int droppedBits)
    {
        bool toInfinity = OverflowsToInfinity(context.Rounding, sign);
        Report(ref context, inexact: true, up: toInfinity);
        return toInfinity
            ? Float80.Infinity(sign)
            : new Float80(ulong.MaxValue << droppedBits, (ushort)(sign | (Float80.MaximumExponent - 1)));
    }

    private static void Report(ref X87Context context, bool inexact, bool up)
    {
        if (inexact)
            context.Raise(X87Exceptions.Precision);
        if (up)
            context.C1 = true;
    }
}
