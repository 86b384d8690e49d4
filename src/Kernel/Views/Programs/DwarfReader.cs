using System.Text;

namespace Kennel.Views.Programs;

/// <summary>Reads DWARF's encodings. What goes beyond the end reads as zeros.</summary>
internal ref struct DwarfReader(ReadOnlySpan<byte> bytes, int position)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public int Position { get; set; } = position;

    public readonly bool IsAtEnd => Position >= _bytes.Length || Position < 0;

    public byte Byte() => IsAtEnd ? (byte)0 : _bytes[Position++];

    /// <summary>A number of so many bytes.</summary>
    public ulong Fixed(int size)
    {
        ulong value = 0;
        for (int i = 0; i < size; i++) value |= (ulong)Byte() << (8 * i);
        return value;
    }

    /// <summary>ULEB128.</summary>
    public ulong Unsigned()
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte b = Byte();
            if (shift < 64) value |= (ulong)(b & 0x7f) << shift;
            if ((b & 0x80) == 0) return value;
        }
    }

    /// <summary>SLEB128.</summary>
    public long Signed()
    {
        long value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte b = Byte();
            if (shift < 64) value |= (long)(b & 0x7f) << shift;
            if ((b & 0x80) != 0) continue;
            return (b & 0x40) != 0 && shift < 57 ? value | (-1L << (shift + 7)) : value;
        }
    }

    public string Text()
    {
        var text = new StringBuilder();
        for (byte b = Byte(); b != 0; b = Byte()) text.Append((char)b);
        return text.ToString();
    }

    /// <summary>A block with its length in front.</summary>
    public byte[] Block()
    {
        int length = (int)Math.Min(Unsigned(), (ulong)Math.Max(0, _bytes.Length - Position));
        byte[] block = IsAtEnd ? [] : _bytes.Slice(Position, length).ToArray();
        Position += length;
        return block;
    }
}
