using System.Buffers.Binary;
using System.Text;
using Kennel.Abi;
using Kennel.Credentials;
using Kennel.Loading;
using Kennel.Machine;
using Kennel.Memory;

namespace Kennel.Tests.Loading;

public sealed class ElfLoadingTests : IDisposable
{
    private const ulong PieBase = 0x5555_5555_4000, MapBase = 0x7fff_f7ff_f000;

    private readonly TestMachine _machine = new();

    public void Dispose()
    {
        Assert.Equal(0, _machine.Kernel.Frames.InUse);
        Assert.Equal(0, _machine.Kernel.AreaCount);
        _machine.Dispose();
    }

    [Fact]
    public void AFixedProgramLiesWhereItsHeadersSay()
    {
        LoadedProgram program = Load(ElfBuilder.Typical());
        Assert.Equal(0x40_1000UL, program.Entry);
        Assert.Equal((PageAccess.Read | PageAccess.Execute, 0x40_0000UL, 0x40_2000UL), Area(program, 0x40_0000));
        Assert.Equal(ElfBuilder.ContentAt(0x1234), ByteAt(program, 0x40_1234));
        Assert.Equal(ElfBuilder.ContentAt(0x2100), ByteAt(program, 0x40_3100));
        Assert.Equal(ElfBuilder.ContentAt(0x28ff), ByteAt(program, 0x40_38ff));
        Assert.Equal(0, ByteAt(program, 0x40_3900)); // the rest of the file's page is cut off
        Assert.Equal(0, ByteAt(program, 0x40_6000));
        Assert.Equal(0x40_7000UL, program.Memory.Layout.BreakStart);
        Assert.Equal((0x40_0000UL, 0x40_2000UL), (program.Memory.Layout.CodeStart, program.Memory.Layout.CodeEnd));
        program.Memory.Release();
    }

    [Fact]
    public void APieProgramAndItsLinkerLieWhereLinuxPutsThemWithoutRandomisation()
    {
        LoadedProgram program = Load(ElfBuilder.Typical(3, "/lib/ld", 0), linker: ElfBuilder.Typical(3, null, 0));
        ulong linkerBase = MapBase - 0x7000;
        Assert.Equal(linkerBase + 0x1000, program.Entry);
        Assert.Equal(ElfBuilder.ContentAt(0x1111), ByteAt(program, PieBase + 0x1111));
        Assert.Equal(PieBase + 0x7000, program.Memory.Layout.BreakStart);
        Dictionary<ulong, ulong> aux = Auxiliary(program);
        Assert.Equal(linkerBase, aux[7]);
        Assert.Equal(PieBase + 0x1000, aux[9]);
        Assert.Equal(PieBase + 64, aux[3]);
        Assert.Equal(3UL, aux[5]);
        program.Memory.Release();
    }

    [Fact]
    public void AStaticPieLiesAmongTheLibrariesWithItsHeapFarAway()
    {
        LoadedProgram program = Load(ElfBuilder.Typical(3, null, 0));
        Assert.Equal(MapBase - 0x7000 + 0x1000, program.Entry);
        Assert.Equal(PieBase, program.Memory.Layout.BreakStart);
        Assert.Equal(0UL, Auxiliary(program)[7]);
        program.Memory.Release();
    }

    [Fact]
    public void ALargeAlignmentIsKept()
    {
        ElfBuilder builder = new ElfBuilder { Type = 3, Entry = 0x1000 }.Segment(ElfBuilder.Load, 5, 0, 0, 0x2000, 0x2000, 0x20_0000);
        LoadedProgram program = Load(builder);
        Assert.Equal(0UL, (program.Entry - 0x1000) % 0x20_0000);
        program.Memory.Release();
    }

    [Fact]
    public void TheStackHoldsArgumentsEnvironmentAndVector()
    {
        LoadedProgram program = Load(ElfBuilder.Typical());
        AddressSpace memory = program.Memory;
        Assert.Equal(0UL, program.StackPointer % 16);
        Assert.Equal(3UL, Word(program, 0));
        Assert.Equal(["prog", "one", "two"], Enumerable.Range(1, 3).Select(i => Text(program, Word(program, i))));
        Assert.Equal(0UL, Word(program, 4));
        Assert.Equal("A=b", Text(program, Word(program, 5)));
        Assert.Equal(0UL, Word(program, 6));
        Dictionary<ulong, ulong> aux = Auxiliary(program);
        Assert.Equal("/bin/prog", Text(program, aux[31]));
        Assert.Equal("x86_64", Text(program, aux[15]));
        Assert.Equal((4096UL, 100UL, 56UL, 1000UL, 0UL), (aux[6], aux[17], aux[4], aux[11], aux[23]));
        Assert.Equal(0x5a, ByteAt(program, aux[25]));
        Assert.Equal("prog\0one\0two\0", Bytes(program, memory.Layout.ArgumentsStart, memory.Layout.ArgumentsEnd));
        Assert.Equal("A=b\0", Bytes(program, memory.Layout.EnvironmentStart, memory.Layout.EnvironmentEnd));
        (PageAccess access, ulong start, ulong end) = Area(program, program.StackPointer);
        Assert.Equal((PageAccess.Read | PageAccess.Write, AddressSpace.Top - 0x21000, AddressSpace.Top), (access, start, end));
        Assert.Equal("[stack]", memory.NameOf(memory.Find(program.StackPointer)!));
        memory.Release();
    }

    [Fact]
    public void OnlyPtGnuStackMakesTheStackExecutable()
    {
        LoadedProgram program = Load(ElfBuilder.Typical().Segment(ElfBuilder.Stack, 7, 0, 0, 0, 0));
        Assert.Equal(PageAccess.Read | PageAccess.Write | PageAccess.Execute, Area(program, program.StackPointer).Access);
        program.Memory.Release();
    }

    [Fact]
    public void TwoLoadsShareTheFilesFrames()
    {
        var file = new BytesFile(_machine.Kernel, ElfBuilder.Typical().Build());
        LoadedProgram first = LoadFile((BytesFile)file.AddReference(), null), second = LoadFile((BytesFile)file.AddReference(), null);
        ByteAt(first, 0x40_1000);
        int before = _machine.Kernel.Frames.InUse;
        ByteAt(second, 0x40_1000);
        Assert.Equal(before, _machine.Kernel.Frames.InUse);
        first.Memory.Release();
        second.Memory.Release();
        file.Release();
    }

    [Theory]
    [InlineData(16, 1, Errno.ENOEXEC)] // a relocatable file
    [InlineData(18, 3, Errno.ENOEXEC)] // an i386 program
    [InlineData(54, 55, Errno.ENOEXEC)] // odd header size
    [InlineData(56, 0, Errno.ENOEXEC)] // no program headers
    [InlineData(0, 0, Errno.ENOEXEC)] // no magic
    public void WhatIsNoProgramIsRefused(int offset, byte value, Errno expected)
    {
        byte[] bytes = ElfBuilder.Typical().Build();
        bytes[offset] = value;
        bytes[offset + 1] = 0;
        Assert.Equal(expected, ReadImage(bytes));
    }

    [Fact]
    public void AnInterpreterNameMustEndInTheFile()
    {
        byte[] bytes = ElfBuilder.Typical(3, "/lib/ld", 0).Build();
        bytes[^1] = (byte)'x';
        Assert.Equal(Errno.ENOEXEC, ReadImage(bytes));
        Assert.Equal(Errno.EIO, ReadImage(bytes[..^2]));
    }

    [Fact]
    public void HostProgramsLoadWhole()
    {
        foreach (string path in new[] { "/bin/sh", "/bin/true" }.Where(File.Exists))
        {
            byte[] bytes = File.ReadAllBytes(path);
            var file = new BytesFile(_machine.Kernel, bytes);
            Assert.True(ExecutableFile.Over((BytesFile)file.AddReference(), _machine.Kernel.Frames, out ExecutableFile? opened));
            Assert.Equal(Errno.None, ElfImage.Read(opened!, out ElfImage? image));
            LoadedProgram program = Map(opened!, image!, null);
            Assert.False(program.IsBroken);
            ulong bias = Auxiliary(program)[9] - image!.Header.Entry;
            foreach (ElfSegment s in image.Loads)
            {
                var mapped = new byte[(int)s.FileSize];
                Assert.True(program.Memory.CopyIn(bias + s.Address, mapped));
                Assert.True(mapped.AsSpan().SequenceEqual(bytes.AsSpan((int)s.Offset, mapped.Length)));
            }
            program.Memory.Release();
            file.Release();
        }
    }

    // 600 broken files: none may raise an exception, harm the kernel or leave anything behind.
    [Fact]
    public void MalformedFilesDoNoHarm()
    {
        int refused = 0, broken = 0, loaded = 0;
        for (int seed = 0; seed < 600; seed++)
        {
            var random = new Random(seed);
            byte[] bytes = ElfMutation.Mutate(random);
            var file = new BytesFile(_machine.Kernel, bytes);
            Assert.True(ExecutableFile.Over(file, _machine.Kernel.Frames, out ExecutableFile? opened));
            if (ElfImage.Read(opened!, out ElfImage? image) != Errno.None)
            {
                refused++;
                opened!.Release();
                continue;
            }
            bool asLinker = random.Next(2) == 0;
            LoadedProgram program = Map(opened!, image!, asLinker ? image : null);
            if (program.IsBroken) broken++;
            else loaded++;
            foreach (Vma area in program.Memory.Areas) program.Memory.HandleFault(area.Start, PageAccess.Read);
            program.Memory.Release();
            Assert.Equal(0, _machine.Kernel.Frames.InUse);
        }
        Assert.True(refused > 50 && broken > 50 && loaded > 50, $"{refused} refused, {broken} broken, {loaded} loaded");
    }

    private LoadedProgram Load(ElfBuilder builder, ElfBuilder? linker = null) =>
        LoadFile(new BytesFile(_machine.Kernel, builder.Build()), linker == null ? null : new BytesFile(_machine.Kernel, linker.Build()));

    // Takes over the files.
    private LoadedProgram LoadFile(BytesFile file, BytesFile? linkerFile)
    {
        Assert.True(ExecutableFile.Over(file, _machine.Kernel.Frames, out ExecutableFile? opened));
        Assert.Equal(Errno.None, ElfImage.Read(opened!, out ElfImage? image));
        ExecutableFile? linker = null;
        ElfImage? linkerImage = null;
        if (linkerFile != null)
        {
            Assert.True(ExecutableFile.Over(linkerFile, _machine.Kernel.Frames, out linker));
            Assert.Equal(Errno.None, ElfImage.ReadInterpreter(linker!, out linkerImage));
        }
        LoadedProgram program = Map(opened!, image!, linkerImage, linker);
        Assert.False(program.IsBroken);
        return program;
    }

    private LoadedProgram Map(ExecutableFile file, ElfImage image, ElfImage? linkerImage, ExecutableFile? linker = null)
    {
        byte[][] args = [.. new[] { "prog", "one", "two" }.Select(Encoding.Latin1.GetBytes)];
        var strings = new ArgumentStrings("/bin/prog"u8.ToArray(), args, ["A=b"u8.ToArray()]);
        LoadedProgram program = ProgramLoader.MapAll(
            _machine.Kernel, 8 << 20, file, image, linker ?? file, linkerImage, strings, new ExecCredential(Credential.For(1000, 1000), false));
        file.Release();
        linker?.Release();
        return program;
    }

    private Errno ReadImage(byte[] bytes)
    {
        Assert.True(ExecutableFile.Over(new BytesFile(_machine.Kernel, bytes), _machine.Kernel.Frames, out ExecutableFile? opened));
        Errno e = ElfImage.Read(opened!, out _);
        opened!.Release();
        return e;
    }

    private static (PageAccess Access, ulong Start, ulong End) Area(LoadedProgram program, ulong address)
    {
        Vma area = program.Memory.Find(address)!;
        return (area.Access, area.Start, area.End);
    }

    private static byte ByteAt(LoadedProgram program, ulong address)
    {
        var value = new byte[1];
        Assert.True(program.Memory.CopyIn(address, value));
        return value[0];
    }

    private static ulong Word(LoadedProgram program, int index)
    {
        var value = new byte[8];
        Assert.True(program.Memory.CopyIn(program.StackPointer + ((ulong)index * 8), value));
        return BinaryPrimitives.ReadUInt64LittleEndian(value);
    }

    private static string Text(LoadedProgram program, ulong address)
    {
        Assert.Equal(Errno.None, program.Memory.CopyInString(address, 100, out string text));
        return text;
    }

    private static string Bytes(LoadedProgram program, ulong start, ulong end)
    {
        var bytes = new byte[end - start];
        Assert.True(program.Memory.CopyIn(start, bytes));
        return Encoding.Latin1.GetString(bytes);
    }

    private static Dictionary<ulong, ulong> Auxiliary(LoadedProgram program)
    {
        var result = new Dictionary<ulong, ulong>();
        int at = 1;
        for (int zeros = 0; zeros < 2; at++) zeros += Word(program, at) == 0 ? 1 : 0;
        for (; Word(program, at) != 0; at += 2) result[Word(program, at)] = Word(program, at + 1);
        return result;
    }
}
