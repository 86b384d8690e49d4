using Iced.Intel;
using Kennel.Cpu.X87;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>
/// Control and status word: FLDCW, FNSTCW, FNSTSW, FNCLEX, FNINIT, FWAIT. They leave no trace in the last-instruction fields,
/// and those with an N do not wait: they run while an exception is pending.
/// </summary>
internal static unsafe class X87Control
{
    /// <summary>What FNCLEX leaves of the status word.</summary>
    private const ushort WithoutExceptions = 0x7f00;

    public static bool Lower(in Instruction i, ref OpBuilder b)
    {
        switch (i.Code)
        {
            case Code.Fldcw_m2byte: return X87Op.EmitMemory(i, ref b, &LoadControl);
            case Code.Fnstcw_m2byte: return X87Op.EmitMemory(i, ref b, &StoreControl);
            case Code.Fnstsw_m2byte: return X87Op.EmitMemory(i, ref b, &StoreStatus);
            case Code.Fnstsw_AX: return X87Op.Emit(i, ref b, &StatusToAx);
            case Code.Fnclex: return X87Op.Emit(i, ref b, &ClearExceptions);
            case Code.Fninit: return X87Op.Emit(i, ref b, &Initialize);
            case Code.Wait: return X87Op.Emit(i, ref b, &Wait);
            // What the 8087 and the 287 had for interrupts and modes does nothing since the 387.
            case Code.Fneni or Code.Fndisi or Code.Fnsetpm: return X87Op.Emit(i, ref b, &Nothing);
            default: return false;
        }
    }

    /// <summary>The state after FNINIT; the registers keep what they hold, but are empty.</summary>
    public static void Reset(CpuState* s)
    {
        s->FpControl = X87Context.InitialControl;
        s->FpStatus = 0;
        s->FpTag = 0;
        s->FpOpcode = 0;
        s->FpInstruction = 0;
        s->FpData = 0;
    }

    private static Op* LoadControl(CpuState* s, Op* op)
    {
        if (X87Stack.IsPending(s)) return X87Stack.RaisePending(s, op);
        if (!Memory.Load(s, Memory.Address(s, op), out ushort control)) return Memory.Fault(s, op);
        FxState.SetControlAndStatus(s, control, s->FpStatus);
        return op + 1;
    }

    private static Op* StoreControl(CpuState* s, Op* op) =>
        Memory.Store(s, Memory.Address(s, op), s->FpControl) ? op + 1 : Memory.Fault(s, op);

    private static Op* StoreStatus(CpuState* s, Op* op) =>
        Memory.Store(s, Memory.Address(s, op), s->FpStatus) ? op + 1 : Memory.Fault(s, op);

    private static Op* StatusToAx(CpuState* s, Op* op)
    {
        W16.Write(s, CpuState.Rax, s->FpStatus);
        return op + 1;
    }

    private static Op* ClearExceptions(CpuState* s, Op* op)
    {
        s->FpStatus &= WithoutExceptions;
        return op + 1;
    }

    private static Op* Initialize(CpuState* s, Op* op)
    {
        Reset(s);
        return op + 1;
    }

    private static Op* Wait(CpuState* s, Op* op) => X87Stack.IsPending(s) ? X87Stack.RaisePending(s, op) : Transfer.Next(s, op);

    private static Op* Nothing(CpuState* s, Op* op) => op + 1;
}
