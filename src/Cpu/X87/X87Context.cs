namespace Kennel.Cpu.X87;

/// <summary>
/// The part of the x87's state that operations read and write: the control and the status word, laid out as FNSTCW and
/// FNSTSW show them. Operations add exception flags and set condition codes; they never touch TOP, ES, B and SF.
/// </summary>
public struct X87Context(ushort control, ushort status = 0)
{
    /// <summary>What FNINIT sets: all exceptions masked, 64 bits of precision, rounding to nearest.</summary>
    public const ushort InitialControl = 0x037f;

    /// <summary>The control word: exception masks, precision and rounding control.</summary>
    public ushort Control = control;

    /// <summary>The status word: exception flags, which stay set until cleared, and the condition codes.</summary>
    public ushort Status = status;

    /// <summary>How results are rounded.</summary>
    public readonly X87Rounding Rounding => (X87Rounding)(Control >> 10 & 3);

    /// <summary>To how many bits add, subtract, multiply, divide and square root round.</summary>
    public readonly X87Precision Precision => (X87Precision)(Control >> 8 & 3);

    /// <summary>The exceptions whose flags are set.</summary>
    public readonly X87Exceptions Raised => (X87Exceptions)Status & X87Exceptions.All;

    /// <summary>The flagged exceptions that are not masked: if any, the next waiting instruction traps.</summary>
    public readonly X87Exceptions Unmasked => (X87Exceptions)(Status & ~Control) & X87Exceptions.All;

    /// <summary>
    /// True after an operation that an unmasked exception kept from completing: its result is meaningless, and the
    /// destination must be left alone, as must the stack. (Unmasked overflow and underflow let register operations
    /// complete, with the exponent wrapped, and only keep stores to memory from completing.)
    /// Source: Intel SDM volume 1, section 8.5.
    /// </summary>
    public readonly bool Stopped => (Unmasked & X87Exceptions.BeforeComputation) != 0;

    /// <summary>C1: the last inexact result was rounded away from zero; for some operations a part of their answer.</summary>
    public bool C1
    {
        readonly get => Has(X87Conditions.C1);
        set => Set(X87Conditions.C1, value ? X87Conditions.C1 : 0);
    }

    /// <summary>C2: the operand was out of range (trigonometry), or the remainder is still partial.</summary>
    public bool C2
    {
        readonly get => Has(X87Conditions.C2);
        set => Set(X87Conditions.C2, value ? X87Conditions.C2 : 0);
    }

    /// <summary>The condition codes.</summary>
    public readonly X87Conditions Conditions => (X87Conditions)Status & X87Conditions.All;

    internal void Raise(X87Exceptions exceptions) => Status |= (ushort)exceptions;

    internal void Set(X87Conditions mask, X87Conditions value) => Status = (ushort)(Status & ~(int)mask | (int)value);

    internal readonly bool IsMasked(X87Exceptions exception) => (Control & (int)exception) != 0;

    private readonly bool Has(X87Conditions condition) => (Status & (int)condition) != 0;
}

/// <summary>The exception flags of the status word, and at the same places the masks of the control word.</summary>
[Flags]
public enum X87Exceptions : ushort
{
    /// <summary>No exception.</summary>
    None = 0,

    /// <summary>IE.</summary>
    Invalid = 0x01,

    /// <summary>DE: an operand was denormal.</summary>
    Denormal = 0x02,

    /// <summary>ZE.</summary>
    ZeroDivide = 0x04,

    /// <summary>OE.</summary>
    Overflow = 0x08,

    /// <summary>UE.</summary>
    Underflow = 0x10,

    /// <summary>PE: the result is inexact.</summary>
    Precision = 0x20,

    /// <summary>Those that are found before anything is computed.</summary>
    BeforeComputation = Invalid | Denormal | ZeroDivide,

    /// <summary>All six.</summary>
    All = 0x3f,
}

/// <summary>The condition code bits of the status word.</summary>
[Flags]
public enum X87Conditions : ushort
{
    /// <summary>Bit 8.</summary>
    C0 = 0x0100,

    /// <summary>Bit 9.</summary>
    C1 = 0x0200,

    /// <summary>Bit 10.</summary>
    C2 = 0x0400,

    /// <summary>Bit 14.</summary>
    C3 = 0x4000,

    /// <summary>All four.</summary>
    All = C0 | C1 | C2 | C3,
}

/// <summary>Rounding control, numbered as in the control word.</summary>
public enum X87Rounding
{
    /// <summary>To the nearest, and to even if two are equally near.</summary>
    Nearest,

    /// <summary>Towards −∞.</summary>
    Down,

    /// <summary>Towards +∞.</summary>
    Up,

    /// <summary>Towards zero.</summary>
    Zero,
}

/// <summary>Precision control, numbered as in the control word.</summary>
public enum X87Precision
{
    /// <summary>24 bits.</summary>
    Single,

    /// <summary>A reserved value.</summary>
    Reserved,

    /// <summary>53 bits.</summary>
    Double,

    /// <summary>64 bits.</summary>
    Extended,
}
