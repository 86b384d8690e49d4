using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Kennel.Machine;
using Microsoft.Win32.SafeHandles;

namespace Kennel.Cpu.Translator;

/// <summary>
/// A file of translated code: what code memory held when a sandbox ended, byte for byte, and whose code that is. It fits where the same
/// build of Kennel runs on the same kind of processor; an area's code is taken over where the file that the guest runs is the same version.
/// </summary>
/// <remarks>
/// The file is the code that is run, the code that is seldom run (both begin where a huge page can), tables, and a header, which comes last. Code is not
/// looked at until it runs, so no checksum tells whether it is whole: the file must be on the disk before it gets its name. Nothing in code depends on where code memory lies.
/// </remarks>
internal sealed unsafe class KeptCode
{
    private readonly byte[] _tables; // pinned: pages point into it
    private readonly List<KeptArea> _areas = [];

    private KeptCode(byte[] tables) => _tables = tables;

    /// <summary>Code that is run: where it begins in the file, and ends in code memory, whose beginning it is.</summary>
    public (long Offset, int End) Hot { get; private init; }

    /// <summary>Code that is seldom run, the same; where its part of code memory begins is known.</summary>
    public (long Offset, int End) Cold { get; private init; }

    /// <summary>What the store's tables are filled from.</summary>
    public KeptReader Tables => new((byte*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_tables)));

    /// <summary>Areas that nobody has taken over.</summary>
    public IReadOnlyList<KeptArea> Areas => _areas;

    /// <summary>Reads a file but for the code; null if it does not fit or is damaged.</summary>
    /// <param name="file">The file.</param>
    /// <param name="level">What the guest's processor has.</param>
    public static KeptCode? TryRead(SafeFileHandle file, CpuLevel level)
    {
        Header header, expected = HeaderFor(level);
        long length = RandomAccess.GetLength(file);
        if (length < sizeof(Header) || !TryFill(file, (byte*)&header, sizeof(Header), length - sizeof(Header))) return null;
        if (!new ReadOnlySpan<byte>(&header, Header.KeyLength).SequenceEqual(new ReadOnlySpan<byte>(&expected, Header.KeyLength))) return null;
        if (length != header.TablesAt + header.TablesLength + sizeof(Header)) return null;
        byte[] tables = GC.AllocateUninitializedArray<byte>(header.TablesLength, pinned: true);
        var kept = new KeptCode(tables) { Hot = (0, header.HotEnd), Cold = (header.ColdAt, header.ColdEnd) };
        return TryFill(file, kept.Tables.At, tables.Length, header.TablesAt) && Checksum(tables, header) == header.Checksum ? kept : null;
    }

    /// <summary>Writes such a file.</summary>
    /// <param name="stream">Where to: one that can seek, at its beginning.</param>
    /// <param name="level">What the guest's processor has.</param>
    /// <param name="tables">What <see cref="Tables"/> will be.</param>
    /// <param name="memory">Code memory.</param>
    /// <param name="hotEnd">The end of code that is run.</param>
    /// <param name="coldStart">Where the part of what is seldom run begins.</param>
    /// <param name="coldEnd">And where it ends.</param>
    public static void Write(Stream stream, CpuLevel level, byte[] tables, byte* memory, int hotEnd, int coldStart, int coldEnd)
    {
        Header header = HeaderFor(level);
        header.HotEnd = ExecutableMemory.WholeChunks(hotEnd);
        header.ColdEnd = ExecutableMemory.WholeChunks(coldEnd);
        header.ColdAt = ExecutableMemory.WholeHugePages(header.HotEnd);
        header.TablesAt = header.ColdAt + header.ColdEnd - coldStart;
        header.TablesLength = tables.Length;
        header.Checksum = Checksum(tables, header);
        stream.Write(new ReadOnlySpan<byte>(memory, header.HotEnd));
        stream.Position = header.ColdAt;
        stream.Write(new ReadOnlySpan<byte>(memory + coldStart, header.ColdEnd - coldStart));
        stream.Write(tables);
        stream.Write(new ReadOnlySpan<byte>(&header, sizeof(Header)));
    }

    /// <summary>Reads the areas, which the tables end with.</summary>
    public void ReadAreas(ref KeptReader reader)
    {
        for (int n = reader.Int32(); n > 0; n--) _areas.Add(KeptArea.Read(ref reader));
    }

    /// <summary>Whether there are areas that lie like this one.</summary>
    public bool Has(CodeArea area)
    {
        foreach (KeptArea kept in _areas)
        {
            if (kept.LiesAs(area)) return true;
        }
        return false;
    }

    /// <summary>The area that lies like this one and shows such a file; null if there is none.</summary>
    public KeptArea? Find(CodeArea area, in FileVersion version)
    {
        foreach (KeptArea kept in _areas)
        {
            if (kept.LiesAs(area) && kept.Version == version) return kept;
        }
        return null;
    }

    /// <summary>An area was taken over.</summary>
    public void Remove(KeptArea area) => _areas.Remove(area);

    /// <summary>Code memory was begun anew.</summary>
    public void Clear() => _areas.Clear();

    private static bool TryFill(SafeFileHandle file, byte* to, long count, long offset)
    {
        while (count > 0)
        {
            int n = RandomAccess.Read(file, new Span<byte>(to, (int)count), offset);
            if (n == 0) return false;
            to += n;
            offset += n;
            count -= n;
        }
        return true;
    }

    // Generated code has offsets of both assemblies' structures in it, and instructions that this processor has.
    private static Header HeaderFor(CpuLevel level)
    {
        (int signature, _, int features, int more) = X86Base.CpuId(1, 0);
        (_, int extended, int extended2, int extended3) = X86Base.CpuId(7, 0);
        return new Header
        {
            Magic = Header.Format,
            Translator = typeof(KeptCode).Module.ModuleVersionId,
            Machine = typeof(CpuState).Module.ModuleVersionId,
            Level = (int)level,
            Signature = signature,
            Features = features,
            More = more,
            Extended = extended,
            Extended2 = extended2,
            Extended3 = extended3,
        };
    }

    private static uint Checksum(byte[] tables, Header header)
    {
        header.Checksum = 0;
        uint sum = Checksum(~0u, (byte*)&header, sizeof(Header));
        fixed (byte* t = tables) return Checksum(sum, t, tables.Length);
    }

    // CRC-32C, of three stretches at a time: the processor takes three cycles for each step, but can begin one in each.
    private static uint Checksum(uint sum, byte* from, int count)
    {
        ulong a = sum, b = 0, c = 0;
        int third = count / (3 * sizeof(ulong));
        ulong* words = (ulong*)from;
        for (int n = 0; n < third; n++)
        {
            a = Sse42.X64.Crc32(a, words[n]);
            b = Sse42.X64.Crc32(b, words[third + n]);
            c = Sse42.X64.Crc32(c, words[(2 * third) + n]);
        }
        a = Sse42.X64.Crc32(Sse42.X64.Crc32(a, b), c);
        for (int n = 3 * sizeof(ulong) * third; n < count; n++) a = Sse42.Crc32((uint)a, from[n]);
        return (uint)a;
    }

    [StructLayout(LayoutKind.Sequential, Pack = 4)]
    private struct Header
    {
        public const ulong Format = 0x31_45_44_4f_43_4b_4e_4b; // "KNKCODE1"

        // Of what must be the same.
        public const int KeyLength = 8 + 16 + 16 + (7 * 4);

        public ulong Magic;
        public Guid Translator, Machine;
        public int Level, Signature, Features, More, Extended, Extended2, Extended3;
        public int HotEnd, ColdEnd, TablesLength;
        public long ColdAt, TablesAt;
        public uint Checksum;
    }
}
