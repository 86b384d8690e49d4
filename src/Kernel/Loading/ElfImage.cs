using System.Runtime.InteropServices;
using Kennel.Abi;
using Kennel.Machine;

namespace Kennel.Loading;

/// <summary>The headers of an ELF file, read and checked as far as exec checks them before the old program is gone.</summary>
internal sealed class ElfImage
{
    private const uint InterpreterType = 3, LoadType = 1, StackType = 0x6474e551; // PT_INTERP, PT_LOAD, PT_GNU_STACK
    private const int LongestPath = 4096, MostHeaderBytes = 65536;

    private ElfImage(ElfHeader header, ElfSegment[] segments)
    {
        Header = header;
        Segments = segments;
        Loads = Array.FindAll(segments, static s => s.Type == LoadType);
    }

    public ElfHeader Header { get; }

    public ElfSegment[] Segments { get; }

    /// <summary>The segments that are mapped, in the file's order.</summary>
    public ElfSegment[] Loads { get; }

    /// <summary>Whether it may be put anywhere (ET_DYN).</summary>
    public bool IsPositionIndependent => Header.Type == ElfHeader.Dynamic;

    /// <summary>The dynamic linker's path, or null.</summary>
    public byte[]? Interpreter { get; private init; }

    /// <summary>PT_GNU_STACK's PF_X. Without that header the stack is not executable on x86-64.</summary>
    public bool IsStackExecutable { get; private init; }

    /// <summary>The largest alignment asked for by a segment that is a power of two (Linux: maximum_alignment).</summary>
    public ulong Alignment
    {
        get
        {
            ulong most = 0;
            foreach (ElfSegment s in Loads)
            {
                if (System.Numerics.BitOperations.IsPow2(s.Alignment)) most = Math.Max(most, s.Alignment);
            }
            return (most + 0xfff) & ~0xfffUL;
        }
    }

    /// <summary>Bytes from the first page of the first segment to the end of the last (Linux: total_mapping_size); 0 if none.</summary>
    public ulong Span
    {
        get
        {
            if (Loads.Length == 0) return 0;
            ulong low = ulong.MaxValue, high = 0;
            foreach (ElfSegment s in Loads)
            {
                low = Math.Min(low, s.Address & ~0xfffUL);
                high = Math.Max(high, unchecked(s.Address + s.MemorySize));
            }
            return high > low ? high - low : 0;
        }
    }

    /// <summary>Reads a program's headers. ENOEXEC for what is no ELF program of this machine. Linux: load_elf_binary.</summary>
    public static Errno Read(ExecutableFile file, out ElfImage? image)
    {
        image = null;
        if (!ReadHeaders(file, out ElfHeader header, out ElfSegment[] segments)) return Errno.ENOEXEC;
        byte[]? interpreter = null;
        foreach (ElfSegment s in segments)
        {
            if (s.Type != InterpreterType) continue;
            if (s.FileSize is < 2 or > LongestPath) return Errno.ENOEXEC;
            var path = new byte[(int)s.FileSize];
            if (!file.Read(s.Offset, path)) return Errno.EIO;
            if (path[^1] != 0) return Errno.ENOEXEC;
            interpreter = path[..Array.IndexOf(path, (byte)0)];
            break;
        }
        int stack = Array.FindLastIndex(segments, static s => s.Type == StackType);
        image = new ElfImage(header, segments)
        {
            Interpreter = interpreter,
            IsStackExecutable = stack >= 0 && (segments[stack].Access & PageAccess.Execute) != 0,
        };
        return Errno.None;
    }

    /// <summary>Reads a dynamic linker's headers: ELIBBAD when they are no good.</summary>
    public static Errno ReadInterpreter(ExecutableFile file, out ElfImage? image)
    {
        image = null;
        if (file.Size < Marshal.SizeOf<ElfHeader>()) return Errno.EIO;
        if (!ReadHeaders(file, out ElfHeader header, out ElfSegment[] segments)) return Errno.ELIBBAD;
        image = new ElfImage(header, segments);
        return Errno.None;
    }

    private static bool ReadHeaders(ExecutableFile file, out ElfHeader header, out ElfSegment[] segments)
    {
        header = default;
        segments = [];
        if (!file.Read(0, MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref header, 1)))) return false;
        if (header.Magic != ElfHeader.ExpectedMagic || header.Machine != ElfHeader.X64) return false;
        if (header.Type is not (ElfHeader.Executable or ElfHeader.Dynamic)) return false;
        if (header.SegmentSize != Marshal.SizeOf<ElfSegment>()) return false;
        int bytes = header.SegmentCount * Marshal.SizeOf<ElfSegment>();
        if (bytes is 0 or > MostHeaderBytes) return false;
        segments = new ElfSegment[header.SegmentCount];
        return file.Read(header.SegmentOffset, MemoryMarshal.AsBytes(segments.AsSpan()));
    }
}

/// <summary>Elf64_Ehdr (man 5 elf).</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct ElfHeader
{
    public const uint ExpectedMagic = 0x464c457f;
    public const ushort Executable = 2, Dynamic = 3, X64 = 62;

    public uint Magic;
    public byte Class, Encoding, IdentVersion, OsAbi;
    public ulong Padding;
    public ushort Type, Machine;
    public uint Version;
    public ulong Entry, SegmentOffset, SectionOffset;
    public uint Flags;
    public ushort HeaderSize, SegmentSize, SegmentCount, SectionSize, SectionCount, SectionNames;
}

/// <summary>Elf64_Phdr (man 5 elf).</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct ElfSegment
{
    public uint Type, Flags;
    public ulong Offset, Address, PhysicalAddress, FileSize, MemorySize, Alignment;

    /// <summary>PF_X, PF_W and PF_R, in another order than PROT_*.</summary>
    public readonly PageAccess Access =>
        ((Flags & 4) != 0 ? PageAccess.Read : 0) | ((Flags & 2) != 0 ? PageAccess.Write : 0) | ((Flags & 1) != 0 ? PageAccess.Execute : 0);
}
