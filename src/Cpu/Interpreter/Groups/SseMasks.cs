using System.Runtime.Intrinsics;
using Iced.Intel;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>Signs of lanes as bits (MOVMSKPS, MOVMSKPD, PMOVMSKB) and stores of chosen bytes (MASKMOVDQU, MASKMOVQ).</summary>
internal static unsafe class SseMasks
{
    private const byte Narrow = 1;

    public static bool Lower(in Instruction i, ref OpBuilder b)
    {
        switch (i.Mnemonic)
        {
            case Mnemonic.Pmovmskb when i.Op1Register is >= Register.MM0 and <= Register.MM7:
                return Operands.Emit(i, ref b, &ByteSignsMmx, null);
            case Mnemonic.Pmovmskb: return Operands.Emit(i, ref b, &ByteSigns, null);
            case Mnemonic.Movmskps: return Operands.Emit(i, ref b, &SingleSigns, null);
            case Mnemonic.Movmskpd: return Operands.Emit(i, ref b, &DoubleSigns, null);
            case Mnemonic.Maskmovdqu: return EmitMaskedStore(i, ref b, &MaskedStore);
            case Mnemonic.Vmaskmovdqu when b.Host != null: return EmitMaskedStore(i, ref b, &MaskedStore);
            case Mnemonic.Maskmovq: return EmitMaskedStore(i, ref b, &MaskedStoreMmx);
            default: return false;
        }
    }

    // The destination is implied: RDI (or EDI), in DS or the segment of a prefix.
    private static bool EmitMaskedStore(in Instruction i, ref OpBuilder b, delegate*<CpuState*, Op*, Op*> run)
    {
        ref Op op = ref b.Add(i, run);
        op.A = Operands.Slot(i.Op1Register);
        op.B = Operands.Slot(i.Op2Register);
        op.Base = CpuState.Rdi;
        if (i.SegmentPrefix is Register.FS) op.Index = CpuState.FsBase;
        if (i.SegmentPrefix is Register.GS) op.Index = CpuState.GsBase;
        if (i.Op0Kind == OpKind.MemorySegEDI) op.Modifier = Narrow;
        return true;
    }

    private static Op* ByteSigns(CpuState* s, Op* op)
    {
        s->R[op->A] = Xmm.At(s, op->B)->ExtractMostSignificantBits();
        return Transfer.Next(s, op);
    }

    private static Op* SingleSigns(CpuState* s, Op* op)
    {
        s->R[op->A] = Xmm.At<float>(s, op->B)->ExtractMostSignificantBits();
        return Transfer.Next(s, op);
    }

    private static Op* DoubleSigns(CpuState* s, Op* op)
    {
        s->R[op->A] = Xmm.At<double>(s, op->B)->ExtractMostSignificantBits();
        return Transfer.Next(s, op);
    }

    private static Op* ByteSignsMmx(CpuState* s, Op* op)
    {
        if (Mmx.HasPendingException(s)) return Mmx.RaisePending(s, op);
        Mmx.Enter(s);
        s->R[op->A] = Mmx.Get(s, op->B).ExtractMostSignificantBits();
        return Transfer.Next(s, op);
    }

    private static Op* MaskedStore(CpuState* s, Op* op)
    {
        uint chosen = Xmm.At(s, op->B)->ExtractMostSignificantBits();
        return StoreChosen(s, op, (byte*)Xmm.At(s, op->A), chosen) ? op + 1 : Memory.Fault(s, op);
    }

    private static Op* MaskedStoreMmx(CpuState* s, Op* op)
    {
        if (Mmx.HasPendingException(s)) return Mmx.RaisePending(s, op);
        uint chosen = Mmx.Get(s, op->B).ExtractMostSignificantBits();
        if (!StoreChosen(s, op, (byte*)Mmx.At(s, op->A), chosen)) return Memory.Fault(s, op);
        Mmx.Enter(s);
        return Transfer.Next(s, op);
    }

    // All bytes are looked up before one is written, so that a fault leaves nothing half done.
    private static bool StoreChosen(CpuState* s, Op* op, byte* source, uint chosen)
    {
        ulong address = op->Modifier == Narrow
            ? (uint)s->R[CpuState.Rdi] + s->R[op->Index]
            : Memory.Address(s, op);
        for (int i = 0; i < 16; i++)
        {
            if ((chosen >> i & 1) != 0 && MemorySlow.Translate(s, address + (ulong)i, PageAccess.Write) == null) return false;
        }
        for (int i = 0; i < 16; i++)
        {
            if ((chosen >> i & 1) != 0 && !Memory.Store(s, address + (ulong)i, source[i])) return false;
        }
        return true;
    }
}
