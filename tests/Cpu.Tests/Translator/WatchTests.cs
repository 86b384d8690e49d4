using Iced.Intel;
using Kennel.Cpu.Tests.Harness;
using Kennel.Cpu.Tests.Interpreter;
using Kennel.Machine;
using static Iced.Intel.AssemblerRegisters;

namespace Kennel.Cpu.Tests.Translator;

/// <summary>Instructions that guest code stops before.</summary>
public sealed unsafe class WatchTests
{
    private const ulong Code = GuestCode.Code;
    private const int Rounds = 100;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void StopsEachTimeBeforeAWatchedInstruction(bool translate)
    {
        using var machine = new BareMachine(translate: translate);
        using GuestCode guest = new GuestCode(machine).Map();
        Assert.True(machine.Engine.CanWatch);
        int watched = Loop(guest);
        Assert.Equal(0, Stops(guest, watched)); // so that there is code which knows nothing of it
        Watch(machine, watched);
        Assert.Equal(Rounds, Stops(guest, watched));
        Watch(machine);
        Assert.Equal(0, Stops(guest, watched));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AWatchMadeInTheMiddleOfALoopIsSeen(bool translate)
    {
        using var machine = new BareMachine(translate: translate);
        using GuestCode guest = new GuestCode(machine).Map();
        int watched = Loop(guest);
        guest.State->Rip = Code;
        Assert.Equal(StopReason.Preempted, guest.Run(20));
        Watch(machine, watched);
        Assert.Equal(StopReason.Watch, guest.Run());
        Assert.Equal(Code + (ulong)watched, guest.State->Rip);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void SeveralWatchesInOneBlockAndAtItsEnds(bool translate)
    {
        using var machine = new BareMachine(translate: translate);
        using GuestCode guest = new GuestCode(machine).Map();
        int watched = Loop(guest);
        Watch(machine, 0, watched, watched + 3);
        Assert.Equal((2 * Rounds) + 1, Stops(guest, 0, watched, watched + 3));
    }

    private static void Watch(BareMachine machine, params int[] offsets) => machine.Engine.Watch(machine.Memory.Walk(Code, out _).Frame, offsets);

    // Answers where in the page the instruction in the middle of the loop is, of three bytes.
    private static int Loop(GuestCode guest)
    {
        guest.Assemble(Code, a =>
        {
            Label loop = a.CreateLabel();
            a.mov(ecx, Rounds);
            a.Label(ref loop);
            a.push(rcx);
            a.lea(eax, __[rcx + 1]);
            a.pop(rdx);
            a.dec(ecx);
            a.jne(loop);
            a.int3();
        });
        return 6;
    }

    private static int Stops(GuestCode guest, params int[] places)
    {
        guest.State->Rip = Code;
        int stops = 0;
        while (true)
        {
            StopReason stop = guest.Run();
            if (stop == StopReason.Breakpoint) return stops;
            if (stop == StopReason.Preempted) continue;
            Assert.Equal(StopReason.Watch, stop);
            Assert.Contains((int)(guest.State->Rip - Code), places);
            stops++;
            Assert.Equal(StopReason.SingleStep, guest.Run(1));
        }
    }
}
