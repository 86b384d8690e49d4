using Iced.Intel;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>add, or, adc, sbb, and, sub, xor, cmp and test, in all their forms.</summary>
internal static unsafe class Alu
{
    public static bool Lower(in Instruction i, ref OpBuilder b) => i.Mnemonic switch
    {
        Mnemonic.Add => Binary<AddOp>(i, ref b),
        Mnemonic.Or => Binary<OrOp>(i, ref b),
        Mnemonic.Adc => Binary<AdcOp>(i, ref b),
        Mnemonic.Sbb => Binary<SbbOp>(i, ref b),
        Mnemonic.And => Binary<AndOp>(i, ref b),
        Mnemonic.Sub => Binary<SubOp>(i, ref b),
        Mnemonic.Xor => Binary<XorOp>(i, ref b),
        Mnemonic.Cmp => Binary<CmpOp>(i, ref b),
        Mnemonic.Test => Binary<TestOp>(i, ref b),
        _ => false,
    };

    private static bool Binary<TOp>(in Instruction i, ref OpBuilder b) where TOp : struct, IBinary => IntegerOperands.Size(i, 0) switch
    {
        1 => Binary<TOp, W8>(i, ref b),
        2 => Binary<TOp, W16>(i, ref b),
        4 => Binary<TOp, W32>(i, ref b),
        _ => Binary<TOp, W64>(i, ref b),
    };

    private static bool Binary<TOp, W>(in Instruction i, ref OpBuilder b) where TOp : struct, IBinary where W : struct, IWidth
    {
        switch (i.Op0Kind, i.Op1Kind)
        {
            case (OpKind.Register, OpKind.Register):
                ref Op pair = ref b.Add(i, b.FlagsDead ? &RegReg<TOp, W, Off> : &RegReg<TOp, W, On>);
                (pair.A, pair.B) = (IntegerOperands.Register(i, 0), IntegerOperands.Register(i, 1));
                return true;
            case (OpKind.Register, OpKind.Memory):
                ref Op load = ref b.AddMemory(i, null);
                load.A = IntegerOperands.Register(i, 0);
                load.Run = load.IsBased ? &RegMem<TOp, W, Based> : &RegMem<TOp, W, Indexed>;
                return true;
            case (OpKind.Register, _):
                ref Op constant = ref b.Add(i, b.FlagsDead ? &RegImm<TOp, W, Off> : &RegImm<TOp, W, On>);
                (constant.A, constant.Imm) = (IntegerOperands.Register(i, 0), i.GetImmediate(1));
                return true;
            case (OpKind.Memory, OpKind.Register):
                ref Op modify = ref b.AddMemory(i, null);
                modify.A = IntegerOperands.Register(i, 1);
                modify.Run = i.HasLockPrefix ? &Locked<TOp, W, On>
                    : modify.IsBased ? &Modify<TOp, W, On, Based> : &Modify<TOp, W, On, Indexed>;
                return true;
            default:
                ref Op adjust = ref b.AddMemory(i, null);
                adjust.Imm = i.GetImmediate(1);
                adjust.Run = i.HasLockPrefix ? &Locked<TOp, W, Off>
                    : adjust.IsBased ? &Modify<TOp, W, Off, Based> : &Modify<TOp, W, Off, Indexed>;
                return true;
        }
    }

    private static Op* RegReg<TOp, W, TFlags>(CpuState* s, Op* op)
        where TOp : struct, IBinary where W : struct, IWidth where TFlags : struct, ISwitch
    {
        ulong a = W.Read(s, op->A), b = W.Read(s, op->B);
        ulong result = TOp.Apply(s, a, b, out bool carry);
        if (TOp.Writes) W.Write(s, op->A, result);
        if (TFlags.IsOn) TOp.SetFlags<W>(s, a, b, result, carry);
        return Transfer.Next(s, op);
    }

    private static Op* RegImm<TOp, W, TFlags>(CpuState* s, Op* op)
        where TOp : struct, IBinary where W : struct, IWidth where TFlags : struct, ISwitch
    {
        ulong a = W.Read(s, op->A), b = op->Imm;
        ulong result = TOp.Apply(s, a, b, out bool carry);
        if (TOp.Writes) W.Write(s, op->A, result);
        if (TFlags.IsOn) TOp.SetFlags<W>(s, a, b, result, carry);
        return Transfer.Next(s, op);
    }

    private static Op* RegMem<TOp, W, TAddressing>(CpuState* s, Op* op)
        where TOp : struct, IBinary where W : struct, IWidth where TAddressing : struct, IAddressing
    {
        if (!Memory.TryRead(s, TAddressing.Of(s, op), W.Bytes, out byte* host)) return RegMemSlow<TOp, W>(s, op);
        ulong a = W.Read(s, op->A), b = W.Get(host);
        ulong result = TOp.Apply(s, a, b, out bool carry);
        if (TOp.Writes) W.Write(s, op->A, result);
        TOp.SetFlags<W>(s, a, b, result, carry);
        return Transfer.Next(s, op);
    }

    private static Op* RegMemSlow<TOp, W>(CpuState* s, Op* op) where TOp : struct, IBinary where W : struct, IWidth
    {
        if (!W.Load(s, Memory.Address(s, op), out ulong b)) return Memory.Fault(s, op);
        ulong a = W.Read(s, op->A);
        ulong result = TOp.Apply(s, a, b, out bool carry);
        if (TOp.Writes) W.Write(s, op->A, result);
        TOp.SetFlags<W>(s, a, b, result, carry);
        return op + 1;
    }

    // Memory with a register (TRegister is On) or with the immediate.
    private static Op* Modify<TOp, W, TRegister, TAddressing>(CpuState* s, Op* op)
        where TOp : struct, IBinary where W : struct, IWidth where TRegister : struct, ISwitch where TAddressing : struct, IAddressing
    {
        ulong address = TAddressing.Of(s, op);
        byte* host;
        bool hit = TOp.Writes ? Memory.TryWrite(s, address, W.Bytes, out host) : Memory.TryRead(s, address, W.Bytes, out host);
        if (!hit) return ModifySlow<TOp, W, TRegister>(s, op);
        ulong a = W.Get(host), b = TRegister.IsOn ? W.Read(s, op->A) : op->Imm;
        ulong result = TOp.Apply(s, a, b, out bool carry);
        if (TOp.Writes) W.Put(host, result);
        TOp.SetFlags<W>(s, a, b, result, carry);
        return Transfer.Next(s, op);
    }

    private static Op* ModifySlow<TOp, W, TRegister>(CpuState* s, Op* op)
        where TOp : struct, IBinary where W : struct, IWidth where TRegister : struct, ISwitch
    {
        ulong address = Memory.Address(s, op), b = TRegister.IsOn ? W.Read(s, op->A) : op->Imm;
        if (TOp.Writes && !Memory.CanModify(s, address, W.Bytes)) return Memory.Fault(s, op);
        if (!W.Load(s, address, out ulong a)) return Memory.Fault(s, op);
        ulong result = TOp.Apply(s, a, b, out bool carry);
        if (TOp.Writes) W.Store(s, address, result);
        TOp.SetFlags<W>(s, a, b, result, carry);
        return op + 1;
    }

    private static Op* Locked<TOp, W, TRegister>(CpuState* s, Op* op)
        where TOp : struct, IBinary where W : struct, IWidth where TRegister : struct, ISwitch
    {
        ulong b = TRegister.IsOn ? W.Read(s, op->A) : op->Imm;
        using var cell = new LockedCell<W>(s, Memory.Address(s, op));
        if (cell.IsFaulty) return Memory.Fault(s, op);
        while (true)
        {
            ulong a = cell.Read();
            ulong result = TOp.Apply(s, a, b, out bool carry);
            if (!cell.TryReplace(a, result)) continue;
            TOp.SetFlags<W>(s, a, b, result, carry);
            return op + 1; // not from inside the lock
        }
    }
}
