namespace Kennel.Cpu.Floating;

/// <summary>The two numbers that make an IEEE 754 binary interchange format.</summary>
internal interface IFloatFormat
{
    /// <summary>Bits of the significand, the hidden one included.</summary>
    static abstract int Precision { get; }

    /// <summary>Bits of the exponent field.</summary>
    static abstract int ExponentBits { get; }
}

/// <summary>IEEE 754 binary32, <c>float</c>.</summary>
internal struct Binary32 : IFloatFormat
{
    public static int Precision => 24;

    public static int ExponentBits => 8;
}

/// <summary>IEEE 754 binary64, <c>double</c>.</summary>
internal struct Binary64 : IFloatFormat
{
    public static int Precision => 53;

    public static int ExponentBits => 11;
}
