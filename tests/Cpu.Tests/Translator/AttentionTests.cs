using Iced.Intel;
using Kennel.Cpu.Tests.Harness;
using Kennel.Cpu.Tests.Interpreter;
using Kennel.Cpu.Translator;
using Kennel.Machine;
using static Iced.Intel.AssemblerRegisters;

namespace Kennel.Cpu.Tests.Translator;

/// <summary>Translated code that does not count its instructions comes back when asked, and when its time is up, from every kind of loop.</summary>
public sealed unsafe class AttentionTests
{
    private const ulong Code = GuestCode.Code;
    private const int Attempts = 25;

    public static TheoryData<string> Loops => ["self", "conditional", "flags", "nested", "page", "call", "deep", "indirect", "return", "restored"];

    [Theory]
    [MemberData(nameof(Loops))]
    public void ALoopIsLeftWhenItsTimeIsUp(string loop)
    {
        using var machine = new BareMachine(translate: true);
        using GuestCode guest = Map(machine, loop);
        for (int i = 0; i < 5; i++)
        {
            ulong before = guest.State->Retired;
            Assert.Equal(StopReason.Preempted, guest.Run(20_000));
            Assert.True(guest.State->Retired > before);
        }
    }

    [Theory]
    [MemberData(nameof(Loops))]
    public void ALoopIsLeftWhenSomebodyAsks(string loop)
    {
        using var machine = new BareMachine(translate: true);
        using GuestCode guest = Map(machine, loop);
        var counter = new InterpretedCounter();
        ((TranslatorEngine)machine.Engine).Interpreted = counter;
        for (int i = 0; i < Attempts; i++) // later each time, as the first ones may come before the code is entered
        {
            counter.Exits.Clear();
            AskToLeave(guest, delay: 1 << i);
            if (counter.Exits.ContainsKey(ExitKind.Go)) return;
        }
        Assert.Fail("nobody was inside: " + string.Join(", ", counter.Exits));
    }

    [Theory]
    [MemberData(nameof(Loops))]
    public void CountedLoopsStopExactly(string loop)
    {
        using var machine = new BareMachine(translate: true, counts: true);
        using GuestCode guest = Map(machine, loop);
        using var other = new BareMachine();
        using GuestCode reference = Map(other, loop);
        foreach (long budget in (long[])[1000, 7, 60_000, 100_000])
        {
            Assert.Equal(StopReason.Preempted, guest.Run(budget));
            while (reference.State->Retired < guest.State->Retired) reference.Run(1);
            Assert.Equal(reference.State->Retired, guest.State->Retired);
            Assert.Equal(reference.State->Rip, guest.State->Rip);
            Assert.Equal(reference[CpuState.Rcx], guest[CpuState.Rcx]);
        }
    }

    private static void AskToLeave(GuestCode guest, int delay)
    {
        StopReason stop = default;
        var thread = new Thread(() => stop = guest.Run(long.MaxValue));
        thread.Start();
        Processor processor = guest.Machine.Processors[0];
        SpinWait.SpinUntil(() => processor.IsInGuest);
        Thread.SpinWait(delay);
        processor.RequestPreemption();
        thread.Join();
        processor.ClearPreemption();
        Assert.Equal(StopReason.Preempted, stop);
    }

    private static GuestCode Map(BareMachine machine, string loop)
    {
        GuestCode guest = new GuestCode(machine).Map();
        guest[CpuState.Rsp] = GuestCode.Stack + 0x800; // at the end of a range, the interpreter would have a part
        guest.Assemble(loop == "page" ? Code + 0xff8 : Code, a => Write(a, loop));
        if (loop == "page") guest.State->Rip = Code + 0xff8;
        return guest;
    }

    private static void Write(Assembler a, string loop)
    {
        Label top = a.CreateLabel(), other = a.CreateLabel();
        a.Label(ref top);
        switch (loop)
        {
            case "self":
                a.jmp(top);
                break;
            case "conditional":
                a.inc(rcx);
                a.test(rsp, rsp);
                a.jne(top);
                break;
            case "flags": // the carry goes round
                a.adc(rcx, 1);
                a.jmp(top);
                break;
            case "nested":
                a.inc(rcx);
                a.jmp(other);
                a.nop();
                a.Label(ref other);
                a.jmp(top);
                break;
            case "page": // from one page to the next and back
                a.nop();
                a.nop();
                a.inc(rcx);
                a.nop();
                a.nop();
                a.nop();
                a.jmp(top);
                break;
            case "call":
                a.call(other);
                a.jmp(top);
                a.Label(ref other);
                a.inc(rcx);
                a.ret();
                break;
            case "deep": // never returns
                a.mov(rsp, GuestCode.Stack + 0x800);
                a.inc(rcx);
                a.call(top);
                break;
            case "indirect":
                a.inc(rcx);
                a.lea(rax, __[top]);
                a.jmp(rax);
                break;
            case "return":
                a.inc(rcx);
                a.lea(rax, __[top]);
                a.push(rax);
                a.ret();
                break;
            case "restored":
                a.inc(rcx);
                a.cmp(rcx, 5);
                a.nop();
                a.Label(ref other);
                a.cmc();
                a.lea(rdx, __[rdx + 1]);
                a.jmp(other);
                break;
        }
        a.ud2();
    }
}
