using Iced.Intel;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>sub, and or add on a register, with the conditional jump behind it.</summary>
internal static unsafe class FusedArithmetic
{
    public static Handler For<TOp>(in Instruction first, ConditionCode condition) where TOp : struct, IComparison =>
        (Registers.SizeOf(first.Op0Register), first.Op1Kind == OpKind.Register) switch
        {
            (4, true) => For<TOp, W32, On>(condition),
            (4, false) => For<TOp, W32, Off>(condition),
            (_, true) => For<TOp, W64, On>(condition),
            (_, false) => For<TOp, W64, Off>(condition),
        };

    private static Handler For<TOp, W, TRegister>(ConditionCode condition)
        where TOp : struct, IComparison where W : struct, IWidth where TRegister : struct, ISwitch => condition switch
        {
            ConditionCode.b => &Run<TOp, W, TRegister, IfBelow>,
            ConditionCode.ae => &Run<TOp, W, TRegister, Not<IfBelow>>,
            ConditionCode.e => &Run<TOp, W, TRegister, IfEqual>,
            ConditionCode.ne => &Run<TOp, W, TRegister, Not<IfEqual>>,
            ConditionCode.be => &Run<TOp, W, TRegister, IfBelowOrEqual>,
            ConditionCode.a => &Run<TOp, W, TRegister, Not<IfBelowOrEqual>>,
            ConditionCode.s => &Run<TOp, W, TRegister, IfSign>,
            ConditionCode.ns => &Run<TOp, W, TRegister, Not<IfSign>>,
            ConditionCode.l => &Run<TOp, W, TRegister, IfLess>,
            ConditionCode.ge => &Run<TOp, W, TRegister, Not<IfLess>>,
            ConditionCode.le => &Run<TOp, W, TRegister, IfLessOrEqual>,
            _ => &Run<TOp, W, TRegister, Not<IfLessOrEqual>>,
        };

    private static Op* Run<TOp, W, TRegister, TCondition>(CpuState* s, Op* op)
        where TOp : struct, IComparison where W : struct, IWidth where TRegister : struct, ISwitch where TCondition : struct, ICondition
    {
        ulong left = W.SignExtend(W.Read(s, op->A)), right = W.SignExtend(TRegister.IsOn ? W.Read(s, op->B) : op->Imm);
        ulong result = W.SignExtend(TOp.Apply(s, left, right, out bool carry));
        W.Write(s, op->A, result);
        TOp.SetFlags<W64>(s, left, right, result, carry);
        return TOp.Holds<TCondition>(left, right, result) ? Transfer.Taken(s, op, fused: 1) : Transfer.Next(s, op);
    }
}
