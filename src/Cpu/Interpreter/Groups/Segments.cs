using Iced.Intel;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>
/// Segment registers and far transfers, as a 64-bit Linux process sees them: flat segments with fixed selectors
/// (Linux: arch/x86/include/asm/segment.h). Far transfers to 32-bit code end in #GP: there is none.
/// </summary>
internal static unsafe class Segments
{
    private const ushort UserCode = 0x33, UserData = 0x2b, CompatibilityCode = 0x23, CpuNumber = 0x7b;

    public static bool Lower(in Instruction i, ref OpBuilder b)
    {
        switch (i.Mnemonic)
        {
            case Mnemonic.Mov when i.Op1Register.IsSegmentRegister():
                return LowerRead(i, ref b);
            case Mnemonic.Mov when i.Op0Register.IsSegmentRegister():
                return LowerWrite(i, ref b);
            case Mnemonic.Pop when i.Op0Register.IsSegmentRegister():
                b.Add(i, i.StackPointerIncrement == 8 ? &PopSegment<W64> : &PopSegment<W16>).A = Number(i.Op0Register);
                return true;
            case Mnemonic.Retf:
                b.Add(i, i.Code switch
                {
                    Code.Retfq or Code.Retfq_imm16 => &ReturnFar<W64>,
                    Code.Retfd or Code.Retfd_imm16 => &ReturnFar<W32>,
                    _ => &ReturnFar<W16>,
                }).Imm = i.OpCount == 0 ? 0u : i.Immediate16;
                return true;
            case Mnemonic.Iretq:
                b.Add(i, &ReturnFromInterrupt<W64>);
                return true;
            case Mnemonic.Iretd:
                b.Add(i, &ReturnFromInterrupt<W32>);
                return true;
            case Mnemonic.Iret:
                b.Add(i, &ReturnFromInterrupt<W16>);
                return true;
            case Mnemonic.Lar:
                return LowerQuery(i, ref b, &LoadRights);
            case Mnemonic.Lsl:
                return LowerQuery(i, ref b, &LoadLimit);
            case Mnemonic.Verr:
                return LowerQuery(i, ref b, &Verify<Off>);
            case Mnemonic.Verw:
                return LowerQuery(i, ref b, &Verify<On>);
            default:
                return LowerFar(i, ref b);
        }
    }

    private static bool LowerRead(in Instruction i, ref OpBuilder b)
    {
        ulong selector = i.Op1Register switch { Register.CS => UserCode, Register.SS => UserData, _ => 0u };
        if (IntegerOperands.IsMemory(i, 0))
        {
            b.AddMemory(i, &StoreSelector).Imm = selector;
            return true;
        }
        ref Op op = ref b.Add(i, IntegerOperands.Size(i, 0) == 2 ? &ReadSelector<W16> : &ReadSelector<W64>);
        (op.A, op.Imm) = (IntegerOperands.Register(i, 0), selector);
        return true;
    }

    private static bool LowerWrite(in Instruction i, ref OpBuilder b)
    {
        if (i.Op0Register == Register.CS) return false;
        if (IntegerOperands.IsMemory(i, 1))
        {
            b.AddMemory(i, &LoadSelector).A = Number(i.Op0Register);
            return true;
        }
        ref Op op = ref b.Add(i, &WriteSelector);
        (op.A, op.B) = (Number(i.Op0Register), OpBuilder.Slot(i.Op1Register));
        return true;
    }

    private static bool LowerQuery(in Instruction i, ref OpBuilder b, Handler run)
    {
        int source = i.OpCount - 1;
        bool memory = IntegerOperands.IsMemory(i, source);
        ref Op op = ref (memory ? ref b.AddMemory(i, run) : ref b.Add(i, run));
        op.Modifier = (byte)(memory ? 1 : 0);
        if (!memory) op.B = OpBuilder.Slot(i.GetOpRegister(source));
        if (source == 0) return true;
        op.A = OpBuilder.Slot(i.Op0Register);
        op.C = (byte)i.Op0Register.GetSize();
        return true;
    }

    private static bool LowerFar(in Instruction i, ref OpBuilder b)
    {
        Handler run = i.Code switch
        {
            Code.Jmp_m1664 => &JumpFar<W64, Off>,
            Code.Jmp_m1632 => &JumpFar<W32, Off>,
            Code.Jmp_m1616 => &JumpFar<W16, Off>,
            Code.Call_m1664 => &JumpFar<W64, On>,
            Code.Call_m1632 => &JumpFar<W32, On>,
            Code.Call_m1616 => &JumpFar<W16, On>,
            _ => null,
        };
        if (run == null) return false;
        b.AddMemory(i, run);
        return true;
    }

    private static byte Number(Register register) => (byte)(register - Register.ES);

    private static Op* ReadSelector<W>(CpuState* s, Op* op) where W : struct, IWidth
    {
        W.Write(s, op->A, op->Imm);
        return Transfer.Next(s, op);
    }

    private static Op* StoreSelector(CpuState* s, Op* op) =>
        Memory.Store(s, Memory.Address(s, op), (ushort)op->Imm) ? Transfer.Next(s, op) : Memory.Fault(s, op);

    private static Op* WriteSelector(CpuState* s, Op* op) =>
        TrySet(s, op->A, (ushort)s->R[op->B]) ? Transfer.Next(s, op) : Invalid.GeneralProtection(s, op);

    private static Op* LoadSelector(CpuState* s, Op* op)
    {
        if (!Memory.Load(s, Memory.Address(s, op), out ushort selector)) return Memory.Fault(s, op);
        return TrySet(s, op->A, selector) ? Transfer.Next(s, op) : Invalid.GeneralProtection(s, op);
    }

    private static Op* PopSegment<W>(CpuState* s, Op* op) where W : struct, IWidth
    {
        if (!W.Load(s, s->R[CpuState.Rsp], out ulong selector)) return Memory.Fault(s, op);
        if (!TrySet(s, op->A, (ushort)selector)) return Invalid.GeneralProtection(s, op);
        s->R[CpuState.Rsp] += (ulong)W.Bytes;
        return Transfer.Next(s, op);
    }

    // Loads a segment register with one of the selectors that Linux's descriptor table has for users. What they select is
    // flat, so all there is to do is that fs and gs lose the base that was set for them.
    private static bool TrySet(CpuState* s, int register, ushort selector)
    {
        bool isStack = register == Register.SS - Register.ES;
        bool valid = selector == UserData || (!isStack && selector is <= 3 or UserCode or CompatibilityCode);
        if (!valid) return false;
        if (register == Register.FS - Register.ES) s->R[CpuState.FsBase] = 0;
        if (register == Register.GS - Register.ES) s->R[CpuState.GsBase] = 0;
        return true;
    }

    private static Op* ReturnFar<W>(CpuState* s, Op* op) where W : struct, IWidth
    {
        ulong top = s->R[CpuState.Rsp];
        if (!W.Load(s, top, out ulong target) || !W.Load(s, top + (ulong)W.Bytes, out ulong selector)) return Memory.Fault(s, op);
        if ((ushort)selector != UserCode) return Invalid.GeneralProtection(s, op);
        s->R[CpuState.Rsp] = top + (ulong)(2 * W.Bytes) + op->Imm;
        return Transfer.Indirect(s, op, target);
    }

    private static Op* ReturnFromInterrupt<W>(CpuState* s, Op* op) where W : struct, IWidth
    {
        ulong* frame = stackalloc ulong[5]; // rip, cs, flags, rsp, ss
        for (int n = 0; n < 5; n++)
        {
            if (!W.Load(s, s->R[CpuState.Rsp] + (ulong)(n * W.Bytes), out frame[n])) return Memory.Fault(s, op);
        }
        if ((ushort)frame[1] != UserCode || (ushort)frame[4] != UserData) return Invalid.GeneralProtection(s, op);
        uint mask = Flags.Status | Flags.UserControl;
        if (W.Bytes == 2) mask &= 0xffff;
        s->Eflags = (Flags.Image(s) & ~mask) | ((uint)frame[2] & mask);
        s->R[CpuState.Rsp] = frame[3];
        s->Rip = frame[0];
        s->Budget -= op->Count;
        s->Stop = Transfer.Attention; // the trap flag may have changed
        return null;
    }

    private static Op* JumpFar<W, TCall>(CpuState* s, Op* op) where W : struct, IWidth where TCall : struct, ISwitch
    {
        ulong address = Memory.Address(s, op);
        if (!W.Load(s, address, out ulong target) || !Memory.Load(s, address + (ulong)W.Bytes, out ushort selector)) return Memory.Fault(s, op);
        if (selector != UserCode) return Invalid.GeneralProtection(s, op);
        if (!TCall.IsOn) return Transfer.Indirect(s, op, target);
        ulong top = s->R[CpuState.Rsp], size = (ulong)W.Bytes;
        if (!W.Store(s, top - size, UserCode)) return Memory.Fault(s, op);
        if (!W.Store(s, top - (2 * size), s->R[CpuState.CodeBase] + op->Offset + op->Length)) return Memory.Fault(s, op);
        s->R[CpuState.Rsp] = top - (2 * size);
        return Transfer.Indirect(s, op, target);
    }

    private static bool Query(CpuState* s, Op* op, out ushort selector)
    {
        if (op->Modifier != 0) return Memory.Load(s, Memory.Address(s, op), out selector);
        selector = (ushort)s->R[op->B];
        return true;
    }

    private static Op* LoadRights(CpuState* s, Op* op)
    {
        if (!Query(s, op, out ushort selector)) return Memory.Fault(s, op);
        return Answer(s, op, selector switch { UserCode => 0xaf_fb00, CompatibilityCode => 0xcf_fb00, UserData => 0xcf_f300, _ => 0 },
            selector is UserCode or CompatibilityCode or UserData);
    }

    // The limit of one descriptor holds the processor's number: Linux, arch/x86/kernel/cpu/common.c, setup_getcpu.
    private static Op* LoadLimit(CpuState* s, Op* op)
    {
        if (!Query(s, op, out ushort selector)) return Memory.Fault(s, op);
        bool flat = selector is UserCode or CompatibilityCode or UserData;
        return Answer(s, op, flat ? uint.MaxValue : selector == CpuNumber ? (uint)Processor.Of(s).Id : 0, flat || selector == CpuNumber);
    }

    private static Op* Verify<TWrite>(CpuState* s, Op* op) where TWrite : struct, ISwitch
    {
        if (!Query(s, op, out ushort selector)) return Memory.Fault(s, op);
        SetZero(s, selector == UserData || (!TWrite.IsOn && selector is UserCode or CompatibilityCode));
        return Transfer.Next(s, op);
    }

    private static Op* Answer(CpuState* s, Op* op, uint value, bool valid)
    {
        SetZero(s, valid);
        if (!valid) return Transfer.Next(s, op);
        if (op->C == 2) W16.Write(s, op->A, value);
        else s->R[op->A] = value;
        return Transfer.Next(s, op);
    }

    private static void SetZero(CpuState* s, bool zero)
    {
        Flags.Materialize(s);
        s->Eflags = (s->Eflags & ~Flags.Zero) | (zero ? Flags.Zero : 0);
    }
}
