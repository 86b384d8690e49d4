using System.Buffers.Binary;
using System.Text;
using Kennel.Abi;
using Kennel.Memory;

namespace Kennel.Loading;

/// <summary>
/// The vDSO (man 7 vdso): an ELF shared object of one page that is mapped into each program, so that clocks are read without a
/// system call. Linux: arch/x86/entry/vdso.
/// </summary>
/// <remarks>
/// The time stamp counter of a virtual CPU counts nanoseconds of the monotonic clock, so RDTSC is all that it takes; real time is a
/// constant further. Layout: ELF header, program headers, hash table, symbols, strings, symbol versions, dynamic section, unwind
/// table, code.
/// </remarks>
internal static class VdsoImage
{
    public const int Size = 4096;

    private const int HeaderSize = 64, ProgramHeaderSize = 56, SymbolSize = 24;
    private const int CodeOffset = 0x800;
    private const string Name = "linux-vdso.so.1", Version = "LINUX_2.6";

    // Position independent; the last eight bytes hold the real-time offset.
    private static ReadOnlySpan<byte> Code =>
    [
        // clock_gettime(edi, rsi): clocks 1, 4, 6 and 7 are monotonic, 0 and 5 real time; the others are left to the system call.
        0x83, 0xff, 0x07, 0x77, 0x40, 0x89, 0xf9, 0xb8, 0xd2, 0x00, 0x00, 0x00, 0x45, 0x31, 0xc0, 0x0f,
        0xa3, 0xc8, 0x72, 0x11, 0xb8, 0x21, 0x00, 0x00, 0x00, 0x0f, 0xa3, 0xc8, 0x73, 0x27, 0x4c, 0x8b,
        0x05, 0xcb, 0x00, 0x00, 0x00, 0x0f, 0x31, 0x48, 0xc1, 0xe2, 0x20, 0x48, 0x09, 0xd0, 0x4c, 0x01,
        0xc0, 0x31, 0xd2, 0xb9, 0x00, 0xca, 0x9a, 0x3b, 0x48, 0xf7, 0xf1, 0x48, 0x89, 0x06, 0x48, 0x89,
        0x56, 0x08, 0x31, 0xc0, 0xc3, 0xb8, 0xe4, 0x00, 0x00, 0x00, 0x0f, 0x05, 0xc3, 0x0f, 0x1f, 0x00,
        // gettimeofday(rdi, rsi)
        0x49, 0x89, 0xf0, 0x48, 0x85, 0xff, 0x74, 0x2e, 0x0f, 0x31, 0x48, 0xc1, 0xe2, 0x20, 0x48, 0x09,
        0xd0, 0x48, 0x03, 0x05, 0x88, 0x00, 0x00, 0x00, 0x31, 0xd2, 0xb9, 0x00, 0xca, 0x9a, 0x3b, 0x48,
        0xf7, 0xf1, 0x48, 0x89, 0x07, 0x48, 0x89, 0xd0, 0x31, 0xd2, 0xb9, 0xe8, 0x03, 0x00, 0x00, 0x48,
        0xf7, 0xf1, 0x48, 0x89, 0x47, 0x08, 0x4d, 0x85, 0xc0, 0x74, 0x07, 0x49, 0xc7, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x31, 0xc0, 0xc3, 0x66, 0x66, 0x2e, 0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00,
        // time(rdi)
        0x0f, 0x31, 0x48, 0xc1, 0xe2, 0x20, 0x48, 0x09, 0xd0, 0x48, 0x03, 0x05, 0x40, 0x00, 0x00, 0x00,
        0x31, 0xd2, 0xb9, 0x00, 0xca, 0x9a, 0x3b, 0x48, 0xf7, 0xf1, 0x48, 0x85, 0xff, 0x74, 0x03, 0x48,
        0x89, 0x07, 0xc3, 0x66, 0x66, 0x2e, 0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00, 0x66, 0x90,
        // getcpu and clock_getres are system calls.
        0xb8, 0x35, 0x01, 0x00, 0x00, 0x0f, 0x05, 0xc3, 0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00,
        0xb8, 0xe5, 0x00, 0x00, 0x00, 0x0f, 0x05, 0xc3, 0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    ];

    private static ReadOnlySpan<int> Starts => [0x00, 0x50, 0xa0, 0xd0, 0xe0, 0xf0];

    private static readonly string[] Functions = ["clock_gettime", "gettimeofday", "time", "getcpu", "clock_getres"];

    /// <summary>The pages that programs map.</summary>
    public static unsafe PageCache MakePages(Kernel kernel)
    {
        var pages = new ShmemPages(kernel, Size);
        if (pages.GetPage(0, forWrite: true, out int frame) != Errno.None) throw new InvalidOperationException("no memory for the vDSO");
        Build(kernel.Time.RealtimeOffset).CopyTo(new Span<byte>(kernel.Frames.Pointer(frame), Size));
        return pages;
    }

    /// <summary>Builds the page.</summary>
    /// <param name="realtimeOffset">CLOCK_REALTIME less CLOCK_MONOTONIC, nanoseconds.</param>
    public static byte[] Build(long realtimeOffset)
    {
        var image = new byte[Size];
        Code.CopyTo(image.AsSpan(CodeOffset));
        BinaryPrimitives.WriteInt64LittleEndian(image.AsSpan(CodeOffset + Code.Length - 8), realtimeOffset);
        var w = new Writer(image) { At = HeaderSize + (3 * ProgramHeaderSize) };

        // Every function under its own name and with the prefix that the C library looks for.
        string[] names = [.. Functions.Select(f => "__vdso_" + f), .. Functions];
        int hash = w.At;
        PutHash(w, names);
        int symbols = w.Align(8);
        var strings = new StringTable();
        w.Skip(SymbolSize); // symbol 0 is none
        for (int i = 0; i < names.Length; i++)
        {
            int f = i % Functions.Length;
            w.U32(strings.Add(names[i]));
            w.U8(i < Functions.Length ? 0x12 : 0x22); // STB_GLOBAL or STB_WEAK, STT_FUNC
            w.U8(0);
            w.U16(1); // any section but SHN_UNDEF
            w.U64((ulong)(CodeOffset + Starts[f]));
            w.U64((ulong)(Starts[f + 1] - Starts[f]));
        }
        uint soname = strings.Add(Name), version = strings.Add(Version);
        int versions = w.At;
        w.U16(0);
        foreach (string _ in names) w.U16(2);
        int definitions = w.Align(8);
        PutDefinition(w, flags: 1, index: 1, Name, soname, isLast: false);
        PutDefinition(w, flags: 0, index: 2, Version, version, isLast: true);
        int text = w.At;
        w.Bytes(strings.ToArray());
        int dynamic = w.Align(16);
        (long Tag, ulong Value)[] entries =
        [
            (14, soname), (4, (ulong)hash), (5, (ulong)text), (6, (ulong)symbols), (10, (ulong)strings.Length), (11, SymbolSize),
            (0x6ffffff0, (ulong)versions), (0x6ffffffc, (ulong)definitions), (0x6ffffffd, 2), (0, 0),
        ];
        foreach ((long tag, ulong value) in entries)
        {
            w.U64((ulong)tag);
            w.U64(value);
        }
        int dynamicEnd = w.At;
        int unwind = w.Align(8);
        PutUnwindTable(w);
        int unwindEnd = w.At;

        w.At = 0;
        PutHeader(w);
        PutSegment(w, type: 1, flags: 5, 0, CodeOffset + Code.Length, 0x1000);
        PutSegment(w, type: 2, flags: 4, dynamic, dynamicEnd - dynamic, 8);
        PutSegment(w, type: 0x6474e550, flags: 4, unwind, unwindEnd - unwind, 4);
        return image;
    }

    private static void PutHeader(Writer w)
    {
        w.Bytes([0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1, 0]);
        w.U64(0);
        w.U16(3); // ET_DYN
        w.U16(62); // EM_X86_64
        w.U32(1);
        w.U64(0); // no entry
        w.U64(HeaderSize);
        w.U64(0); // no sections
        w.U32(0);
        w.U16(HeaderSize);
        w.U16(ProgramHeaderSize);
        w.U16(3);
        w.U16(64);
        w.U16(0);
        w.U16(0);
    }

    private static void PutSegment(Writer w, uint type, uint flags, int offset, int length, int alignment)
    {
        w.U32(type);
        w.U32(flags);
        w.U64((ulong)offset);
        w.U64((ulong)offset);
        w.U64((ulong)offset);
        w.U64((ulong)length);
        w.U64((ulong)length);
        w.U64((ulong)alignment);
    }

    // One bucket: a chain through all symbols (System V ABI, Hash Table).
    private static void PutHash(Writer w, string[] names)
    {
        w.U32(1);
        w.U32((uint)names.Length + 1);
        w.U32(1);
        w.U32(0);
        for (uint i = 1; i <= names.Length; i++) w.U32(i < names.Length ? i + 1 : 0);
    }

    private static void PutDefinition(Writer w, int flags, int index, string name, uint nameOffset, bool isLast)
    {
        w.U16(1);
        w.U16(flags);
        w.U16(index);
        w.U16(1);
        w.U32(ElfHash(name));
        w.U32(20);
        w.U32(isLast ? 0u : 28);
        w.U32(nameOffset);
        w.U32(0);
    }

    // .eh_frame_hdr with .eh_frame behind it: nothing in here moves the stack pointer, so one entry serves all.
    private static void PutUnwindTable(Writer w)
    {
        int header = w.At, frames = header + 20;
        int entry = frames + 24;
        w.Bytes([1, 0x1b, 0x03, 0x3b]);
        w.U32((uint)(frames - (header + 4)));
        w.U32(1);
        w.U32((uint)(CodeOffset - header));
        w.U32((uint)(entry - header));
        w.U32(20);
        w.U32(0);
        w.Bytes([1, (byte)'z', (byte)'R', 0, 1, 0x78, 16, 1, 0x1b, 0x0c, 7, 8, 0x90, 1, 0, 0]);
        w.U32(16);
        w.U32((uint)(entry + 4 - frames));
        w.U32((uint)(CodeOffset - (entry + 8)));
        w.U32((uint)Code.Length - 8);
        w.U32(0);
        w.U32(0);
    }

    // System V ABI, Hash Table.
    private static uint ElfHash(string name)
    {
        uint h = 0;
        foreach (char c in name)
        {
            h = (h << 4) + c;
            uint top = h & 0xf0000000;
            h = (h ^ (top >> 24)) & ~top;
        }
        return h;
    }

    private sealed class StringTable
    {
        private readonly List<byte> _all = [0];

        public int Length => _all.Count;

        public uint Add(string text)
        {
            uint at = (uint)_all.Count;
            _all.AddRange(Encoding.ASCII.GetBytes(text).AsSpan());
            _all.Add(0);
            return at;
        }

        public byte[] ToArray() => [.. _all];
    }

    private sealed class Writer(byte[] image)
    {
        public int At { get; set; }

        public int Align(int boundary) => At = (At + boundary - 1) & -boundary;

        public void Skip(int count) => At += count;

        public void U8(int value) => image[At++] = (byte)value;

        public void U16(int value)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(At), (ushort)value);
            At += 2;
        }

        public void U32(uint value)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(At), value);
            At += 4;
        }

        public void U64(ulong value)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(image.AsSpan(At), value);
            At += 8;
        }

        public void Bytes(ReadOnlySpan<byte> bytes)
        {
            bytes.CopyTo(image.AsSpan(At));
            At += bytes.Length;
        }
    }
}
