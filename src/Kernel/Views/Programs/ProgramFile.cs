using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Kennel.Abi;
using Kennel.Machine;
using Kennel.Memory;
using Kennel.Probes;

namespace Kennel.Views.Programs;

/// <summary>An ELF file as a tracer reads it: where its segments lie, its functions, and how to unwind its stack frames (man 5 elf).</summary>
/// <remarks>Read through the page cache, never by the guest's own means. guard-note: the kernel lock.</remarks>
internal sealed class ProgramFile
{
    private const int HeaderSize = 64, SegmentSize = 56, SectionSize = 64, SymbolSize = 24;
    private const uint Load = 1, EhFrameHeader = 0x6474e550, SymbolTable = 2, DynamicSymbols = 11;
    private const int Function = 2, IndirectFunction = 10;
    private const long Compressed = 0x800;

    // The file is whatever a guest made: what would take long, or much room, is cut short.
    private const int MostSegments = 65536 / SegmentSize, MostSymbols = 1 << 20, MostNames = 64 << 20, MostSection = 256 << 20;

    private readonly FramePool _frames;
    private readonly PageCache _pages;
    private readonly List<Segment> _segments = [];
    private Symbol[]? _symbols;
    private UnwindTable? _unwind;
    private bool _hasLookedForUnwind;

    private ProgramFile(FramePool frames, PageCache pages) => (_frames, _pages) = (frames, pages);

    /// <summary>The file's functions, by address.</summary>
    public IReadOnlyList<ElfFunction> Functions =>
        [.. Symbols.Select(s => new ElfFunction(s.Name, OffsetOf(s.Address), (long)s.Size)).Where(static f => f.Offset >= 0)];

    /// <summary>The table of its frames, or null.</summary>
    public UnwindTable? Unwind
    {
        get
        {
            if (_hasLookedForUnwind) return _unwind;
            _hasLookedForUnwind = true;
            Segment? header = _segments.Find(static s => s.Type == EhFrameHeader);
            return _unwind = header == null ? null : UnwindTable.Read(this, header.Address);
        }
    }

    private Symbol[] Symbols => _symbols ??= ReadSymbols();

    /// <summary>Reads the headers; null for what is no 64-bit ELF file.</summary>
    public static ProgramFile? Read(FramePool frames, PageCache pages)
    {
        var file = new ProgramFile(frames, pages);
        Span<byte> header = stackalloc byte[HeaderSize];
        if (!file.TryRead(0, header) || !header.StartsWith("\u007fELF\u0002\u0001"u8)) return null;
        long at = BinaryPrimitives.ReadInt64LittleEndian(header[32..]);
        int size = BinaryPrimitives.ReadUInt16LittleEndian(header[54..]), count = BinaryPrimitives.ReadUInt16LittleEndian(header[56..]);
        if (size != SegmentSize) return null;
        Span<byte> entry = stackalloc byte[SegmentSize];
        for (int i = 0; i < Math.Min(count, MostSegments) && file.TryRead(at + (i * SegmentSize), entry); i++)
        {
            uint type = BinaryPrimitives.ReadUInt32LittleEndian(entry);
            if (type is not (Load or EhFrameHeader)) continue;
            file._segments.Add(new Segment(
                type, BinaryPrimitives.ReadInt64LittleEndian(entry[8..]), BinaryPrimitives.ReadUInt64LittleEndian(entry[16..]), BinaryPrimitives.ReadInt64LittleEndian(entry[32..])));
        }
        return file;
    }

    /// <summary>The address that a place of the file is linked for; null when it is not loaded.</summary>
    public ulong? AddressOf(long offset)
    {
        // Pages are mapped whole: what lies around a segment in its pages comes along.
        foreach (Segment s in _segments)
        {
            if (s.Type == Load && offset >= (s.Offset & ~0xfffL) && offset < ((s.Offset + s.Length + 0xfff) & ~0xfffL)) return s.Address + (ulong)(offset - s.Offset);
        }
        return null;
    }

    /// <summary>Where an address lies in the file; -1 for nowhere.</summary>
    public long OffsetOf(ulong address)
    {
        foreach (Segment s in _segments)
        {
            if (s.Type == Load && address >= s.Address && address - s.Address < (ulong)s.Length) return s.Offset + (long)(address - s.Address);
        }
        return -1;
    }

    /// <summary>The lowest address that it is linked for.</summary>
    public ulong Base => _segments.Where(static s => s.Type == Load).Select(static s => s.Address & ~0xfffUL).DefaultIfEmpty().Min();

    /// <summary>The function that a linked address lies in.</summary>
    public Symbol? FindSymbol(ulong address)
    {
        Symbol[] all = Symbols;
        int low = 0, high = all.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            if (all[middle].Address <= address) low = middle + 1;
            else high = middle - 1;
        }
        // Functions written in assembly often have no size: they reach to the next one.
        if (high < 0 || (all[high].Size != 0 && address - all[high].Address >= all[high].Size)) return null;
        return all[high];
    }

    /// <summary>Copies bytes at a linked address.</summary>
    public bool TryReadAt(ulong address, Span<byte> destination) => OffsetOf(address) is var offset and >= 0 && TryRead(offset, destination);

    /// <summary>Bytes at a place of the file; none when it does not hold so many.</summary>
    public byte[] BytesAt(long offset, long length)
    {
        if (length is < 0 or > MostSection || length > _pages.Size) return [];
        var bytes = new byte[length];
        return TryRead(offset, bytes) ? bytes : [];
    }

    /// <summary>A section's bytes, unpacked; empty when there is none.</summary>
    public byte[] Section(string name)
    {
        byte[] sections = ReadSections(out int names);
        if (names >= sections.Length / SectionSize) return [];
        byte[] strings = Bytes(At(sections, names));
        byte[] wanted = [.. Encoding.Latin1.GetBytes(name), 0];
        for (int i = 0; i < sections.Length / SectionSize; i++)
        {
            ReadOnlySpan<byte> section = At(sections, i);
            uint place = BinaryPrimitives.ReadUInt32LittleEndian(section);
            if (place >= strings.Length || !strings.AsSpan((int)place).StartsWith(wanted)) continue;
            byte[] bytes = Bytes(section);
            bool isPacked = (BinaryPrimitives.ReadInt64LittleEndian(section[8..]) & Compressed) != 0;
            return isPacked ? Unpacked(bytes) : bytes;
        }
        return [];
    }

    private byte[] ReadSections(out int names)
    {
        names = 0;
        Span<byte> header = stackalloc byte[HeaderSize];
        if (!TryRead(0, header)) return [];
        long at = BinaryPrimitives.ReadInt64LittleEndian(header[40..]);
        int size = BinaryPrimitives.ReadUInt16LittleEndian(header[58..]), count = BinaryPrimitives.ReadUInt16LittleEndian(header[60..]);
        names = BinaryPrimitives.ReadUInt16LittleEndian(header[62..]);
        return at == 0 || size != SectionSize ? [] : BytesAt(at, count * SectionSize);
    }

    private static ReadOnlySpan<byte> At(byte[] sections, int index) => sections.AsSpan(index * SectionSize, SectionSize);

    private byte[] Bytes(ReadOnlySpan<byte> section)
    {
        const uint NoBits = 8;
        if (BinaryPrimitives.ReadUInt32LittleEndian(section[4..]) == NoBits) return [];
        return BytesAt(BinaryPrimitives.ReadInt64LittleEndian(section[24..]), BinaryPrimitives.ReadInt64LittleEndian(section[32..]));
    }

    // Elf64_Chdr: kind, padding, size, alignment; kind 1 is zlib.
    private static byte[] Unpacked(byte[] bytes)
    {
        const int HeaderLength = 24;
        if (bytes.Length < HeaderLength || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != 1) return [];
        var result = new byte[Math.Clamp(BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(8)), 0, MostSection)];
        try
        {
            using var stream = new ZLibStream(new MemoryStream(bytes, HeaderLength, bytes.Length - HeaderLength), CompressionMode.Decompress);
            stream.ReadExactly(result);
            return result;
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            return []; // damaged: as if it was not there
        }
    }

    private Symbol[] ReadSymbols()
    {
        byte[] sections = ReadSections(out _);
        int count = sections.Length / SectionSize;
        var found = new Dictionary<ulong, Symbol>();
        foreach (uint wanted in (ReadOnlySpan<uint>)[SymbolTable, DynamicSymbols])
        {
            // A file has one of each kind at most.
            for (int i = 0; i < count; i++)
            {
                ReadOnlySpan<byte> section = At(sections, i);
                if (BinaryPrimitives.ReadUInt32LittleEndian(section[4..]) != wanted) continue;
                uint strings = BinaryPrimitives.ReadUInt32LittleEndian(section[40..]);
                if (strings < count) ReadTable(Bytes(section), Bytes(At(sections, (int)strings)), found);
                break;
            }
        }
        return [.. found.Values.OrderBy(static s => s.Address)];
    }

    private static void ReadTable(byte[] table, byte[] strings, Dictionary<ulong, Symbol> found)
    {
        int end = Math.Min(table.Length, MostSymbols * SymbolSize), names = 0;
        for (int at = 0; at + SymbolSize <= end && names < MostNames; at += SymbolSize)
        {
            ReadOnlySpan<byte> s = table.AsSpan(at, SymbolSize);
            ulong address = BinaryPrimitives.ReadUInt64LittleEndian(s[8..]);
            bool isDefined = BinaryPrimitives.ReadUInt16LittleEndian(s[6..]) != 0;
            if ((s[4] & 15) is not (Function or IndirectFunction) || !isDefined || address == 0) continue;
            uint place = BinaryPrimitives.ReadUInt32LittleEndian(s);
            if (place >= strings.Length) continue;
            ReadOnlySpan<byte> text = strings.AsSpan((int)place);
            string name = Encoding.Latin1.GetString(text.IndexOf((byte)0) is var length and >= 0 ? text[..length] : text);
            names += name.Length;
            if (!found.TryGetValue(address, out Symbol? known) || IsBetterName(name, known.Name))
            {
                found[address] = new Symbol(name, address, BinaryPrimitives.ReadUInt64LittleEndian(s[16..]));
            }
        }
    }

    // Of several names for one address, the one that people call: write rather than __write.
    private static bool IsBetterName(string name, string known) => Underscores(name) < Underscores(known);

    private static int Underscores(string name) => name.Length - name.TrimStart('_').Length;

    private unsafe bool TryRead(long offset, Span<byte> destination)
    {
        if (offset < 0 || offset > _pages.Size - destination.Length) return false;
        int done = 0;
        while (done < destination.Length)
        {
            long at = offset + done;
            if (_pages.GetPageForRead(at >> FramePool.FrameShift, out int frame) != Errno.None) return false;
            int inPage = (int)(at & (FramePool.FrameSize - 1)), n = Math.Min(destination.Length - done, FramePool.FrameSize - inPage);
            new ReadOnlySpan<byte>(_frames.Pointer(frame) + inPage, n).CopyTo(destination[done..]);
            done += n;
        }
        return true;
    }

    private sealed record Segment(uint Type, long Offset, ulong Address, long Length);

    /// <summary>A function.</summary>
    internal sealed record Symbol(string Name, ulong Address, ulong Size);
}
