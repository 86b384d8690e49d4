using Kennel.Machine;

namespace Kennel.Cpu.Translator;

/// <summary>An area in a file of translated code.</summary>
internal sealed unsafe class KeptArea
{
    private byte* _begin, _end;

    private KeptArea()
    {
    }

    /// <summary>The file that its code is of.</summary>
    public FileVersion Version { get; private init; }

    /// <summary>How many pages there is code of.</summary>
    public int Count { get; private init; }

    /// <summary>These: for each its number in the area and its <see cref="TranslatedPage.Id"/>, then its entry points.</summary>
    public KeptReader Pages { get; private init; }

    private ulong Start { get; init; }

    private ulong End { get; init; }

    private long FirstPage { get; init; }

    /// <summary>Whether it has the same addresses and shows the same pages of a file.</summary>
    public bool LiesAs(CodeArea area) => area.Start == Start && area.End == End && area.FirstPage == FirstPage;

    /// <summary>As it is in the file.</summary>
    public ReadOnlySpan<byte> Bytes => new(_begin, (int)(_end - _begin));

    /// <summary>Reads one.</summary>
    public static KeptArea Read(ref KeptReader reader)
    {
        byte* begin = reader.At;
        (ulong start, ulong end, long first) = ((ulong)reader.Int64(), (ulong)reader.Int64(), reader.Int64());
        var version = new FileVersion((ulong)reader.Int64(), (ulong)reader.Int64(), reader.Int64(), reader.Int64(), reader.Int64());
        int count = reader.Int32();
        var area = new KeptArea { Start = start, End = end, FirstPage = first, Version = version, Count = count, Pages = reader, _begin = begin };
        for (; count > 0; count--)
        {
            reader.Skip(2 * sizeof(int));
            KeptEntries.Skip(ref reader);
        }
        area._end = reader.At;
        return area;
    }

    /// <summary>Writes one that <see cref="Read"/> reads.</summary>
    public static void Write(BinaryWriter writer, CodeArea area, in FileVersion version, Dictionary<ulong, TranslatedPage>.ValueCollection pages)
    {
        writer.Write(area.Start);
        writer.Write(area.End);
        writer.Write(area.FirstPage);
        writer.Write(version.Device);
        writer.Write(version.Number);
        writer.Write(version.Size);
        writer.Write(version.ModifyTime);
        writer.Write(version.ChangeTime);
        writer.Write(pages.Count);
        foreach (TranslatedPage page in pages)
        {
            writer.Write((int)((page.Address - area.Start) >> FramePool.FrameShift));
            writer.Write(page.Id);
            page.Write(writer);
        }
    }
}

/// <summary>Goes through the tables of such a file, which are whole: their checksum was.</summary>
internal unsafe struct KeptReader(byte* at)
{
    /// <summary>The next byte.</summary>
    public byte* At { get; private set; } = at;

    public int Int32() => *(int*)Take(sizeof(int));

    public long Int64() => *(long*)Take(sizeof(long));

    public ushort UInt16() => *(ushort*)Take(sizeof(ushort));

    public void Skip(int bytes) => At += bytes;

    private byte* Take(int bytes)
    {
        byte* at = At;
        At += bytes;
        return at;
    }
}
