using Iced.Intel;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>The control register MXCSR (LDMXCSR, STMXCSR), and FXSAVE and FXRSTOR.</summary>
internal static unsafe class SseState
{
    /// <summary>MXCSR bits that may be set (what FXSAVE stores as MXCSR_MASK): all flags, masks, rounding, DAZ and FTZ.</summary>
    public const uint MxcsrMask = 0xffff;

    private const byte Wide = 1;

    public static bool Lower(in Instruction i, ref OpBuilder b)
    {
        switch (i.Code)
        {
            case Code.Ldmxcsr_m32: b.AddMemory(i, &LoadControl); return true;
            case Code.Stmxcsr_m32: b.AddMemory(i, &StoreControl); return true;
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
        if ((value & ~MxcsrMask) != 0) return Memory.Raise(s, op, StopReason.GeneralProtection);
        s->Mxcsr = value;
        return op + 1;
    }

    private static Op* StoreControl(CpuState* s, Op* op)
    {
        if (!Memory.Store(s, Memory.Address(s, op), s->Mxcsr)) return Memory.Fault(s, op);
        return op + 1;
    }

    private static Op* Save(CpuState* s, Op* op)
    {
        ulong address = Memory.Address(s, op);
        if (!Xmm.CheckAligned(s, address)) return Memory.Fault(s, op);
        FxImage image = default;
        image.Capture(s, op->Modifier == Wide);
        return MemorySlow.Store(s, address, (byte*)&image, FxImage.Length) ? op + 1 : Memory.Fault(s, op);
    }

    private static Op* Restore(CpuState* s, Op* op)
    {
        ulong address = Memory.Address(s, op);
        if (!Xmm.CheckAligned(s, address)) return Memory.Fault(s, op);
        FxImage image;
        if (!MemorySlow.Load(s, address, (byte*)&image, FxImage.Length)) return Memory.Fault(s, op);
        if ((image.Mxcsr & ~MxcsrMask) != 0) return Memory.Raise(s, op, StopReason.GeneralProtection);
        image.Apply(s, op->Modifier == Wide);
        return op + 1;
    }
}
