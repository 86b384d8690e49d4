using Iced.Intel;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>mov, movzx, movsx, lea, bswap, cmovcc, setcc and the sign extensions of the accumulator.</summary>
internal static unsafe class Moves
{
    public static bool Lower(in Instruction i, ref OpBuilder b)
    {
        switch (i.Mnemonic)
        {
            case Mnemonic.Mov:
                return Mov(i, ref b);
            case Mnemonic.Movzx:
                return Extend(i, ref b, signed: false);
            case Mnemonic.Movsx or Mnemonic.Movsxd:
                return Extend(i, ref b, signed: true);
            case Mnemonic.Lea:
                return LoadAddress(i, ref b);
            case Mnemonic.Bswap:
                b.Add(i, IntegerOperands.Size(i, 0) switch { 8 => &Swap64, 4 => &Swap32, _ => &Swap16 }).A = IntegerOperands.Register(i, 0);
                return true;
            case Mnemonic.Cbw:
                b.Add(i, &Cbw);
                return true;
            case Mnemonic.Cwde:
                b.Add(i, &Cwde);
                return true;
            case Mnemonic.Cdqe:
                b.Add(i, &Cdqe);
                return true;
            case Mnemonic.Cwd:
                b.Add(i, &Cwd);
                return true;
            case Mnemonic.Cdq:
                b.Add(i, &Cdq);
                return true;
            case Mnemonic.Cqo:
                b.Add(i, &Cqo);
                return true;
            default:
                return false;
        }
    }

    private static bool Mov(in Instruction i, ref OpBuilder b)
    {
        if (IntegerOperands.IsRegister(i, 0))
        {
            if (!i.Op0Register.IsGPR()) return false; // segment, control and debug registers: SystemGroup
            int size = IntegerOperands.Size(i, 0);
            switch (i.Op1Kind)
            {
                case OpKind.Register when i.Op1Register.IsGPR():
                    ref Op move = ref b.Add(i, size switch { 8 => &RegReg<W64>, 4 => &RegReg<W32>, 2 => &RegReg<W16>, _ => &RegReg<W8> });
                    (move.A, move.B) = (IntegerOperands.Register(i, 0), IntegerOperands.Register(i, 1));
                    return true;
                case OpKind.Register:
                    return false;
                case OpKind.Memory:
                    ref Op load = ref b.AddMemory(i, null);
                    load.A = IntegerOperands.Register(i, 0);
                    load.Run = Loads.For(size, size, signed: false, load.IsBased);
                    return true;
                default:
                    ref Op set = ref b.Add(i, size switch { 8 or 4 => &RegImm<W64>, 2 => &RegImm<W16>, _ => &RegImm<W8> });
                    (set.A, set.Imm) = (IntegerOperands.Register(i, 0), size == 4 ? (uint)i.GetImmediate(1) : i.GetImmediate(1));
                    return true;
            }
        }
        int width = i.MemorySize.GetSize();
        if (i.Op1Kind == OpKind.Register)
        {
            if (!i.Op1Register.IsGPR()) return false;
            ref Op store = ref b.AddMemory(i, null);
            store.A = IntegerOperands.Register(i, 1);
            store.Run = Stores.Register(width, store.IsBased);
            return true;
        }
        ref Op constant = ref b.AddMemory(i, null);
        constant.Imm = i.GetImmediate(1);
        constant.Run = Stores.Constant(width, constant.IsBased);
        return true;
    }

    private static bool Extend(in Instruction i, ref OpBuilder b, bool signed)
    {
        int to = IntegerOperands.Size(i, 0), from = IntegerOperands.Size(i, 1);
        if (IntegerOperands.IsMemory(i, 1))
        {
            ref Op load = ref b.AddMemory(i, null);
            load.A = IntegerOperands.Register(i, 0);
            load.Run = Loads.For(to, from, signed, load.IsBased);
            return true;
        }
        ref Op op = ref b.Add(i, to switch
        {
            8 => Extend<W64>(from, signed),
            4 => Extend<W32>(from, signed),
            _ => Extend<W16>(from, signed),
        });
        (op.A, op.B) = (IntegerOperands.Register(i, 0), IntegerOperands.Register(i, 1));
        return true;
    }

    private static Handler Extend<TTo>(int from, bool signed) where TTo : struct, IWidth => (from, signed) switch
    {
        (1, false) => &ZeroRegister<TTo, W8>,
        (1, true) => &SignRegister<TTo, W8>,
        (2, false) => &ZeroRegister<TTo, W16>,
        (2, true) => &SignRegister<TTo, W16>,
        _ => &SignRegister<TTo, W32>,
    };

    private static bool LoadAddress(in Instruction i, ref OpBuilder b)
    {
        ref Op op = ref b.AddAddress(i, null);
        op.A = IntegerOperands.Register(i, 0);
        op.Run = (IntegerOperands.Size(i, 0), op.IsBased) switch
        {
            (8, true) => &Address<W64, Based>,
            (8, false) => &Address<W64, Indexed>,
            (4, true) => &Address<W32, Based>,
            (4, false) => &Address<W32, Indexed>,
            _ => &Address<W16, Indexed>,
        };
        return true;
    }

    private static Op* RegReg<W>(CpuState* s, Op* op) where W : struct, IWidth
    {
        W.Write(s, op->A, W.Read(s, op->B));
        return Transfer.Next(s, op);
    }

    private static Op* RegImm<W>(CpuState* s, Op* op) where W : struct, IWidth
    {
        W.Write(s, op->A, op->Imm);
        return Transfer.Next(s, op);
    }

    private static Op* ZeroRegister<TTo, TFrom>(CpuState* s, Op* op) where TTo : struct, IWidth where TFrom : struct, IWidth
    {
        TTo.Write(s, op->A, TFrom.Read(s, op->B));
        return Transfer.Next(s, op);
    }

    private static Op* SignRegister<TTo, TFrom>(CpuState* s, Op* op) where TTo : struct, IWidth where TFrom : struct, IWidth
    {
        TTo.Write(s, op->A, TFrom.SignExtend(TFrom.Read(s, op->B)));
        return Transfer.Next(s, op);
    }

    private static Op* Address<W, TAddressing>(CpuState* s, Op* op) where W : struct, IWidth where TAddressing : struct, IAddressing
    {
        W.Write(s, op->A, TAddressing.Of(s, op));
        return Transfer.Next(s, op);
    }

    private static Op* Swap64(CpuState* s, Op* op)
    {
        s->R[op->A] = System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(s->R[op->A]);
        return Transfer.Next(s, op);
    }

    private static Op* Swap32(CpuState* s, Op* op)
    {
        s->R[op->A] = System.Buffers.Binary.BinaryPrimitives.ReverseEndianness((uint)s->R[op->A]);
        return Transfer.Next(s, op);
    }

    // Undefined by the manual; processors clear the register's low half.
    private static Op* Swap16(CpuState* s, Op* op)
    {
        W16.Write(s, op->A, 0);
        return Transfer.Next(s, op);
    }

    private static Op* Cbw(CpuState* s, Op* op)
    {
        W16.Write(s, CpuState.Rax, (ulong)(sbyte)s->R[CpuState.Rax]);
        return Transfer.Next(s, op);
    }

    private static Op* Cwde(CpuState* s, Op* op)
    {
        W32.Write(s, CpuState.Rax, (ulong)(short)s->R[CpuState.Rax]);
        return Transfer.Next(s, op);
    }

    private static Op* Cdqe(CpuState* s, Op* op)
    {
        s->R[CpuState.Rax] = (ulong)(int)s->R[CpuState.Rax];
        return Transfer.Next(s, op);
    }

    private static Op* Cwd(CpuState* s, Op* op)
    {
        W16.Write(s, CpuState.Rdx, (ulong)((short)s->R[CpuState.Rax] >> 15));
        return Transfer.Next(s, op);
    }

    private static Op* Cdq(CpuState* s, Op* op)
    {
        W32.Write(s, CpuState.Rdx, (ulong)((int)s->R[CpuState.Rax] >> 31));
        return Transfer.Next(s, op);
    }

    private static Op* Cqo(CpuState* s, Op* op)
    {
        s->R[CpuState.Rdx] = (ulong)((long)s->R[CpuState.Rax] >> 63);
        return Transfer.Next(s, op);
    }
}
