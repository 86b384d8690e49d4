using System.Buffers.Binary;
using System.Text;

namespace Kennel.Tracing.Stap.Probes;

/// <summary>An entry of debugging information that scripts can ask about.</summary>
/// <param name="Tag">DW_TAG_*.</param>
/// <param name="Name">Its name; empty for none.</param>
/// <param name="Type">The entry that its type is; 0 for void.</param>
/// <param name="Size">Bytes, or an array's elements.</param>
/// <param name="Offset">A member's place in its structure.</param>
/// <param name="Encoding">DW_ATE_* of a base type.</param>
internal sealed record DwarfEntry(int Tag, string Name, long Type, long Size, long Offset, long Encoding)
{
    /// <summary>Parameters, members, ranges of an array.</summary>
    public List<DwarfEntry> Children { get; } = [];
}

/// <summary>
/// Functions and types in .debug_info, versions 2 to 5 (dwarfstd.org). All else is passed over; what is cut off or of a later version ends the reading
/// and leaves what was found.
/// </summary>
internal sealed class DwarfInfo
{
    public const int ArrayType = 0x01, EnumerationType = 0x04, FormalParameter = 0x05, Member = 0x0d, PointerType = 0x0f, StructureType = 0x13, Typedef = 0x16, UnionType = 0x17, BaseType = 0x24, Subprogram = 0x2e;
    private const int Subrange = 0x21;

    private static readonly HashSet<int> _kept = [ArrayType, EnumerationType, PointerType, StructureType, 0x15, Typedef, UnionType, BaseType, 0x26, 0x35, 0x37, 0x47, 0x10, 0x42];

    // The file is whatever a guest made: what no compiler writes ends the reading as what is cut off does.
    private const int MostEntries = 1 << 21, MostAttributes = 64, MostText = 64 << 20, LongestName = 4096;

    private readonly byte[] _info, _abbreviations, _strings, _lineStrings;
    private readonly Dictionary<int, Dictionary<ulong, Abbreviation>> _tables = [];
    private readonly Dictionary<(byte[] From, int Place), string> _texts = [];
    private int _attributes, _entries, _textLength;
    private int _at;
    private bool _is64;
    private int _addressSize, _version;

    private DwarfInfo(Func<string, byte[]> section) =>
        (_info, _abbreviations, _strings, _lineStrings) = (section(".debug_info"), section(".debug_abbrev"), section(".debug_str"), section(".debug_line_str"));

    /// <summary>Functions by name.</summary>
    public Dictionary<string, DwarfEntry> Functions { get; } = new(StringComparer.Ordinal);

    /// <summary>Types by their place.</summary>
    public Dictionary<long, DwarfEntry> Types { get; } = [];

    /// <param name="section">The bytes of a section, by name; none when the file has no such.</param>
    public static DwarfInfo Read(Func<string, byte[]> section)
    {
        var info = new DwarfInfo(section);
        try
        {
            while (info._at + 11 < info._info.Length && info.ReadUnit())
            {
            }
        }
        catch (InvalidDataException)
        {
            // Cut off: what was read is good.
        }
        return info;
    }

    private bool ReadUnit()
    {
        int start = _at;
        long length = Number(4);
        _is64 = length == 0xffffffff;
        if (_is64) length = Number(8);
        if (length < 0) throw Bad();
        int end = _at + (int)Math.Min(length, _info.Length - _at);
        _version = (int)Number(2);
        if (_version is < 2 or > 5) return false;
        int kind = 1;
        long abbreviations;
        if (_version == 5)
        {
            kind = (int)Number(1);
            _addressSize = (int)Number(1);
            abbreviations = Number(_is64 ? 8 : 4);
        }
        else
        {
            abbreviations = Number(_is64 ? 8 : 4);
            _addressSize = (int)Number(1);
        }
        // Compiled and partial units only.
        if (kind is 1 or 3) ReadEntries(start, end, FindAbbreviations(abbreviations));
        _at = end;
        return true;
    }

    private void ReadEntries(int unit, int end, Dictionary<ulong, Abbreviation> abbreviations)
    {
        var parents = new Stack<DwarfEntry?>();
        while (_at < end)
        {
            int place = _at;
            ulong code = Unsigned(_info, ref _at);
            if (code == 0)
            {
                if (parents.Count > 0) parents.Pop();
                continue;
            }
            if (!abbreviations.TryGetValue(code, out Abbreviation? abbreviation) || ++_entries > MostEntries) throw Bad();
            DwarfEntry entry = ReadEntry(abbreviation, unit, out bool isDeclaration);
            if (abbreviation.Tag == Subprogram && entry.Name.Length > 0 && !isDeclaration) Functions.TryAdd(entry.Name, entry);
            else if (_kept.Contains(abbreviation.Tag)) Types[place] = entry;
            else if (abbreviation.Tag is FormalParameter or Member or Subrange && parents.Count > 0) parents.Peek()?.Children.Add(entry);
            if (abbreviation.HasChildren) parents.Push(entry);
        }
    }

    private DwarfEntry ReadEntry(Abbreviation abbreviation, int unit, out bool isDeclaration)
    {
        string name = "";
        long type = 0, size = 0, offset = 0, encoding = 0;
        isDeclaration = false;
        foreach ((int attribute, int form, long constant) in abbreviation.Attributes)
        {
            (long number, string? text) = Value(form, constant, unit);
            switch (attribute)
            {
                case 0x03:
                    name = text ?? "";
                    break;
                case 0x0b:
                    size = number;
                    break;
                case 0x2f when abbreviation.Tag == Subrange: // the last index
                    size = number + 1;
                    break;
                case 0x37:
                    size = number;
                    break;
                case 0x38:
                    offset = number;
                    break;
                case 0x3c:
                    isDeclaration = number != 0;
                    break;
                case 0x3e:
                    encoding = number;
                    break;
                case 0x49:
                    type = number;
                    break;
            }
        }
        return new DwarfEntry(abbreviation.Tag, name, type, size, offset, encoding);
    }

    private (long Number, string? Text) Value(int form, long constant, int unit)
    {
        int wide = _is64 ? 8 : 4;
        switch (form)
        {
            case 0x01: return (Number(_addressSize), null);
            case 0x0b or 0x0c or 0x25 or 0x29: return (Number(1), null);
            case 0x05 or 0x26 or 0x2a: return (Number(2), null);
            case 0x27 or 0x2b: return (Number(3), null);
            case 0x06 or 0x1c or 0x28 or 0x2c: return (Number(4), null);
            case 0x07 or 0x20 or 0x24: return (Number(8), null);
            case 0x1e: return Skip(16);
            case 0x03: return Skip(Number(2));
            case 0x04: return Skip(Number(4));
            case 0x0a: return Skip(Number(1));
            case 0x09 or 0x18: return Skip((long)Unsigned(_info, ref _at));
            case 0x0d: return (Signed(_info, ref _at), null);
            case 0x0f or 0x1a or 0x1b or 0x22 or 0x23: return ((long)Unsigned(_info, ref _at), null);
            case 0x08: return (0, OwnText());
            case 0x0e: return (0, TextAt(_strings, Number(wide)));
            case 0x1f: return (0, TextAt(_lineStrings, Number(wide)));
            case 0x10: return (Number(_version == 2 ? _addressSize : wide), null);
            case 0x17 or 0x1d: return (Number(wide), null);
            case 0x11: return (unit + Number(1), null);
            case 0x12: return (unit + Number(2), null);
            case 0x13: return (unit + Number(4), null);
            case 0x14: return (unit + Number(8), null);
            case 0x15: return (unit + (long)Unsigned(_info, ref _at), null);
            case 0x16: return (int)Unsigned(_info, ref _at) is var actual and not 0x16 ? Value(actual, 0, unit) : throw Bad();
            case 0x19: return (1, null);
            case 0x21: return (constant, null);
            default: throw Bad();
        }
    }

    private (long, string?) Skip(long count)
    {
        if (count < 0 || count > _info.Length - _at) throw Bad();
        _at += (int)count;
        return (0, null);
    }

    private Dictionary<ulong, Abbreviation> FindAbbreviations(long place)
    {
        if (place < 0 || place >= _abbreviations.Length) throw Bad();
        if (!_tables.TryGetValue((int)place, out Dictionary<ulong, Abbreviation>? table)) _tables[(int)place] = table = ReadAbbreviations((int)place);
        return table;
    }

    private Dictionary<ulong, Abbreviation> ReadAbbreviations(int at)
    {
        var result = new Dictionary<ulong, Abbreviation>();
        while (Unsigned(_abbreviations, ref at) is var code and not 0)
        {
            int tag = (int)Unsigned(_abbreviations, ref at);
            bool hasChildren = Unsigned(_abbreviations, ref at) != 0;
            var attributes = new List<(int, int, long)>();
            while (true)
            {
                int attribute = (int)Unsigned(_abbreviations, ref at);
                int form = (int)Unsigned(_abbreviations, ref at);
                long constant = form == 0x21 ? Signed(_abbreviations, ref at) : 0;
                if (attribute == 0 && form == 0) break;
                attributes.Add((attribute, form, constant));
                // Tables do not overlap, so all of them are no longer than the section.
                if (attributes.Count > MostAttributes || ++_attributes > _abbreviations.Length) throw Bad();
            }
            result[code] = new Abbreviation(tag, hasChildren, attributes);
        }
        return result;
    }

    private long Number(int size)
    {
        Span<byte> bytes = stackalloc byte[8];
        if (size > bytes.Length || size > _info.Length - _at) throw Bad();
        bytes.Clear();
        _info.AsSpan(_at, size).CopyTo(bytes);
        _at += size;
        return BinaryPrimitives.ReadInt64LittleEndian(bytes);
    }

    private static ulong Unsigned(byte[] from, ref int at)
    {
        ulong result = 0;
        for (int shift = 0; ; shift += 7)
        {
            if (at >= from.Length) throw Bad();
            byte b = from[at++];
            if (shift < 64) result |= (ulong)(b & 127) << shift;
            if ((b & 128) == 0) return result;
        }
    }

    private static long Signed(byte[] from, ref int at)
    {
        int start = at;
        long result = (long)Unsigned(from, ref at);
        int bits = 7 * (at - start);
        return bits < 64 && (from[at - 1] & 64) != 0 ? result | -1L << bits : result;
    }

    private string OwnText()
    {
        string text = TextOf(_info.AsSpan(_at), out int length);
        _at += length + 1;
        return text;
    }

    private string TextAt(byte[] from, long place)
    {
        if (place < 0 || place >= from.Length) return "";
        if (!_texts.TryGetValue((from, (int)place), out string? text)) _texts[(from, (int)place)] = text = TextOf(from.AsSpan((int)place), out _);
        return text;
    }

    private string TextOf(ReadOnlySpan<byte> from, out int length)
    {
        length = from.IndexOf((byte)0);
        if (length < 0) throw Bad();
        string text = Encoding.Latin1.GetString(from[..Math.Min(length, LongestName)]);
        return (_textLength += text.Length) <= MostText ? text : throw Bad();
    }

    private static InvalidDataException Bad() => new("cut off, or of an unknown form");

    private sealed record Abbreviation(int Tag, bool HasChildren, List<(int Attribute, int Form, long Constant)> Attributes);
}
