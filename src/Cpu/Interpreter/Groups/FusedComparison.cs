using System.Runtime.CompilerServices;
using Iced.Intel;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>An operation whose flags a fused jump can be decided from without making them.</summary>
internal unsafe interface IComparison : IBinary
{
    /// <summary>All values are sign-extended.</summary>
    static abstract bool Holds<TCondition>(ulong left, ulong right, ulong result) where TCondition : struct, ICondition;
}

/// <summary>cmp or test with the conditional jump behind it.</summary>
internal static unsafe class FusedComparison
{
    public static Handler For<TOp>(in Instruction first, ConditionCode condition, bool based) where TOp : struct, IComparison =>
        IntegerOperands.Size(first, 0) switch
        {
            1 => For<TOp, W8>(first, condition, based),
            2 => For<TOp, W16>(first, condition, based),
            4 => For<TOp, W32>(first, condition, based),
            _ => For<TOp, W64>(first, condition, based),
        };

    private static Handler For<TOp, W>(in Instruction first, ConditionCode condition, bool based)
        where TOp : struct, IComparison where W : struct, IWidth => (first.Op0Kind, first.Op1Kind) switch
        {
            (OpKind.Register, OpKind.Register) => ForCondition<TOp, W, RegisterRegister>(condition),
            (OpKind.Register, OpKind.Memory) => based
                ? ForMemory<TOp, W, RegisterMemory, Based>(condition)
                : ForMemory<TOp, W, RegisterMemory, Indexed>(condition),
            (OpKind.Register, _) => ForCondition<TOp, W, RegisterConstant>(condition),
            (_, OpKind.Register) => based
                ? ForMemory<TOp, W, MemoryRegister, Based>(condition)
                : ForMemory<TOp, W, MemoryRegister, Indexed>(condition),
            _ => based
                ? ForMemory<TOp, W, MemoryConstant, Based>(condition)
                : ForMemory<TOp, W, MemoryConstant, Indexed>(condition),
        };

    private static Handler ForCondition<TOp, W, TForm>(ConditionCode condition)
        where TOp : struct, IComparison where W : struct, IWidth where TForm : struct, IForm => condition switch
        {
            ConditionCode.b => &OnRegisters<TOp, W, TForm, IfBelow>,
            ConditionCode.ae => &OnRegisters<TOp, W, TForm, Not<IfBelow>>,
            ConditionCode.e => &OnRegisters<TOp, W, TForm, IfEqual>,
            ConditionCode.ne => &OnRegisters<TOp, W, TForm, Not<IfEqual>>,
            ConditionCode.be => &OnRegisters<TOp, W, TForm, IfBelowOrEqual>,
            ConditionCode.a => &OnRegisters<TOp, W, TForm, Not<IfBelowOrEqual>>,
            ConditionCode.s => &OnRegisters<TOp, W, TForm, IfSign>,
            ConditionCode.ns => &OnRegisters<TOp, W, TForm, Not<IfSign>>,
            ConditionCode.l => &OnRegisters<TOp, W, TForm, IfLess>,
            ConditionCode.ge => &OnRegisters<TOp, W, TForm, Not<IfLess>>,
            ConditionCode.le => &OnRegisters<TOp, W, TForm, IfLessOrEqual>,
            _ => &OnRegisters<TOp, W, TForm, Not<IfLessOrEqual>>,
        };

    private static Handler ForMemory<TOp, W, TForm, TAddressing>(ConditionCode condition)
        where TOp : struct, IComparison where W : struct, IWidth where TForm : struct, IForm where TAddressing : struct, IAddressing =>
        condition switch
        {
            ConditionCode.b => &OnMemory<TOp, W, TForm, TAddressing, IfBelow>,
            ConditionCode.ae => &OnMemory<TOp, W, TForm, TAddressing, Not<IfBelow>>,
            ConditionCode.e => &OnMemory<TOp, W, TForm, TAddressing, IfEqual>,
            ConditionCode.ne => &OnMemory<TOp, W, TForm, TAddressing, Not<IfEqual>>,
            ConditionCode.be => &OnMemory<TOp, W, TForm, TAddressing, IfBelowOrEqual>,
            ConditionCode.a => &OnMemory<TOp, W, TForm, TAddressing, Not<IfBelowOrEqual>>,
            ConditionCode.s => &OnMemory<TOp, W, TForm, TAddressing, IfSign>,
            ConditionCode.ns => &OnMemory<TOp, W, TForm, TAddressing, Not<IfSign>>,
            ConditionCode.l => &OnMemory<TOp, W, TForm, TAddressing, IfLess>,
            ConditionCode.ge => &OnMemory<TOp, W, TForm, TAddressing, Not<IfLess>>,
            ConditionCode.le => &OnMemory<TOp, W, TForm, TAddressing, IfLessOrEqual>,
            _ => &OnMemory<TOp, W, TForm, TAddressing, Not<IfLessOrEqual>>,
        };

    private static Op* OnRegisters<TOp, W, TForm, TCondition>(CpuState* s, Op* op)
        where TOp : struct, IComparison where W : struct, IWidth where TForm : struct, IForm where TCondition : struct, ICondition =>
        Decide<TOp, W, TCondition>(s, op, TForm.Left<W>(s, op, 0), TForm.Right<W>(s, op, 0));

    private static Op* OnMemory<TOp, W, TForm, TAddressing, TCondition>(CpuState* s, Op* op)
        where TOp : struct, IComparison where W : struct, IWidth where TForm : struct, IForm
        where TAddressing : struct, IAddressing where TCondition : struct, ICondition
    {
        if (!Memory.TryRead(s, TAddressing.Of(s, op), W.Bytes, out byte* host)) return OnMemorySlow<TOp, W, TForm, TCondition>(s, op);
        ulong value = W.Get(host);
        return Decide<TOp, W, TCondition>(s, op, TForm.Left<W>(s, op, value), TForm.Right<W>(s, op, value));
    }

    private static Op* OnMemorySlow<TOp, W, TForm, TCondition>(CpuState* s, Op* op)
        where TOp : struct, IComparison where W : struct, IWidth where TForm : struct, IForm where TCondition : struct, ICondition
    {
        if (!W.Load(s, Memory.Address(s, op), out ulong value)) return Memory.Fault(s, op);
        return Decide<TOp, W, TCondition>(s, op, TForm.Left<W>(s, op, value), TForm.Right<W>(s, op, value));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Op* Decide<TOp, W, TCondition>(CpuState* s, Op* op, ulong left, ulong right)
        where TOp : struct, IComparison where W : struct, IWidth where TCondition : struct, ICondition
    {
        left = W.SignExtend(left);
        right = W.SignExtend(right);
        ulong result = W.SignExtend(TOp.Apply(s, left, right, out bool carry));
        TOp.SetFlags<W64>(s, left, right, result, carry);
        return TOp.Holds<TCondition>(left, right, result) ? Transfer.Taken(s, op, fused: 1) : Transfer.Next(s, op);
    }

    /// <summary>Where the two operands are; memory's value is given.</summary>
    private interface IForm
    {
        static abstract ulong Left<W>(CpuState* s, Op* op, ulong memory) where W : struct, IWidth;

        static abstract ulong Right<W>(CpuState* s, Op* op, ulong memory) where W : struct, IWidth;
    }

    private struct RegisterRegister : IForm
    {
        public static ulong Left<W>(CpuState* s, Op* op, ulong memory) where W : struct, IWidth => W.Read(s, op->A);

        public static ulong Right<W>(CpuState* s, Op* op, ulong memory) where W : struct, IWidth => W.Read(s, op->B);
    }

    private struct RegisterConstant : IForm
    {
        public static ulong Left<W>(CpuState* s, Op* op, ulong memory) where W : struct, IWidth => W.Read(s, op->A);

        public static ulong Right<W>(CpuState* s, Op* op, ulong memory) where W : struct, IWidth => op->Imm;
    }

    private struct RegisterMemory : IForm
    {
        public static ulong Left<W>(CpuState* s, Op* op, ulong memory) where W : struct, IWidth => W.Read(s, op->A);

        public static ulong Right<W>(CpuState* s, Op* op, ulong memory) where W : struct, IWidth => memory;
    }

    private struct MemoryRegister : IForm
    {
        public static ulong Left<W>(CpuState* s, Op* op, ulong memory) where W : struct, IWidth => memory;

        public static ulong Right<W>(CpuState* s, Op* op, ulong memory) where W : struct, IWidth => W.Read(s, op->B);
    }

    private struct MemoryConstant : IForm
    {
        public static ulong Left<W>(CpuState* s, Op* op, ulong memory) where W : struct, IWidth => memory;

        public static ulong Right<W>(CpuState* s, Op* op, ulong memory) where W : struct, IWidth => op->Imm;
    }
}
