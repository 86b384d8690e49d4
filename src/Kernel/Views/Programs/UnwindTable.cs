using System.Buffers.Binary;

namespace Kennel.Views.Programs;

/// <summary>
/// The call frame information of a program (.eh_frame, found by the sorted table of .eh_frame_hdr): for each instruction, where its caller's
/// registers are. Linux Standard Base, Exception Frames; DWARF 4, 6.4.
/// </summary>
internal sealed class UnwindTable
{
    private const int EntrySize = 8, FrameHead = 12, MostFrame = 1 << 16;

    // DW_EH_PE_*: the only form of the table that linkers write, a 4-byte count and pairs relative to the header.
    private const byte CountFormat = 0x03, TableFormat = 0x3b, PointerFormat = 0x1b;

    private readonly ProgramFile _file;
    private readonly ulong _header;
    private readonly byte[] _entries;

    private UnwindTable(ProgramFile file, ulong header, byte[] entries) => (_file, _header, _entries) = (file, header, entries);

    /// <summary>Reads the table's head; null when it has another form.</summary>
    public static UnwindTable? Read(ProgramFile file, ulong header)
    {
        Span<byte> head = stackalloc byte[12];
        if (!file.TryReadAt(header, head) || head[0] != 1 || head[1] != PointerFormat || head[2] != CountFormat || head[3] != TableFormat) return null;
        int count = BinaryPrimitives.ReadInt32LittleEndian(head[8..]);
        if (count is <= 0 or > 1 << 22) return null;
        byte[] entries = file.BytesAt(file.OffsetOf(header + 12), count * EntrySize);
        return entries.Length > 0 ? new UnwindTable(file, header, entries) : null;
    }

    /// <summary>The rules at a linked address; null when nothing is known of it.</summary>
    public FrameRules? Find(ulong address)
    {
        int low = 0, high = (_entries.Length / EntrySize) - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            if (At(middle, 0) <= address) low = middle + 1;
            else high = middle - 1;
        }
        return high < 0 ? null : ReadFrame(At(high, 4), address);
    }

    private ulong At(int index, int field) => _header + (ulong)(long)BinaryPrimitives.ReadInt32LittleEndian(_entries.AsSpan((index * EntrySize) + field));

    private byte[]? ReadRecord(ulong address, out ulong contents)
    {
        contents = address + 4;
        Span<byte> length = stackalloc byte[4];
        if (!_file.TryReadAt(address, length)) return null;
        uint bytes = BinaryPrimitives.ReadUInt32LittleEndian(length);
        if (bytes is < 4 or > MostFrame) return null;
        var record = new byte[bytes];
        return _file.TryReadAt(contents, record) ? record : null;
    }

    private FrameRules? ReadFrame(ulong place, ulong address)
    {
        byte[]? frame = ReadRecord(place, out ulong contents);
        if (frame == null || frame.Length < FrameHead) return null;
        uint back = BinaryPrimitives.ReadUInt32LittleEndian(frame);
        byte[]? common = back == 0 ? null : ReadRecord(contents - back, out _);
        if (common == null || BinaryPrimitives.ReadUInt32LittleEndian(common) != 0) return null;
        var reader = new DwarfReader(common, 4);
        reader.Byte(); // version
        string augmentation = reader.Text();
        var rules = new FrameRules { CodeAlignment = reader.Unsigned(), DataAlignment = reader.Signed() };
        reader.Unsigned(); // the return address is register 16
        byte format = PointerFormat;
        if (augmentation.StartsWith('z'))
        {
            int end = (int)reader.Unsigned() + reader.Position;
            foreach (char c in augmentation.AsSpan(1))
            {
                if (c == 'R') format = reader.Byte();
                else if (c == 'L') reader.Byte();
                else if (c == 'P') SkipPointer(ref reader);
                else if (c == 'S') rules.IsSignalFrame = true;
            }
            reader.Position = end;
        }
        if (format != PointerFormat) return null;
        ulong start = contents + 4 + (ulong)(long)BinaryPrimitives.ReadInt32LittleEndian(frame.AsSpan(4));
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(frame.AsSpan(8));
        if (address < start || address - start >= length) return null;
        var body = new DwarfReader(frame, FrameHead);
        if (augmentation.StartsWith('z')) body.Position += (int)body.Unsigned();
        rules.Run(ref reader, ulong.MaxValue);
        rules.KeepInitial();
        rules.Run(ref body, address - start);
        return rules;
    }

    private static void SkipPointer(ref DwarfReader reader)
    {
        int size = (reader.Byte() & 7) switch { 2 => 2, 3 => 4, _ => 8 };
        reader.Position += size;
    }
}
