namespace Kennel.Cpu.Floating;

/// <summary>How two values compare.</summary>
internal enum FloatRelation
{
    Less,
    Equal,
    Greater,
    Unordered,
}

/// <summary>Comparison, minimum and maximum.</summary>
internal static partial class SoftFloat<TFormat>
{
    /// <param name="a">First operand.</param>
    /// <param name="b">Second operand.</param>
    /// <param name="signalling">Whether quiet NaNs are invalid as well.</param>
    /// <param name="status">Control and flags.</param>
    public static FloatRelation Compare(ulong a, ulong b, bool signalling, ref FloatStatus status)
    {
        if (IsNaN(a) || IsNaN(b))
        {
            if (signalling || IsSignalling(a) || IsSignalling(b)) status.Flags |= Mxcsr.Invalid;
            return FloatRelation.Unordered;
        }
        Enter(ref a, status);
        Enter(ref b, status);
        NoteDenormals(a, b, ref status);
        long x = Order(a), y = Order(b);
        return x < y ? FloatRelation.Less : x > y ? FloatRelation.Greater : FloatRelation.Equal;
    }

    /// <summary>The second operand unless the first is less; so it is for two zeros and for NaNs.</summary>
    public static ulong Minimum(ulong a, ulong b, ref FloatStatus status) => Choose(a, b, FloatRelation.Less, ref status);

    /// <summary>The second operand unless the first is greater.</summary>
    public static ulong Maximum(ulong a, ulong b, ref FloatStatus status) => Choose(a, b, FloatRelation.Greater, ref status);

    private static ulong Choose(ulong a, ulong b, FloatRelation first, ref FloatStatus status)
    {
        FloatRelation relation = Compare(a, b, signalling: true, ref status);
        if (relation == FloatRelation.Unordered)
        {
            if (!IsNaN(b)) Enter(ref b, status);
            return b;
        }
        Enter(ref a, status);
        Enter(ref b, status);
        return relation == first ? a : b;
    }

    // Sign and magnitude as a signed number; both zeros are 0.
    private static long Order(ulong a)
    {
        var magnitude = (long)(a & ~SignBit);
        return (a & SignBit) != 0 ? -magnitude : magnitude;
    }
}
