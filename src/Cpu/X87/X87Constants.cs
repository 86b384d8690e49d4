namespace Kennel.Cpu.X87;

/// <summary>
/// The constants that the x87 loads, which follow rounding control. Source: Intel SDM volume 1, section 8.3.8.
/// </summary>
public static class X87Constants
{
    /// <summary>FLDL2T: log2(10).</summary>
    public static Float80 Log2Of10(X87Rounding rounding) => Load(0xd49a784bcd1b8afe, 0x4000, nearestIsUp: false, rounding);

    /// <summary>FLDL2E: log2(e).</summary>
    public static Float80 Log2OfE(X87Rounding rounding) => Load(0xb8aa3b295c17f0bb, 0x3fff, nearestIsUp: true, rounding);

    /// <summary>FLDPI: π.</summary>
    public static Float80 Pi(X87Rounding rounding) => Load(0xc90fdaa22168c234, 0x4000, nearestIsUp: true, rounding);

    /// <summary>FLDLG2: log10(2).</summary>
    public static Float80 Log10Of2(X87Rounding rounding) => Load(0x9a209a84fbcff798, 0x3ffd, nearestIsUp: true, rounding);

    /// <summary>FLDLN2: ln(2).</summary>
    public static Float80 LnOf2(X87Rounding rounding) => Load(0xb17217f7d1cf79ab, 0x3ffe, nearestIsUp: true, rounding);

    private static Float80 Load(ulong truncated, ushort signExponent, bool nearestIsUp, X87Rounding rounding)
    {
        bool up = rounding == X87Rounding.Up || rounding == X87Rounding.Nearest && nearestIsUp;
        return new Float80(truncated + (up ? 1UL : 0), signExponent);
    }
}
