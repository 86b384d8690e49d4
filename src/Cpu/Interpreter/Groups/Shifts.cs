using Iced.Intel;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>shl, shr, sar, rol, ror, rcl, rcr, shld and shrd.</summary>
internal static unsafe class Shifts
{
    public static bool Lower(in Instruction i, ref OpBuilder b) => i.Mnemonic switch
    {
        Mnemonic.Shl or Mnemonic.Sal => Lower<ShiftLeft>(i, ref b),
        Mnemonic.Shr => Lower<ShiftRight>(i, ref b),
        Mnemonic.Sar => Lower<ShiftArithmeticRight>(i, ref b),
        Mnemonic.Rol => Lower<RotateLeft>(i, ref b),
        Mnemonic.Ror => Lower<RotateRight>(i, ref b),
        Mnemonic.Rcl => Lower<RotateCarryLeft>(i, ref b),
        Mnemonic.Rcr => Lower<RotateCarryRight>(i, ref b),
        Mnemonic.Shld or Mnemonic.Shrd => LowerDouble(i, ref b),
        _ => false,
    };

    private static bool Lower<TOp>(in Instruction i, ref OpBuilder b) where TOp : struct, IShift => IntegerOperands.Size(i, 0) switch
    {
        1 => Lower<TOp, W8>(i, ref b),
        2 => Lower<TOp, W16>(i, ref b),
        4 => Lower<TOp, W32>(i, ref b),
        _ => Lower<TOp, W64>(i, ref b),
    };

    private static bool Lower<TOp, W>(in Instruction i, ref OpBuilder b) where TOp : struct, IShift where W : struct, IWidth
    {
        bool byRegister = i.Op1Kind == OpKind.Register;
        uint count = byRegister ? 0 : (uint)(i.Immediate8 & CountMask<W>());
        if (IntegerOperands.IsRegister(i, 0))
        {
            Handler run = byRegister || count == 0 ? &RegisterByCl<TOp, W>
                : b.FlagsDead ? &RegisterByConstant<TOp, W, Off>
                : &RegisterByConstant<TOp, W, On>;
            ref Op op = ref b.Add(i, run);
            op.A = IntegerOperands.Register(i, 0);
            SetCount(ref op, byRegister, count);
            return true;
        }
        SetCount(ref b.AddMemory(i, &OnMemory<TOp, W>), byRegister, count);
        return true;
    }

    // The count is R[B] + Imm.
    private static void SetCount(ref Op op, bool byRegister, uint count)
    {
        op.B = byRegister ? (byte)CpuState.Rcx : (byte)CpuState.Zero;
        op.Imm = count;
    }

    private static int CountMask<W>() where W : struct, IWidth => W.Bytes == 8 ? 63 : 31;

    private static Op* RegisterByConstant<TOp, W, TFlags>(CpuState* s, Op* op)
        where TOp : struct, IShift where W : struct, IWidth where TFlags : struct, ISwitch
    {
        bool carry = TOp.TakesCarry && Flags.IsCarry(s);
        ulong result = TOp.Apply<W>(W.Read(s, op->A), (int)op->Imm, ref carry, out bool overflow);
        W.Write(s, op->A, result);
        if (TFlags.IsOn) SetFlags<TOp, W>(s, result, carry, overflow);
        return Transfer.Next(s, op);
    }

    private static Op* RegisterByCl<TOp, W>(CpuState* s, Op* op) where TOp : struct, IShift where W : struct, IWidth
    {
        int count = (int)(s->R[op->B] + op->Imm) & CountMask<W>();
        ulong a = W.Read(s, op->A);
        if (count == 0)
        {
            W.Write(s, op->A, a);
            return Transfer.Next(s, op);
        }
        bool carry = TOp.TakesCarry && Flags.IsCarry(s);
        ulong result = TOp.Apply<W>(a, count, ref carry, out bool overflow);
        W.Write(s, op->A, result);
        SetFlags<TOp, W>(s, result, carry, overflow);
        return Transfer.Next(s, op);
    }

    private static Op* OnMemory<TOp, W>(CpuState* s, Op* op) where TOp : struct, IShift where W : struct, IWidth
    {
        int count = (int)(s->R[op->B] + op->Imm) & CountMask<W>();
        ulong address = Memory.Address(s, op);
        if (!Memory.LoadToModify<W>(s, address, out ulong a)) return Memory.Fault(s, op);
        if (count == 0) return Transfer.Next(s, op);
        bool carry = TOp.TakesCarry && Flags.IsCarry(s);
        ulong result = TOp.Apply<W>(a, count, ref carry, out bool overflow);
        W.Store(s, address, result);
        SetFlags<TOp, W>(s, result, carry, overflow);
        return Transfer.Next(s, op);
    }

    private static void SetFlags<TOp, W>(CpuState* s, ulong result, bool carry, bool overflow) where TOp : struct, IShift where W : struct, IWidth
    {
        if (!TOp.IsRotate)
        {
            LazyFlags.SetExplicit<W>(s, carry, overflow, result);
            return;
        }
        Flags.SetCarryAndOverflow(s, carry, overflow);
    }

    private static bool LowerDouble(in Instruction i, ref OpBuilder b)
    {
        bool left = i.Mnemonic == Mnemonic.Shld, byRegister = i.Op2Kind == OpKind.Register;
        Handler run = (IntegerOperands.Size(i, 1), left) switch
        {
            (8, true) => &Double<W64, On>,
            (8, false) => &Double<W64, Off>,
            (4, true) => &Double<W32, On>,
            (4, false) => &Double<W32, Off>,
            (_, true) => &Double<W16, On>,
            (_, false) => &Double<W16, Off>,
        };
        bool memory = IntegerOperands.IsMemory(i, 0);
        ref Op op = ref (memory ? ref b.AddMemory(i, run) : ref b.Add(i, run));
        op.A = memory ? (byte)0 : IntegerOperands.Register(i, 0);
        op.Modifier = (byte)(memory ? 1 : 0);
        op.C = IntegerOperands.Register(i, 1);
        SetCount(ref op, byRegister, byRegister ? 0u : i.Immediate8);
        return true;
    }

    private static Op* Double<W, TLeft>(CpuState* s, Op* op) where W : struct, IWidth where TLeft : struct, ISwitch
    {
        int count = (int)(s->R[op->B] + op->Imm) & CountMask<W>(), bits = W.Bytes * 8;
        bool memory = op->Modifier != 0;
        ulong address = memory ? Memory.Address(s, op) : 0, a;
        if (!memory) a = W.Read(s, op->A);
        else if (!Memory.LoadToModify<W>(s, address, out a)) return Memory.Fault(s, op);
        if (count == 0)
        {
            if (!memory) W.Write(s, op->A, a);
            return Transfer.Next(s, op);
        }
        ulong b = W.Read(s, op->C), result;
        bool carry;
        bool beyond = count > bits;
        if (beyond)
        {
            // 16 bits by more than 16, undefined: AMD's processors go on with the source's bits once more.
            a = b;
            count -= bits;
        }
        if (TLeft.IsOn)
        {
            result = count == bits ? b : (a << count) | (b >> (bits - count));
            carry = (a >> (bits - count) & 1) != 0;
        }
        else
        {
            result = count == bits ? b : (a >> count) | (b << (bits - count));
            carry = (a >> (count - 1) & 1) != 0;
        }
        carry &= !beyond;
        bool overflow = (long)W.SignExtend(a ^ result) < 0;
        if (memory) W.Store(s, address, result);
        else W.Write(s, op->A, result);
        LazyFlags.SetExplicit<W>(s, carry, overflow, result);
        return Transfer.Next(s, op);
    }
}
