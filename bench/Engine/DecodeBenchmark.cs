using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using Kennel.Cpu.Decoding;
using Kennel.Cpu.Interpreter;

namespace Kennel.Bench.Engine;

/// <summary>How long it takes to decode all code of a program, page by page: a first time (cold) and once more.</summary>
internal static unsafe class DecodeBenchmark
{
    public static void Run(string program)
    {
        byte[] file = File.ReadAllBytes(program);
        for (int round = 0; round < 5; round++)
        {
            double start = CpuClock.Thread();
            (int ops, int pages) = DecodeAll(file);
            double seconds = CpuClock.Thread() - start;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{Path.GetFileName(program)}: {pages} pages, {ops} ops, {seconds * 1e3:f1} ms, {seconds * 1e9 / ops:f0} ns an op"));
        }
    }

    private static (int Ops, int Pages) DecodeAll(ReadOnlySpan<byte> elf)
    {
        using var decoder = new RunDecoder(host: null);
        int headers = (int)BinaryPrimitives.ReadUInt64LittleEndian(elf[32..]), count = BinaryPrimitives.ReadUInt16LittleEndian(elf[56..]);
        int ops = 0, pages = 0;
        var page = (byte*)NativeMemory.AlignedAlloc(4096, 4096);
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> header = elf[(headers + (i * 56))..];
            bool code = BinaryPrimitives.ReadUInt32LittleEndian(header) == 1 && (header[4] & 1) != 0;
            if (!code) continue;
            int offset = (int)BinaryPrimitives.ReadUInt64LittleEndian(header[8..]), size = (int)BinaryPrimitives.ReadUInt64LittleEndian(header[32..]);
            for (int at = offset; at + 4096 <= offset + size; at += 4096, pages++)
            {
                elf.Slice(at, 4096).CopyTo(new Span<byte>(page, 4096));
                ops += DecodePage(decoder, page);
            }
        }
        NativeMemory.AlignedFree(page);
        return (ops, pages);
    }

    private static int DecodePage(RunDecoder decoder, byte* bytes)
    {
        CodePage* page = CodePage.Create(0);
        int ops = 0;
        for (int offset = 0; offset < 4096;)
        {
            Op* op = decoder.Decode(page, bytes, offset, watched: null);
            for (; op->Length != 0; op++) ops++;
            if (op->C == RunDecoder.StraddleMark) break;
            offset = op->Offset;
        }
        CodePage.Free(page);
        return ops;
    }
}
