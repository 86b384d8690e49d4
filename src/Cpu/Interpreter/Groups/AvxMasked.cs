using Iced.Intel;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>VMASKMOVPS, VPMASKMOVD and their like: elements that the mask leaves out are neither read nor written, and do not fault.</summary>
internal static unsafe class AvxMasked
{
    public static bool Lower(in Instruction i, ref OpBuilder b)
    {
        if (i.Mnemonic is not (Mnemonic.Vmaskmovps or Mnemonic.Vmaskmovpd or Mnemonic.Vpmaskmovd or Mnemonic.Vpmaskmovq)) return false;
        bool stores = i.Op0Kind == OpKind.Memory, wide = i.Mnemonic is Mnemonic.Vmaskmovpd or Mnemonic.Vpmaskmovq;
        Handler run = stores ? wide ? &Store<ulong> : &Store<uint> : wide ? &Load<ulong> : &Load<uint>;
        ref Op op = ref b.AddMemory(i, run);
        op.A = AvxGather.Slot(stores ? i.Op2Register : i.Op0Register);
        op.B = AvxGather.Slot(i.Op1Register);
        op.C = (byte)(i.Op1Register.IsYMM() ? 2 : 1);
        op.IsAlone = true;
        return true;
    }

    private static Op* Load<T>(CpuState* s, Op* op) where T : unmanaged
    {
        ulong address = Memory.Address(s, op);
        int half = 16 / sizeof(T);
        T* result = stackalloc T[2 * half];
        new Span<T>(result, 2 * half).Clear();
        for (int n = 0; n < half * op->C; n++)
        {
            if (IsChosen<T>(s, op->B, n) && !Memory.Load(s, address + (ulong)(n * sizeof(T)), out result[n])) return Memory.Fault(s, op);
        }
        for (int n = 0; n < 2 * half; n++) *AvxGather.Element<T>(s, op->A, n) = result[n];
        if (op->C == 2) s->YmmInUse = 1;
        return op + 1;
    }

    // All elements are looked up before one is written, so that a fault leaves nothing half done.
    private static Op* Store<T>(CpuState* s, Op* op) where T : unmanaged
    {
        ulong address = Memory.Address(s, op);
        int count = 16 / sizeof(T) * op->C;
        for (int n = 0; n < count; n++)
        {
            if (IsChosen<T>(s, op->B, n) && !Memory.CanModify(s, address + (ulong)(n * sizeof(T)), sizeof(T))) return Memory.Fault(s, op);
        }
        for (int n = 0; n < count; n++)
        {
            if (IsChosen<T>(s, op->B, n) && !Memory.Store(s, address + (ulong)(n * sizeof(T)), *AvxGather.Element<T>(s, op->A, n))) return Memory.Fault(s, op);
        }
        return op + 1;
    }

    private static bool IsChosen<T>(CpuState* s, byte mask, int n) where T : unmanaged =>
        ((byte*)AvxGather.Element<T>(s, mask, n))[sizeof(T) - 1] >> 7 != 0;
}
