using System.Buffers.Binary;

namespace Kennel.Tests.Loading;

/// <summary>Breaks ELF files in the ways that loaders have been broken: cut short, counts too large, ranges that overlap or wrap.</summary>
internal static class ElfMutation
{
    private static readonly ulong[] _nasty =
    [
        0, 1, 0xfff, 0x1000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0x7fff_ffff_e000, 0x7fff_ffff_f000, 0x8000_0000_0000,
        0x7fff_ffff_ffff_ffff, 0x8000_0000_0000_0000, 0xffff_ffff_ffff_f000, 0xffff_ffff_ffff_ffff, 0x40_0000, 0x40_3000,
    ];

    public static byte[] Mutate(Random random)
    {
        ushort type = (ushort)random.Next(2, 4);
        byte[] bytes = ElfBuilder.Typical(type, random.Next(3) == 0 ? "/lib/ld" : null, type == 2 ? 0x40_0000UL : 0).Build();
        for (int changes = random.Next(1, 4); changes > 0; changes--)
        {
            switch (random.Next(6))
            {
                case 0:
                    bytes = bytes[..random.Next(bytes.Length)];
                    break;
                case 1: // a field of the header
                    Put(bytes, random.Next(4) == 0 ? random.Next(64) : random.Next(24, 64), random);
                    break;
                case 2: // a byte anywhere in the headers
                    int at = random.Next(64 + (3 * ElfBuilder.SegmentSize));
                    if (at < bytes.Length) bytes[at] = (byte)random.Next(256);
                    break;
                default: // a field of a program header
                    Put(bytes, 64 + (random.Next(3) * ElfBuilder.SegmentSize) + (8 * random.Next(7)), random);
                    break;
            }
        }
        return bytes;
    }

    private static void Put(byte[] bytes, int at, Random random)
    {
        if (at + 8 > bytes.Length) return;
        ulong old = BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(at));
        ulong nasty = _nasty[random.Next(_nasty.Length)];
        ulong value = random.Next(3) switch { 0 => nasty, 1 => old + nasty, _ => old - (ulong)random.Next(0x5000) };
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(at), value);
    }
}
