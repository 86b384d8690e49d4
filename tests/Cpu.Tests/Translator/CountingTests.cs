using Iced.Intel;
using Kennel.Cpu.Tests.Harness;
using Kennel.Cpu.Tests.Interpreter;
using Kennel.Machine;
using static Iced.Intel.AssemblerRegisters;

namespace Kennel.Cpu.Tests.Translator;

/// <summary>Instructions are counted exactly, whoever interrupts them where.</summary>
public sealed unsafe class CountingTests
{
    private const int Pages = 16, Rounds = 4000, Prologue = 3, PerRound = 9;
    private const ulong Scattered = 0x70_0000;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void HoweverOftenAProcessorIsWanted(int processors)
    {
        using var machine = new BareMachine(processors, translate: true, counts: true);
        using GuestCode guest = new GuestCode(machine).Map();
        for (int i = Pages - 1; i >= 0; i--) machine.Map(Scattered + ((ulong)i * FramePool.FrameSize), 1, PageAccess.Read | PageAccess.Write); // no two in one range
        guest.Assemble(GuestCode.Code, a =>
        {
            Label loop = a.CreateLabel();
            a.mov(edi, (uint)Scattered);
            a.mov(ecx, Rounds);
            a.xor(edx, edx);
            a.Label(ref loop);
            a.inc(__dword_ptr[rdi + 8]); // each of these misses the range that the one before has found
            a.add(edx, 0x1000);
            a.and(edx, (Pages - 1) * 0x1000);
            a.lea(rsi, __[rdi + rdx]);
            a.mov(eax, __dword_ptr[rsi + 16]);
            a.add(__dword_ptr[rsi], eax);
            a.add(__dword_ptr[rdi + rdx * 1 + 0x20], ecx);
            a.dec(ecx);
            a.jne(loop);
            a.hlt();
        });
        using var done = new ManualResetEventSlim();
        var other = new Thread(() =>
        {
            while (!done.IsSet)
            {
                machine.Processors[0].RequestPreemption();
                Thread.Yield();
                machine.Processors.FlushWrites();
            }
        });
        other.Start();
        try
        {
            while (true)
            {
                StopReason stop = guest.Run(10_000);
                machine.Processors[0].ClearPreemption();
                if (stop == StopReason.Preempted) continue;
                Assert.Equal(StopReason.GeneralProtection, stop);
                break;
            }
        }
        finally
        {
            done.Set();
            other.Join();
        }
        Assert.Equal((ulong)(Prologue + (Rounds * PerRound)), guest.State->Retired);
    }
}
