using Iced.Intel;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>VZEROUPPER, VZEROALL, XGETBV, and XSAVE and XRSTOR in their forms for user code.</summary>
internal static unsafe class AvxState
{
    // XSAVE without REX.W has 32 bits of the x87's pointers, with selectors above them, which are not kept.
    private const byte Wide = 1, Compacts = 2;

    // The parts of the image's first 512 bytes (Intel SDM volume 1, 13.4.1).
    private const int X87Head = 24, MxcsrAt = 24, RegistersAt = 32, XmmAt = 160, XmmEnd = 416;

    public static bool Lower(in Instruction i, ref OpBuilder b)
    {
        if (b.Host == null) return false;
        switch (i.Mnemonic)
        {
            case Mnemonic.Vzeroupper: b.Add(i, &ZeroUpper); return true;
            case Mnemonic.Vzeroall: b.Add(i, &ZeroAll); return true;
            case Mnemonic.Xgetbv: b.Add(i, &GetControl); return true;
            case Mnemonic.Xsetbv: b.Add(i, &Invalid.GeneralProtection); return true;
            case Mnemonic.Xsave or Mnemonic.Xsaveopt: b.AddMemory(i, &Save); return true;
            case Mnemonic.Xsave64 or Mnemonic.Xsaveopt64: b.AddMemory(i, &Save).Modifier = Wide; return true;
            case Mnemonic.Xsavec: b.AddMemory(i, &Save).Modifier = Compacts; return true;
            case Mnemonic.Xsavec64: b.AddMemory(i, &Save).Modifier = Wide | Compacts; return true;
            case Mnemonic.Xrstor: b.AddMemory(i, &Restore); return true;
            case Mnemonic.Xrstor64: b.AddMemory(i, &Restore).Modifier = Wide; return true;
            default: return AvxMasked.Lower(i, ref b) || AvxGather.Lower(i, ref b);
        }
    }

    private static Op* ZeroUpper(CpuState* s, Op* op)
    {
        s->ClearYmmHigh();
        return Transfer.Next(s, op);
    }

    private static Op* ZeroAll(CpuState* s, Op* op)
    {
        for (int i = 0; i < 32; i++) s->Xmm[i] = 0;
        s->ClearYmmHigh();
        return Transfer.Next(s, op);
    }

    // Which components there are, or which are in use.
    private static Op* GetControl(CpuState* s, Op* op)
    {
        uint register = (uint)s->R[CpuState.Rcx];
        if (register > 1) return Memory.Raise(s, op, StopReason.GeneralProtection);
        s->R[CpuState.Rax] = register == 0 ? XsaveState.All : XsaveState.InUse(s);
        s->R[CpuState.Rdx] = 0;
        return Transfer.Next(s, op);
    }

    private static ulong Requested(CpuState* s) => (uint)s->R[CpuState.Rax] & XsaveState.All;

    // Intel SDM volume 1, 13.7 (XSAVE) and 13.10 (XSAVEC).
    private static Op* Save(CpuState* s, Op* op)
    {
        ulong address = Memory.Address(s, op), requested = Requested(s);
        if ((address & 63) != 0) return Memory.Raise(s, op, StopReason.GeneralProtection);
        if (!Memory.CanModify(s, address, LengthOf(requested))) return Memory.Fault(s, op);
        byte* image = stackalloc byte[XsaveState.Size];
        FxState.Save(s, new Span<byte>(image, FxState.Size));
        if ((op->Modifier & Wide) == 0) ((uint*)image)[3] = ((uint*)image)[5] = 0;
        bool compacts = (op->Modifier & Compacts) != 0;
        var header = (ulong*)(image + XsaveState.HeaderAt);
        if (!compacts && !Memory.Load(s, address + XsaveState.HeaderAt, out *header)) return Memory.Fault(s, op);
        ulong used = XsaveState.InUse(s) & requested, written = compacts ? used : requested;
        header[0] = compacts ? used : (*header & ~requested) | used;
        header[1] = (1UL << 63) | requested;
        XsaveState.SaveYmm(s, new Span<byte>(image + XsaveState.YmmAt, XsaveState.YmmSize));
        bool stored = StorePart(s, address, image, XsaveState.HeaderAt, compacts ? 16 : 8);
        if ((written & XsaveState.X87) != 0) stored &= StorePart(s, address, image, 0, X87Head) && StorePart(s, address, image, RegistersAt, XmmAt - RegistersAt);
        bool control = compacts ? (written & XsaveState.Sse) != 0 : (written & (XsaveState.Sse | XsaveState.Avx)) != 0;
        if (control) stored &= StorePart(s, address, image, MxcsrAt, RegistersAt - MxcsrAt);
        if ((written & XsaveState.Sse) != 0) stored &= StorePart(s, address, image, XmmAt, XmmEnd - XmmAt);
        if ((written & XsaveState.Avx) != 0) stored &= StorePart(s, address, image, XsaveState.YmmAt, XsaveState.YmmSize);
        return stored ? op + 1 : Memory.Fault(s, op);
    }

    private static bool StorePart(CpuState* s, ulong address, byte* image, int at, int length) =>
        MemorySlow.Store(s, address + (ulong)at, image + at, length);

    private static int LengthOf(ulong requested) => (requested & XsaveState.Avx) != 0 ? XsaveState.Size : XsaveState.YmmAt;

    // Intel SDM volume 1, 13.8.
    private static Op* Restore(CpuState* s, Op* op)
    {
        ulong address = Memory.Address(s, op), requested = Requested(s);
        if ((address & 63) != 0) return Memory.Raise(s, op, StopReason.GeneralProtection);
        byte* image = stackalloc byte[XsaveState.Size];
        if (!MemorySlow.Load(s, address, image, LengthOf(requested))) return Memory.Fault(s, op);
        if ((op->Modifier & Wide) == 0) ((uint*)image)[3] = ((uint*)image)[5] = 0;
        var bytes = new ReadOnlySpan<byte>(image, XsaveState.Size);
        if (!XsaveState.IsValid(bytes, requested)) return Memory.Raise(s, op, StopReason.GeneralProtection);
        XsaveState.Load(s, bytes, requested);
        return op + 1;
    }
}
