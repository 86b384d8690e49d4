using Iced.Intel;
using Kennel.Cpu.Tests.Harness;
using Kennel.Machine;
using static Iced.Intel.AssemblerRegisters;

namespace Kennel.Cpu.Tests.Interpreter;

/// <summary>Counting instructions, single steps, preemption.</summary>
public sealed unsafe class BudgetTests
{
    private const ulong Code = GuestCode.Code;

    [Fact]
    public void RetiredIsExactWhateverTheBudget()
    {
        foreach (long budget in (long[])[2, 3, 7, 64, 1999, 2000, 2001, 1_000_000])
        {
            using var machine = new BareMachine();
            using GuestCode guest = new GuestCode(machine).Map();
            Program(guest);
            StopReason stop;
            while ((stop = guest.Run(budget)) == StopReason.Preempted)
            {
                // Goes on until the breakpoint.
            }
            Assert.Equal(StopReason.Breakpoint, stop);
            Assert.Equal(9u * 1000, guest.State->Retired - 3);
            Assert.Equal(500_500u * 2, guest[CpuState.Rax]);
        }
    }

    [Fact]
    public void ABudgetOfOneStepsThroughEverything()
    {
        using var machine = new BareMachine();
        using GuestCode guest = new GuestCode(machine).Map();
        Program(guest);
        guest[CpuState.Rcx] = 5;
        StopReason stop;
        ulong steps = 0, last = 0;
        while ((stop = guest.Run(1)) == StopReason.SingleStep)
        {
            Assert.Equal(++steps, guest.State->Retired);
            Assert.NotEqual(last, guest.State->Rip);
            last = guest.State->Rip;
        }
        Assert.Equal(StopReason.Breakpoint, stop);
        Assert.Equal(500_500u * 2, guest[CpuState.Rax]);
    }

    [Fact]
    public void StepsFollowEachRoundOfARepeatedInstruction()
    {
        using var machine = new BareMachine();
        using GuestCode guest = new GuestCode(machine).Map();
        guest.Assemble(Code, a =>
        {
            a.rep.stosb();
            a.int3();
        });
        guest[CpuState.Rdi] = GuestCode.Data;
        guest[CpuState.Rcx] = 3;
        guest[CpuState.Rax] = 0x41;
        for (ulong left = 3; left-- > 0;)
        {
            Assert.Equal(StopReason.SingleStep, guest.Run(1));
            Assert.Equal(left, guest[CpuState.Rcx]);
            Assert.Equal(left == 0 ? Code + 2 : Code, guest.State->Rip);
        }
        Assert.Equal(StopReason.Breakpoint, guest.Run(1));
    }

    [Fact]
    public void TheTrapFlagStopsBehindTheNextInstruction()
    {
        using var machine = new BareMachine();
        using GuestCode guest = new GuestCode(machine).Map();
        guest.Assemble(Code, a =>
        {
            a.pushfq();
            a.or(__dword_ptr[rsp], 0x100);
            a.popfq();
            a.mov(eax, 1);
            a.mov(eax, 2);
            a.int3();
        });
        Assert.Equal(StopReason.SingleStep, guest.Run());
        Assert.Equal(1u, guest[CpuState.Rax]);
        Assert.Equal(StopReason.SingleStep, guest.Run());
        Assert.Equal(2u, guest[CpuState.Rax]);
        guest.State->Eflags &= ~0x100u;
        Assert.Equal(StopReason.Breakpoint, guest.Run());
    }

    [Fact]
    public void AnEndlessLoopIsPreempted()
    {
        using var machine = new BareMachine();
        using GuestCode guest = new GuestCode(machine).Map();
        guest.Assemble(Code, a =>
        {
            Label self = a.CreateLabel();
            a.Label(ref self);
            a.jmp(self);
        });
        Assert.Equal(StopReason.Preempted, guest.Run(12_345));
        Assert.Equal(12_345u, guest.State->Retired);
        machine.Processors[0].RequestPreemption();
        Assert.Equal(StopReason.Preempted, guest.Run(1 << 30));
        machine.Processors[0].ClearPreemption();
        Assert.Equal(12_345u, guest.State->Retired);
    }

    [Fact]
    public void WhereATaskIsPreemptedDoesNotDependOnWhatWasDecoded()
    {
        using var machine = new BareMachine();
        using GuestCode first = new GuestCode(machine).Map(), second = new(machine);
        Program(first);
        // The second one has entered the code at every instruction before.
        for (ulong at = Code; at < Code + 0x60; at++)
        {
            second.State->Reset();
            second.State->Rip = at;
            second[CpuState.Rsp] = GuestCode.Stack + 0x800;
            second.Run(3);
        }
        second.State->Reset();
        second.State->Rip = Code;
        second[CpuState.Rsp] = GuestCode.Stack + 0x1000;
        using var fresh = new BareMachine();
        using GuestCode third = new GuestCode(fresh).Map();
        Program(third);
        for (int i = 0; i < 200; i++)
        {
            StopReason a = third.Run(37 + i), b = second.Run(37 + i);
            Assert.Equal(a, b);
            Assert.Equal(third.State->Rip, second.State->Rip);
            Assert.Equal(third.State->Retired, second.State->Retired);
            if (a == StopReason.Breakpoint) break;
        }
    }

    [Fact]
    public void AFaultInTheMiddleOfARunCountsWhatWentBefore()
    {
        using var machine = new BareMachine();
        using GuestCode guest = new GuestCode(machine).Map();
        guest.Assemble(Code, a =>
        {
            a.mov(eax, 1);
            a.add(eax, 2);
            a.cmp(__dword_ptr[rdi], 0);
            a.je(Code);
            a.int3();
        });
        guest[CpuState.Rdi] = 0x1234_5000;
        Assert.Equal(StopReason.PageFault, guest.Run());
        Assert.Equal(2u, guest.State->Retired);
        Assert.Equal(0x1234_5000u, guest.State->FaultAddress);
        machine.Engine.MaterializeFlags(guest.State);
        Assert.Equal(0x04u, guest.State->Eflags & 0x8d5); // of the add: 3 has even parity
    }

    // Nine instructions a round, in a loop that calls a function; 3 more around it.
    private static void Program(GuestCode guest) => guest.Assemble(Code, a =>
    {
        Label loop = a.CreateLabel(), function = a.CreateLabel(), end = a.CreateLabel();
        a.mov(ecx, 1000);
        a.xor(eax, eax);
        a.Label(ref loop);
        a.call(function);
        a.dec(ecx);
        a.jne(loop);
        a.int3();
        a.nop();
        a.Label(ref function);
        a.push(rcx);
        a.lea(rdx, __[rcx * 2]);
        a.add(rax, rdx);
        a.pop(rcx);
        a.jmp(end);
        a.Label(ref end);
        a.ret();
    });
}
