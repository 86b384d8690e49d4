using System.Numerics;
using System.Runtime.Intrinsics;
using Iced.Intel;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>Rounds and message schedule of SHA-1 and SHA-256 (FIPS 180-4; Intel SDM volume 2, SHA1RNDS4 and the like).</summary>
/// <remarks>Memory operands may lie anywhere, as with AMD's processors; Intel's want them aligned.</remarks>
internal static unsafe class SseHash
{
    public static bool Lower(in Instruction i, ref OpBuilder b)
    {
        switch (i.Mnemonic)
        {
            case Mnemonic.Sha1rnds4: return BinaryImmediate<Sha1Rounds>.Emit(i, ref b);
            case Mnemonic.Sha1nexte: return BinaryImmediate<Sha1NextE>.Emit(i, ref b);
            case Mnemonic.Sha1msg1: return BinaryImmediate<Sha1Message1>.Emit(i, ref b);
            case Mnemonic.Sha1msg2: return BinaryImmediate<Sha1Message2>.Emit(i, ref b);
            case Mnemonic.Sha256rnds2: return Operands.Emit(i, ref b, &Sha256Rounds, &Sha256RoundsMemory);
            case Mnemonic.Sha256msg1: return BinaryImmediate<Sha256Message1>.Emit(i, ref b);
            case Mnemonic.Sha256msg2: return BinaryImmediate<Sha256Message2>.Emit(i, ref b);
            default: return false;
        }
    }

    private struct Sha1Rounds : IVectorImmediateOp
    {
        public static bool IsAligned => false;

        // A is the highest lane of the state; the first word comes with E added to it.
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b, byte control)
        {
            Vector128<uint> state = a.AsUInt32(), words = b.AsUInt32();
            (uint wa, uint wb, uint wc, uint wd, uint we) = (state[3], state[2], state[1], state[0], 0);
            for (int n = 3; n >= 0; n--)
            {
                (uint mixed, uint constant) = (control & 3) switch
                {
                    0 => ((wb & wc) ^ (~wb & wd), 0x5a827999u),
                    1 => (wb ^ wc ^ wd, 0x6ed9eba1u),
                    2 => ((wb & wc) ^ (wb & wd) ^ (wc & wd), 0x8f1bbcdcu),
                    _ => (wb ^ wc ^ wd, 0xca62c1d6u),
                };
                uint next = mixed + BitOperations.RotateLeft(wa, 5) + words[n] + we + constant;
                (wa, wb, wc, wd, we) = (next, wa, BitOperations.RotateLeft(wb, 30), wc, wd);
            }
            return Vector128.Create(wd, wc, wb, wa).AsByte();
        }
    }

    private struct Sha1NextE : IVectorImmediateOp
    {
        public static bool IsAligned => false;

        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b, byte control)
        {
            Vector128<uint> words = b.AsUInt32();
            return words.WithElement(3, words[3] + BitOperations.RotateLeft(a.AsUInt32()[3], 30)).AsByte();
        }
    }

    private struct Sha1Message1 : IVectorImmediateOp
    {
        public static bool IsAligned => false;

        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b, byte control) =>
            a ^ Vector128.Create(b.AsUInt64()[1], a.AsUInt64()[0]).AsByte();
    }

    private struct Sha1Message2 : IVectorImmediateOp
    {
        public static bool IsAligned => false;

        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b, byte control)
        {
            Vector128<uint> x = a.AsUInt32(), y = b.AsUInt32();
            uint w16 = BitOperations.RotateLeft(x[3] ^ y[2], 1);
            return Vector128.Create(
                BitOperations.RotateLeft(x[0] ^ w16, 1),
                BitOperations.RotateLeft(x[1] ^ y[0], 1),
                BitOperations.RotateLeft(x[2] ^ y[1], 1),
                w16).AsByte();
        }
    }

    private static Op* Sha256Rounds(CpuState* s, Op* op)
    {
        Sha256Rounds(s, op, *Xmm.At(s, op->B));
        return Transfer.Next(s, op);
    }

    private static Op* Sha256RoundsMemory(CpuState* s, Op* op)
    {
        byte* source = Xmm.Source(s, op, 16);
        if (source == null) return Memory.Fault(s, op);
        Sha256Rounds(s, op, *(Vector128<byte>*)source);
        return Transfer.Next(s, op);
    }

    // The source has A, B, E, F; the destination C, D, G, H; XMM0 two words with their constants added.
    private static void Sha256Rounds(CpuState* s, Op* op, Vector128<byte> source)
    {
        Vector128<uint> abef = source.AsUInt32(), cdgh = (*Xmm.At(s, op->A)).AsUInt32(), words = (*Xmm.At(s, 0)).AsUInt32();
        (uint a, uint b, uint e, uint f) = (abef[3], abef[2], abef[1], abef[0]);
        (uint c, uint d, uint g, uint h) = (cdgh[3], cdgh[2], cdgh[1], cdgh[0]);
        for (int n = 0; n < 2; n++)
        {
            uint e1 = BitOperations.RotateRight(e, 6) ^ BitOperations.RotateRight(e, 11) ^ BitOperations.RotateRight(e, 25);
            uint a0 = BitOperations.RotateRight(a, 2) ^ BitOperations.RotateRight(a, 13) ^ BitOperations.RotateRight(a, 22);
            uint first = h + e1 + ((e & f) ^ (~e & g)) + words[n];
            (h, g, f, e, d, c, b, a) = (g, f, e, d + first, c, b, a, first + a0 + ((a & b) ^ (a & c) ^ (b & c)));
        }
        *Xmm.At(s, op->A) = Vector128.Create(f, e, b, a).AsByte();
    }

    private struct Sha256Message1 : IVectorImmediateOp
    {
        public static bool IsAligned => false;

        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b, byte control)
        {
            Vector128<uint> x = a.AsUInt32();
            return (x + Vector128.Create(Small0(x[1]), Small0(x[2]), Small0(x[3]), Small0(b.AsUInt32()[0]))).AsByte();
        }
    }

    private struct Sha256Message2 : IVectorImmediateOp
    {
        public static bool IsAligned => false;

        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b, byte control)
        {
            Vector128<uint> x = a.AsUInt32(), y = b.AsUInt32();
            uint w16 = x[0] + Small1(y[2]), w17 = x[1] + Small1(y[3]);
            return Vector128.Create(w16, w17, x[2] + Small1(w16), x[3] + Small1(w17)).AsByte();
        }
    }

    private static uint Small0(uint w) => BitOperations.RotateRight(w, 7) ^ BitOperations.RotateRight(w, 18) ^ (w >> 3);

    private static uint Small1(uint w) => BitOperations.RotateRight(w, 17) ^ BitOperations.RotateRight(w, 19) ^ (w >> 10);
}
