using System.Numerics;
using System.Runtime.CompilerServices;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter;

/// <summary>
/// What <see cref="CpuState.FlagResult"/>, FlagLeft and FlagRight hold. All three are sign-extended from the operand's width,
/// which keeps order (signed and unsigned), equality and carries out of the top bit, so that no kind needs to know the width.
/// </summary>
internal static class FlagKind
{
    /// <summary>The six status flags are in Eflags.</summary>
    public const int Materialized = 0;

    /// <summary>Result = Left + Right.</summary>
    public const int Add = 1;

    /// <summary>Result = Left - Right.</summary>
    public const int Sub = 2;

    /// <summary>Carry, overflow and adjust are 0; the others follow from Result.</summary>
    public const int Logic = 3;

    /// <summary>Result = Left + Right + 1.</summary>
    public const int AddCarry = 4;

    /// <summary>Result = Left - Right - 1.</summary>
    public const int SubBorrow = 5;

    /// <summary>Result = Left + 1; Right is the carry from before.</summary>
    public const int Inc = 6;

    /// <summary>Result = Left - 1; Right is the carry from before.</summary>
    public const int Dec = 7;

    /// <summary>Right is the carry, Left the overflow (0 or 1), adjust is 0; the others follow from Result.</summary>
    public const int Explicit = 8;

    /// <summary>The part of the field that is one of the above.</summary>
    public const int Mask = 0xf;

    // Instructions that change a single flag lay it over the kind (unless that is Materialized: then it goes to Eflags).
    public const int CarryKnown = 0x10, CarrySet = 0x20, OverflowKnown = 0x40, OverflowSet = 0x80;
}

/// <summary>The status flags: kept lazily by the handlers, made exact here.</summary>
internal static unsafe class Flags
{
    public const uint Carry = 1, Parity = 4, Adjust = 0x10, Zero = 0x40, Sign = 0x80, Trap = 0x100, Interrupt = 0x200,
        Direction = 0x400, Overflow = 0x800, NestedTask = 0x4000, AlignmentCheck = 0x40000, Identification = 0x20_0000;

    /// <summary>The six flags that arithmetic sets.</summary>
    public const uint Status = Carry | Parity | Adjust | Zero | Sign | Overflow;

    /// <summary>What user code may change with popf besides the status flags (Intel SDM, POPF).</summary>
    public const uint UserControl = Trap | Direction | NestedTask | AlignmentCheck | Identification;

    /// <summary>Makes the status bits of Eflags exact.</summary>
    public static void Materialize(CpuState* s)
    {
        if (s->FlagKind == FlagKind.Materialized) return;
        s->Eflags = (s->Eflags & ~Status) | Compute(s);
        s->FlagKind = FlagKind.Materialized;
    }

    /// <summary>Sets all status flags at once.</summary>
    public static void Set(CpuState* s, uint status)
    {
        s->Eflags = (s->Eflags & ~Status) | status;
        s->FlagKind = FlagKind.Materialized;
    }

    /// <summary>The flags register as pushf and syscall store it.</summary>
    public static uint Image(CpuState* s)
    {
        Materialize(s);
        return s->Eflags | 2 | Interrupt;
    }

    public static bool IsCarry(CpuState* s)
    {
        int kind = s->FlagKind;
        if ((kind & FlagKind.CarryKnown) != 0) return (kind & FlagKind.CarrySet) != 0;
        return (kind & FlagKind.Mask) switch
        {
            FlagKind.Materialized => (s->Eflags & Carry) != 0,
            FlagKind.Add => s->FlagResult < s->FlagLeft,
            FlagKind.Sub => s->FlagLeft < s->FlagRight,
            FlagKind.Logic => false,
            FlagKind.AddCarry => s->FlagResult <= s->FlagLeft,
            FlagKind.SubBorrow => s->FlagLeft <= s->FlagRight,
            _ => (s->FlagRight & 1) != 0,
        };
    }

    public static bool IsOverflow(CpuState* s)
    {
        int kind = s->FlagKind;
        if ((kind & FlagKind.OverflowKnown) != 0) return (kind & FlagKind.OverflowSet) != 0;
        return (kind & FlagKind.Mask) switch
        {
            FlagKind.Materialized => (s->Eflags & Overflow) != 0,
            FlagKind.Add or FlagKind.AddCarry => (long)((s->FlagResult ^ s->FlagLeft) & (s->FlagResult ^ s->FlagRight)) < 0,
            FlagKind.Sub or FlagKind.SubBorrow => (long)((s->FlagLeft ^ s->FlagRight) & (s->FlagLeft ^ s->FlagResult)) < 0,
            FlagKind.Logic => false,
            FlagKind.Inc => (long)(s->FlagResult & (s->FlagResult ^ s->FlagLeft)) < 0,
            FlagKind.Dec => (long)(s->FlagLeft & (s->FlagResult ^ s->FlagLeft)) < 0,
            _ => (s->FlagLeft & 1) != 0,
        };
    }

    /// <summary>Sets the carry and leaves the others as they are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SetCarry(CpuState* s, bool carry)
    {
        int kind = s->FlagKind;
        if (kind == FlagKind.Materialized)
            s->Eflags = (s->Eflags & ~Carry) | (carry ? Carry : 0);
        else
            s->FlagKind = (kind & ~FlagKind.CarrySet) | FlagKind.CarryKnown | (carry ? FlagKind.CarrySet : 0);
    }

    /// <summary>Sets carry and overflow and leaves the others as they are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SetCarryAndOverflow(CpuState* s, bool carry, bool overflow)
    {
        int kind = s->FlagKind;
        if (kind == FlagKind.Materialized)
        {
            s->Eflags = (s->Eflags & ~(Carry | Overflow)) | (carry ? Carry : 0) | (overflow ? Overflow : 0);
            return;
        }
        s->FlagKind = (kind & FlagKind.Mask) | FlagKind.CarryKnown | FlagKind.OverflowKnown |
            (carry ? FlagKind.CarrySet : 0) | (overflow ? FlagKind.OverflowSet : 0);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsZero(CpuState* s) =>
        s->FlagKind == FlagKind.Materialized ? (s->Eflags & Zero) != 0 : s->FlagResult == 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsSign(CpuState* s) =>
        s->FlagKind == FlagKind.Materialized ? (s->Eflags & Sign) != 0 : (long)s->FlagResult < 0;

    public static bool IsParity(CpuState* s) =>
        s->FlagKind == FlagKind.Materialized ? (s->Eflags & Parity) != 0 : EvenBits(s->FlagResult);

    /// <summary>Whether the low byte has an even number of ones: the parity flag.</summary>
    public static bool EvenBits(ulong value) => (BitOperations.PopCount((uint)(byte)value) & 1) == 0;

    private static uint Compute(CpuState* s)
    {
        uint flags = 0;
        if (IsCarry(s)) flags |= Carry;
        if (IsOverflow(s)) flags |= Overflow;
        if (s->FlagResult == 0) flags |= Zero;
        if ((long)s->FlagResult < 0) flags |= Sign;
        if (EvenBits(s->FlagResult)) flags |= Parity;
        flags |= (s->FlagKind & FlagKind.Mask) switch
        {
            FlagKind.Logic or FlagKind.Explicit => 0,
            FlagKind.Inc or FlagKind.Dec => (uint)(s->FlagResult ^ s->FlagLeft ^ 1) & Adjust,
            _ => (uint)(s->FlagResult ^ s->FlagLeft ^ s->FlagRight) & Adjust,
        };
        return flags;
    }
}
