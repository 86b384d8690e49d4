using System.Runtime.CompilerServices;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>A two-operand arithmetic or logical operation, as a type parameter of handlers.</summary>
internal unsafe interface IBinary
{
    /// <summary>False for cmp and test.</summary>
    static abstract bool Writes { get; }

    /// <param name="s">The state, for the carry that comes in.</param>
    /// <param name="a">The destination's old value.</param>
    /// <param name="b">The source.</param>
    /// <param name="carry">The carry that came in, to be given to <see cref="SetFlags"/>.</param>
    static abstract ulong Apply(CpuState* s, ulong a, ulong b, out bool carry);

    static abstract void SetFlags<W>(CpuState* s, ulong a, ulong b, ulong result, bool carry) where W : struct, IWidth;
}

/// <summary>Whether a handler sets flags, as a type parameter.</summary>
internal interface ISwitch
{
    static abstract bool IsOn { get; }
}

internal struct On : ISwitch
{
    public static bool IsOn => true;
}

internal struct Off : ISwitch
{
    public static bool IsOn => false;
}

internal static unsafe class LazyFlags
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Set<W>(CpuState* s, int kind, ulong left, ulong right, ulong result) where W : struct, IWidth
    {
        s->FlagKind = kind;
        s->FlagLeft = W.SignExtend(left);
        s->FlagRight = W.SignExtend(right);
        s->FlagResult = W.SignExtend(result);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SetLogic<W>(CpuState* s, ulong result) where W : struct, IWidth
    {
        s->FlagKind = FlagKind.Logic;
        s->FlagResult = W.SignExtend(result);
    }

    /// <summary>Sets carry and overflow as given, the others from the result.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SetExplicit<W>(CpuState* s, bool carry, bool overflow, ulong result) where W : struct, IWidth
    {
        s->FlagKind = FlagKind.Explicit;
        s->FlagLeft = overflow ? 1u : 0;
        s->FlagRight = carry ? 1u : 0;
        s->FlagResult = W.SignExtend(result);
    }
}

internal unsafe struct AddOp : IComparison
{
    public static bool Writes => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Apply(CpuState* s, ulong a, ulong b, out bool carry)
    {
        carry = false;
        return a + b;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SetFlags<W>(CpuState* s, ulong a, ulong b, ulong result, bool carry) where W : struct, IWidth =>
        LazyFlags.Set<W>(s, FlagKind.Add, a, b, result);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Holds<TCondition>(ulong left, ulong right, ulong result) where TCondition : struct, ICondition =>
        TCondition.AfterLogic(result);
}

internal unsafe struct SubOp : IComparison
{
    public static bool Writes => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Apply(CpuState* s, ulong a, ulong b, out bool carry)
    {
        carry = false;
        return a - b;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SetFlags<W>(CpuState* s, ulong a, ulong b, ulong result, bool carry) where W : struct, IWidth =>
        LazyFlags.Set<W>(s, FlagKind.Sub, a, b, result);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Holds<TCondition>(ulong left, ulong right, ulong result) where TCondition : struct, ICondition =>
        TCondition.AfterSub(left, right, result);
}

internal unsafe struct CmpOp : IComparison
{
    public static bool Writes => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Apply(CpuState* s, ulong a, ulong b, out bool carry) => SubOp.Apply(s, a, b, out carry);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SetFlags<W>(CpuState* s, ulong a, ulong b, ulong result, bool carry) where W : struct, IWidth =>
        SubOp.SetFlags<W>(s, a, b, result, carry);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Holds<TCondition>(ulong left, ulong right, ulong result) where TCondition : struct, ICondition =>
        TCondition.AfterSub(left, right, result);
}

internal unsafe struct AdcOp : IBinary
{
    public static bool Writes => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Apply(CpuState* s, ulong a, ulong b, out bool carry)
    {
        carry = Flags.IsCarry(s);
        return a + b + (carry ? 1u : 0);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SetFlags<W>(CpuState* s, ulong a, ulong b, ulong result, bool carry) where W : struct, IWidth =>
        LazyFlags.Set<W>(s, carry ? FlagKind.AddCarry : FlagKind.Add, a, b, result);
}

internal unsafe struct SbbOp : IBinary
{
    public static bool Writes => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Apply(CpuState* s, ulong a, ulong b, out bool carry)
    {
        carry = Flags.IsCarry(s);
        return a - b - (carry ? 1u : 0);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SetFlags<W>(CpuState* s, ulong a, ulong b, ulong result, bool carry) where W : struct, IWidth =>
        LazyFlags.Set<W>(s, carry ? FlagKind.SubBorrow : FlagKind.Sub, a, b, result);
}

internal unsafe struct AndOp : IComparison
{
    public static bool Writes => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Apply(CpuState* s, ulong a, ulong b, out bool carry)
    {
        carry = false;
        return a & b;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SetFlags<W>(CpuState* s, ulong a, ulong b, ulong result, bool carry) where W : struct, IWidth =>
        LazyFlags.SetLogic<W>(s, result);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Holds<TCondition>(ulong left, ulong right, ulong result) where TCondition : struct, ICondition =>
        TCondition.AfterLogic(result);
}

internal unsafe struct TestOp : IComparison
{
    public static bool Writes => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Apply(CpuState* s, ulong a, ulong b, out bool carry) => AndOp.Apply(s, a, b, out carry);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SetFlags<W>(CpuState* s, ulong a, ulong b, ulong result, bool carry) where W : struct, IWidth =>
        LazyFlags.SetLogic<W>(s, result);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Holds<TCondition>(ulong left, ulong right, ulong result) where TCondition : struct, ICondition =>
        TCondition.AfterLogic(result);
}

internal unsafe struct OrOp : IBinary
{
    public static bool Writes => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Apply(CpuState* s, ulong a, ulong b, out bool carry)
    {
        carry = false;
        return a | b;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SetFlags<W>(CpuState* s, ulong a, ulong b, ulong result, bool carry) where W : struct, IWidth =>
        LazyFlags.SetLogic<W>(s, result);
}

internal unsafe struct XorOp : IBinary
{
    public static bool Writes => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Apply(CpuState* s, ulong a, ulong b, out bool carry)
    {
        carry = false;
        return a ^ b;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SetFlags<W>(CpuState* s, ulong a, ulong b, ulong result, bool carry) where W : struct, IWidth =>
        LazyFlags.SetLogic<W>(s, result);
}
