using Iced.Intel;
using Kennel.Cpu.Tests.Harness;
using Kennel.Cpu.Tests.Interpreter;
using Kennel.Cpu.Translator;
using Kennel.Machine;
using static Iced.Intel.AssemblerRegisters;

namespace Kennel.Cpu.Tests.Translator;

/// <summary>FXSAVE and FXRSTOR, which the translator's engine runs itself, do in both engines the same: results, faults, and what is gone on with.</summary>
public sealed unsafe class SimpleInstructionTests
{
    private const ulong Code = GuestCode.Code, Data = GuestCode.Data, Missing = Data + 0x10_0000, ReadOnly = Data + 0x20_0000;

    public static TheoryData<string> Programs =>
    [
        "saves", "other registers", "restores", "two pages", "segment", "narrow address", "misaligned", "missing", "read-only", "half missing", "invalid", "noncanonical",
    ];

    [Theory]
    [MemberData(nameof(Programs))]
    public void BothEnginesDoTheSame(string program)
    {
        string expected = Run(program, translate: false, out _);
        Assert.Equal(expected, Run(program, translate: true, out long interpreted));
        if (expected.StartsWith(nameof(StopReason.Breakpoint), StringComparison.Ordinal)) Assert.Equal(0, interpreted);
    }

    private static string Run(string program, bool translate, out long interpreted)
    {
        var counter = new InterpretedCounter();
        using var machine = new BareMachine(translate: translate);
        if (machine.Engine is TranslatorEngine engine) engine.Interpreted = counter;
        using GuestCode guest = new GuestCode(machine).Map();
        machine.Map(ReadOnly, 1, PageAccess.Read);
        guest.Assemble(Code, a => Write(a, program));
        guest[CpuState.Rbx] = Data;
        guest[CpuState.R10] = Data + 0x100;
        guest[CpuState.R15] = 0x40;
        guest[CpuState.FsBase] = Data + 0x400;
        guest.State->Xmm[5] = 0x1234_5678_9abc_def0;
        StopReason stop = guest.Run();
        var bytes = new byte[2 * FramePool.FrameSize];
        machine.Read(Data, bytes);
        CpuState* s = guest.State;
        interpreted = counter.Uses.Where(static use => use.Form.StartsWith("Fx", StringComparison.Ordinal)).Sum(static use => use.Times);
        string registers = string.Join(' ', Enumerable.Range(0, 16).Select(n => $"{guest[n]:x}"));
        string vectors = string.Join(' ', Enumerable.Range(0, 32).Select(n => $"{s->Xmm[n]:x}"));
        return $"{stop} {s->Rip:x} {(stop == StopReason.PageFault ? s->FaultAddress : 0):x} {(stop == StopReason.PageFault ? s->FaultAccess : 0)} {s->Mxcsr:x} {registers} {vectors} {Convert.ToHexString(bytes)}";
    }

    private static void Write(Assembler a, string program)
    {
        a.fld1();
        a.fldpi();
        a.add(eax, eax); // flags to be kept
        switch (program)
        {
            case "saves":
                a.fxsave(__[rbx + 0x40]);
                break;
            case "other registers":
                a.fxsave(__[r10 + (r15 * 2)]);
                break;
            case "restores":
                a.fxsave(__[rbx]);
                a.fstp(st1);
                a.pxor(xmm2, xmm2);
                a.mov(__dword_ptr[rbx + 0x18], 0x1f80 | 0x6000); // another rounding
                a.fxrstor(__[rbx]);
                a.fadd(st0, st1);
                a.fstp(__tbyte_ptr[rbx + 0x800]);
                break;
            case "two pages":
                a.fxsave(__[rbx + 0xf00]);
                a.fxrstor(__[rbx + 0xf00]);
                break;
            case "segment":
                a.fxsave(__.fs[0x40]);
                break;
            case "narrow address":
                a.fxsave(__[ebx + 0x80]);
                break;
            case "misaligned":
                a.fxsave(__[rbx + 8]);
                break;
            case "missing":
                a.mov(rcx, Missing);
                a.fxrstor(__[rcx]);
                break;
            case "read-only":
                a.mov(rcx, ReadOnly);
                a.fxsave(__[rcx + 0x20]);
                break;
            case "half missing":
                a.fxsave(__[rbx + 0x1f00]);
                break;
            case "invalid":
                a.mov(__dword_ptr[rbx + 0x18], -1);
                a.fxrstor(__[rbx]);
                break;
            case "noncanonical":
                a.mov(rcx, 0x1234_5678_9abc_de00);
                a.fxsave(__[rcx]);
                break;
        }
        a.adc(edx, 1);
        a.int3();
    }
}
