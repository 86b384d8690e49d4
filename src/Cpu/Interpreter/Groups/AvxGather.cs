using Iced.Intel;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>
/// VPGATHERDD and its like: elements at a register plus the elements of a vector. What has been gathered before one faults stays, and its
/// mask is clear, so that the instruction goes on there.
/// </summary>
internal static unsafe class AvxGather
{
    // Bits of Op.Modifier.
    private const byte Narrow = 1, WideIndex = 2, WholeVector = 4;

    public static bool Lower(in Instruction i, ref OpBuilder b)
    {
        (bool wide, bool wideIndex) = i.Mnemonic switch
        {
            Mnemonic.Vpgatherdd or Mnemonic.Vgatherdps => (false, false),
            Mnemonic.Vpgatherdq or Mnemonic.Vgatherdpd => (true, false),
            Mnemonic.Vpgatherqd or Mnemonic.Vgatherqps => (false, true),
            _ => (true, true),
        };
        if (wide && wideIndex && i.Mnemonic is not (Mnemonic.Vpgatherqq or Mnemonic.Vgatherqpd)) return false;
        ref Op op = ref b.Add(i, wide ? &Gather<ulong> : &Gather<uint>);
        op.A = Slot(i.Op0Register);
        op.B = Slot(i.Op2Register);
        op.C = Slot(i.MemoryIndex);
        op.Base = OpBuilder.Slot(i.MemoryBase);
        op.Index = i.SegmentPrefix switch { Register.FS => CpuState.FsBase, Register.GS => CpuState.GsBase, _ => CpuState.Zero };
        op.Scale = (byte)(i.MemoryIndexScale switch { 2 => 1, 4 => 2, 8 => 3, _ => 0 });
        op.Disp = (long)i.MemoryDisplacement64;
        bool whole = i.Op0Register.IsYMM();
        int indexes = (i.MemoryIndex.IsYMM() ? 32 : 16) / (wideIndex ? 8 : 4);
        op.Imm = (ulong)Math.Min(indexes, (whole ? 32 : 16) / (wide ? 8 : 4));
        op.Modifier = (byte)((IsNarrow(i) ? Narrow : 0) | (wideIndex ? WideIndex : 0) | (whole ? WholeVector : 0));
        op.IsAlone = true;
        return true;
    }

    /// <summary>Number of an XMM or YMM register.</summary>
    public static byte Slot(Register register) => (byte)(register >= Register.YMM0 ? register - Register.YMM0 : register - Register.XMM0);

    /// <summary>An element of a YMM register.</summary>
    public static T* Element<T>(CpuState* s, int register, int n) where T : unmanaged
    {
        int half = 16 / sizeof(T);
        return n < half ? (T*)(s->Xmm + (register * 2)) + n : (T*)(s->YmmHigh + (register * 2)) + (n - half);
    }

    private static bool IsNarrow(in Instruction i) => Registers.IsNarrow(i.MemoryBase) || (i.MemoryBase == Register.None && i.MemoryDisplSize == 4);

    private static Op* Gather<T>(CpuState* s, Op* op) where T : unmanaged
    {
        int count = (int)op->Imm, all = 32 / sizeof(T);
        for (int n = 0; n < count; n++)
        {
            T* mask = Element<T>(s, op->B, n);
            if (((byte*)mask)[sizeof(T) - 1] >> 7 != 0)
            {
                if (!Memory.Load(s, AddressOf(s, op, n), out T value)) return Memory.Fault(s, op);
                *Element<T>(s, op->A, n) = value;
            }
            *mask = default;
        }
        for (int n = count; n < all; n++)
        {
            *Element<T>(s, op->B, n) = default;
            *Element<T>(s, op->A, n) = default;
        }
        if ((op->Modifier & WholeVector) != 0) s->YmmInUse = 1;
        return op + 1;
    }

    private static ulong AddressOf(CpuState* s, Op* op, int n)
    {
        long index = (op->Modifier & WideIndex) != 0 ? *Element<long>(s, op->C, n) : *Element<int>(s, op->C, n);
        ulong address = s->R[op->Base] + ((ulong)index << op->Scale) + (ulong)op->Disp;
        return ((op->Modifier & Narrow) != 0 ? (uint)address : address) + s->R[op->Index];
    }
}
