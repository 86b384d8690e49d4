using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Iced.Intel;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>
/// Rounds of AES (FIPS 197; Intel SDM volume 2, AESENC and the like) and PCLMULQDQ.
/// </summary>
internal static unsafe class SseCipher
{
    public static bool Lower(in Instruction i, ref OpBuilder b)
    {
        switch (i.Mnemonic)
        {
            case Mnemonic.Aesenc: return Binary<Encrypt>.Emit(i, ref b);
            case Mnemonic.Aesenclast: return Binary<EncryptLast>.Emit(i, ref b);
            case Mnemonic.Aesdec: return Binary<Decrypt>.Emit(i, ref b);
            case Mnemonic.Aesdeclast: return Binary<DecryptLast>.Emit(i, ref b);
            case Mnemonic.Aesimc: return Binary<InverseMix>.Emit(i, ref b);
            case Mnemonic.Aeskeygenassist: return BinaryImmediate<KeyAssist>.Emit(i, ref b);
            case Mnemonic.Pclmulqdq: return BinaryImmediate<CarrylessMultiply>.Emit(i, ref b);
            default: return false;
        }
    }

    // Where each byte comes from when the rows of the state, which is stored column by column, are rotated.
    private static Vector128<byte> ShiftRows(Vector128<byte> v) =>
        Vectors.Permute(v, Vector128.Create((byte)0, 5, 10, 15, 4, 9, 14, 3, 8, 13, 2, 7, 12, 1, 6, 11));

    private static Vector128<byte> ShiftRowsBack(Vector128<byte> v) =>
        Vectors.Permute(v, Vector128.Create((byte)0, 13, 10, 7, 4, 1, 14, 11, 8, 5, 2, 15, 12, 9, 6, 3));

    private static Vector128<byte> Substitute(Vector128<byte> v, byte[] box)
    {
        var bytes = (byte*)&v;
        for (int n = 0; n < 16; n++) bytes[n] = box[bytes[n]];
        return v;
    }

    // Each byte of a column times 2, plus the next times 3, plus the other two; the field's bytes are polynomials modulo x^8+x^4+x^3+x+1.
    private static Vector128<byte> MixColumns(Vector128<byte> v)
    {
        Vector128<byte> next = RotateColumns(v, 1);
        return Double(v ^ next) ^ next ^ RotateColumns(v, 2) ^ RotateColumns(v, 3);
    }

    // 14, 11, 13, 9 are 2, 3, 1, 1 times 5, 0, 4, 0.
    private static Vector128<byte> MixColumnsBack(Vector128<byte> v) => MixColumns(v ^ Double(Double(v ^ RotateColumns(v, 2))));

    private static Vector128<byte> Double(Vector128<byte> v)
    {
        Vector128<byte> over = Vector128.LessThan(v.AsSByte(), Vector128<sbyte>.Zero).AsByte();
        return (v + v) ^ (over & Vector128.Create((byte)0x1b));
    }

    private static Vector128<byte> RotateColumns(Vector128<byte> v, int rows)
    {
        Vector128<uint> columns = v.AsUInt32();
        return ((columns >>> (rows * 8)) | (columns << (32 - (rows * 8)))).AsByte();
    }

    private struct Encrypt : IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => MixColumns(Substitute(ShiftRows(a), AesBox.Forward)) ^ b;
    }

    private struct EncryptLast : IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => Substitute(ShiftRows(a), AesBox.Forward) ^ b;
    }

    private struct Decrypt : IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => MixColumnsBack(Substitute(ShiftRowsBack(a), AesBox.Inverse)) ^ b;
    }

    private struct DecryptLast : IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => Substitute(ShiftRowsBack(a), AesBox.Inverse) ^ b;
    }

    private struct InverseMix : IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => MixColumnsBack(b);
    }

    private struct KeyAssist : IVectorImmediateOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b, byte control)
        {
            Vector128<uint> words = Substitute(b, AesBox.Forward).AsUInt32();
            uint first = words[1], second = words[3];
            return Vector128.Create(first, BitOperations.RotateRight(first, 8) ^ control, second, BitOperations.RotateRight(second, 8) ^ control).AsByte();
        }
    }

    private struct CarrylessMultiply : IVectorImmediateOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b, byte control)
        {
            ulong x = a.AsUInt64()[control & 1], y = b.AsUInt64()[control >> 4 & 1], low = 0, high = 0;
            for (int bit = 0; bit < 64; bit++)
            {
                ulong take = 0 - (y >> bit & 1);
                low ^= (x << bit) & take;
                high ^= (x >> 1 >> (63 - bit)) & take;
            }
            return Vector128.Create(low, high).AsByte();
        }
    }
}

/// <summary>The substitution of AES and its inverse (FIPS 197, 5.1.1): the inverse in the field, then a fixed mixing of bits.</summary>
internal static class AesBox
{
    public static readonly byte[] Forward = Make(), Inverse = Invert(Forward);

    private static byte[] Make()
    {
        var box = new byte[256];
        byte p = 1, q = 1; // powers of 3, and of its inverse
        do
        {
            p ^= (byte)((p << 1) ^ (p >= 0x80 ? 0x1b : 0));
            q ^= (byte)(q << 1);
            q ^= (byte)(q << 2);
            q ^= (byte)(q << 4);
            if (q >= 0x80) q ^= 0x09;
            box[p] = (byte)(0x63 ^ q ^ Rotate(q, 1) ^ Rotate(q, 2) ^ Rotate(q, 3) ^ Rotate(q, 4));
        }
        while (p != 1);
        box[0] = 0x63;
        return box;
    }

    private static byte[] Invert(byte[] box)
    {
        var inverse = new byte[256];
        for (int n = 0; n < 256; n++) inverse[box[n]] = (byte)n;
        return inverse;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte Rotate(byte b, int by) => (byte)(b << by | b >> (8 - by));
}
