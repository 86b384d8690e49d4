using Iced.Intel;
using Kennel.Cpu.X87;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>What moves registers or the stack, and computes nothing: FXCH, FCMOVcc, FFREE, FINCSTP, FDECSTP, FNOP.</summary>
internal static unsafe class X87Moves
{
    public static bool Lower(in Instruction i, ref OpBuilder b) => i.Code switch
    {
        Code.Fxch_st0_sti or Code.Fxch_st0_sti_DDC8 or Code.Fxch_st0_sti_DFC8 => X87Op.Emit(i, ref b, &Exchange),
        Code.Fcmovb_st0_sti => X87Op.Emit(i, ref b, &MoveIf<IfBelow>),
        Code.Fcmove_st0_sti => X87Op.Emit(i, ref b, &MoveIf<IfEqual>),
        Code.Fcmovbe_st0_sti => X87Op.Emit(i, ref b, &MoveIf<IfBelowOrEqual>),
        Code.Fcmovu_st0_sti => X87Op.Emit(i, ref b, &MoveIf<IfParity>),
        Code.Fcmovnb_st0_sti => X87Op.Emit(i, ref b, &MoveIf<Not<IfBelow>>),
        Code.Fcmovne_st0_sti => X87Op.Emit(i, ref b, &MoveIf<Not<IfEqual>>),
        Code.Fcmovnbe_st0_sti => X87Op.Emit(i, ref b, &MoveIf<Not<IfBelowOrEqual>>),
        Code.Fcmovnu_st0_sti => X87Op.Emit(i, ref b, &MoveIf<Not<IfParity>>),
        Code.Ffree_sti => X87Op.Emit(i, ref b, &Free),
        Code.Ffreep_sti => X87Op.Emit(i, ref b, &FreeAndPop),
        Code.Fincstp => X87Op.Emit(i, ref b, &Increment),
        Code.Fdecstp => X87Op.Emit(i, ref b, &Decrement),
        Code.Fnop => X87Op.Emit(i, ref b, &Nothing),
        _ => false,
    };

    private static Op* Exchange(CpuState* s, Op* op)
    {
        if (X87Stack.IsPending(s)) return X87Stack.RaisePending(s, op);
        X87Stack.Note(s, op);
        int top = X87Stack.Physical(s, 0), other = X87Stack.Physical(s, op->A);
        if (X87Stack.IsEmpty(s, top) || X87Stack.IsEmpty(s, other))
        {
            if (!X87Stack.Underflow(s)) return op + 1;
            if (X87Stack.IsEmpty(s, top)) X87Stack.Write(s, top, Float80.Indefinite);
            if (X87Stack.IsEmpty(s, other)) X87Stack.Write(s, other, Float80.Indefinite);
        }
        X87Stack.ClearC1(s);
        Float80 value = X87Stack.Read(s, top);
        X87Stack.Replace(s, top, X87Stack.Read(s, other));
        X87Stack.Replace(s, other, value);
        return Transfer.Next(s, op);
    }

    private static Op* MoveIf<TCondition>(CpuState* s, Op* op) where TCondition : struct, ICondition
    {
        if (X87Stack.IsPending(s)) return X87Stack.RaisePending(s, op);
        X87Stack.Note(s, op);
        int top = X87Stack.Physical(s, 0), other = X87Stack.Physical(s, op->A);
        if (X87Stack.IsEmpty(s, top) || X87Stack.IsEmpty(s, other))
        {
            if (X87Stack.Underflow(s)) X87Stack.Write(s, top, Float80.Indefinite);
            return op + 1;
        }
        if (TCondition.Holds(s)) X87Stack.Replace(s, top, X87Stack.Read(s, other));
        return Transfer.Next(s, op);
    }

    private static Op* Free(CpuState* s, Op* op)
    {
        if (X87Stack.IsPending(s)) return X87Stack.RaisePending(s, op);
        X87Stack.Note(s, op);
        X87Stack.ClearC1(s);
        s->FpTag &= (byte)~(1 << X87Stack.Physical(s, op->A));
        return op + 1;
    }

    private static Op* FreeAndPop(CpuState* s, Op* op)
    {
        if (X87Stack.IsPending(s)) return X87Stack.RaisePending(s, op);
        X87Stack.Note(s, op);
        X87Stack.ClearC1(s);
        s->FpTag &= (byte)~(1 << X87Stack.Physical(s, op->A));
        X87Stack.Pop(s, X87Stack.Physical(s, 0));
        return op + 1;
    }

    private static Op* Increment(CpuState* s, Op* op) => Turn(s, op, 1);

    private static Op* Decrement(CpuState* s, Op* op) => Turn(s, op, -1);

    private static Op* Turn(CpuState* s, Op* op, int by)
    {
        if (X87Stack.IsPending(s)) return X87Stack.RaisePending(s, op);
        X87Stack.Note(s, op);
        X87Stack.ClearC1(s);
        X87Stack.SetTop(s, X87Stack.Physical(s, by));
        return op + 1;
    }

    private static Op* Nothing(CpuState* s, Op* op)
    {
        if (X87Stack.IsPending(s)) return X87Stack.RaisePending(s, op);
        X87Stack.Note(s, op);
        return op + 1;
    }
}
