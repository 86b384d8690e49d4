namespace Kennel.Cpu.X87;

/// <summary>
/// A number in the x87's double extended format, with its explicit integer bit, exactly as it lies in ten bytes of
/// memory. Source: Intel SDM volume 1, section 4.2.2 and table 8-3.
/// </summary>
public readonly struct Float80(ulong significand, ushort signExponent) : IEquatable<Float80>
{
    internal const ulong IntegerBit = 1UL << 63;
    internal const ulong QuietBit = 1UL << 62;
    internal const uint SignBit = 0x8000;
    internal const int MaximumExponent = 0x7fff;
    internal const int Bias = 16383;

    /// <summary>Bits 0 to 63: the integer bit and the fraction.</summary>
    public ulong Significand { get; } = significand;

    /// <summary>Bits 64 to 79: the sign and the biased exponent.</summary>
    public ushort SignExponent { get; } = signExponent;

    /// <summary>+0.</summary>
    public static Float80 Zero => default;

    /// <summary>+1.</summary>
    public static Float80 One => new(IntegerBit, Bias);

    /// <summary>The default NaN, "real indefinite", which is the masked answer to an invalid operation.</summary>
    public static Float80 Indefinite => new(IntegerBit | QuietBit, 0xffff);

    /// <summary>True if the sign bit is set, whatever the number is.</summary>
    public bool IsNegative => (SignExponent & SignBit) != 0;

    /// <summary>What kind of encoding this is.</summary>
    public Float80Kind Kind
    {
        get
        {
            int exponent = BiasedExponent;
            if ((uint)(exponent - 1) < MaximumExponent - 1)
                return (long)Significand < 0 ? Float80Kind.Normal : Float80Kind.Unsupported;
            if (exponent == 0)
                return Significand == 0 ? Float80Kind.Zero : Float80Kind.Denormal;
            if ((long)Significand >= 0)
                return Float80Kind.Unsupported;
            if (Significand == IntegerBit)
                return Float80Kind.Infinity;
            return (Significand & QuietBit) != 0 ? Float80Kind.QuietNaN : Float80Kind.SignalingNaN;
        }
    }

    internal int BiasedExponent => SignExponent & MaximumExponent;

    internal uint Sign => SignExponent & SignBit;

    /// <summary>True for a normal number, the case that arithmetic takes at full speed.</summary>
    internal bool IsNormal => (uint)(BiasedExponent - 1) < MaximumExponent - 1 && (long)Significand < 0;

    internal static Float80 Infinity(uint sign) => new(IntegerBit, (ushort)(sign | MaximumExponent));

    internal static Float80 SignedZero(uint sign) => new(0, (ushort)sign);

    /// <summary>FCHS: the sign turned over; no exceptions, not even for NaNs.</summary>
    public Float80 Negate() => new(Significand, (ushort)(SignExponent ^ SignBit));

    /// <summary>FABS: the sign cleared; no exceptions, not even for NaNs.</summary>
    public Float80 Abs() => new(Significand, (ushort)(SignExponent & ~SignBit));

    /// <summary>Equality of bits: NaNs equal themselves, and the zeros differ.</summary>
    public bool Equals(Float80 other) => Significand == other.Significand && SignExponent == other.SignExponent;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Float80 other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Significand, SignExponent);

    /// <summary>Equality of bits.</summary>
    public static bool operator ==(Float80 left, Float80 right) => left.Equals(right);

    /// <summary>Inequality of bits.</summary>
    public static bool operator !=(Float80 left, Float80 right) => !left.Equals(right);

    /// <summary>The sixteen bits and the significand in hexadecimal, as <c>3fff:8000000000000000</c> for one.</summary>
    public override string ToString() => $"{SignExponent:x4}:{Significand:x16}";
}

/// <summary>The kinds of encodings of a <see cref="Float80"/>; the NaNs and what is treated as one come last.</summary>
public enum Float80Kind : byte
{
    /// <summary>+0 or −0.</summary>
    Zero,

    /// <summary>A number with a zero exponent field; its integer bit may be set (a pseudo-denormal).</summary>
    Denormal,

    /// <summary>A finite number with its integer bit set.</summary>
    Normal,

    /// <summary>+∞ or −∞.</summary>
    Infinity,

    /// <summary>A NaN that passes through operations in silence.</summary>
    QuietNaN,

    /// <summary>A NaN that raises the invalid-operation exception.</summary>
    SignalingNaN,

    /// <summary>Unnormals, pseudo-NaNs and pseudo-infinities, which no processor since the 387 takes.</summary>
    Unsupported,
}
