using System.Buffers.Binary;

namespace Kennel.Cpu.Tests.Sse;

/// <summary>What the lanes of a random operand are.</summary>
public enum LaneKind
{
    Integers,
    Singles,
    Doubles,
}

/// <summary>Random operands in which edge cases are frequent.</summary>
public sealed class SseValues(Random random)
{
    private static readonly ulong[] s_integers =
    [
        0, 1, 2, 3, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff, long.MaxValue, 1UL
        << 63, ulong.MaxValue,
    ];

    private static readonly uint[] s_singles =
    [
        0, 0x80000000, 1, 0x80000001, 0x007fffff, 0x00400000, 0x00800000, 0x00800001, 0x80800000, 0x7f7fffff,
        0xff7fffff, 0x7f800000, 0xff800000, 0x7f800001, 0xffa00000, 0x7fc00000, 0xffc00000, 0x7fc00123, 0x3f800000,
        0xbf800000, 0x3f000000, 0x3fc00000, 0x40400000, 0x3f800001, 0x4b800000, 0x4b7fffff, 0x4effffff, 0x4f000000,
        0xcf000000, 0xcf000001, 0x5f000000, 0xdf000000, 0x3effffff,
    ];

    private static readonly ulong[] s_doubles =
    [
        0, 0x8000000000000000, 1, 0x8000000000000001, 0x000fffffffffffff, 0x0008000000000000, 0x0010000000000000,
        0x0010000000000001, 0x8010000000000000, 0x7fefffffffffffff, 0xffefffffffffffff, 0x7ff0000000000000,
        0xfff0000000000000, 0x7ff0000000000001, 0xfff4000000000000, 0x7ff8000000000000, 0xfff8000000000000,
        0x7ff8000000000123, 0x3ff0000000000000, 0xbff0000000000000, 0x3fe0000000000000, 0x3ff8000000000000,
        0x4008000000000000, 0x3ff0000000000001, 0x41dfffffffc00000, 0x41e0000000000000, 0xc1e0000000000000,
        0xc1e0000000100000, 0xc1e0000000200000, 0x43e0000000000000, 0xc3e0000000000000, 0x43dfffffffffffff,
        0x36a0000000000000, 0x3690000000000000, 0x380fffffffffffff, 0x3810000000000000, 0x47efffffe0000000,
        0x47efffffefffffff, 0x47effffff0000000, 0x3fdfffffffffffff, 0x380fffffe0000000, 0x380ffffff0000000,
        0x36a8000000000000,
    ];

    /// <summary>Fills a register's or a memory area's bytes.</summary>
    public void Fill(Span<byte> bytes, LaneKind likely)
    {
        for (int at = 0; at < bytes.Length; at += 16)
        {
            Span<byte> block = bytes.Slice(at, Math.Min(16, bytes.Length - at));
            LaneKind kind = random.Next(8) == 0 ? (LaneKind)random.Next(3) : likely;
            if (at > 0 && random.Next(6) == 0) bytes.Slice(random.Next(at / 16) * 16, block.Length).CopyTo(block);
            else if (kind == LaneKind.Doubles) Fill(block, 8, Double);
            else if (kind == LaneKind.Singles) Fill(block, 4, () => Single());
            else FillIntegers(block);
        }
    }

    /// <summary>A general register's value.</summary>
    public ulong Integer() => random.Next(4) switch
    {
        0 => s_integers[random.Next(s_integers.Length)],
        1 => (ulong)random.NextInt64(-20, 21),
        2 => (ulong)(random.NextInt64() >> random.Next(63)) * (random.Next(2) == 0 ? 1 : ulong.MaxValue),
        _ => (ulong)random.NextInt64(long.MinValue, long.MaxValue),
    };

    /// <summary>The control and status register: often as after start, sometimes with anything set that may be.</summary>
    public uint Control() => random.Next(8) switch
    {
        0 or 1 or 2 => 0x1f80,
        3 or 4 => 0x1fa0,
        5 => 0x1f80u | (uint)random.Next(64) | (uint)(random.Next(4) << 13),
        6 => 0x1f80u | (uint)random.Next(128) | (uint)(random.Next(8) << 13),
        _ => (uint)random.Next(0x10000),
    };

    private void FillIntegers(Span<byte> block)
    {
        int width = 1 << random.Next(4);
        switch (random.Next(4))
        {
            case 0:
                random.NextBytes(block);
                break;
            case 1: // text with an end, of few letters
                for (int i = 0; i < block.Length; i++) block[i] = random.Next(10) == 0 ? (byte)0 : (byte)('a' + random.Next(4));
                break;
            case 2:
                Fill(block, width, () => (ulong)random.Next(-3, 4));
                break;
            default:
                Fill(block, width, Integer);
                break;
        }
    }

    private static void Fill(Span<byte> block, int width, Func<ulong> next)
    {
        Span<byte> lane = stackalloc byte[8];
        for (int i = 0; i < block.Length; i += width)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(lane, next());
            lane[..width].CopyTo(block[i..]);
        }
    }

    private ulong Single() => random.Next(6) switch
    {
        0 or 1 => s_singles[random.Next(s_singles.Length)],
        2 => (uint)random.NextInt64(1L << 32),
        3 => BitConverter.SingleToUInt32Bits(random.Next(-100, 100)),
        4 => BitConverter.SingleToUInt32Bits((random.NextSingle() - 0.5f) * 1000),
        _ => ((uint)random.NextInt64(1L << 32) & 0x807fffff) | ((uint)Exponent(127, 8) << 23),
    };

    private ulong Double() => random.Next(6) switch
    {
        0 or 1 => s_doubles[random.Next(s_doubles.Length)],
        2 => (ulong)random.NextInt64(long.MinValue, long.MaxValue),
        3 => BitConverter.DoubleToUInt64Bits(random.Next(-100, 100)),
        4 => BitConverter.DoubleToUInt64Bits((random.NextDouble() - 0.5) * 1000),
        _ => ((ulong)random.NextInt64(long.MinValue, long.MaxValue) & 0x800fffffffffffff) | ((ulong)Exponent(1023, 11) << 52),
    };

    // Around the places where products and quotients leave the range, or numbers leave the integers.
    private int Exponent(int bias, int bits) => random.Next(5) switch
    {
        0 => random.Next(3),
        1 => (1 << bits) - 2 - random.Next(3),
        2 => Math.Max(0, (bias / 2) + random.Next(-30, 30)),
        3 => Math.Min((1 << bits) - 2, bias + (bias / 2) + random.Next(-30, 30)),
        _ => Math.Min((1 << bits) - 2, bias + random.Next(-60, 66)),
    };
}
