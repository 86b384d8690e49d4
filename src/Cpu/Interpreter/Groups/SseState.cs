using Iced.Intel;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>The control register MXCSR (LDMXCSR, STMXCSR), and FXSAVE and FXRSTOR.</summary>
internal static unsafe class SseState
{
    private const byte Wide = 1;

    public static bool Lower(in Instruction i, ref OpBuilder b)
    {
        switch (i.Code)
        {
            case Code.Ldmxcsr_m32: b.AddMemory(i, &LoadControl); return true;
            case Code.Stmxcsr_m32: b.AddMemory(i, &StoreControl); return true;
            case Code.VEX_Vldmxcsr_m32 when b.Host != null: b.AddMemory(i, &LoadControl); return true;
            case Code.VEX_Vstmxcsr_m32 when b.Host != null: b.AddMemory(i, &StoreControl); return true;
            case Code.Fxsave_m512byte: b.AddMemory(i, &Save); return true;
            case Code.Fxsave64_m512byte: b.AddMemory(i, &Save).Modifier = Wide; return true;
            case Code.Fxrstor_m512byte: b.AddMemory(i, &Restore); return true;
            case Code.Fxrstor64_m512byte: b.AddMemory(i, &Restore).Modifier = Wide; return true;
            default: return false;
        }
    }

    private static Op* LoadControl(CpuState* s, Op* op)
    {
        if (!Memory.Load(s, Memory.Address(s, op), out uint value)) return Memory.Fault(s, op);
        if ((value & ~FxState.MxcsrMask) != 0) return Memory.Raise(s, op, StopReason.GeneralProtection);
        s->Mxcsr = value;
        return op + 1;
    }

    private static Op* StoreControl(CpuState* s, Op* op)
    {
        if (!Memory.Store(s, Memory.Address(s, op), s->Mxcsr)) return Memory.Fault(s, op);
        return op + 1;
    }

    private static Op* Save(CpuState* s, Op* op) => TrySave(s, Memory.Address(s, op), op->Modifier == Wide) ? op + 1 : Memory.Fault(s, op);

    private static Op* Restore(CpuState* s, Op* op)
    {
        if (!TryRestore(s, Memory.Address(s, op), op->Modifier == Wide, out bool isValid)) return Memory.Fault(s, op);
        return isValid ? op + 1 : Memory.Raise(s, op, StopReason.GeneralProtection);
    }

    /// <summary>FXSAVE; false, with the fault set up, if it cannot write.</summary>
    public static bool TrySave(CpuState* s, ulong address, bool isWide)
    {
        if (!Xmm.CheckAligned(s, address)) return false;
        byte* image = stackalloc byte[FxState.Size];
        FxState.Save(s, new Span<byte>(image, FxState.Size));
        if (!isWide) NarrowPointers(image);
        return MemorySlow.Store(s, address, image, FxState.Used);
    }

    /// <summary>FXRSTOR; false, with the fault set up, if it cannot read. Nothing is restored from what is not valid.</summary>
    public static bool TryRestore(CpuState* s, ulong address, bool isWide, out bool isValid)
    {
        isValid = false;
        if (!Xmm.CheckAligned(s, address)) return false;
        byte* image = stackalloc byte[FxState.Size];
        if (!MemorySlow.Load(s, address, image, FxState.Used)) return false;
        if (!isWide) NarrowPointers(image);
        isValid = FxState.TryLoad(s, new ReadOnlySpan<byte>(image, FxState.Size));
        return true;
    }

    // Without REX.W, instruction and data pointers have 32 bits, with selectors above them, which are not kept.
    private static void NarrowPointers(byte* image)
    {
        ((uint*)image)[3] = 0;
        ((uint*)image)[5] = 0;
    }
}
