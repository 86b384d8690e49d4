using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Kennel.Cpu.X87;

/// <summary>Division and roots of 128-bit integers.</summary>
internal static class WideInteger
{
    /// <summary>Divides 128 by 64 bits. The divisor's top bit is set and the high half is smaller than it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong DivRem(ulong high, ulong low, ulong divisor, out ulong remainder)
    {
#pragma warning disable CA2252, SYSLIB5004 // still marked as preview
        if (X86Base.X64.IsSupported)
        {
            (ulong quotient, remainder) = X86Base.X64.DivRem(low, high, divisor);
            return quotient;
        }
#pragma warning restore CA2252, SYSLIB5004
        return DivRemPortably(high, low, divisor, out remainder);
    }

    /// <summary>
    /// The whole part of the root of an integer of at least 2^126, and what is left for rounding: 0, less or more than
    /// half (a half itself cannot be).
    /// </summary>
    public static ulong SquareRoot(ulong high, ulong low, out ulong fraction)
    {
        double estimate = Math.Sqrt(high) * 4294967296.0;
        ulong root = estimate >= 18446744073709551615.0 ? ulong.MaxValue : (ulong)estimate;

        // 50 good bits, and one step of Newton's makes them 64, give or take one.
        UInt128 square = new(high, low);
        UInt128 distance = square - (UInt128)root * root;
        double signedDistance = (double)(long)(ulong)(distance >> 64) * 18446744073709551616.0 + (ulong)distance;
        long step = (long)(signedDistance / (2.0 * root));
        ulong next = root + (ulong)step;
        root = step > 0 && next < root ? ulong.MaxValue : next;

        UInt128 remainder = square - (UInt128)root * root;
        while ((Int128)remainder < 0)
        {
            root--;
            remainder += (UInt128)root * 2 + 1;
        }
        while (remainder > (UInt128)root * 2)
        {
            remainder -= (UInt128)root * 2 + 1;
            root++;
        }
        fraction = remainder == 0 ? 0 : remainder <= root ? 1 : Float80.IntegerBit | 1;
        return root;
    }

    // Knuth, The Art of Computer Programming, volume 2, section 4.3.1, algorithm D, with two digits of 32 bits.
    internal static ulong DivRemPortably(ulong high, ulong low, ulong divisor, out ulong remainder)
    {
        ulong divisorHigh = divisor >> 32;
        ulong divisorLow = (uint)divisor;

        ulong upper = Digit(high, low >> 32, divisorHigh, divisorLow);
        ulong rest = (high << 32 | low >> 32) - upper * divisor;
        ulong lower = Digit(rest, (uint)low, divisorHigh, divisorLow);
        remainder = (rest << 32 | (uint)low) - lower * divisor;
        return upper << 32 | lower;
    }

    private static ulong Digit(ulong rest, ulong next, ulong divisorHigh, ulong divisorLow)
    {
        ulong digit = rest / divisorHigh;
        ulong left = rest - digit * divisorHigh;
        while (digit >> 32 != 0 || digit * divisorLow > (left << 32 | next))
        {
            digit--;
            left += divisorHigh;
            if (left >> 32 != 0)
                break;
        }
        return digit;
    }
}
