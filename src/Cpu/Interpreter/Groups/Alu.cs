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
                b.AddMemory(i, b.FlagsDead ? &RegMem<TOp, W, Off> : &RegMem<TOp, W, On>).A = IntegerOperands.Register(i, 0);
                return true;
            case (OpKind.Register, _):
                ref Op constant = ref b.Add(i, b.FlagsDead ? &RegImm<TOp, W, Off> : &RegImm<TOp, W, On>);
                (constant.A, constant.Imm) = (IntegerOperands.Register(i, 0), i.GetImmediate(1));
                return true;
            case (OpKind.Memory, OpKind.Register):
                b.AddMemory(i, i.HasLockPrefix ? &Locked<TOp, W, On> : &MemReg<TOp, W>).A = IntegerOperands.Register(i, 1);
                return true;
            default:
                b.AddMemory(i, i.HasLockPrefix ? &Locked<TOp, W, Off> : &MemImm<TOp, W>).Imm = i.GetImmediate(1);
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
        return op + 1;
    }

    private static Op* RegImm<TOp, W, TFlags>(CpuState* s, Op* op)
        where TOp : struct, IBinary where W : struct, IWidth where TFlags : struct, ISwitch
    {
        ulong a = W.Read(s, op->A), b = op->Imm;
        ulong result = TOp.Apply(s, a, b, out bool carry);
        if (TOp.Writes) W.Write(s, op->A, result);
        if (TFlags.IsOn) TOp.SetFlags<W>(s, a, b, result, carry);
        return op + 1;
    }

    private static Op* RegMem<TOp, W, TFlags>(CpuState* s, Op* op)
        where TOp : struct, IBinary where W : struct, IWidth where TFlags : struct, ISwitch
    {
        if (!W.Load(s, Memory.Address(s, op), out ulong b)) return Memory.Fault(s, op);
        ulong a = W.Read(s, op->A);
        ulong result = TOp.Apply(s, a, b, out bool carry);
        if (TOp.Writes) W.Write(s, op->A, result);
        if (TFlags.IsOn) TOp.SetFlags<W>(s, a, b, result, carry);
        return op + 1;
    }

    private static Op* MemReg<TOp, W>(CpuState* s, Op* op) where TOp : struct, IBinary where W : struct, IWidth =>
        Modify<TOp, W>(s, op, W.Read(s, op->A));

    private static Op* MemImm<TOp, W>(CpuState* s, Op* op) where TOp : struct, IBinary where W : struct, IWidth =>
        Modify<TOp, W>(s, op, op->Imm);

    private static Op* Modify<TOp, W>(CpuState* s, Op* op, ulong b) where TOp : struct, IBinary where W : struct, IWidth
    {
        ulong address = Memory.Address(s, op), a, result;
        bool carry;
        byte* host = TOp.Writes ? Memory.InPlace(s, address, W.Bytes) : null;
        if (host != null)
        {
            a = W.Get(host);
            result = TOp.Apply(s, a, b, out carry);
            W.Put(host, result);
        }
        else
        {
            if (TOp.Writes && !Memory.CanModify(s, address, W.Bytes)) return Memory.Fault(s, op);
            if (!W.Load(s, address, out a)) return Memory.Fault(s, op);
            result = TOp.Apply(s, a, b, out carry);
            if (TOp.Writes && !W.Store(s, address, result)) return Memory.Fault(s, op);
        }
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
            return op + 1;
        }
    }
}
