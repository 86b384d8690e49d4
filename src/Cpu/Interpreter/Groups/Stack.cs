using Iced.Intel;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>push, pop, pushf, popf, enter and leave.</summary>
internal static unsafe class Stack
{
    public static bool Lower(in Instruction i, ref OpBuilder b)
    {
        switch (i.Mnemonic)
        {
            case Mnemonic.Push:
                return Push(i, ref b);
            case Mnemonic.Pop:
                return Pop(i, ref b);
            case Mnemonic.Pushfq:
                b.Add(i, &PushFlags<W64>);
                return true;
            case Mnemonic.Pushf:
                b.Add(i, &PushFlags<W16>);
                return true;
            case Mnemonic.Popfq:
                b.Add(i, &PopFlags<W64>);
                return true;
            case Mnemonic.Popf:
                b.Add(i, &PopFlags<W16>);
                return true;
            case Mnemonic.Enter:
                ref Op enter = ref b.Add(i, i.Code == Code.Enterq_imm16_imm8 ? &Enter<W64> : &Enter<W16>);
                (enter.Imm, enter.A) = (i.Immediate16, (byte)(i.Immediate8_2nd & 31));
                return true;
            case Mnemonic.Leave:
                b.Add(i, i.Code == Code.Leaveq ? &Leave<W64> : &Leave<W16>);
                return true;
            default:
                return false;
        }
    }

    private static bool Push(in Instruction i, ref OpBuilder b)
    {
        bool wide = i.StackPointerIncrement == -8;
        switch (i.Op0Kind)
        {
            case OpKind.Register when i.Op0Register.IsGPR():
                b.Add(i, wide ? &PushRegister<W64> : &PushRegister<W16>).A = IntegerOperands.Register(i, 0);
                return true;
            case OpKind.Register: // fs and gs: their selectors are 0 in a 64-bit Linux process
                b.Add(i, wide ? &PushImm<W64> : &PushImm<W16>);
                return true;
            case OpKind.Memory:
                b.AddMemory(i, wide ? &PushMemory<W64> : &PushMemory<W16>);
                return true;
            default:
                b.Add(i, wide ? &PushImm<W64> : &PushImm<W16>).Imm = i.GetImmediate(0);
                return true;
        }
    }

    private static bool Pop(in Instruction i, ref OpBuilder b)
    {
        int size = i.StackPointerIncrement;
        bool wide = size == 8;
        if (IntegerOperands.IsMemory(i, 0))
        {
            int first = b.Length;
            b.AddMemory(i, wide ? &PopMemory<W64> : &PopMemory<W16>);
            // The operand's address is computed after the stack pointer has moved (Intel SDM, POP).
            if (i.MemoryBase.GetFullRegister() == Register.RSP) b[first].Disp += size;
            return true;
        }
        if (!i.Op0Register.IsGPR()) return false;
        b.Add(i, wide ? &PopRegister<W64> : &PopRegister<W16>).A = IntegerOperands.Register(i, 0);
        return true;
    }

    private static bool Push<W>(CpuState* s, ulong value) where W : struct, IWidth
    {
        ulong top = s->R[CpuState.Rsp] - (ulong)W.Bytes;
        if (!W.Store(s, top, value)) return false;
        s->R[CpuState.Rsp] = top;
        return true;
    }

    private static Op* PushRegister<W>(CpuState* s, Op* op) where W : struct, IWidth
    {
        ulong top = s->R[CpuState.Rsp] - (ulong)W.Bytes;
        if (!Memory.TryWrite(s, top, W.Bytes, out byte* host)) return PushRegisterSlow<W>(s, op);
        W.Put(host, s->R[op->A]);
        s->R[CpuState.Rsp] = top;
        return Transfer.Next(s, op);
    }

    private static Op* PushRegisterSlow<W>(CpuState* s, Op* op) where W : struct, IWidth =>
        Push<W>(s, s->R[op->A]) ? op + 1 : Memory.FaultOnStack(s, op);

    private static Op* PushImm<W>(CpuState* s, Op* op) where W : struct, IWidth =>
        Push<W>(s, op->Imm) ? op + 1 : Memory.FaultOnStack(s, op);

    private static Op* PushMemory<W>(CpuState* s, Op* op) where W : struct, IWidth =>
        !W.Load(s, Memory.Address(s, op), out ulong value) ? Memory.Fault(s, op)
            : Push<W>(s, value) ? Transfer.Next(s, op) : Memory.FaultOnStack(s, op);

    private static Op* PopRegister<W>(CpuState* s, Op* op) where W : struct, IWidth
    {
        if (!Memory.TryRead(s, s->R[CpuState.Rsp], W.Bytes, out byte* host)) return PopRegisterSlow<W>(s, op);
        s->R[CpuState.Rsp] += (ulong)W.Bytes;
        W.Write(s, op->A, W.Get(host));
        return Transfer.Next(s, op);
    }

    private static Op* PopRegisterSlow<W>(CpuState* s, Op* op) where W : struct, IWidth
    {
        if (!W.Load(s, s->R[CpuState.Rsp], out ulong value)) return Memory.FaultOnStack(s, op);
        s->R[CpuState.Rsp] += (ulong)W.Bytes;
        W.Write(s, op->A, value);
        return Transfer.Next(s, op);
    }

    private static Op* PopMemory<W>(CpuState* s, Op* op) where W : struct, IWidth
    {
        if (!W.Load(s, s->R[CpuState.Rsp], out ulong value)) return Memory.FaultOnStack(s, op);
        if (!W.Store(s, Memory.Address(s, op), value)) return Memory.Fault(s, op);
        s->R[CpuState.Rsp] += (ulong)W.Bytes;
        return Transfer.Next(s, op);
    }

    private static Op* PushFlags<W>(CpuState* s, Op* op) where W : struct, IWidth =>
        Push<W>(s, Flags.Image(s)) ? Transfer.Next(s, op) : Memory.FaultOnStack(s, op);

    private static Op* PopFlags<W>(CpuState* s, Op* op) where W : struct, IWidth
    {
        if (!W.Load(s, s->R[CpuState.Rsp], out ulong value)) return Memory.FaultOnStack(s, op);
        s->R[CpuState.Rsp] += (ulong)W.Bytes;
        uint mask = Flags.Status | Flags.UserControl;
        if (W.Bytes == 2) mask &= 0xffff;
        bool trapBefore = (s->Eflags & Flags.Trap) != 0;
        s->Eflags = (Flags.Image(s) & ~mask) | ((uint)value & mask);
        // The trap flag takes effect behind the next instruction: the engine must see it.
        return trapBefore == ((s->Eflags & Flags.Trap) != 0) ? Transfer.Next(s, op) : Transfer.LeaveBehind(s, op, Transfer.Attention);
    }

    private static Op* Leave<W>(CpuState* s, Op* op) where W : struct, IWidth
    {
        ulong frame = s->R[CpuState.Rbp];
        if (!W.Load(s, frame, out ulong value)) return Memory.FaultOnStack(s, op);
        s->R[CpuState.Rsp] = frame + (ulong)W.Bytes;
        W.Write(s, CpuState.Rbp, value);
        return Transfer.Next(s, op);
    }

    // Intel SDM, ENTER: pushes rbp, then (nested procedures) the frame pointers of the levels around, then makes room.
    private static Op* Enter<W>(CpuState* s, Op* op) where W : struct, IWidth
    {
        ulong size = (ulong)W.Bytes, top = s->R[CpuState.Rsp], outer = s->R[CpuState.Rbp];
        if (!W.Store(s, top -= size, outer)) return Memory.FaultOnStack(s, op);
        ulong frame = top;
        for (int level = 1; level < op->A; level++)
        {
            outer -= size;
            if (!W.Load(s, outer, out ulong link) || !W.Store(s, top -= size, link)) return Memory.FaultOnStack(s, op);
        }
        if (op->A > 0 && !W.Store(s, top -= size, frame)) return Memory.FaultOnStack(s, op);
        top -= op->Imm;
        if (!Memory.CanModify(s, top, 1)) return Memory.FaultOnStack(s, op); // the new top must be writable
        s->R[CpuState.Rsp] = top;
        W.Write(s, CpuState.Rbp, frame);
        return Transfer.Next(s, op);
    }
}
