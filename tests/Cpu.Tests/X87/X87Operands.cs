using Kennel.Cpu.X87;

namespace Kennel.Cpu.Tests.X87;

/// <summary>Operands and control words that tests draw from, the same in each run.</summary>
internal static class X87Operands
{
    private const ulong Top = 1UL << 63;

    /// <summary>Every rounding with every precision, all exceptions masked.</summary>
    public static IEnumerable<ushort> MaskedControls => Controls(0x3f);

    /// <summary>The same with one exception or all not masked.</summary>
    public static IEnumerable<ushort> UnmaskedControls =>
        from mask in new[] { 0x3e, 0x3d, 0x3b, 0x37, 0x2f, 0x1f, 0x00 }
        from control in Controls(mask)
        select control;

    /// <summary>One of each kind, both signs, and what lies at the edges between kinds.</summary>
    public static List<Float80> Edges
    {
        get
        {
            (ushort Exponent, ulong Significand)[] magnitudes =
            [
                (0, 0), (0, 1), (0, 2), (0, 0x7fff_ffff_ffff_ffff), (0, 0x4000_0000_0000_0000), (0, 0x0000_0012_3456_789a),
                (0, Top), (0, Top | 0x1234_5678), (0, ulong.MaxValue),
                (1, Top), (1, Top | 1), (1, ulong.MaxValue), (2, Top), (40, Top | 0x1_0000_0001), (0x3fbf, Top),
                (0x3ffe, Top), (0x3ffe, ulong.MaxValue), (0x3fff, Top), (0x3fff, Top | 1), (0x3fff, 0xc000_0000_0000_0000),
                (0x4000, Top), (0x4000, 0xa000_0000_0000_0000), (0x4001, 0xe000_0000_0000_0000),
                (0x3f81, Top), (0x3c01, Top), (0x3bf0, Top), (0x3f70, Top), (0x43fe, ulong.MaxValue),
                (0x407e, 0xffff_ff80_0000_0000), (0x3f80, 0xffff_ff00_0000_0000),
                (0x401d, ulong.MaxValue), (0x401e, Top), (0x403d, ulong.MaxValue), (0x403e, Top), (0x403e, ulong.MaxValue),
                (0x403f, Top), (0x7ffd, Top), (0x7ffe, Top), (0x7ffe, ulong.MaxValue),
                (0x7fff, Top), (0x7fff, Top | 1), (0x7fff, 0xbfff_ffff_ffff_ffff), (0x7fff, 0xc000_0000_0000_0000),
                (0x7fff, 0xc000_0000_0000_0001), (0x7fff, ulong.MaxValue), (0x7fff, 0xa000_0000_1234_5678),
                (0x7fff, 0), (0x7fff, 1), (0x7fff, 0x4000_0000_0000_0000), (0x3fff, 0), (0x3fff, 1),
                (0x3fff, 0x7fff_ffff_ffff_ffff), (1, 0x4000_0000_0000_0000), (0x7ffe, 0),
            ];
            return
            [
                .. from magnitude in magnitudes
                   from sign in new[] { 0, 0x8000 }
                   select new Float80(magnitude.Significand, (ushort)(magnitude.Exponent | sign)),
            ];
        }
    }

    /// <summary>A number with its exponent in a range around that of one, and long or short runs of bits.</summary>
    public static Float80 Number(Random random, int lowest, int highest)
    {
        ulong significand = Bits(random) | Top;
        int sign = random.Next(2) << 15;
        return new Float80(significand, (ushort)(sign | (0x3fff + random.Next(lowest, highest + 1))));
    }

    /// <summary>Random bits, sometimes with many zeros or ones at the end.</summary>
    public static ulong Bits(Random random)
    {
        ulong bits = (ulong)random.NextInt64() << 1 ^ (ulong)random.NextInt64();
        return random.Next(4) switch
        {
            0 => bits & ulong.MaxValue << random.Next(64),
            1 => bits | ulong.MaxValue >> random.Next(64),
            _ => bits,
        };
    }

    /// <summary>Any ten bytes, mostly numbers, also such as are close to overflow, underflow or another kind.</summary>
    public static Float80 Any(Random random)
    {
        int sign = random.Next(2) << 15;
        int exponent = random.Next(8) switch
        {
            0 => random.Next(0, 130),
            1 => 0x7fff - random.Next(0, 130),
            2 => random.Next(0x8000),
            3 => random.Next(0x3fff - 1030, 0x3fff + 1030),
            4 => random.Next(0x3fff - 130, 0x3fff + 130),
            _ => random.Next(0x3fff - 70, 0x3fff + 70),
        };
        ulong integer = exponent == 0 && random.Next(8) != 0 || random.Next(64) == 0 ? 0 : Top;
        return new Float80(Bits(random) & ~Top | integer, (ushort)(sign | exponent));
    }

    private static IEnumerable<ushort> Controls(int mask) =>
        from rounding in Enumerable.Range(0, 4)
        from precision in Enumerable.Range(0, 4)
        select (ushort)(mask | precision << 8 | rounding << 10);
}
