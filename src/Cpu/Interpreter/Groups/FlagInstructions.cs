using Iced.Intel;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>clc, stc, cmc, cld, std, lahf, sahf and xlat.</summary>
internal static unsafe class FlagInstructions
{
    private const uint LahfFlags = Flags.Sign | Flags.Zero | Flags.Adjust | Flags.Parity | Flags.Carry;

    public static bool Lower(in Instruction i, ref OpBuilder b)
    {
        switch (i.Mnemonic)
        {
            case Mnemonic.Clc:
                b.Add(i, &ClearCarry);
                return true;
            case Mnemonic.Stc:
                b.Add(i, &SetCarry);
                return true;
            case Mnemonic.Cmc:
                b.Add(i, &FlipCarry);
                return true;
            case Mnemonic.Cld:
                b.Add(i, &ClearDirection);
                return true;
            case Mnemonic.Std:
                b.Add(i, &SetDirection);
                return true;
            case Mnemonic.Lahf:
                b.Add(i, &LoadFlags);
                return true;
            case Mnemonic.Sahf:
                b.Add(i, &StoreFlags);
                return true;
            case Mnemonic.Xlatb:
                return Xlat(i, ref b);
            default:
                return false;
        }
    }

    private static bool Xlat(in Instruction i, ref OpBuilder b)
    {
        ref Op op = ref b.Add(i, &Translate);
        op.Base = i.MemorySegment switch { Register.FS => CpuState.FsBase, Register.GS => CpuState.GsBase, _ => CpuState.Zero };
        op.Imm = i.MemoryBase == Register.EBX ? uint.MaxValue : ulong.MaxValue;
        return true;
    }

    private static Op* ClearCarry(CpuState* s, Op* op)
    {
        Flags.SetCarry(s, false);
        return Transfer.Next(s, op);
    }

    private static Op* SetCarry(CpuState* s, Op* op)
    {
        Flags.SetCarry(s, true);
        return Transfer.Next(s, op);
    }

    private static Op* FlipCarry(CpuState* s, Op* op)
    {
        Flags.SetCarry(s, !Flags.IsCarry(s));
        return Transfer.Next(s, op);
    }

    private static Op* ClearDirection(CpuState* s, Op* op)
    {
        s->Eflags &= ~Flags.Direction;
        return Transfer.Next(s, op);
    }

    private static Op* SetDirection(CpuState* s, Op* op)
    {
        s->Eflags |= Flags.Direction;
        return Transfer.Next(s, op);
    }

    private static Op* LoadFlags(CpuState* s, Op* op)
    {
        Flags.Materialize(s);
        ((byte*)s->R)[1] = (byte)((s->Eflags & LahfFlags) | 2);
        return Transfer.Next(s, op);
    }

    private static Op* StoreFlags(CpuState* s, Op* op)
    {
        Flags.Materialize(s);
        s->Eflags = (s->Eflags & ~LahfFlags) | (((byte*)s->R)[1] & LahfFlags);
        return Transfer.Next(s, op);
    }

    private static Op* Translate(CpuState* s, Op* op)
    {
        ulong address = s->R[op->Base] + ((s->R[CpuState.Rbx] + (byte)s->R[CpuState.Rax]) & op->Imm);
        if (!Memory.Load(s, address, out byte value)) return Memory.Fault(s, op);
        ((byte*)s->R)[0] = value;
        return Transfer.Next(s, op);
    }
}
