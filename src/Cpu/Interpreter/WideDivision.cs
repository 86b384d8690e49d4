using System.Numerics;

namespace Kennel.Cpu.Interpreter;

/// <summary>
/// 128 bits by 64. (Not with .NET's 128-bit integers: ahead-of-time compilation leaves out what uses them.)
/// </summary>
internal static class WideDivision
{
    /// <summary>Divides; <paramref name="high"/> must be below the divisor, so that the quotient fits.</summary>
    public static (ulong Quotient, ulong Remainder) Divide(ulong high, ulong low, ulong divisor)
    {
        // Knuth, The Art of Computer Programming, 4.3.1, algorithm D, with two digits of 32 bits.
        int shift = BitOperations.LeadingZeroCount(divisor);
        divisor <<= shift;
        if (shift > 0)
        {
            high = (high << shift) | (low >> (64 - shift));
            low <<= shift;
        }
        ulong first = Digit(high, low >> 32, divisor, out ulong rest);
        ulong second = Digit(rest, (uint)low, divisor, out rest);
        return ((first << 32) | second, rest >> shift);
    }

    /// <summary>Divides signed numbers, rounding towards zero; false if the quotient does not fit.</summary>
    public static bool TryDivide(long high, ulong low, long divisor, out long quotient, out long remainder)
    {
        quotient = remainder = 0;
        bool negative = high < 0, flipped = negative != divisor < 0;
        ulong top = (ulong)high, bottom = low, by = divisor < 0 ? 0 - (ulong)divisor : (ulong)divisor;
        if (negative)
        {
            bottom = 0 - bottom;
            top = ~top + (bottom == 0 ? 1u : 0);
        }
        if (top >= by) return false;
        (ulong q, ulong r) = top == 0 ? Math.DivRem(bottom, by) : Divide(top, bottom, by);
        if (q > (flipped ? 1UL << 63 : long.MaxValue)) return false;
        quotient = flipped ? (long)(0 - q) : (long)q;
        remainder = negative ? (long)(0 - r) : (long)r;
        return true;
    }

    // One digit of the quotient: (high, next) / divisor, where high is below the divisor, whose top bit is set.
    private static ulong Digit(ulong high, ulong next, ulong divisor, out ulong rest)
    {
        ulong top = divisor >> 32, bottom = (uint)divisor;
        ulong digit = high / top, over = high % top;
        while (digit >> 32 != 0 || digit * bottom > ((over << 32) | next))
        {
            digit--;
            over += top;
            if (over >> 32 != 0) break;
        }
        rest = (high << 32) + next - (digit * divisor);
        return digit;
    }
}
