using System.Runtime.CompilerServices;

namespace Kennel.Cpu.Floating;

/// <summary>Bits of MXCSR (Intel SDM, volume 1, 10.2.3).</summary>
internal static class Mxcsr
{
    public const uint Invalid = 1, Denormal = 2, DivideByZero = 4, Overflow = 8, Underflow = 0x10, Precision = 0x20;

    /// <summary>Exceptions that are found before anything is computed.</summary>
    public const uint BeforeResult = Invalid | Denormal | DivideByZero;

    public const uint DenormalsAreZero = 0x40, FlushToZero = 0x8000;

    public const uint Masks = 0x1f80, Rounding = 0x6000;

    public const int MaskShift = 7, RoundingShift = 13;
}

/// <summary>The four rounding modes, as MXCSR numbers them.</summary>
internal enum FloatRounding
{
    Nearest,
    Down,
    Up,
    Zero,
}

/// <summary>What an operation is told by MXCSR, and the exceptions that it finds.</summary>
internal struct FloatStatus(uint control)
{
    /// <summary>MXCSR as the instruction found it.</summary>
    public readonly uint Control = control;

    /// <summary>Exceptions so far.</summary>
    public uint Flags;

    public readonly FloatRounding Rounding => (FloatRounding)((Control & Mxcsr.Rounding) >> Mxcsr.RoundingShift);

    public readonly bool DenormalsAreZero => (Control & Mxcsr.DenormalsAreZero) != 0;

    public readonly bool FlushToZero => (Control & Mxcsr.FlushToZero) != 0;

    /// <summary>Whether an exception is masked: the instruction goes on with a default result.</summary>
    public readonly bool IsMasked(uint flag) => (Control & (flag << Mxcsr.MaskShift)) != 0;

    /// <summary>Whether an unmasked exception has come up.</summary>
    public readonly bool Raises => (Flags & ~(Control >> Mxcsr.MaskShift)) != 0;

    /// <summary>
    /// MXCSR after the instruction. An unmasked exception found before computing keeps those from being reported that
    /// only a result can raise (Intel SDM, volume 1, 11.5.3).
    /// </summary>
    /// <param name="raised">Whether an exception is unmasked: the destination stays as it is, #XM follows.</param>
    public readonly uint Finish(out bool raised)
    {
        uint unmasked = Flags & ~(Control >> Mxcsr.MaskShift);
        raised = unmasked != 0;
        return Control | ((unmasked & Mxcsr.BeforeResult) != 0 ? Flags & Mxcsr.BeforeResult : Flags);
    }

    /// <summary>Whether results are rounded to nearest and no exception is unmasked, so that native arithmetic serves.</summary>
    public readonly bool IsOrdinary
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (Control & (Mxcsr.Masks | Mxcsr.Rounding)) == Mxcsr.Masks;
    }
}
