using Iced.Intel;
using Kennel.Cpu.Tests.Harness;
using Kennel.Cpu.Tests.Interpreter;
using Kennel.Machine;
using static Iced.Intel.AssemblerRegisters;

namespace Kennel.Cpu.Tests.Translator;

/// <summary>Operands at constant addresses and near the base of FS, whose pages' places code looks up: those change, go, and are others in another address space.</summary>
public sealed unsafe class ConstantPageTests : IDisposable
{
    private const ulong Code = GuestCode.Code, Data = 0x4000_0000;
    private const int Base = 0x200, Rounds = 20;

    private readonly BareMachine _machine = new(translate: true);
    private readonly PageNodePool _nodes = new();
    private readonly PageTable _other;
    private readonly GuestCode[] _guests;

    public ConstantPageTests()
    {
        _other = new PageTable(_machine.Frames, _nodes, _machine.Processors);
        int code = _machine.Frames.Allocate();
        _machine.Frames.AddReference(code);
        foreach (PageTable table in new[] { _machine.Memory, _other }) table.Set(Code, Pte.For(code, PageAccess.Read | PageAccess.Execute, shared: true));
        _guests = [new GuestCode(_machine, _machine.Memory), new GuestCode(_machine, _other)];
    }

    /// <summary>What is read is what lies in the page's new frame, and what is written lies there; in two address spaces in turn.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void APageThatGetsAnotherFrame(bool thread)
    {
        Assemble(thread);
        for (int round = 0; round < Rounds; round++)
        {
            for (int n = 0; n < _guests.Length; n++)
            {
                PageTable table = n == 0 ? _machine.Memory : _other;
                if (round % (3 + n) == 0) _machine.Map(Data, 1, PageAccess.Read | PageAccess.Write, table);
                ulong value = (ulong)((round * 2) + n + 1000);
                _machine.Write(Data + Base + 8, BitConverter.GetBytes(value), table);
                Assert.Equal(StopReason.SystemCall, Run(_guests[n], Data, value + 1));
                Assert.Equal((value, value + 1), (_guests[n][CpuState.Rbx], Word(Data + Base + 16, table)));
            }
        }
    }

    /// <summary>Without the right it is a fault, whatever was known before.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void APageThatLosesARight(bool thread)
    {
        Assemble(thread);
        for (int round = 0; round < 3; round++)
        {
            _machine.Map(Data, 1, PageAccess.Read | PageAccess.Write);
            for (int n = 0; n < 3; n++) Assert.Equal(StopReason.SystemCall, Run(_guests[0], Data, 1));
            _machine.Map(Data, 1, PageAccess.Read);
            Assert.Equal(StopReason.PageFault, Run(_guests[0], Data, 2));
            Assert.Equal((Data + Base + 16, PageAccess.Write), (_guests[0].State->FaultAddress, _guests[0].State->FaultAccess));
            _machine.Memory.Clear(Data, Data + FramePool.FrameSize);
            Assert.Equal(StopReason.PageFault, Run(_guests[0], Data, 3));
            Assert.Equal((Data + Base + 8, PageAccess.Read), (_guests[0].State->FaultAddress, _guests[0].State->FaultAccess));
        }
    }

    /// <summary>Threads in turn, some of which have their base where what is near it lies in two pages.</summary>
    [Fact]
    public void AnotherBaseOfFs()
    {
        Assemble(thread: true);
        ulong[] pages = [.. Enumerable.Range(0, 6).Select(n => Data + ((ulong)n * 0x10_0000) + (n % 2 == 0 ? 0UL : 0xff0 - Base))];
        foreach (ulong page in pages)
        {
            _machine.Map(page & ~0xfffUL, 1, PageAccess.Read | PageAccess.Write);
            _machine.Frames.Allocate(); // so that what follows lies elsewhere
            _machine.Map((page & ~0xfffUL) + FramePool.FrameSize, 1, PageAccess.Read | PageAccess.Write);
        }
        for (int round = 0; round < Rounds; round++)
        {
            foreach (ulong page in pages)
            {
                _machine.Write(page + Base + 8, BitConverter.GetBytes(page + (ulong)round));
                Assert.Equal(StopReason.SystemCall, Run(_guests[0], page, (ulong)round));
                Assert.Equal((page + (ulong)round, (ulong)round), (_guests[0][CpuState.Rbx], Word(page + Base + 16)));
            }
        }
    }

    public void Dispose()
    {
        foreach (GuestCode guest in _guests) guest.Dispose();
        _other.Dispose();
        _machine.Dispose();
        _nodes.Dispose();
    }

    // A read of one word and a write to the next.
    private void Assemble(bool thread) => _guests[0].Assemble(Code, a =>
    {
        a.mov(rbx, thread ? __qword_ptr.fs[8] : __qword_ptr[Data + Base + 8]);
        a.mov(thread ? __qword_ptr.fs[16] : __qword_ptr[Data + Base + 16], rdx);
        a.syscall();
    });

    private static StopReason Run(GuestCode guest, ulong page, ulong value)
    {
        guest.State->Rip = Code;
        (guest[CpuState.Rdx], guest.State->R[CpuState.FsBase]) = (value, page + Base);
        StopReason stop;
        do stop = guest.Run();
        while (stop == StopReason.Preempted);
        return stop;
    }

    private ulong Word(ulong address, PageTable? table = null)
    {
        ulong value = 0;
        _machine.Read(address, new Span<byte>(&value, sizeof(ulong)), table);
        return value;
    }
}
