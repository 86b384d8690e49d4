using Iced.Intel;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>
/// Pairs of instructions that become one op: cmp, test, sub, add, and, inc or dec with the conditional jump behind it.
/// </summary>
internal static unsafe class Fusion
{
    /// <summary>Appends the op for a pair; false if this is none.</summary>
    public static bool Lower(in Instruction first, in Instruction jump, ref OpBuilder b)
    {
        if (!jump.IsJccShortOrNear || first.HasLockPrefix) return false;
        ConditionCode condition = jump.ConditionCode;
        if (condition is ConditionCode.o or ConditionCode.no or ConditionCode.p or ConditionCode.np) return false;
        Handler run;
        switch (first.Mnemonic)
        {
            case Mnemonic.Cmp:
                return LowerCompare<CmpOp>(first, jump, ref b);
            case Mnemonic.Test:
                return LowerCompare<TestOp>(first, jump, ref b);
            case Mnemonic.Sub when IsPlain(first):
                run = FusedArithmetic.For<SubOp>(first, condition);
                break;
            case Mnemonic.And when IsPlain(first):
                run = FusedArithmetic.For<AndOp>(first, condition);
                break;
            case Mnemonic.Add when IsPlain(first) && IsOfResult(condition):
                run = FusedArithmetic.For<AddOp>(first, condition);
                break;
            default:
                return false;
        }
        ref Op op = ref b.Add(first, run);
        op.A = IntegerOperands.Register(first, 0);
        if (first.Op1Kind == OpKind.Register) op.B = IntegerOperands.Register(first, 1);
        else op.Imm = first.GetImmediate(1);
        Join(ref op, first, jump);
        return true;
    }

    private static bool LowerCompare<TOp>(in Instruction first, in Instruction jump, ref OpBuilder b) where TOp : struct, IComparison
    {
        bool memoryLeft = first.Op0Kind == OpKind.Memory, memoryRight = first.Op1Kind == OpKind.Memory;
        ref Op op = ref (memoryLeft || memoryRight ? ref b.AddMemory(first, null) : ref b.Add(first, null));
        if (!memoryLeft) op.A = IntegerOperands.Register(first, 0);
        if (memoryRight)
        {
            // the register is on the left
        }
        else if (first.Op1Kind == OpKind.Register)
        {
            op.B = IntegerOperands.Register(first, 1);
        }
        else
        {
            op.Imm = first.GetImmediate(1);
        }
        op.Run = FusedComparison.For<TOp>(first, jump.ConditionCode, op.IsBased);
        Join(ref op, first, jump);
        return true;
    }

    // A register of 32 or 64 bits and a register or constant.
    private static bool IsPlain(in Instruction i) =>
        i.Op0Kind == OpKind.Register && i.Op1Kind != OpKind.Memory && Registers.SizeOf(i.Op0Register) >= 4;

    // Conditions that look at the result alone.
    private static bool IsOfResult(ConditionCode condition) =>
        condition is ConditionCode.e or ConditionCode.ne or ConditionCode.s or ConditionCode.ns;

    private static void Join(ref Op op, in Instruction first, in Instruction jump)
    {
        op.Length = (byte)(first.Length + jump.Length);
        op.Jump = (int)(jump.NearBranchTarget - jump.NextIP);
    }
}
