using Iced.Intel;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>movs, stos, lods, cmps and scas, with and without rep.</summary>
/// <remarks>
/// Op fields: Base is the slot of the source's segment base, Imm a mask for rsi, rdi and rcx (address size), C tells that one
/// round is to be done at a time. Registers are brought up to date after each round or block, so that a fault finds them as
/// the processor leaves them, and the instruction goes on from there.
/// </remarks>
internal static unsafe class Strings
{
    /// <summary>Bytes that one go may move before others get a look in.</summary>
    private const ulong BlockLimit = 1 << 18;

    public static bool Lower(in Instruction i, ref OpBuilder b)
    {
        switch (i.Mnemonic)
        {
            case Mnemonic.Movsb:
                return Lower<W8, Move>(i, ref b);
            case Mnemonic.Movsw:
                return Lower<W16, Move>(i, ref b);
            case Mnemonic.Movsd when i.IsStringInstruction:
                return Lower<W32, Move>(i, ref b);
            case Mnemonic.Movsq:
                return Lower<W64, Move>(i, ref b);
            case Mnemonic.Stosb:
                return Lower<W8, Store>(i, ref b);
            case Mnemonic.Stosw:
                return Lower<W16, Store>(i, ref b);
            case Mnemonic.Stosd:
                return Lower<W32, Store>(i, ref b);
            case Mnemonic.Stosq:
                return Lower<W64, Store>(i, ref b);
            case Mnemonic.Lodsb:
                return Lower<W8, Load>(i, ref b);
            case Mnemonic.Lodsw:
                return Lower<W16, Load>(i, ref b);
            case Mnemonic.Lodsd:
                return Lower<W32, Load>(i, ref b);
            case Mnemonic.Lodsq:
                return Lower<W64, Load>(i, ref b);
            case Mnemonic.Cmpsb:
                return Lower<W8, Compare>(i, ref b);
            case Mnemonic.Cmpsw:
                return Lower<W16, Compare>(i, ref b);
            case Mnemonic.Cmpsd when i.IsStringInstruction:
                return Lower<W32, Compare>(i, ref b);
            case Mnemonic.Cmpsq:
                return Lower<W64, Compare>(i, ref b);
            case Mnemonic.Scasb:
                return Lower<W8, Scan>(i, ref b);
            case Mnemonic.Scasw:
                return Lower<W16, Scan>(i, ref b);
            case Mnemonic.Scasd:
                return Lower<W32, Scan>(i, ref b);
            case Mnemonic.Scasq:
                return Lower<W64, Scan>(i, ref b);
            default:
                return false;
        }
    }

    private static bool Lower<W, TRound>(in Instruction i, ref OpBuilder b) where W : struct, IWidth where TRound : struct, IRound
    {
        bool repeated = i.HasRepPrefix || i.HasRepnePrefix;
        ref Op op = ref b.Add(i, repeated ? &Repeat<W, TRound> : &Once<W, TRound>);
        bool narrow = UsesNarrow(i.Op0Kind) || UsesNarrow(i.Op1Kind);
        op.Imm = narrow ? uint.MaxValue : ulong.MaxValue;
        op.Base = i.MemorySegment switch
        {
            Register.FS => CpuState.FsBase,
            Register.GS => CpuState.GsBase,
            _ => CpuState.Zero,
        };
        op.B = (byte)(i.HasRepnePrefix ? 1 : 0);
        op.C = (byte)(b.SingleStep ? 1 : 0);
        return true;
    }

    private static bool UsesNarrow(OpKind kind) => kind is OpKind.MemorySegESI or OpKind.MemoryESEDI;

    private static Op* Once<W, TRound>(CpuState* s, Op* op) where W : struct, IWidth where TRound : struct, IRound =>
        TRound.Do<W>(s, op) ? Transfer.Next(s, op) : Memory.Fault(s, op);

    private static Op* Repeat<W, TRound>(CpuState* s, Op* op) where W : struct, IWidth where TRound : struct, IRound
    {
        ulong mask = op->Imm, done = 0;
        while (true)
        {
            ulong count = s->R[CpuState.Rcx] & mask;
            if (count == 0) return Transfer.Next(s, op);
            ulong block = op->C == 0 && (s->Eflags & Flags.Direction) == 0 && mask == ulong.MaxValue ? TRound.DoMany<W>(s, op, count) : 0;
            if (block == 0)
            {
                if (!TRound.Do<W>(s, op)) return Memory.Fault(s, op);
                block = 1;
            }
            SetPointer(s, CpuState.Rcx, count - block, mask);
            if (TRound.Compares && Flags.IsZero(s) == (op->B != 0)) return Transfer.Next(s, op);
            done += block * (ulong)W.Bytes;
            if (count == block) return Transfer.Next(s, op);
            if (op->C != 0 || done >= BlockLimit) return Again(s, op);
        }
    }

    // Leaves at the same instruction, which goes on when it runs next.
    private static Op* Again(CpuState* s, Op* op)
    {
        s->Rip = s->R[CpuState.CodeBase] + op->Offset;
        s->Budget -= op->Count - 1;
        s->Stop = Transfer.Attention;
        return null;
    }

    private static void SetPointer(CpuState* s, int register, ulong value, ulong mask) => s->R[register] = value & mask;

    private static ulong Step<W>(CpuState* s) where W : struct, IWidth =>
        (s->Eflags & Flags.Direction) == 0 ? (ulong)W.Bytes : (ulong)-W.Bytes;

    private static ulong SourceAddress(CpuState* s, Op* op) => s->R[op->Base] + (s->R[CpuState.Rsi] & op->Imm);

    private static ulong DestinationAddress(CpuState* s, Op* op) => s->R[CpuState.Rdi] & op->Imm;

    private static void Advance<W>(CpuState* s, Op* op, int register, ulong rounds = 1) where W : struct, IWidth =>
        SetPointer(s, register, s->R[register] + (Step<W>(s) * rounds), op->Imm);

    // How many elements from an address on lie in its page, up to a count.
    private static ulong RoomInPage<W>(ulong address, ulong count) where W : struct, IWidth =>
        Math.Min(count, (FramePool.FrameSize - (address & 0xfff)) / (ulong)W.Bytes);

    private static byte* Writable<W>(CpuState* s, ulong address) where W : struct, IWidth
    {
        byte* host = Memory.InPlace(s, address, W.Bytes);
        return host != null ? host : MemorySlow.Translate(s, address, PageAccess.Write);
    }

    private interface IRound
    {
        static abstract bool Compares { get; }

        /// <summary>One element; false after a fault.</summary>
        static abstract bool Do<W>(CpuState* s, Op* op) where W : struct, IWidth;

        /// <summary>Many elements, upwards, within pages; answers how many, 0 if it cannot (a fault comes up again in Do).</summary>
        static abstract ulong DoMany<W>(CpuState* s, Op* op, ulong count) where W : struct, IWidth;
    }

    private struct Move : IRound
    {
        public static bool Compares => false;

        public static bool Do<W>(CpuState* s, Op* op) where W : struct, IWidth
        {
            if (!W.Load(s, SourceAddress(s, op), out ulong value)) return false;
            if (!W.Store(s, DestinationAddress(s, op), value)) return false;
            Advance<W>(s, op, CpuState.Rsi);
            Advance<W>(s, op, CpuState.Rdi);
            return true;
        }

        public static ulong DoMany<W>(CpuState* s, Op* op, ulong count) where W : struct, IWidth
        {
            ulong from = SourceAddress(s, op), to = DestinationAddress(s, op);
            count = RoomInPage<W>(to, RoomInPage<W>(from, count));
            if (count == 0) return 0;
            byte* source = MemorySlow.Readable(s, from);
            if (source == null) return 0;
            byte* target = Writable<W>(s, to);
            if (target == null) return 0;
            // Bytes written ahead of the source would be read again: then they are to be repeated, element by element.
            ulong length = count * (ulong)W.Bytes;
            if (target > source && target < source + length) CopyUpwards<W>(source, target, count);
            else Buffer.MemoryCopy(source, target, length, length);
            Advance<W>(s, op, CpuState.Rsi, count);
            Advance<W>(s, op, CpuState.Rdi, count);
            return count;
        }

        private static void CopyUpwards<W>(byte* source, byte* target, ulong count) where W : struct, IWidth
        {
            for (; count > 0; count--, source += W.Bytes, target += W.Bytes) W.Put(target, W.Get(source));
        }
    }

    private struct Store : IRound
    {
        public static bool Compares => false;

        public static bool Do<W>(CpuState* s, Op* op) where W : struct, IWidth
        {
            if (!W.Store(s, DestinationAddress(s, op), s->R[CpuState.Rax])) return false;
            Advance<W>(s, op, CpuState.Rdi);
            return true;
        }

        public static ulong DoMany<W>(CpuState* s, Op* op, ulong count) where W : struct, IWidth
        {
            ulong to = DestinationAddress(s, op);
            count = RoomInPage<W>(to, count);
            if (count == 0) return 0;
            byte* target = Writable<W>(s, to);
            if (target == null) return 0;
            ulong value = s->R[CpuState.Rax];
            switch (W.Bytes)
            {
                case 1:
                    new Span<byte>(target, (int)count).Fill((byte)value);
                    break;
                case 2:
                    new Span<ushort>(target, (int)count).Fill((ushort)value);
                    break;
                case 4:
                    new Span<uint>(target, (int)count).Fill((uint)value);
                    break;
                default:
                    new Span<ulong>(target, (int)count).Fill(value);
                    break;
            }
            Advance<W>(s, op, CpuState.Rdi, count);
            return count;
        }
    }

    private struct Load : IRound
    {
        public static bool Compares => false;

        public static bool Do<W>(CpuState* s, Op* op) where W : struct, IWidth
        {
            if (!W.Load(s, SourceAddress(s, op), out ulong value)) return false;
            W.Write(s, CpuState.Rax, value);
            Advance<W>(s, op, CpuState.Rsi);
            return true;
        }

        public static ulong DoMany<W>(CpuState* s, Op* op, ulong count) where W : struct, IWidth => 0;
    }

    private struct Compare : IRound
    {
        public static bool Compares => true;

        public static bool Do<W>(CpuState* s, Op* op) where W : struct, IWidth
        {
            if (!W.Load(s, SourceAddress(s, op), out ulong a) || !W.Load(s, DestinationAddress(s, op), out ulong b)) return false;
            Advance<W>(s, op, CpuState.Rsi);
            Advance<W>(s, op, CpuState.Rdi);
            LazyFlags.Set<W>(s, FlagKind.Sub, a, b, a - b);
            return true;
        }

        public static ulong DoMany<W>(CpuState* s, Op* op, ulong count) where W : struct, IWidth => 0;
    }

    private struct Scan : IRound
    {
        public static bool Compares => true;

        public static bool Do<W>(CpuState* s, Op* op) where W : struct, IWidth
        {
            if (!W.Load(s, DestinationAddress(s, op), out ulong b)) return false;
            Advance<W>(s, op, CpuState.Rdi);
            ulong a = W.Read(s, CpuState.Rax);
            LazyFlags.Set<W>(s, FlagKind.Sub, a, b, a - b);
            return true;
        }

        public static ulong DoMany<W>(CpuState* s, Op* op, ulong count) where W : struct, IWidth => 0;
    }
}
