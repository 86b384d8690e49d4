using Iced.Intel;
using Kennel.Cpu.Tests.Harness;
using Kennel.Cpu.Tests.Interpreter;
using Kennel.Cpu.Translator;
using Kennel.Machine;
using static Iced.Intel.AssemblerRegisters;

namespace Kennel.Cpu.Tests.Translator;

/// <summary>Calls and returns that do not pair, in all engines: the host's stack, on which translated calls are made, must never show.</summary>
public sealed unsafe class ReturnTests
{
    private const ulong Code = GuestCode.Code, Stack = GuestCode.Stack;
    private const int StackPages = 1024;

    public static TheoryData<string> Programs =>
    [
        "paired", "deep", "leaves", "skips", "replaced", "switched", "zero", "noncanonical", "noncanonical call", "noncanonical jump",
        "position", "far", "cleans", "flags",
    ];

    [Theory]
    [MemberData(nameof(Programs))]
    public void AllEnginesDoTheSame(string program)
    {
        string expected = Run(program, translate: false, counts: false);
        Assert.Equal(expected, Run(program, translate: true, counts: false));
        Assert.Equal(expected, Run(program, translate: true, counts: true));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void NoAddressIsKnownThatNobodyRemembered(bool ret)
    {
        // The tag of an address is that address exclusive-or a key that a guest can guess; of this address it is zero.
        using var machine = new BareMachine(translate: true);
        using GuestCode guest = new GuestCode(machine).Map();
        guest.Assemble(Code, a =>
        {
            if (ret)
            {
                a.push(rax);
                a.ret();
            }
            a.jmp(rax);
        });
        for (ulong generation = 1; generation < 8; generation++)
        {
            guest[CpuState.Rax] = (generation << 48) | (generation * 0x9e50 & 0xffff);
            guest.State->Rip = Code;
            Assert.Equal(StopReason.GeneralProtection, guest.Run());
        }
    }

    /// <summary>A return whose call has been forgotten, as another address space ran meanwhile, looks for its target, which the jump behind the call then leads to.</summary>
    [Fact]
    public void AReturnThatWasNotPredictedLinksTheJumpBehindItsCall()
    {
        const ulong missing = GuestCode.Data + 0x10_0000;
        var counter = new InterpretedCounter();
        using var machine = new BareMachine(translate: true);
        using var nodes = new PageNodePool();
        using var table = new PageTable(machine.Frames, nodes, machine.Processors);
        ((TranslatorEngine)machine.Engine).Interpreted = counter;
        using GuestCode guest = new GuestCode(machine).Map(), other = new GuestCode(machine, table).Map();
        other.Assemble(Code, static a => a.int3());
        guest.Assemble(Code, static a =>
        {
            Label over = a.CreateLabel();
            a.test(eax, eax);
            a.jne(over); // what is behind it is not certain to run, and so not translated with it
            a.call(Code + 0x100);
            a.inc(ebx);
            a.Label(ref over);
            a.int3();
        });
        guest.Assemble(Code + 0x100, static a =>
        {
            a.mov(ecx, __[missing]);
            a.ret();
        });
        long links = -1;
        for (ulong n = 1; n <= 3; n++)
        {
            guest.State->Rip = Code;
            guest[CpuState.Rax] = 0;
            guest[CpuState.Rsp] = Stack + 0x800;
            if (n == 1)
            {
                Assert.Equal(StopReason.PageFault, guest.Run());
                Assert.Equal(StopReason.Breakpoint, other.Run());
                machine.Map(missing, 1, PageAccess.Read);
            }
            Assert.Equal(StopReason.Breakpoint, guest.Run());
            Assert.Equal(n, guest[CpuState.Rbx]);
            if (links < 0) links = counter.Exits.GetValueOrDefault(ExitKind.Link);
        }
        Assert.Equal(links, counter.Exits.GetValueOrDefault(ExitKind.Link));
    }

    private static string Run(string program, bool translate, bool counts)
    {
        using var machine = new BareMachine(translate: translate, counts: counts);
        using GuestCode guest = new GuestCode(machine);
        machine.Map(Code, 3, PageAccess.Read | PageAccess.Write | PageAccess.Execute);
        machine.Map(Stack, StackPages, PageAccess.Read | PageAccess.Write);
        guest[CpuState.Rsp] = Stack + (StackPages * FramePool.FrameSize);
        guest[CpuState.Rcx] = 1000;
        guest.Assemble(Code, a => Write(a, program));
        guest.Assemble(Code + 0x2000, static a =>
        {
            a.inc(rdx);
            a.ret();
        });
        StopReason stop;
        do stop = guest.Run();
        while (stop == StopReason.Preempted);
        CpuState* s = guest.State;
        string registers = string.Join(' ', Enumerable.Range(0, 16).Select(n => $"{guest[n]:x}"));
        return $"{stop} {s->Rip:x} {(stop == StopReason.PageFault ? s->FaultAddress : 0):x} {registers}";
    }

    private static void Write(Assembler a, string program)
    {
        Label top = a.CreateLabel(), f = a.CreateLabel(), g = a.CreateLabel(), end = a.CreateLabel(), other = a.CreateLabel();
        switch (program)
        {
            case "paired":
                a.Label(ref top);
                a.call(f);
                a.lea(r11, __[g]);
                a.call(r11);
                a.dec(rcx);
                a.jne(top);
                a.int3();
                a.Label(ref f);
                a.call(g);
                a.Label(ref g);
                a.inc(rax);
                a.ret();
                break;
            case "deep": // deeper than the host's stack
                a.mov(rcx, 200_000);
                a.call(f);
                a.call(g);
                a.int3();
                a.Label(ref f);
                a.dec(rcx);
                a.je(g);
                a.call(f);
                a.Label(ref g);
                a.inc(rax);
                a.ret();
                break;
            case "leaves": // pops its return address: the caller's caller is returned to
                a.Label(ref top);
                a.call(f);
                a.dec(rcx);
                a.jne(top);
                a.int3();
                a.Label(ref f);
                a.call(g);
                a.ud2();
                a.Label(ref g);
                a.pop(rax);
                a.ret();
                break;
            case "skips": // as longjmp does
                a.Label(ref top);
                a.mov(rbp, rsp);
                a.lea(rbx, __[end]);
                a.mov(rdx, 20);
                a.call(f);
                a.ud2();
                a.Label(ref end);
                a.dec(rcx);
                a.jne(top);
                a.int3();
                a.Label(ref f);
                a.dec(rdx);
                a.je(g);
                a.call(f);
                a.Label(ref g);
                a.mov(rsp, rbp);
                a.jmp(rbx);
                break;
            case "replaced": // returns elsewhere, through the return address of an outer call as well
                a.Label(ref top);
                a.lea(rbx, __[end]);
                a.call(f);
                a.ud2();
                a.Label(ref end);
                a.dec(rcx);
                a.jne(top);
                a.int3();
                a.Label(ref f);
                a.call(g);
                a.ud2();
                a.Label(ref g);
                a.add(rsp, 8);
                a.mov(__qword_ptr[rsp], rbx);
                a.ret();
                break;
            case "switched": // two stacks that take turns
                a.mov(rbp, rsp);
                a.sub(rbp, 0x4000);
                a.lea(rax, __[other]);
                a.mov(__qword_ptr[rbp], rax);
                a.Label(ref top);
                a.call(f);
                a.inc(rdx);
                a.dec(rcx);
                a.jne(top);
                a.int3();
                a.Label(ref f);
                a.xchg(rbp, rsp);
                a.ret();
                a.Label(ref other);
                a.inc(rsi);
                a.call(f);
                a.jmp(other);
                break;
            case "zero": // fits the sentinel
                a.push(0);
                a.ret();
                break;
            case "noncanonical":
                a.mov(rax, 0x1234_5678_9abc_def0);
                a.push(rax);
                a.ret(16);
                break;
            case "noncanonical call":
                a.mov(rax, 0x1234_5678_9abc_def0);
                a.call(rax);
                break;
            case "noncanonical jump":
                a.mov(rax, 0x1234_5678_9abc_def0);
                a.jmp(rax);
                break;
            case "position": // how code without a fixed place finds out where it is
                a.Label(ref top);
                a.call(f);
                a.Label(ref f);
                a.pop(rax);
                a.dec(rcx);
                a.jne(top);
                a.int3();
                break;
            case "far": // to another page
                a.Label(ref top);
                a.call(Code + 0x2000);
                a.dec(rcx);
                a.jne(top);
                a.int3();
                break;
            case "cleans":
                a.Label(ref top);
                a.push(rcx);
                a.push(rcx);
                a.call(f);
                a.dec(rcx);
                a.jne(top);
                a.int3();
                a.Label(ref f);
                a.ret(16);
                break;
            case "flags": // to the function and back
                a.Label(ref top);
                a.add(rax, rax);
                a.stc();
                a.call(f);
                a.adc(rdx, 0);
                a.dec(rcx);
                a.jne(top);
                a.int3();
                a.Label(ref f);
                a.adc(rax, 3);
                a.mov(rbx, rax);
                a.shl(rbx, 61);
                a.ret();
                break;
        }
    }
}
