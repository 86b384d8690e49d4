using System.Runtime.CompilerServices;
using Iced.Intel;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter;

/// <summary>A condition of jcc, setcc and cmovcc, as a type parameter of handlers.</summary>
internal unsafe interface ICondition
{
    /// <summary>From the flags as they stand.</summary>
    static abstract bool Holds(CpuState* s);

    /// <summary>After a comparison of two values, both sign-extended.</summary>
    static abstract bool AfterSub(ulong left, ulong right, ulong result);

    /// <summary>After a logical operation with this result, sign-extended.</summary>
    static abstract bool AfterLogic(ulong result);
}

/// <summary>The opposite of a condition.</summary>
internal unsafe struct Not<T> : ICondition where T : struct, ICondition
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Holds(CpuState* s) => !T.Holds(s);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AfterSub(ulong left, ulong right, ulong result) => !T.AfterSub(left, right, result);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AfterLogic(ulong result) => !T.AfterLogic(result);
}

internal unsafe struct IfOverflow : ICondition
{
    public static bool Holds(CpuState* s) => Flags.IsOverflow(s);

    public static bool AfterSub(ulong left, ulong right, ulong result) => (long)((left ^ right) & (left ^ result)) < 0;

    public static bool AfterLogic(ulong result) => false;
}

internal unsafe struct IfBelow : ICondition
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Holds(CpuState* s) => s->FlagKind == FlagKind.Sub ? s->FlagLeft < s->FlagRight : Flags.IsCarry(s);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AfterSub(ulong left, ulong right, ulong result) => left < right;

    public static bool AfterLogic(ulong result) => false;
}

internal unsafe struct IfEqual : ICondition
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Holds(CpuState* s) => Flags.IsZero(s);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AfterSub(ulong left, ulong right, ulong result) => result == 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AfterLogic(ulong result) => result == 0;
}

internal unsafe struct IfBelowOrEqual : ICondition
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Holds(CpuState* s) =>
        s->FlagKind == FlagKind.Sub ? s->FlagLeft <= s->FlagRight : Flags.IsCarry(s) || Flags.IsZero(s);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AfterSub(ulong left, ulong right, ulong result) => left <= right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AfterLogic(ulong result) => result == 0;
}

internal unsafe struct IfSign : ICondition
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Holds(CpuState* s) => Flags.IsSign(s);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AfterSub(ulong left, ulong right, ulong result) => (long)result < 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AfterLogic(ulong result) => (long)result < 0;
}

internal unsafe struct IfParity : ICondition
{
    public static bool Holds(CpuState* s) => Flags.IsParity(s);

    public static bool AfterSub(ulong left, ulong right, ulong result) => Flags.EvenBits(result);

    public static bool AfterLogic(ulong result) => Flags.EvenBits(result);
}

internal unsafe struct IfLess : ICondition
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Holds(CpuState* s) => s->FlagKind == FlagKind.Sub
        ? (long)s->FlagLeft < (long)s->FlagRight
        : Flags.IsSign(s) != Flags.IsOverflow(s);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AfterSub(ulong left, ulong right, ulong result) => (long)left < (long)right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AfterLogic(ulong result) => (long)result < 0;
}

internal unsafe struct IfLessOrEqual : ICondition
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Holds(CpuState* s) => s->FlagKind == FlagKind.Sub
        ? (long)s->FlagLeft <= (long)s->FlagRight
        : Flags.IsZero(s) || Flags.IsSign(s) != Flags.IsOverflow(s);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AfterSub(ulong left, ulong right, ulong result) => (long)left <= (long)right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AfterLogic(ulong result) => (long)result <= 0;
}
