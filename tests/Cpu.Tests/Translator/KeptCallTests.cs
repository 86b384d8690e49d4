using Iced.Intel;
using Kennel.Cpu.Tests.Harness;
using Kennel.Cpu.Tests.Interpreter;
using Kennel.Cpu.Translator;
using Kennel.Machine;
using static Iced.Intel.AssemblerRegisters;

namespace Kennel.Cpu.Tests.Translator;

/// <summary>Calls that the guest has not returned from when its code is left: their returns still lead back, for as long as there is the same code.</summary>
public sealed unsafe class KeptCallTests : IDisposable
{
    private const ulong Code = GuestCode.Code, Missing = GuestCode.Data + 0x10_0000, Others = Code + 0x10_0000;
    private const int Calls = 24, Distance = 32, RoomForCode = 8192;

    private readonly BareMachine _machine = new(processors: 2, translate: true, roomForCode: RoomForCode);
    private readonly InterpretedCounter _counter = new();
    private readonly List<GuestCode> _guests = [];

    public KeptCallTests() => ((TranslatorEngine)_machine.Engine).Interpreted = _counter;

    /// <summary>No return has been looked up then, which would have left the code for each, as no jump table knows them.</summary>
    [Fact]
    public void AFaultDoesNotForgetThem()
    {
        GuestCode guest = Map(_machine.Memory, 1);
        RunToFault(guest);
        _machine.Map(Missing, 1, PageAccess.Read);
        Finish(guest, Calls);
        Assert.Equal(0, _counter.Exits.GetValueOrDefault(ExitKind.Indirect));
    }

    [Fact]
    public void AJumpTableThatDoesNotKnowTheCalledAddressDoesNotForgetThem()
    {
        GuestCode guest = Map(_machine.Memory, 1, throughRegister: true);
        RunToFault(guest);
        _machine.Map(Missing, 1, PageAccess.Read);
        Finish(guest, Calls);
        Assert.Equal(Calls, _counter.Exits.GetValueOrDefault(ExitKind.Indirect)); // each call's, and no return's
    }

    [Fact]
    public void CodeThatHasChangedIsNotReturnedTo()
    {
        GuestCode guest = Map(_machine.Memory, 1);
        RunToFault(guest);
        Write(guest, 5);
        _machine.Map(Missing, 1, PageAccess.Read);
        Finish(guest, 5 * Calls);
    }

    /// <summary>Another address space, with other code at the same addresses, runs on the same processor meanwhile, and returns to the same addresses.</summary>
    [Fact]
    public void AnotherProgramsCodeIsNotReturnedTo()
    {
        using var nodes = new PageNodePool();
        using var table = new PageTable(_machine.Frames, nodes, _machine.Processors);
        GuestCode guest = Map(_machine.Memory, 1), other = Map(table, 3);
        RunToFault(guest);
        RunToFault(other);
        _machine.Map(Missing, 1, PageAccess.Read);
        _machine.Map(Missing, 1, PageAccess.Read, table);
        Finish(guest, Calls);
        Finish(other, 3 * Calls);
    }

    /// <summary>Code memory is begun anew by another processor meanwhile.</summary>
    [Fact]
    public void CodeThatIsElsewhereNowIsNotReturnedTo()
    {
        const int length = 6, many = RoomForCode / length * 3 / 2;
        GuestCode guest = Map(_machine.Memory, 1), other = new(_machine);
        _guests.Add(other);
        RunToFault(guest);
        _machine.Map(Others, 4, PageAccess.Read | PageAccess.Execute);
        other.Assemble(Others, static a =>
        {
            for (int n = 0; n < many; n++) a.add(rax, 0x123_4567);
            a.int3();
        });
        other.State->Rip = Others;
        StopReason stop;
        do stop = other.Run(processor: 1);
        while (stop == StopReason.Preempted);
        Assert.Equal((StopReason.Breakpoint, (ulong)many * 0x123_4567), (stop, other[CpuState.Rax]));
        Assert.InRange(((TranslatorEngine)_machine.Engine).Era, 2, long.MaxValue);
        _machine.Map(Missing, 1, PageAccess.Read);
        Finish(guest, Calls);
    }

    public void Dispose()
    {
        foreach (GuestCode guest in _guests) guest.Dispose();
        _machine.Dispose();
    }

    private GuestCode Map(PageTable table, int step, bool throughRegister = false)
    {
        GuestCode guest = new GuestCode(_machine, table).Map();
        _guests.Add(guest);
        guest[CpuState.Rsp] = GuestCode.Stack + 0x800; // at the page's end the interpreter makes the first calls
        Write(guest, step, throughRegister);
        return guest;
    }

    // Function after function calls the next one, and adds to rax behind that; the last one reads.
    private static void Write(GuestCode guest, int step, bool throughRegister = false)
    {
        for (int n = 0; n <= Calls; n++)
        {
            ulong next = Code + (ulong)((n + 1) * Distance);
            bool isFirst = n == 0, isLast = n == Calls;
            guest.Assemble(next - Distance, a =>
            {
                if (isLast)
                {
                    a.mov(rcx, Missing);
                    a.mov(ecx, __[rcx]);
                    a.ret();
                    return;
                }
                a.mov(rcx, next);
                if (throughRegister) a.call(rcx);
                else a.call(next);
                a.add(rax, step);
                if (isFirst) a.int3();
                else a.ret();
            });
        }
    }

    private static void RunToFault(GuestCode guest)
    {
        Assert.Equal(StopReason.PageFault, guest.Run());
        Assert.Equal((Missing, 0UL), (guest.State->FaultAddress, guest[CpuState.Rax]));
    }

    private static void Finish(GuestCode guest, ulong expected)
    {
        StopReason stop;
        do stop = guest.Run();
        while (stop == StopReason.Preempted);
        Assert.Equal((StopReason.Breakpoint, expected), (stop, guest[CpuState.Rax]));
    }
}
