using System.Runtime.InteropServices;
using Kennel.Cpu.Tests.Harness;
using Kennel.Machine;

namespace Kennel.Cpu.Tests.Translator;

/// <summary>
/// Random code with random pointers in the translator: memory that it has not been given stays as it was, and the process lives.
/// </summary>
public sealed unsafe class ConfinementTests : IDisposable
{
    private const ulong Code = 0x40_0000, Data = 0x60_0000;
    private const int CodePages = 2, DataPages = 4, Rounds = 12_000, CodeBytes = 200;
    private const byte Canary = 0xa7;

    private readonly BareMachine _machine = new(memory: 1 << 20, translate: true, counts: true);
    private readonly CpuState* _state = (CpuState*)NativeMemory.AlignedAlloc((nuint)sizeof(CpuState), 64);
    private readonly List<int> _canaries = [];
    private readonly Random _random = new(31);

    [Fact]
    public void RandomBytesStayWithinTheirMemory() => Attack(bytes => _random.NextBytes(bytes));

    /// <summary>Code that ends blocks and jumps about: into the middle of instructions, to random pointers, over page borders.</summary>
    [Fact]
    public void RandomJumpsStayWithinTheirMemory()
    {
        Attack(bytes =>
        {
            _random.NextBytes(bytes);
            for (int i = 0; i < bytes.Length - 8; i += _random.Next(1, 24)) Jump(bytes[i..]);
        });
    }

    [Fact]
    public void RandomInstructionsStayWithinTheirMemory()
    {
        var generator = new FormGenerator(32);
        Iced.Intel.Code[] forms = [.. Interpreter.IntegerFormTests.Forms()];
        Attack(bytes =>
        {
            // Each instruction was made for its own registers: with those of another one, its address is anywhere.
            while (bytes.Length >= Layout.CodeSize)
            {
                if (!generator.TryCreate(forms[_random.Next(forms.Length)], out Vector vector)) continue;
                ReadOnlySpan<byte> code = vector.Code;
                code[..(int)vector.CodeLength].CopyTo(bytes);
                bytes = bytes[(int)vector.CodeLength..];
            }
        });
    }

    private void Jump(Span<byte> at)
    {
        byte register = (byte)_random.Next(16);
        byte[] bytes = _random.Next(8) switch
        {
            0 => [0xe8, (byte)_random.Next(256), 0, 0, 0], // call
            1 => [0xe8, .. BitConverter.GetBytes(-_random.Next(8192))],
            2 => [0xeb, (byte)_random.Next(256)], // jmp
            3 => [(byte)(0x70 + _random.Next(16)), (byte)_random.Next(256)], // jcc
            4 => [(byte)(0x40 | register >> 3), 0xff, (byte)(0xd0 | (register & 7))], // call register
            5 => [(byte)(0x40 | register >> 3), 0xff, (byte)(0xe0 | (register & 7))], // jmp register
            6 => [(byte)(0x40 | register >> 3), 0x50 + 8, 0xc3], // pop rax or r8; ret
            _ => [0xff, 0x15, .. BitConverter.GetBytes(_random.Next(-8192, 8192))], // call [rip + x]
        };
        bytes.CopyTo(at);
    }

    private delegate void Fill(Span<byte> bytes);

    private void Attack(Fill fill)
    {
        MapBetweenCanaries(Code, CodePages, PageAccess.Read | PageAccess.Write | PageAccess.Execute);
        MapBetweenCanaries(Data, DataPages, PageAccess.Read | PageAccess.Write);
        while (_machine.Frames.InUse < _machine.Frames.Limit - 1) AddCanary(); // all that is left
        Span<byte> code = stackalloc byte[CodeBytes];
        for (int n = 0; n < Rounds; n++)
        {
            fill(code);
            ulong start = Code + (ulong)_random.Next((CodePages * FramePool.FrameSize) - CodeBytes);
            _machine.Write(start, code);
            _state->Reset();
            for (int i = 0; i < 16; i++) _state->R[i] = Pointer();
            _state->R[CpuState.FsBase] = Pointer();
            _state->R[CpuState.GsBase] = Pointer();
            _state->Rip = start;
            for (int goes = 0; goes < 3; goes++) _machine.Run(_state, 500);
            _state->Rip = start + (ulong)_random.Next(CodeBytes); // into the middle of what is translated already
            _machine.Run(_state, 500);
            if (n % 500 == 0) AssertCanariesLive();
        }
        AssertCanariesLive();
    }

    // Where something is mapped, right beside it, at the edges of the address range, or anywhere.
    private ulong Pointer() => _random.Next(8) switch
    {
        0 => FormGenerator.Value(_random),
        1 => Data + (ulong)_random.Next(-64, 64),
        2 => Data + (DataPages * FramePool.FrameSize) + (ulong)_random.Next(-64, 64),
        3 => Code + (ulong)_random.Next(-64, CodePages * FramePool.FrameSize),
        4 => PageTable.AddressLimit + (ulong)_random.Next(-64, 64),
        5 => (ulong)_random.Next(-64, 64),
        _ => Data + (ulong)_random.Next(DataPages * FramePool.FrameSize),
    };

    // A frame of nobody's before each page, and one behind the last.
    private void MapBetweenCanaries(ulong address, int pages, PageAccess access)
    {
        for (int i = 0; i < pages; i++)
        {
            AddCanary();
            _machine.Map(address + ((ulong)i * FramePool.FrameSize), 1, access);
        }
        AddCanary();
    }

    private void AddCanary()
    {
        int frame = _machine.Frames.Allocate();
        new Span<byte>(_machine.Frames.Pointer(frame), FramePool.FrameSize).Fill(Canary);
        _canaries.Add(frame);
    }

    private void AssertCanariesLive()
    {
        Assert.True(new ReadOnlySpan<byte>(_machine.Frames.Pointer(FramePool.Zero), FramePool.FrameSize).IndexOfAnyExcept((byte)0) < 0);
        foreach (int frame in _canaries)
        {
            Assert.True(new ReadOnlySpan<byte>(_machine.Frames.Pointer(frame), FramePool.FrameSize).IndexOfAnyExcept(Canary) < 0);
        }
    }

    public void Dispose()
    {
        _machine.Dispose();
        NativeMemory.AlignedFree(_state);
    }
}
