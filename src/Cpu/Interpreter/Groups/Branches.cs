using System.Runtime.CompilerServices;
using Iced.Intel;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>jmp, jcc, call, ret, loop and jrcxz; setcc and cmovcc, which share the conditions.</summary>
internal static unsafe class Branches
{
    public static bool Lower(in Instruction i, ref OpBuilder b)
    {
        switch (i.Mnemonic)
        {
            case Mnemonic.Jmp:
                return Jump(i, ref b);
            case Mnemonic.Call:
                return Call(i, ref b);
            case Mnemonic.Ret:
                b.Add(i, ReturnFor(i)).Imm = i.OpCount == 0 ? 0u : i.Immediate16;
                return true;
            case Mnemonic.Jrcxz:
                b.AddJump(i, &JumpIfZero<W64>);
                return true;
            case Mnemonic.Jecxz:
                b.AddJump(i, &JumpIfZero<W32>);
                return true;
            case Mnemonic.Loop:
                b.AddJump(i, Uses64BitCounter(i) ? &Loop<W64, Always> : &Loop<W32, Always>);
                return true;
            case Mnemonic.Loope:
                b.AddJump(i, Uses64BitCounter(i) ? &Loop<W64, IfEqual> : &Loop<W32, IfEqual>);
                return true;
            case Mnemonic.Loopne:
                b.AddJump(i, Uses64BitCounter(i) ? &Loop<W64, Not<IfEqual>> : &Loop<W32, Not<IfEqual>>);
                return true;
            default:
                return i.ConditionCode != ConditionCode.None && Conditional(i, ref b);
        }
    }

    private static bool Conditional(in Instruction i, ref OpBuilder b) => i.ConditionCode switch
    {
        ConditionCode.o => Conditional<IfOverflow>(i, ref b),
        ConditionCode.no => Conditional<Not<IfOverflow>>(i, ref b),
        ConditionCode.b => Conditional<IfBelow>(i, ref b),
        ConditionCode.ae => Conditional<Not<IfBelow>>(i, ref b),
        ConditionCode.e => Conditional<IfEqual>(i, ref b),
        ConditionCode.ne => Conditional<Not<IfEqual>>(i, ref b),
        ConditionCode.be => Conditional<IfBelowOrEqual>(i, ref b),
        ConditionCode.a => Conditional<Not<IfBelowOrEqual>>(i, ref b),
        ConditionCode.s => Conditional<IfSign>(i, ref b),
        ConditionCode.ns => Conditional<Not<IfSign>>(i, ref b),
        ConditionCode.p => Conditional<IfParity>(i, ref b),
        ConditionCode.np => Conditional<Not<IfParity>>(i, ref b),
        ConditionCode.l => Conditional<IfLess>(i, ref b),
        ConditionCode.ge => Conditional<Not<IfLess>>(i, ref b),
        ConditionCode.le => Conditional<IfLessOrEqual>(i, ref b),
        _ => Conditional<Not<IfLessOrEqual>>(i, ref b),
    };

    private static bool Conditional<TCondition>(in Instruction i, ref OpBuilder b) where TCondition : struct, ICondition
    {
        if (i.IsJccShortOrNear)
        {
            b.AddJump(i, &JumpIf<TCondition>);
            return true;
        }
        if (i.OpCount == 1) // setcc
        {
            if (IntegerOperands.IsMemory(i, 0)) b.AddMemory(i, &SetMemory<TCondition>);
            else b.Add(i, &SetRegister<TCondition>).A = IntegerOperands.Register(i, 0);
            return true;
        }
        if (i.OpCount != 2 || !i.Op0Register.IsGPR()) return false; // loop; fcmov
        int size = IntegerOperands.Size(i, 0);
        if (IntegerOperands.IsMemory(i, 1))
        {
            b.AddMemory(i, size switch { 8 => &MoveMemoryIf<TCondition, W64>, 4 => &MoveMemoryIf<TCondition, W32>, _ => &MoveMemoryIf<TCondition, W16> })
                .A = IntegerOperands.Register(i, 0);
            return true;
        }
        ref Op op = ref b.Add(i, size switch { 8 => &MoveIf<TCondition, W64>, 4 => &MoveIf<TCondition, W32>, _ => &MoveIf<TCondition, W16> });
        (op.A, op.B) = (IntegerOperands.Register(i, 0), IntegerOperands.Register(i, 1));
        return true;
    }

    private static bool Jump(in Instruction i, ref OpBuilder b)
    {
        switch (i.Op0Kind)
        {
            case OpKind.NearBranch64:
                b.AddJump(i, &JumpDirect);
                return true;
            case OpKind.Register when IntegerOperands.Size(i, 0) == 8:
                b.Add(i, &JumpRegister).A = IntegerOperands.Register(i, 0);
                return true;
            case OpKind.Memory when i.Code == Code.Jmp_rm64:
                b.AddMemory(i, &JumpMemory);
                return true;
            default:
                return false;
        }
    }

    private static bool Call(in Instruction i, ref OpBuilder b)
    {
        switch (i.Op0Kind)
        {
            case OpKind.NearBranch64:
                b.AddJump(i, &CallDirect);
                return true;
            case OpKind.Register when IntegerOperands.Size(i, 0) == 8:
                b.Add(i, &CallRegister).A = IntegerOperands.Register(i, 0);
                return true;
            case OpKind.Memory when i.Code == Code.Call_rm64:
                b.AddMemory(i, &CallMemory);
                return true;
            default:
                return false;
        }
    }

    private static Handler ReturnFor(in Instruction i) => i.Code is Code.Retnq or Code.Retnq_imm16 ? &Return64 : &Return<W16>;

    private static bool Uses64BitCounter(in Instruction i) => i.Code is
        Code.Loop_rel8_64_RCX or Code.Loope_rel8_64_RCX or Code.Loopne_rel8_64_RCX or
        Code.Loop_rel8_16_RCX or Code.Loope_rel8_16_RCX or Code.Loopne_rel8_16_RCX;

    private static Op* JumpDirect(CpuState* s, Op* op) => Transfer.Taken(s, op);

    private static Op* JumpIf<TCondition>(CpuState* s, Op* op) where TCondition : struct, ICondition =>
        TCondition.Holds(s) ? Transfer.Taken(s, op) : Transfer.Next(s, op);

    private static Op* JumpRegister(CpuState* s, Op* op) =>
        IsCanonical(s->R[op->A]) ? Transfer.Indirect(s, op, s->R[op->A]) : Invalid.GeneralProtection(s, op);

    private static Op* JumpMemory(CpuState* s, Op* op)
    {
        if (!Memory.TryRead(s, Memory.Address(s, op), 8, out byte* host)) return JumpMemorySlow(s, op);
        ulong target = *(ulong*)host;
        return IsCanonical(target) ? Transfer.Indirect(s, op, target) : Invalid.GeneralProtection(s, op);
    }

    private static Op* JumpMemorySlow(CpuState* s, Op* op)
    {
        if (!Memory.Load(s, Memory.Address(s, op), out ulong target)) return Memory.Fault(s, op);
        return IsCanonical(target) ? Transfer.Indirect(s, op, target) : Invalid.GeneralProtection(s, op);
    }

    private static Op* CallDirect(CpuState* s, Op* op)
    {
        ulong top = s->R[CpuState.Rsp] - 8;
        if (!Memory.TryWrite(s, top, 8, out byte* host)) return CallDirectSlow(s, op);
        *(ulong*)host = s->R[CpuState.CodeBase] + op->Offset + op->Length;
        s->R[CpuState.Rsp] = top;
        return Transfer.Taken(s, op);
    }

    private static Op* CallDirectSlow(CpuState* s, Op* op) => Push(s, op) ? Transfer.Taken(s, op) : Memory.FaultOnStack(s, op);

    private static Op* CallRegister(CpuState* s, Op* op)
    {
        ulong target = s->R[op->A]; // before the push: call rsp
        if (!IsCanonical(target)) return RefuseCall(s, op);
        return Push(s, op) ? Transfer.Indirect(s, op, target) : Memory.FaultOnStack(s, op);
    }

    private static Op* CallMemory(CpuState* s, Op* op)
    {
        if (!Memory.Load(s, Memory.Address(s, op), out ulong target)) return Memory.Fault(s, op);
        if (!IsCanonical(target)) return RefuseCall(s, op);
        return Push(s, op) ? Transfer.Indirect(s, op, target) : Memory.FaultOnStack(s, op);
    }

    // The fault of the push comes first.
    private static Op* RefuseCall(CpuState* s, Op* op) =>
        Memory.CanModify(s, s->R[CpuState.Rsp] - 8, 8) ? Invalid.GeneralProtection(s, op) : Memory.FaultOnStack(s, op);

    // A jump to an address that cannot be is #GP at the jump.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsCanonical(ulong address) => (ulong)((long)(address << 16) >> 16) == address;

    private static bool Push(CpuState* s, Op* op)
    {
        ulong top = s->R[CpuState.Rsp] - 8;
        if (!Memory.Store(s, top, s->R[CpuState.CodeBase] + op->Offset + op->Length)) return false;
        s->R[CpuState.Rsp] = top;
        return true;
    }

    private static Op* Return64(CpuState* s, Op* op)
    {
        if (!Memory.TryRead(s, s->R[CpuState.Rsp], 8, out byte* host)) return Return<W64>(s, op);
        ulong target = *(ulong*)host;
        if (!IsCanonical(target)) return Invalid.GeneralProtection(s, op);
        s->R[CpuState.Rsp] += 8 + op->Imm;
        return Transfer.Indirect(s, op, target);
    }

    private static Op* Return<W>(CpuState* s, Op* op) where W : struct, IWidth
    {
        if (!W.Load(s, s->R[CpuState.Rsp], out ulong target)) return Memory.FaultOnStack(s, op);
        if (!IsCanonical(target)) return Invalid.GeneralProtection(s, op);
        s->R[CpuState.Rsp] += (ulong)W.Bytes + op->Imm;
        return Transfer.Indirect(s, op, target);
    }

    private static Op* JumpIfZero<W>(CpuState* s, Op* op) where W : struct, IWidth =>
        W.Read(s, CpuState.Rcx) == 0 ? Transfer.Taken(s, op) : Transfer.Next(s, op);

    private static Op* Loop<W, TCondition>(CpuState* s, Op* op) where W : struct, IWidth where TCondition : struct, ICondition
    {
        ulong count = W.Truncate(s->R[CpuState.Rcx] - 1);
        W.Write(s, CpuState.Rcx, count);
        return count != 0 && TCondition.Holds(s) ? Transfer.Taken(s, op) : Transfer.Next(s, op);
    }

    private static Op* SetRegister<TCondition>(CpuState* s, Op* op) where TCondition : struct, ICondition
    {
        W8.Write(s, op->A, TCondition.Holds(s) ? 1u : 0);
        return Transfer.Next(s, op);
    }

    private static Op* SetMemory<TCondition>(CpuState* s, Op* op) where TCondition : struct, ICondition =>
        Memory.Store(s, Memory.Address(s, op), (byte)(TCondition.Holds(s) ? 1 : 0)) ? Transfer.Next(s, op) : Memory.Fault(s, op);

    private static Op* MoveIf<TCondition, W>(CpuState* s, Op* op) where TCondition : struct, ICondition where W : struct, IWidth
    {
        // A 32-bit cmov clears the upper half even when it does not move.
        W.Write(s, op->A, W.Read(s, TCondition.Holds(s) ? op->B : op->A));
        return Transfer.Next(s, op);
    }

    private static Op* MoveMemoryIf<TCondition, W>(CpuState* s, Op* op) where TCondition : struct, ICondition where W : struct, IWidth
    {
        // The operand is read, and may fault, either way.
        if (!W.Load(s, Memory.Address(s, op), out ulong value)) return Memory.Fault(s, op);
        W.Write(s, op->A, TCondition.Holds(s) ? value : W.Read(s, op->A));
        return op + 1;
    }

    private struct Always : ICondition
    {
        public static bool Holds(CpuState* s) => true;

        public static bool AfterSub(ulong left, ulong right, ulong result) => true;

        public static bool AfterLogic(ulong result) => true;
    }
}
