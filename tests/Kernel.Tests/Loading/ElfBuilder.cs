using System.Buffers.Binary;
using Kennel.Abi;
using Kennel.Files;
using Kennel.Machine;
using Kennel.Memory;

namespace Kennel.Tests.Loading;

/// <summary>Makes small ELF files, whole or broken.</summary>
internal sealed class ElfBuilder
{
    public const uint Load = 1, Interpreter = 3, Stack = 0x6474e551;
    public const uint X = 1, W = 2, R = 4;
    public const int HeaderSize = 64, SegmentSize = 56;

    private readonly List<(uint Type, uint Flags, ulong Offset, ulong Address, ulong FileSize, ulong MemorySize, ulong Alignment)> _segments = [];

    public ushort Type { get; init; } = 2;

    public ulong Entry { get; init; } = 0x40_1000;

    public int Length { get; init; } = 0x4000;

    /// <summary>Puts a path at the end of the file, for PT_INTERP.</summary>
    public string? InterpreterPath { get; init; }

    public ElfBuilder Segment(uint type, uint flags, ulong offset, ulong address, ulong fileSize, ulong memorySize, ulong alignment = 0x1000)
    {
        _segments.Add((type, flags, offset, address, fileSize, memorySize, alignment));
        return this;
    }

    /// <summary>A text segment at 0x400000 and a data segment with bss, from whatever base.</summary>
    public static ElfBuilder Typical(ushort type = 2, string? interpreter = null, ulong address = 0x40_0000) => new ElfBuilder
    {
        Type = type,
        Entry = address + 0x1000,
        InterpreterPath = interpreter,
    }.Segment(Load, R | X, 0, address, 0x2000, 0x2000).Segment(Load, R | W, 0x2100, address + 0x3100, 0x800, 0x3000);

    /// <summary>The file: bytes that tell their own offset, with the headers over them.</summary>
    public byte[] Build()
    {
        byte[] path = InterpreterPath == null ? [] : [.. InterpreterPath.Select(c => (byte)c), 0];
        var file = new byte[Length + path.Length];
        for (int i = 0; i < Length; i++) file[i] = ContentAt(i);
        path.CopyTo(file, Length);
        if (InterpreterPath != null) Segment(Interpreter, R, (ulong)Length, 0, (ulong)path.Length, (ulong)path.Length, 1);

        file.AsSpan(0, HeaderSize).Clear();
        "\x7f"u8.CopyTo(file);
        "ELF"u8.CopyTo(file.AsSpan(1));
        file[4] = 2;
        file[5] = file[6] = 1;
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(16), Type);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(18), 62);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(20), 1);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(24), Entry);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(32), HeaderSize);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(52), HeaderSize);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(54), SegmentSize);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(56), (ushort)_segments.Count);
        for (int i = 0; i < _segments.Count; i++)
        {
            Span<byte> at = file.AsSpan(HeaderSize + (i * SegmentSize));
            var s = _segments[i];
            BinaryPrimitives.WriteUInt32LittleEndian(at, s.Type);
            BinaryPrimitives.WriteUInt32LittleEndian(at[4..], s.Flags);
            ulong[] numbers = [s.Offset, s.Address, s.Address, s.FileSize, s.MemorySize, s.Alignment];
            for (int n = 0; n < numbers.Length; n++) BinaryPrimitives.WriteUInt64LittleEndian(at[(8 + (n * 8))..], numbers[n]);
        }
        return file;
    }

    public static byte ContentAt(int offset) => (byte)((offset * 7) ^ (offset >> 8) | 1);
}

/// <summary>An open file that holds given bytes.</summary>
internal sealed unsafe class BytesFile : OpenFile
{
    private readonly ShmemPages _pages;

    public BytesFile(Kernel kernel, ReadOnlySpan<byte> content)
        : base(OpenFlags.ReadOnly)
    {
        _pages = new ShmemPages(kernel, content.Length);
        for (int at = 0; at < content.Length; at += FramePool.FrameSize)
        {
            Assert.Equal(Errno.None, _pages.GetPage(at >> 12, true, out int frame));
            ReadOnlySpan<byte> part = content[at..Math.Min(content.Length, at + FramePool.FrameSize)];
            part.CopyTo(new Span<byte>(kernel.Frames.Pointer(frame), FramePool.FrameSize));
        }
    }

    public override PageCache Pages => _pages;

    protected override void OnReleased() => _pages.Dispose();
}
