using Iced.Intel;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>mul, imul, div and idiv.</summary>
internal static unsafe class Multiply
{
    public static bool Lower(in Instruction i, ref OpBuilder b)
    {
        switch (i.Mnemonic)
        {
            case Mnemonic.Imul when i.OpCount > 1:
                return LowerTwoOperands(i, ref b);
            case Mnemonic.Mul or Mnemonic.Imul or Mnemonic.Div or Mnemonic.Idiv:
                break;
            default:
                return false;
        }
        Handler run = IntegerOperands.Size(i, 0) switch
        {
            1 => Accumulator<W8>(i.Mnemonic),
            2 => Accumulator<W16>(i.Mnemonic),
            4 => Accumulator<W32>(i.Mnemonic),
            _ => Accumulator<W64>(i.Mnemonic),
        };
        if (IntegerOperands.IsMemory(i, 0))
        {
            b.AddMemory(i, run).Modifier = 1;
            return true;
        }
        b.Add(i, run).B = IntegerOperands.Register(i, 0);
        return true;
    }

    private static Handler Accumulator<W>(Mnemonic mnemonic) where W : struct, IWidth => mnemonic switch
    {
        Mnemonic.Mul => &Mul<W>,
        Mnemonic.Imul => &Imul<W>,
        Mnemonic.Div => &Div<W>,
        _ => &Idiv<W>,
    };

    private static bool LowerTwoOperands(in Instruction i, ref OpBuilder b)
    {
        int size = IntegerOperands.Size(i, 0);
        bool memory = IntegerOperands.IsMemory(i, 1), constant = i.OpCount == 3;
        Handler run = size switch
        {
            8 => TwoOperands<W64>(memory, constant, b.FlagsDead),
            4 => TwoOperands<W32>(memory, constant, b.FlagsDead),
            _ => TwoOperands<W16>(memory, constant, b.FlagsDead),
        };
        ref Op op = ref (memory ? ref b.AddMemory(i, run) : ref b.Add(i, run));
        op.A = IntegerOperands.Register(i, 0);
        if (!memory) op.B = IntegerOperands.Register(i, 1);
        if (constant) op.Imm = i.GetImmediate(2);
        return true;
    }

    private static Handler TwoOperands<W>(bool memory, bool constant, bool flagsDead) where W : struct, IWidth =>
        (memory, constant) switch
        {
            (false, false) => flagsDead ? &RegReg<W, Off> : &RegReg<W, On>,
            (false, true) => flagsDead ? &RegImm<W, Off> : &RegImm<W, On>,
            (true, false) => &RegMem<W>,
            (true, true) => &MemImm<W>,
        };

    private static Op* RegReg<W, TFlags>(CpuState* s, Op* op) where W : struct, IWidth where TFlags : struct, ISwitch
    {
        Signed<W, TFlags>(s, op->A, W.Read(s, op->A), W.Read(s, op->B));
        return Transfer.Next(s, op);
    }

    private static Op* RegImm<W, TFlags>(CpuState* s, Op* op) where W : struct, IWidth where TFlags : struct, ISwitch
    {
        Signed<W, TFlags>(s, op->A, W.Read(s, op->B), op->Imm);
        return Transfer.Next(s, op);
    }

    private static Op* RegMem<W>(CpuState* s, Op* op) where W : struct, IWidth
    {
        if (!W.Load(s, Memory.Address(s, op), out ulong b)) return Memory.Fault(s, op);
        Signed<W, On>(s, op->A, W.Read(s, op->A), b);
        return Transfer.Next(s, op);
    }

    private static Op* MemImm<W>(CpuState* s, Op* op) where W : struct, IWidth
    {
        if (!W.Load(s, Memory.Address(s, op), out ulong a)) return Memory.Fault(s, op);
        Signed<W, On>(s, op->A, a, op->Imm);
        return Transfer.Next(s, op);
    }

    private static void Signed<W, TFlags>(CpuState* s, int destination, ulong a, ulong b) where W : struct, IWidth where TFlags : struct, ISwitch
    {
        long left = (long)W.SignExtend(a), right = (long)W.SignExtend(b), low = left * right;
        W.Write(s, destination, (ulong)low);
        if (!TFlags.IsOn) return;
        bool overflow = W.Bytes == 8
            ? Math.BigMul(left, right, out _) != low >> 63
            : low != (long)W.SignExtend((ulong)low);
        LazyFlags.SetExplicit<W>(s, overflow, overflow, (ulong)low);
    }

    // The multiplicand or divisor: a register, or memory when Modifier is set.
    private static bool Operand<W>(CpuState* s, Op* op, out ulong value) where W : struct, IWidth
    {
        if (op->Modifier != 0) return W.Load(s, Memory.Address(s, op), out value);
        value = W.Read(s, op->B);
        return true;
    }

    // Slot of the low byte of RAX is 0 whether counted in registers or in bytes.
    private static Op* Mul<W>(CpuState* s, Op* op) where W : struct, IWidth
    {
        if (!Operand<W>(s, op, out ulong b)) return Memory.Fault(s, op);
        ulong a = W.Read(s, CpuState.Rax), high, low;
        if (W.Bytes == 8)
        {
            high = Math.BigMul(a, b, out low);
        }
        else
        {
            low = a * b;
            high = low >> (W.Bytes * 8);
        }
        SetProduct<W>(s, low, high);
        bool overflow = high != 0;
        LazyFlags.SetExplicit<W>(s, overflow, overflow, low);
        return Transfer.Next(s, op);
    }

    private static Op* Imul<W>(CpuState* s, Op* op) where W : struct, IWidth
    {
        if (!Operand<W>(s, op, out ulong b)) return Memory.Fault(s, op);
        long a = (long)W.SignExtend(W.Read(s, CpuState.Rax)), high, low;
        if (W.Bytes == 8)
        {
            high = Math.BigMul(a, (long)b, out low);
        }
        else
        {
            low = a * (long)W.SignExtend(b);
            high = low >> (W.Bytes * 8);
        }
        SetProduct<W>(s, (ulong)low, (ulong)high);
        bool overflow = high != (long)W.SignExtend((ulong)low) >> 63;
        LazyFlags.SetExplicit<W>(s, overflow, overflow, (ulong)low);
        return Transfer.Next(s, op);
    }

    private static void SetProduct<W>(CpuState* s, ulong low, ulong high) where W : struct, IWidth
    {
        if (W.Bytes == 1)
        {
            W16.Write(s, CpuState.Rax, low);
            return;
        }
        W.Write(s, CpuState.Rax, low);
        W.Write(s, CpuState.Rdx, high);
    }

    private static Op* Div<W>(CpuState* s, Op* op) where W : struct, IWidth
    {
        if (!Operand<W>(s, op, out ulong divisor)) return Memory.Fault(s, op);
        ulong low = W.Bytes == 1 ? (ushort)s->R[CpuState.Rax] : W.Read(s, CpuState.Rax);
        ulong high = W.Bytes == 1 ? low >> 8 : W.Read(s, CpuState.Rdx);
        if (high >= divisor) return Memory.Raise(s, op, StopReason.DivideError); // also when it is zero
        if (W.Bytes is 2 or 4) low |= high << (W.Bytes * 8);
        ulong quotient, remainder;
        if (W.Bytes == 8 && high != 0) (quotient, remainder) = WideDivision.Divide(high, low, divisor);
        else (quotient, remainder) = Math.DivRem(low, divisor);
        SetQuotient<W>(s, quotient, remainder);
        return Transfer.Next(s, op);
    }

    private static Op* Idiv<W>(CpuState* s, Op* op) where W : struct, IWidth
    {
        if (!Operand<W>(s, op, out ulong b)) return Memory.Fault(s, op);
        long divisor = (long)W.SignExtend(b);
        if (divisor == 0) return Memory.Raise(s, op, StopReason.DivideError);
        long quotient, remainder;
        if (W.Bytes == 8)
        {
            long low = (long)s->R[CpuState.Rax], high = (long)s->R[CpuState.Rdx];
            if (!WideDivision.TryDivide(high, (ulong)low, divisor, out quotient, out remainder))
                return Memory.Raise(s, op, StopReason.DivideError);
        }
        else
        {
            long dividend = W.Bytes switch
            {
                1 => (short)s->R[CpuState.Rax],
                2 => (int)((uint)(ushort)s->R[CpuState.Rax] | ((uint)s->R[CpuState.Rdx] << 16)),
                _ => (long)((uint)s->R[CpuState.Rax] | (s->R[CpuState.Rdx] << 32)),
            };
            if (dividend == long.MinValue && divisor == -1) return Memory.Raise(s, op, StopReason.DivideError);
            (quotient, remainder) = Math.DivRem(dividend, divisor);
            if (quotient != (long)W.SignExtend((ulong)quotient)) return Memory.Raise(s, op, StopReason.DivideError);
        }
        SetQuotient<W>(s, (ulong)quotient, (ulong)remainder);
        return Transfer.Next(s, op);
    }

    // The flags are undefined; processors leave them alone.
    private static void SetQuotient<W>(CpuState* s, ulong quotient, ulong remainder) where W : struct, IWidth
    {
        if (W.Bytes == 1)
        {
            W16.Write(s, CpuState.Rax, (byte)quotient | ((remainder & 0xff) << 8));
            return;
        }
        W.Write(s, CpuState.Rax, quotient);
        W.Write(s, CpuState.Rdx, remainder);
    }
}
