using System.Numerics;
using System.Runtime.CompilerServices;
using Kennel.Cpu.X87;

namespace Kennel.Cpu.Floating;

/// <summary>
/// Floating-point arithmetic in integers, exact in results, NaNs and exception flags as SSE has them, in every rounding
/// mode. Values are bit patterns in the low bits of a <c>ulong</c>. This is the slow way: where no flag can change and
/// rounding is to nearest, instructions compute natively.
/// </summary>
/// <remarks>
/// Arithmetic unpacks operands to a sign, an exponent e and a significand whose top bit is bit 63 — the value is
/// significand × 2^(e − 63) — and hands the result to <see cref="Pack"/>; bits lost on the way are or-ed into bit 0.
/// </remarks>
internal static partial class SoftFloat<TFormat> where TFormat : struct, IFloatFormat
{
    private static int FractionBits => TFormat.Precision - 1;

    private static int Bias => (1 << (TFormat.ExponentBits - 1)) - 1;

    private static int MinExponent => 1 - Bias;

    private static ulong SignBit => 1UL << (FractionBits + TFormat.ExponentBits);

    private static ulong Infinity => SignBit - (1UL << FractionBits);

    private static ulong QuietBit => 1UL << (FractionBits - 1);

    /// <summary>The NaN that invalid operations give.</summary>
    public static ulong DefaultNaN => SignBit | Infinity | QuietBit;

    public static ulong Add(ulong a, ulong b, ref FloatStatus status) => AddSigned(a, b, 0, ref status);

    public static ulong Subtract(ulong a, ulong b, ref FloatStatus status) => AddSigned(a, b, SignBit, ref status);

    public static ulong Multiply(ulong a, ulong b, ref FloatStatus status)
    {
        if (IsNaN(a) || IsNaN(b)) return Propagate(a, b, ref status);
        Enter(ref a, status);
        Enter(ref b, status);
        ulong sign = (a ^ b) & SignBit;
        if (IsInfinite(a) || IsInfinite(b))
        {
            if (IsZero(a) || IsZero(b)) return Invalid(ref status);
            NoteDenormals(a, b, ref status);
            return sign | Infinity;
        }
        NoteDenormals(a, b, ref status);
        if (IsZero(a) || IsZero(b)) return sign;
        (int ea, ulong sa) = Unpack(a);
        (int eb, ulong sb) = Unpack(b);
        ulong high = Math.BigMul(sa, sb, out ulong low);
        int exponent = ea + eb + 1;
        if ((long)high >= 0)
        {
            high = (high << 1) | (low >> 63);
            low <<= 1;
            exponent--;
        }
        return Pack(sign, exponent, high | (low != 0 ? 1UL : 0), ref status);
    }

    public static ulong Divide(ulong a, ulong b, ref FloatStatus status)
    {
        if (IsNaN(a) || IsNaN(b)) return Propagate(a, b, ref status);
        Enter(ref a, status);
        Enter(ref b, status);
        ulong sign = (a ^ b) & SignBit;
        if (IsInfinite(a) && IsInfinite(b)) return Invalid(ref status);
        if (IsZero(b))
        {
            if (IsZero(a)) return Invalid(ref status);
            if (!IsInfinite(a)) status.Flags |= Mxcsr.DivideByZero;
            return sign | Infinity;
        }
        NoteDenormals(a, b, ref status);
        if (IsInfinite(a)) return sign | Infinity;
        if (IsZero(a) || IsInfinite(b)) return sign;
        (int ea, ulong sa) = Unpack(a);
        (int eb, ulong sb) = Unpack(b);
        int exponent = ea - eb;
        if (sa < sb) exponent--;
        // The dividend is shifted left by 64 or 63, whichever makes a quotient of 64 bits.
        ulong quotient = sa < sb
            ? WideInteger.DivRem(sa, 0, sb, out ulong rest)
            : WideInteger.DivRem(sa >> 1, sa << 63, sb, out rest);
        return Pack(sign, exponent, quotient | (rest != 0 ? 1UL : 0), ref status);
    }

    public static ulong SquareRoot(ulong a, ref FloatStatus status)
    {
        if (IsNaN(a)) return Propagate(a, a, ref status);
        Enter(ref a, status);
        if (IsZero(a)) return a;
        if ((a & SignBit) != 0) return Invalid(ref status);
        NoteDenormals(a, a, ref status);
        if (IsInfinite(a)) return a;
        (int exponent, ulong significand) = Unpack(a);
        bool odd = (exponent & 1) != 0;
        ulong high = odd ? significand : significand >> 1, low = odd ? 0 : significand << 63;
        ulong root = WideInteger.SquareRoot(high, low, out ulong fraction);
        return Pack(0, exponent >> 1, root | (fraction != 0 ? 1UL : 0), ref status);
    }

    private static ulong AddSigned(ulong a, ulong b, ulong flip, ref FloatStatus status)
    {
        if (IsNaN(a) || IsNaN(b)) return Propagate(a, b, ref status);
        Enter(ref a, status);
        Enter(ref b, status);
        b ^= flip;
        if (IsInfinite(a) && IsInfinite(b) && a != b) return Invalid(ref status);
        NoteDenormals(a, b, ref status);
        if (IsInfinite(a)) return a;
        if (IsInfinite(b)) return b;
        if (IsZero(a) && IsZero(b)) return a == b ? a : ZeroOfDifference(status);
        // A denormal alone is still packed: it may be flushed.
        if (IsZero(a)) return Repack(b, ref status);
        if (IsZero(b)) return Repack(a, ref status);
        if ((a & ~SignBit) < (b & ~SignBit)) (a, b) = (b, a);
        ulong sign = a & SignBit;
        (int exponent, ulong large) = Unpack(a);
        (int eb, ulong small) = Unpack(b);
        large >>= 1; // room for a carry
        small = ShiftRight(small, exponent - eb + 1);
        ulong sum = ((a ^ b) & SignBit) == 0 ? large + small : large - small;
        if (sum == 0) return ZeroOfDifference(status);
        int shift = BitOperations.LeadingZeroCount(sum);
        return Pack(sign, exponent + 1 - shift, sum << shift, ref status);
    }

    private static ulong ZeroOfDifference(in FloatStatus status) => status.Rounding == FloatRounding.Down ? SignBit : 0;

    private static ulong Repack(ulong a, ref FloatStatus status)
    {
        (int exponent, ulong significand) = Unpack(a);
        return Pack(a & SignBit, exponent, significand, ref status);
    }

    /// <summary>Shifts right; a one that falls out is kept in bit 0.</summary>
    private static ulong ShiftRight(ulong value, int count)
    {
        if (count > 63) return value != 0 ? 1UL : 0;
        ulong lost = value & ((1UL << count) - 1);
        return (value >> count) | (lost != 0 ? 1UL : 0);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsNaN(ulong a) => (a & ~SignBit) > Infinity;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsSignalling(ulong a) => IsNaN(a) && (a & QuietBit) == 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsInfinite(ulong a) => (a & ~SignBit) == Infinity;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsZero(ulong a) => (a & ~SignBit) == 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsDenormal(ulong a) => (a & Infinity) == 0 && !IsZero(a);
}
