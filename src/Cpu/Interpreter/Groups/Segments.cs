using Iced.Intel;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>
/// Segment registers and far transfers, as a 64-bit Linux process sees them: flat segments with fixed selectors
/// (Linux: arch/x86/include/asm/segment.h). Far transfers to 32-bit code end in #GP: there is none.
/// </summary>
internal static unsafe class Segments
{
    private const ushort UserCode = 0x33, UserData = 0x2b;

    // What Linux answers in place of the processor: arch/x86/kernel/umip.c.
    private const ulong GdtBase = 0xffff_ffff_fffe_0000, IdtBase = 0xffff_ffff_ffff_0000, MachineStatus = 0x8005_0033, TaskSelector = 0x40;

    // Numbers in the descriptor table.
    private const int CompatibilityCodeEntry = 4, UserDataEntry = 5, UserCodeEntry = 6, CpuNumberEntry = 15;

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
            case Mnemonic.Sgdt or Mnemonic.Sidt:
                b.AddMemory(i, &StoreTable).Imm = i.Mnemonic == Mnemonic.Sgdt ? GdtBase : IdtBase;
                return true;
            case Mnemonic.Sldt or Mnemonic.Str or Mnemonic.Smsw:
                return LowerStatus(i, ref b);
            default:
                return LowerFar(i, ref b);
        }
    }

    private static bool LowerStatus(in Instruction i, ref OpBuilder b)
    {
        ulong value = i.Mnemonic switch { Mnemonic.Sldt => 0u, Mnemonic.Str => TaskSelector, _ => MachineStatus };
        if (IntegerOperands.IsMemory(i, 0))
        {
            b.AddMemory(i, &StoreStatus).Imm = value;
            return true;
        }
        ref Op op = ref b.Add(i, IntegerOperands.Size(i, 0) switch { 2 => &ReadStatus<W16>, 4 => &ReadStatus<W32>, _ => &ReadStatus<W64> });
        (op.A, op.Imm) = (IntegerOperands.Register(i, 0), value);
        return true;
    }

    private static bool LowerRead(in Instruction i, ref OpBuilder b)
    {
        if (IntegerOperands.IsMemory(i, 0))
        {
            b.AddMemory(i, &StoreSelector).C = Number(i.Op1Register);
            return true;
        }
        ref Op op = ref b.Add(i, IntegerOperands.Size(i, 0) == 2 ? &ReadSelector<W16> : &ReadSelector<W64>);
        (op.A, op.C) = (IntegerOperands.Register(i, 0), Number(i.Op1Register));
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

    private static Op* ReadStatus<W>(CpuState* s, Op* op) where W : struct, IWidth
    {
        W.Write(s, op->A, op->Imm);
        return Transfer.Next(s, op);
    }

    private static Op* StoreStatus(CpuState* s, Op* op) =>
        Memory.Store(s, Memory.Address(s, op), (ushort)op->Imm) ? op + 1 : Memory.Fault(s, op);

    // A limit of 0 and the base.
    private static Op* StoreTable(CpuState* s, Op* op)
    {
        byte* table = stackalloc byte[10];
        *(ushort*)table = 0;
        *(ulong*)(table + 2) = op->Imm;
        return MemorySlow.Store(s, Memory.Address(s, op), table, 10) ? op + 1 : Memory.Fault(s, op);
    }

    private static Op* ReadSelector<W>(CpuState* s, Op* op) where W : struct, IWidth
    {
        W.Write(s, op->A, Selector(s, op->C));
        return Transfer.Next(s, op);
    }

    private static Op* StoreSelector(CpuState* s, Op* op) =>
        Memory.Store(s, Memory.Address(s, op), Selector(s, op->C)) ? Transfer.Next(s, op) : Memory.Fault(s, op);

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

    // Segment registers in encoding order. CS and SS never change; the others, 0 at the start, share a slot of the state.
    private static ushort Selector(CpuState* s, int register) => register switch
    {
        Register.CS - Register.ES => UserCode,
        Register.SS - Register.ES => UserData,
        _ => ((ushort*)&s->R[CpuState.Selectors])[SelectorSlot(register)],
    };

    private static int SelectorSlot(int register) => register == 0 ? 0 : register - 2; // es ds fs gs

    // Loads a segment register with one of the selectors that Linux's descriptor table has for users. What they select is
    // flat, so all there is to do is that fs and gs lose the base that was set for them.
    private static bool TrySet(CpuState* s, int register, ushort selector)
    {
        if (register == Register.SS - Register.ES) return selector == UserData;
        if (selector > 3 && !IsUserEntry(selector)) return false;
        ((ushort*)&s->R[CpuState.Selectors])[SelectorSlot(register)] = selector;
        if (register == Register.FS - Register.ES) s->R[CpuState.FsBase] = 0;
        if (register == Register.GS - Register.ES) s->R[CpuState.GsBase] = 0;
        return true;
    }

    private static bool IsEntry(ushort selector, int entry) => (selector & 4) == 0 && selector >> 3 == entry;

    private static bool IsUserEntry(ushort selector) =>
        (selector & 4) == 0 && selector >> 3 is CompatibilityCodeEntry or UserDataEntry or UserCodeEntry or CpuNumberEntry;

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
        if (!IsEntry(selector, UserCodeEntry) && !IsEntry(selector, CompatibilityCodeEntry)) return Invalid.GeneralProtection(s, op);
        ulong top = s->R[CpuState.Rsp], size = (ulong)W.Bytes;
        if (TCall.IsOn && !(Memory.CanModify(s, top - size, W.Bytes) && Memory.CanModify(s, top - (2 * size), W.Bytes)))
            return Memory.FaultOnStack(s, op);
        if (!IsEntry(selector, UserCodeEntry)) return Invalid.GeneralProtection(s, op);
        if (!TCall.IsOn) return Transfer.Indirect(s, op, target);
        W.Store(s, top - size, UserCode);
        W.Store(s, top - (2 * size), s->R[CpuState.CodeBase] + op->Offset + op->Length);
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
        uint rights = (selector >> 3) switch
        {
            UserCodeEntry => 0xaf_fb00,
            CompatibilityCodeEntry => 0xcf_fb00,
            UserDataEntry => 0xcf_f300,
            _ => 0x40_f500,
        };
        return Answer(s, op, rights, IsUserEntry(selector));
    }

    // The limit of one descriptor holds the processor's number: Linux, arch/x86/kernel/cpu/common.c, setup_getcpu.
    private static Op* LoadLimit(CpuState* s, Op* op)
    {
        if (!Query(s, op, out ushort selector)) return Memory.Fault(s, op);
        uint limit = selector >> 3 == CpuNumberEntry ? (uint)Processor.Of(s).Id : uint.MaxValue;
        return Answer(s, op, limit, IsUserEntry(selector));
    }

    private static Op* Verify<TWrite>(CpuState* s, Op* op) where TWrite : struct, ISwitch
    {
        if (!Query(s, op, out ushort selector)) return Memory.Fault(s, op);
        SetZero(s, TWrite.IsOn ? IsEntry(selector, UserDataEntry) : IsUserEntry(selector));
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
