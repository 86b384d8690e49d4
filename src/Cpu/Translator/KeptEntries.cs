using Kennel.Machine;

namespace Kennel.Cpu.Translator;

/// <summary>
/// The entry points of a page as a file of translated code has them: a list for blocks and middles, one for ways that poll, one for ways
/// that save flags. Each is a count, so many offsets in the page in ascending order, and so many places.
/// </summary>
/// <param name="at">Where they are; good as long as the store is.</param>
internal readonly unsafe struct KeptEntries(byte* at)
{
    public const int Entries = 0, Polling = 1, Saving = 2, Lists = 3;

    /// <summary>Whether there are none: not that of any page.</summary>
    public bool IsNull => at == null;

    /// <summary>As they are in the file.</summary>
    public ReadOnlySpan<byte> Bytes
    {
        get
        {
            var reader = new KeptReader(at);
            Skip(ref reader);
            return new(at, (int)(reader.At - at));
        }
    }

    /// <summary>One of the lists.</summary>
    public KeptList this[int list]
    {
        get
        {
            var reader = new KeptReader(at);
            for (; list > 0; list--) SkipList(ref reader);
            return new KeptList(reader.Int32(), reader.At);
        }
    }

    /// <summary>Writes a list, whose offsets ascend.</summary>
    public static void Write(BinaryWriter writer, List<KeyValuePair<int, int>> list)
    {
        writer.Write(list.Count);
        foreach ((int offset, _) in list) writer.Write((ushort)offset);
        foreach ((_, int place) in list) writer.Write(place);
    }

    /// <summary>Goes on behind the lists of a page.</summary>
    public static void Skip(ref KeptReader reader)
    {
        for (int list = 0; list < Lists; list++) SkipList(ref reader);
    }

    private static void SkipList(ref KeptReader reader) => reader.Skip(reader.Int32() * (sizeof(ushort) + sizeof(int)));
}

/// <summary>A list of entry points: offsets in the page, and places in code memory.</summary>
internal readonly unsafe struct KeptList(int count, byte* at)
{
    private readonly ushort* _offsets = (ushort*)at;
    private readonly int* _places = (int*)(at + (count * sizeof(ushort)));

    public int Count => count;

    public int OffsetAt(int n) => _offsets[n];

    public int PlaceAt(int n) => _places[n];

    /// <summary>The place for an offset; 0 for none.</summary>
    public int Find(int offset)
    {
        int first = 0;
        for (int rest = count; rest > 0;)
        {
            int half = rest >> 1, found = _offsets[first + half];
            if (found == offset) return _places[first + half];
            if (found > offset) rest = half;
            else (first, rest) = (first + half + 1, rest - half - 1);
        }
        return 0;
    }
}
