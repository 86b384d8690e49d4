using Iced.Intel;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>xchg, xadd, cmpxchg, cmpxchg8b and cmpxchg16b.</summary>
internal static unsafe class Exchange
{
    public static bool Lower(in Instruction i, ref OpBuilder b)
    {
        switch (i.Mnemonic)
        {
            case Mnemonic.Xchg or Mnemonic.Xadd or Mnemonic.Cmpxchg:
                break;
            case Mnemonic.Cmpxchg8b:
                b.AddMemory(i, &CompareExchange8);
                return true;
            case Mnemonic.Cmpxchg16b:
                b.AddMemory(i, &CompareExchange16);
                return true;
            default:
                return false;
        }
        // xchg has its memory operand on either side; Iced puts it first.
        bool memory = IntegerOperands.IsMemory(i, 0);
        Handler run = IntegerOperands.Size(i, 1) switch
        {
            1 => For<W8>(i.Mnemonic, memory),
            2 => For<W16>(i.Mnemonic, memory),
            4 => For<W32>(i.Mnemonic, memory),
            _ => For<W64>(i.Mnemonic, memory),
        };
        ref Op op = ref (memory ? ref b.AddMemory(i, run) : ref b.Add(i, run));
        if (!memory) op.A = IntegerOperands.Register(i, 0);
        op.B = IntegerOperands.Register(i, 1);
        return true;
    }

    // Without a lock prefix, atomic does no harm; xchg has one built in.
    private static Handler For<W>(Mnemonic mnemonic, bool memory) where W : struct, IWidth => (mnemonic, memory) switch
    {
        (Mnemonic.Xchg, false) => &Swap<W>,
        (Mnemonic.Xchg, true) => &SwapMemory<W>,
        (Mnemonic.Xadd, false) => &Add<W>,
        (Mnemonic.Xadd, true) => &AddMemory<W>,
        (_, false) => &Compare<W>,
        (_, true) => &CompareMemory<W>,
    };

    private static Op* Swap<W>(CpuState* s, Op* op) where W : struct, IWidth
    {
        ulong a = W.Read(s, op->A), b = W.Read(s, op->B);
        W.Write(s, op->A, b);
        W.Write(s, op->B, a);
        return Transfer.Next(s, op);
    }

    private static Op* SwapMemory<W>(CpuState* s, Op* op) where W : struct, IWidth
    {
        using var cell = new LockedCell<W>(s, Memory.Address(s, op));
        if (cell.IsFaulty) return Memory.Fault(s, op);
        while (true)
        {
            ulong old = cell.Read();
            if (!cell.TryReplace(old, W.Read(s, op->B))) continue;
            W.Write(s, op->B, old);
            return op + 1; // not from inside the lock
        }
    }

    private static Op* Add<W>(CpuState* s, Op* op) where W : struct, IWidth
    {
        ulong a = W.Read(s, op->A), b = W.Read(s, op->B), sum = a + b;
        W.Write(s, op->B, a);
        W.Write(s, op->A, sum); // last, so that the sum stays when both are one register
        LazyFlags.Set<W>(s, FlagKind.Add, a, b, sum);
        return Transfer.Next(s, op);
    }

    private static Op* AddMemory<W>(CpuState* s, Op* op) where W : struct, IWidth
    {
        using var cell = new LockedCell<W>(s, Memory.Address(s, op));
        if (cell.IsFaulty) return Memory.Fault(s, op);
        while (true)
        {
            ulong a = cell.Read(), b = W.Read(s, op->B), sum = a + b;
            if (!cell.TryReplace(a, sum)) continue;
            W.Write(s, op->B, a);
            LazyFlags.Set<W>(s, FlagKind.Add, a, b, sum);
            return op + 1; // not from inside the lock
        }
    }

    // RAX is slot 0, and AL is offset 0.
    private static Op* Compare<W>(CpuState* s, Op* op) where W : struct, IWidth
    {
        ulong expected = W.Read(s, CpuState.Rax), a = W.Read(s, op->A);
        LazyFlags.Set<W>(s, FlagKind.Sub, expected, a, expected - a);
        if (expected == a) W.Write(s, op->A, W.Read(s, op->B));
        else W.Write(s, CpuState.Rax, a);
        return Transfer.Next(s, op);
    }

    private static Op* CompareMemory<W>(CpuState* s, Op* op) where W : struct, IWidth
    {
        using var cell = new LockedCell<W>(s, Memory.Address(s, op));
        if (cell.IsFaulty) return Memory.Fault(s, op);
        ulong expected = W.Read(s, CpuState.Rax);
        while (true)
        {
            ulong a = cell.Read();
            if (a == expected && !cell.TryReplace(a, W.Read(s, op->B))) continue;
            if (a != expected) W.Write(s, CpuState.Rax, a);
            LazyFlags.Set<W>(s, FlagKind.Sub, expected, a, expected - a);
            return op + 1; // not from inside the lock
        }
    }

    private static Op* CompareExchange8(CpuState* s, Op* op)
    {
        using var cell = new LockedCell<W64>(s, Memory.Address(s, op));
        if (cell.IsFaulty) return Memory.Fault(s, op);
        ulong expected = (uint)s->R[CpuState.Rax] | (s->R[CpuState.Rdx] << 32);
        ulong wanted = (uint)s->R[CpuState.Rbx] | (s->R[CpuState.Rcx] << 32);
        while (true)
        {
            ulong old = cell.Read();
            if (old == expected && !cell.TryReplace(old, wanted)) continue;
            SetZero(s, old == expected);
            if (old != expected)
            {
                s->R[CpuState.Rax] = (uint)old;
                s->R[CpuState.Rdx] = old >> 32;
            }
            return op + 1; // not from inside the lock
        }
    }

    private static Op* CompareExchange16(CpuState* s, Op* op)
    {
        ulong address = Memory.Address(s, op);
        if ((address & 15) != 0) return Memory.Raise(s, op, StopReason.GeneralProtection);
        byte* host = Memory.InPlace(s, address, 16);
        if (host == null) host = MemorySlow.Translate(s, address, PageAccess.Write);
        if (host == null) return Memory.Fault(s, op);
        var old = new Pair(s->R[CpuState.Rax], s->R[CpuState.Rdx]);
        bool equal = HostAtomics.CompareExchange(host, ref old, new Pair(s->R[CpuState.Rbx], s->R[CpuState.Rcx]), Processor.Of(s).Set);
        SetZero(s, equal);
        if (!equal)
        {
            s->R[CpuState.Rax] = old.Low;
            s->R[CpuState.Rdx] = old.High;
        }
        return Transfer.Next(s, op);
    }

    private static void SetZero(CpuState* s, bool zero)
    {
        Flags.Materialize(s);
        s->Eflags = (s->Eflags & ~Flags.Zero) | (zero ? Flags.Zero : 0);
    }
}
