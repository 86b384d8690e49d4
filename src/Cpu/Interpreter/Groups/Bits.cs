using System.Numerics;
using Iced.Intel;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>bt, bts, btr, btc, bsf, bsr, popcnt and crc32.</summary>
internal static unsafe class Bits
{
    public static bool Lower(in Instruction i, ref OpBuilder b)
    {
        switch (i.Mnemonic)
        {
            case Mnemonic.Bt:
                return LowerTest<Keep>(i, ref b);
            case Mnemonic.Bts:
                return LowerTest<Set>(i, ref b);
            case Mnemonic.Btr:
                return LowerTest<Reset>(i, ref b);
            case Mnemonic.Btc:
                return LowerTest<Flip>(i, ref b);
            case Mnemonic.Bsf:
                return LowerScan(i, ref b, IntegerOperands.Size(i, 0) switch { 8 => &Scan<W64, Off>, 4 => &Scan<W32, Off>, _ => &Scan<W16, Off> });
            case Mnemonic.Bsr:
                return LowerScan(i, ref b, IntegerOperands.Size(i, 0) switch { 8 => &Scan<W64, On>, 4 => &Scan<W32, On>, _ => &Scan<W16, On> });
            case Mnemonic.Popcnt:
                return LowerScan(i, ref b, IntegerOperands.Size(i, 0) switch { 8 => &Count<W64>, 4 => &Count<W32>, _ => &Count<W16> });
            case Mnemonic.Crc32:
                return LowerScan(i, ref b, IntegerOperands.Size(i, 1) switch { 8 => &Crc<W64>, 4 => &Crc<W32>, 2 => &Crc<W16>, _ => &Crc<W8> });
            default:
                return false;
        }
    }

    private static bool LowerScan(in Instruction i, ref OpBuilder b, Handler run)
    {
        bool memory = IntegerOperands.IsMemory(i, 1);
        ref Op op = ref (memory ? ref b.AddMemory(i, run) : ref b.Add(i, run));
        op.A = IntegerOperands.Register(i, 0);
        op.Modifier = (byte)(memory ? 1 : 0);
        if (!memory) op.B = IntegerOperands.Register(i, 1);
        return true;
    }

    private static bool Source<W>(CpuState* s, Op* op, out ulong value) where W : struct, IWidth
    {
        if (op->Modifier != 0) return W.Load(s, Memory.Address(s, op), out value);
        value = W.Read(s, op->B);
        return true;
    }

    private static Op* Scan<W, TReverse>(CpuState* s, Op* op) where W : struct, IWidth where TReverse : struct, ISwitch
    {
        if (!Source<W>(s, op, out ulong value)) return Memory.Fault(s, op);
        // For a source of zero the destination stays as it was, all 64 bits of it (AMD APM volume 3, BSF; Intel does the same).
        if (value == 0)
        {
            Flags.Set(s, Flags.Zero | Flags.Parity);
            return Transfer.Next(s, op);
        }
        int place = TReverse.IsOn ? BitOperations.Log2(value) : BitOperations.TrailingZeroCount(value);
        W.Write(s, op->A, (ulong)place);
        Flags.Set(s, Flags.EvenBits((ulong)place) ? Flags.Parity : 0); // all but zero are undefined: as AMD's processors have them
        return Transfer.Next(s, op);
    }

    private static Op* Count<W>(CpuState* s, Op* op) where W : struct, IWidth
    {
        if (!Source<W>(s, op, out ulong value)) return Memory.Fault(s, op);
        W.Write(s, op->A, (ulong)BitOperations.PopCount(value));
        Flags.Set(s, value == 0 ? Flags.Zero : 0);
        return Transfer.Next(s, op);
    }

    private static Op* Crc<W>(CpuState* s, Op* op) where W : struct, IWidth
    {
        if (!Source<W>(s, op, out ulong value)) return Memory.Fault(s, op);
        uint crc = (uint)s->R[op->A];
        s->R[op->A] = W.Bytes switch
        {
            1 => BitOperations.Crc32C(crc, (byte)value),
            2 => BitOperations.Crc32C(crc, (ushort)value),
            4 => BitOperations.Crc32C(crc, (uint)value),
            _ => BitOperations.Crc32C(crc, value),
        };
        return Transfer.Next(s, op);
    }

    private static bool LowerTest<TChange>(in Instruction i, ref OpBuilder b) where TChange : struct, IBitChange =>
        IntegerOperands.Size(i, 0) switch
        {
            8 => LowerTest<TChange, W64>(i, ref b),
            4 => LowerTest<TChange, W32>(i, ref b),
            _ => LowerTest<TChange, W16>(i, ref b),
        };

    private static bool LowerTest<TChange, W>(in Instruction i, ref OpBuilder b) where TChange : struct, IBitChange where W : struct, IWidth
    {
        bool byRegister = IntegerOperands.IsRegister(i, 1), memory = IntegerOperands.IsMemory(i, 0);
        Handler run = !memory ? &OnRegister<TChange, W> : i.HasLockPrefix ? &Locked<TChange, W> : &OnMemory<TChange, W>;
        bool narrow = memory && byRegister && OpBuilder.IsNarrow(i);
        ref Op op = ref (narrow ? ref b.AddAddress(i, run) : ref memory ? ref b.AddMemory(i, run) : ref b.Add(i, run));
        if (narrow)
        {
            // What the offset adds belongs to the address before it is cut to 32 bits, and the segment base comes after.
            op.Modifier = 1;
            op.Index = i.SegmentPrefix switch { Register.FS => CpuState.FsBase, Register.GS => CpuState.GsBase, _ => CpuState.Zero };
        }
        if (IntegerOperands.IsRegister(i, 0)) op.A = IntegerOperands.Register(i, 0);
        // The bit offset is R[B] + Imm; one given by register may reach outside of a memory operand.
        op.B = byRegister ? IntegerOperands.Register(i, 1) : (byte)CpuState.Zero;
        op.Imm = byRegister ? 0 : i.Immediate8 & (ulong)((W.Bytes * 8) - 1);
        return true;
    }

    private static Op* OnRegister<TChange, W>(CpuState* s, Op* op) where TChange : struct, IBitChange where W : struct, IWidth
    {
        int bit = (int)(s->R[op->B] + op->Imm) & ((W.Bytes * 8) - 1);
        ulong value = W.Read(s, op->A);
        if (TChange.Writes) W.Write(s, op->A, TChange.Apply(value, 1UL << bit));
        SetCarry(s, value, bit);
        return Transfer.Next(s, op);
    }

    private static Op* OnMemory<TChange, W>(CpuState* s, Op* op) where TChange : struct, IBitChange where W : struct, IWidth
    {
        ulong address = BitAddress<W>(s, op, out int bit), value;
        if (!TChange.Writes)
        {
            if (!W.Load(s, address, out value)) return Memory.Fault(s, op);
        }
        else
        {
            if (!Memory.LoadToModify<W>(s, address, out value)) return Memory.Fault(s, op);
            W.Store(s, address, TChange.Apply(value, 1UL << bit));
        }
        SetCarry(s, value, bit);
        return Transfer.Next(s, op);
    }

    private static Op* Locked<TChange, W>(CpuState* s, Op* op) where TChange : struct, IBitChange where W : struct, IWidth
    {
        using var cell = new LockedCell<W>(s, BitAddress<W>(s, op, out int bit));
        if (cell.IsFaulty) return Memory.Fault(s, op);
        while (true)
        {
            ulong value = cell.Read();
            if (!cell.TryReplace(value, TChange.Apply(value, 1UL << bit))) continue;
            SetCarry(s, value, bit);
            return op + 1; // not from inside the lock
        }
    }

    private static ulong BitAddress<W>(CpuState* s, Op* op, out int bit) where W : struct, IWidth
    {
        long offset = (long)W.SignExtend(s->R[op->B]) + (long)op->Imm;
        bit = (int)offset & ((W.Bytes * 8) - 1);
        ulong beyond = (ulong)((offset >> 3) & -W.Bytes);
        return op->Modifier == 0 ? Memory.Address(s, op) + beyond : (uint)(s->R[op->Base] + beyond) + s->R[op->Index];
    }

    private static void SetCarry(CpuState* s, ulong value, int bit) => Flags.SetCarry(s, (value >> bit & 1) != 0);

    private interface IBitChange
    {
        static abstract bool Writes { get; }

        static abstract ulong Apply(ulong value, ulong mask);
    }

    private struct Keep : IBitChange
    {
        public static bool Writes => false;

        public static ulong Apply(ulong value, ulong mask) => value;
    }

    private struct Set : IBitChange
    {
        public static bool Writes => true;

        public static ulong Apply(ulong value, ulong mask) => value | mask;
    }

    private struct Reset : IBitChange
    {
        public static bool Writes => true;

        public static ulong Apply(ulong value, ulong mask) => value & ~mask;
    }

    private struct Flip : IBitChange
    {
        public static bool Writes => true;

        public static ulong Apply(ulong value, ulong mask) => value ^ mask;
    }
}
