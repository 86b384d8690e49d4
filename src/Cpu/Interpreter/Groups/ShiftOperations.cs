using System.Runtime.CompilerServices;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>
/// A shift or rotate by a count of 1 to 63 (masked already), as a type parameter of handlers. Overflow is defined for a count
/// of 1 only; for others it is what processors give.
/// </summary>
internal interface IShift
{
    /// <summary>Rotates change carry and overflow alone.</summary>
    static abstract bool IsRotate { get; }

    /// <summary>Whether the carry that comes in matters.</summary>
    static abstract bool TakesCarry { get; }

    static abstract ulong Apply<W>(ulong a, int count, ref bool carry, out bool overflow) where W : struct, IWidth;
}

internal struct ShiftLeft : IShift
{
    public static bool IsRotate => false;

    public static bool TakesCarry => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Apply<W>(ulong a, int count, ref bool carry, out bool overflow) where W : struct, IWidth
    {
        // The last bit that went out is the top bit of the value shifted by one less.
        carry = (long)W.SignExtend(a << (count - 1)) < 0;
        ulong result = a << count;
        overflow = ((long)W.SignExtend(result) < 0) != carry;
        return result;
    }
}

internal struct ShiftRight : IShift
{
    public static bool IsRotate => false;

    public static bool TakesCarry => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Apply<W>(ulong a, int count, ref bool carry, out bool overflow) where W : struct, IWidth
    {
        carry = (a >> (count - 1) & 1) != 0;
        ulong result = a >> count;
        overflow = (long)W.SignExtend(result ^ (result << 1)) < 0;
        return result;
    }
}

internal struct ShiftArithmeticRight : IShift
{
    public static bool IsRotate => false;

    public static bool TakesCarry => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Apply<W>(ulong a, int count, ref bool carry, out bool overflow) where W : struct, IWidth
    {
        long value = (long)W.SignExtend(a);
        carry = (value >> (count - 1) & 1) != 0;
        overflow = false;
        return (ulong)(value >> count);
    }
}

internal struct RotateLeft : IShift
{
    public static bool IsRotate => true;

    public static bool TakesCarry => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Apply<W>(ulong a, int count, ref bool carry, out bool overflow) where W : struct, IWidth
    {
        int bits = W.Bytes * 8, by = count & (bits - 1);
        ulong result = by == 0 ? a : (a << by) | (a >> (bits - by));
        carry = (result & 1) != 0;
        overflow = ((long)W.SignExtend(result) < 0) != carry;
        return result;
    }
}

internal struct RotateRight : IShift
{
    public static bool IsRotate => true;

    public static bool TakesCarry => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Apply<W>(ulong a, int count, ref bool carry, out bool overflow) where W : struct, IWidth
    {
        int bits = W.Bytes * 8, by = count & (bits - 1);
        ulong result = by == 0 ? a : (a >> by) | (a << (bits - by));
        carry = (long)W.SignExtend(result) < 0;
        overflow = (long)W.SignExtend(result ^ (result << 1)) < 0;
        return result;
    }
}

internal struct RotateCarryLeft : IShift
{
    public static bool IsRotate => true;

    public static bool TakesCarry => true;

    public static ulong Apply<W>(ulong a, int count, ref bool carry, out bool overflow) where W : struct, IWidth
    {
        int bits = W.Bytes * 8;
        for (int n = count % (bits + 1); n > 0; n--)
        {
            bool top = (long)W.SignExtend(a) < 0;
            a = (a << 1) | (carry ? 1u : 0);
            carry = top;
        }
        overflow = ((long)W.SignExtend(a) < 0) != carry;
        return W.Truncate(a);
    }
}

internal struct RotateCarryRight : IShift
{
    public static bool IsRotate => true;

    public static bool TakesCarry => true;

    public static ulong Apply<W>(ulong a, int count, ref bool carry, out bool overflow) where W : struct, IWidth
    {
        int bits = W.Bytes * 8;
        for (int n = count % (bits + 1); n > 0; n--)
        {
            bool low = (a & 1) != 0;
            a = (a >> 1) | (carry ? 1UL << (bits - 1) : 0);
            carry = low;
        }
        overflow = (long)W.SignExtend(a ^ (a << 1)) < 0;
        return a;
    }
}
