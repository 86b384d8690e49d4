using Iced.Intel;
using Kennel.Cpu.Tests.Harness;
using Kennel.Cpu.Tests.Interpreter;
using Kennel.Cpu.Translator;
using Kennel.Machine;
using static Iced.Intel.AssemblerRegisters;

namespace Kennel.Cpu.Tests.Translator;

/// <summary>Code memory that is full all the time, and used by several processors: it is begun anew while others are inside.</summary>
public sealed unsafe class CodeMemoryTests
{
    private const ulong Code = GuestCode.Code, Functions = Code + 0x1000, Data = GuestCode.Data;
    private const int Count = 32, Distance = 64, Rounds = 3000, Processors = 2;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void SeveralProcessors(bool counts)
    {
        using var machine = new BareMachine(Processors, translate: true, counts: counts, roomForCode: 200);
        using GuestCode first = new GuestCode(machine).Map(), second = new(machine);
        Write(first);
        GuestCode[] guests = [first, second];
        var results = new ulong[Processors];
        Thread[] threads = [.. Enumerable.Range(0, Processors).Select(n => new Thread(() => results[n] = Run(guests[n], n)))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        for (int n = 0; n < Processors; n++) Assert.Equal(Expected(n), results[n]);
        Assert.InRange(((TranslatorEngine)machine.Engine).Era, Count, long.MaxValue);
    }

    // Calls one function after the other, as a number that changes says.
    private static void Write(GuestCode guest)
    {
        guest.Assemble(Code, static a =>
        {
            Label top = a.CreateLabel();
            a.Label(ref top);
            a.imul(rbx, rbx, 0x5851_f42d);
            a.add(rbx, 0x1405_7b7e);
            a.mov(rdx, rbx);
            a.shr(rdx, 20);
            a.and(edx, Count - 1);
            a.imul(edx, edx, Distance);
            a.add(rdx, (int)Functions);
            a.call(rdx);
            a.dec(ecx);
            a.jne(top);
            a.int3();
        });
        for (int n = 0; n < Count; n++)
        {
            int number = n;
            guest.Assemble(Functions + (ulong)(n * Distance), a =>
            {
                Label over = a.CreateLabel();
                a.test(eax, 1 << (number & 7));
                a.je(over);
                a.inc(__qword_ptr[rsi + 8]);
                a.Label(ref over);
                a.imul(rax, rax, 33);
                a.add(rax, number);
                a.ret();
            });
        }
    }

    private static ulong Run(GuestCode guest, int processor)
    {
        guest[CpuState.Rbx] = (ulong)processor + 1;
        guest[CpuState.Rcx] = Rounds;
        guest[CpuState.Rsi] = Data + (ulong)(processor * 64);
        guest[CpuState.Rsp] = GuestCode.Stack + 0x400 + (ulong)(processor * 0x400);
        StopReason stop;
        do stop = guest.Run(processor: processor);
        while (stop == StopReason.Preempted);
        Assert.Equal(StopReason.Breakpoint, stop);
        return guest[CpuState.Rax];
    }

    private static ulong Expected(int processor)
    {
        ulong state = (ulong)processor + 1, value = 0;
        for (int n = 0; n < Rounds; n++)
        {
            state = (state * 0x5851_f42d) + 0x1405_7b7e;
            value = (value * 33) + ((uint)(state >> 20) & (Count - 1));
        }
        return value;
    }
}
