using System.Buffers.Binary;
using Kennel.Abi;
using Kennel.Machine;
using Kennel.Memory;
using Kennel.Tests.Loading;
using Kennel.Views.Programs;

namespace Kennel.Tests.Tracing;

/// <summary>Tracers read programs that guests made: nothing in such a file may throw, or take long.</summary>
public sealed class HostileProgramTests : IDisposable
{
    private static readonly byte[] _program = File.ReadAllBytes(Environment.ProcessPath!); // the .NET host: an ordinary program with unwind tables

    private readonly TestMachine _machine = new();
    private readonly AddressSpace _space;

    public HostileProgramTests() => _space = new AddressSpace(_machine.Kernel);

    public void Dispose()
    {
        _space.Release();
        Assert.Equal(0, _machine.Kernel.Frames.InUse);
        _machine.Dispose();
    }

    [Fact]
    public void BrokenProgramsAreReadAndUnwoundWithoutHarm()
    {
        int frames = Part(".eh_frame"), header = Part(".eh_frame_hdr"), symbols = Part(".dynsym");
        long sections = BinaryPrimitives.ReadInt64LittleEndian(_program.AsSpan(40));
        int tables = 0, steps = 0;
        for (int seed = 0; seed < 4000; seed++)
        {
            var random = new Random(seed);
            byte[] bytes = [.. _program];
            int place = random.Next(5) switch
            {
                0 => random.Next(0, 64 + (10 * ElfBuilder.SegmentSize)),
                1 => (int)sections + random.Next(bytes.Length - (int)sections),
                2 => header + random.Next(64),
                3 => symbols + random.Next(1024),
                _ => frames,
            };
            if (place != frames) Break(bytes, place, random);
            for (int n = 0; n < 200; n++) Break(bytes, frames + random.Next(header < frames ? 2000 : header - frames), random);
            Use(bytes, random, ref tables, ref steps);
        }
        Assert.True(tables > 1000 && steps > 10_000, $"{tables} with unwind tables, {steps} frames found");
    }

    [Fact]
    public void WildRegistersOfFrameRulesAreLeftOut()
    {
        byte[] minusOne = [0xff, 0xff, 0xff, 0xff, 0x0f];
        for (byte operation = 0; operation < 0x40; operation++)
        {
            var rules = new FrameRules { CodeAlignment = 1, DataAlignment = -8 };
            var reader = new DwarfReader([operation, .. minusOne, .. minusOne, .. minusOne], 0);
            rules.Run(ref reader, ulong.MaxValue);
            Assert.All(rules.Registers, static rule => Assert.Equal(default, rule));
        }
    }

    [Fact]
    public void RememberedRulesAreBounded()
    {
        var rules = new FrameRules { CodeAlignment = 1, DataAlignment = -8 };
        var reader = new DwarfReader([.. Enumerable.Repeat((byte)0x0a, 60_000)], 0);
        long before = GC.GetAllocatedBytesForCurrentThread();
        rules.Run(ref reader, ulong.MaxValue);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void TablesThatAllSectionsShareAreReadOnce()
    {
        // 60000 sections say that they are the same table of symbols, each of which has the same long name.
        const int sections = 60_000, symbols = 20_000, tableAt = 64 + (sections * 64), namesAt = tableAt + (symbols * 24), names = 1 << 16;
        var file = new byte[namesAt + names];
        _program.AsSpan(0, 64).CopyTo(file);
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(40), 64);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(60), sections);
        for (int i = 0; i < sections; i++)
        {
            Span<byte> section = file.AsSpan(64 + (i * 64));
            (int place, int length) = i == 1 ? (namesAt, names) : (tableAt, symbols * 24);
            section[4] = (byte)(i == 1 ? 3 : 2);
            section[40] = 1;
            BinaryPrimitives.WriteInt64LittleEndian(section[24..], place);
            BinaryPrimitives.WriteInt64LittleEndian(section[32..], length);
        }
        for (int i = 0; i < symbols; i++)
        {
            Span<byte> symbol = file.AsSpan(tableAt + (i * 24));
            symbol[4] = 2;
            symbol[6] = 1;
            BinaryPrimitives.WriteInt32LittleEndian(symbol[8..], i + 1);
        }
        file.AsSpan(namesAt, names).Fill((byte)'n');
        using var open = new Mapped(_machine.Kernel, file);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.NotNull(open.Program!.FindSymbol(1));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 256 << 20);
    }

    // Where a section's bytes lie in the program.
    private int Part(string section)
    {
        using var open = new Mapped(_machine.Kernel, _program);
        byte[] bytes = open.Program!.Section(section);
        Assert.NotEmpty(bytes);
        return _program.AsSpan().IndexOf(bytes);
    }

    private static void Break(byte[] bytes, int at, Random random)
    {
        byte[] wild = random.Next(5) switch
        {
            0 => [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
            1 => [0xf0, 0xff, 0xff, 0xff],
            2 => [(byte)random.Next(1, 0x17), 0xff, 0xff, 0xff, 0xff, (byte)random.Next(16)], // an operation on a wild register
            3 => [0, 0, 0, 0x80],
            _ => [(byte)random.Next(256)],
        };
        int length = Math.Min(wild.Length, bytes.Length - at);
        if (length > 0) wild.AsSpan(0, length).CopyTo(bytes.AsSpan(at));
    }

    private void Use(byte[] bytes, Random random, ref int tables, ref int steps)
    {
        using var open = new Mapped(_machine.Kernel, bytes);
        if (open.Program is not { } program) return;
        Assert.All(program.Functions, static f => Assert.True(f.Offset >= 0));
        program.Section(".debug_info");
        _ = program.Base;
        program.FindSymbol((ulong)random.NextInt64());
        if (program.Unwind != null) tables++;

        const ulong stack = 0x10_0000, code = 0x1000_0000;
        const PageAccess all = PageAccess.Read | PageAccess.Write | PageAccess.Execute;
        const MapFlags flags = MapFlags.MAP_PRIVATE | MapFlags.MAP_FIXED;
        Assert.Equal(Errno.None, _space.Map(stack, 0x4000, all, flags | MapFlags.MAP_ANONYMOUS, null, 0, out _));
        Assert.Equal(Errno.None, _space.Map(code, (ulong)(bytes.Length + 0xfff) & ~0xfffUL, all, flags, open.File, 0, out _));
        var content = new byte[0x4000];
        for (int at = 0; at < content.Length; at += 8)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(content.AsSpan(at), random.Next(2) == 0 ? stack + (ulong)random.Next(0x800) * 8 : code + (ulong)random.Next(bytes.Length));
        }
        Assert.True(_space.CopyOut(stack, content));
        Span<ulong> registers = stackalloc ulong[17], found = stackalloc ulong[64];
        for (int walk = 0; walk < 20; walk++)
        {
            for (int i = 0; i < 16; i++) registers[i] = stack + (ulong)random.Next(0x400) * 8;
            registers[16] = code + (ulong)random.Next(bytes.Length);
            steps += new UserUnwinder(_space, registers).Walk(found) - 1;
        }
        Assert.Equal(Errno.None, _space.Unmap(stack, 0x4000));
        Assert.Equal(Errno.None, _space.Unmap(code, (ulong)(bytes.Length + 0xfff) & ~0xfffUL));
    }

    private sealed class Mapped(Kernel kernel, byte[] bytes) : IDisposable
    {
        public BytesFile File { get; } = new(kernel, bytes);

        public ProgramFile? Program => kernel.Programs.Of(File.Pages);

        public void Dispose() => File.Release();
    }
}
