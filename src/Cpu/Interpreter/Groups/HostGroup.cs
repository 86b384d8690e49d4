using System.Runtime.Intrinsics;
using Iced.Intel;
using Kennel.Cpu.Floating;
using Kennel.Cpu.Hosted;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>
/// What x86-64-v3 adds and is nothing special: the host's processor runs the instruction on copies of its operands, which are written back
/// when no fault and no unmasked exception has come up.
/// </summary>
internal static unsafe class HostGroup
{
    public static bool Lower(in Instruction i, ref OpBuilder b)
    {
        if (b.Host == null) return false;
        HostForm form = b.Host.FormOf(i);
        if (!form.CanRun) return false;
        HostCode* code = b.Host.CodeOf(i);
        ref Op op = ref code->Size != 0 ? ref b.AddMemory(i, &Run) : ref b.Add(i, &Run);
        op.Imm = (ulong)code;
        op.IsAlone = true;
        op.A = Slot(i, form.RegOperand);
        op.B = Slot(i, form.VvvvOperand);
        op.C = Slot(i, form.RmOperand);
        op.Jump = Slot(i, form.Is4Operand);
        return true;
    }

    // Number of a general or vector register.
    private static byte Slot(in Instruction i, int n)
    {
        if (n < 0 || i.GetOpKind(n) != OpKind.Register) return 0;
        Register register = i.GetOpRegister(n);
        if (register is >= Register.YMM0 and <= Register.YMM15) return (byte)(register - Register.YMM0);
        return register is >= Register.XMM0 and <= Register.XMM15 ? (byte)(register - Register.XMM0) : OpBuilder.Slot(register);
    }

    private static Op* Run(CpuState* s, Op* op)
    {
        var code = (HostCode*)op->Imm;
        byte* room = stackalloc byte[HostFrame.Size + HostFrame.VectorSize];
        var frame = (HostFrame*)((ulong)(room + HostFrame.VectorSize - 1) & ~(HostFrame.VectorSize - 1UL));
        ulong address = 0;
        if (code->Size != 0)
        {
            address = Memory.Address(s, op);
            if ((address & (ulong)code->AlignmentMask) != 0) return Memory.Raise(s, op, StopReason.GeneralProtection);
            bool loads = (code->Operands & HostOperands.LoadsMemory) != 0;
            if (loads && !MemorySlow.Load(s, address, (byte*)frame->Buffer, code->Size)) return Memory.Fault(s, op);
        }
        FloatStatus status = Execute(s, op, code, frame);
        if (status.Raises)
        {
            FloatSlow.Raises(s, status);
            return Memory.Raise(s, op, StopReason.FloatingPoint);
        }
        bool stores = (code->Operands & HostOperands.StoresMemory) != 0;
        if (stores && !MemorySlow.Store(s, address, (byte*)frame->Buffer, code->Size)) return Memory.Fault(s, op);
        s->Mxcsr |= status.Flags;
        Commit(s, op, code, frame);
        return op + 1;
    }

    // With underflow unmasked, a tiny result counts even if it is exact, which flushing tells.
    private static FloatStatus Execute(CpuState* s, Op* op, HostCode* code, HostFrame* frame)
    {
        var status = new FloatStatus(s->Mxcsr);
        uint control = (s->Mxcsr & ~Exceptions) | Mxcsr.Masks;
        if (!status.IsMasked(Mxcsr.Underflow))
        {
            control |= Mxcsr.FlushToZero;
            status.Flags = Execute(s, op, code, frame, control) & Mxcsr.Underflow;
            control &= ~Mxcsr.FlushToZero;
        }
        status.Flags |= Execute(s, op, code, frame, control);
        return status;
    }

    private const uint Exceptions = 0x3f;

    private static uint Execute(CpuState* s, Op* op, HostCode* code, HostFrame* frame, uint control)
    {
        Fill(s, op, code, frame);
        frame->Mxcsr = control;
        ((delegate* unmanaged[SuppressGCTransition]<HostFrame*, nint, void>)code->Run)(frame, code->Instruction);
        return frame->Mxcsr & Exceptions;
    }

    private static void Fill(CpuState* s, Op* op, HostCode* code, HostFrame* frame)
    {
        HostOperands operands = code->Operands;
        if ((operands & HostOperands.RegIsVector) != 0) Vector(frame, 0) = Get(s, op->A);
        else frame->Reg = s->R[op->A];
        if ((operands & HostOperands.VvvvIsVector) != 0) Vector(frame, 1) = Get(s, op->B);
        else frame->Vvvv = s->R[op->B];
        if ((operands & HostOperands.RmIsVector) != 0) Vector(frame, 2) = Get(s, op->C);
        else frame->Rm = s->R[op->C];
        if ((operands & HostOperands.HasFourth) != 0) Vector(frame, 3) = Get(s, op->Jump);
        frame->Rax = s->R[CpuState.Rax];
        frame->Rcx = s->R[CpuState.Rcx];
        frame->Rdx = s->R[CpuState.Rdx];
        frame->Operand = (byte*)frame->Buffer;
        frame->Flags = 2;
        if (code->Flags == 0) return;
        Flags.Materialize(s);
        frame->Flags |= s->Eflags & Flags.Status;
    }

    private static void Commit(CpuState* s, Op* op, HostCode* code, HostFrame* frame)
    {
        HostOperands operands = code->Operands;
        if ((operands & HostOperands.VvvvIsWritten) != 0) // before the other: mulx may name one register twice
        {
            if ((operands & HostOperands.VvvvIsVector) != 0) Set(s, op->B, Vector(frame, 1));
            else s->R[op->B] = frame->Vvvv;
        }
        if ((operands & HostOperands.RegIsWritten) != 0)
        {
            if ((operands & HostOperands.RegIsVector) != 0) Set(s, op->A, Vector(frame, 0));
            else s->R[op->A] = frame->Reg;
        }
        if ((operands & HostOperands.RmIsWritten) != 0)
        {
            if ((operands & HostOperands.RmIsVector) != 0) Set(s, op->C, Vector(frame, 2));
            else s->R[op->C] = frame->Rm;
        }
        if ((operands & HostOperands.WritesRcx) != 0) s->R[CpuState.Rcx] = frame->Rcx;
        if ((operands & HostOperands.WritesXmm0) != 0) Set(s, 0, Vector(frame, 0));
        if ((operands & HostOperands.WritesUpper) != 0) s->YmmInUse = 1;
        if (code->Flags != 0) s->Eflags = (s->Eflags & ~code->Flags) | ((uint)frame->Flags & code->Flags);
    }

    private static ref Vector256<ulong> Vector(HostFrame* frame, int n) => ref ((Vector256<ulong>*)frame->Vectors)[n];

    private static Vector256<ulong> Get(CpuState* s, int n) =>
        Vector256.Create(((Vector128<ulong>*)s->Xmm)[n], ((Vector128<ulong>*)s->YmmHigh)[n]);

    private static void Set(CpuState* s, int n, Vector256<ulong> value)
    {
        ((Vector128<ulong>*)s->Xmm)[n] = value.GetLower();
        ((Vector128<ulong>*)s->YmmHigh)[n] = value.GetUpper();
    }
}
