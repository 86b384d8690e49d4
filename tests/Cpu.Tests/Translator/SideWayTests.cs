using Iced.Intel;
using Kennel.Cpu.Tests.Harness;
using Kennel.Cpu.Tests.Interpreter;
using Kennel.Cpu.Translator;
using Kennel.Machine;
using static Iced.Intel.AssemblerRegisters;

namespace Kennel.Cpu.Tests.Translator;

/// <summary>Code that is in the middle of a block already is not translated again for those who jump there.</summary>
public sealed unsafe class SideWayTests
{
    [Fact]
    public void JumpsOverCodeLeadIntoTheBlock()
    {
        using var machine = new BareMachine(translate: true);
        using GuestCode guest = new GuestCode(machine).Map();
        int instructions = 0;
        guest.Assemble(GuestCode.Code, a =>
        {
            for (int bit = 0; bit < 8; bit++)
            {
                Label over = a.CreateLabel();
                a.test(ecx, 1 << bit);
                a.je(over);
                a.add(rax, __qword_ptr[rdi]);
                a.lea(rax, __[rax + rax * 2]);
                a.Label(ref over);
                a.lea(rax, __[rax + bit]);
                instructions += 5;
            }
            a.test(eax, eax); // the system call looks at the flags
            a.syscall();
        });
        using var other = new BareMachine();
        using GuestCode reference = new GuestCode(other).Map();
        reference.Assemble(GuestCode.Code, a => a.db(CodeOf(machine)));
        for (int bits = 0; bits < 256; bits++)
        {
            Assert.Equal(Run(reference, bits), Run(guest, bits));
        }
        Assert.Equal(instructions + 2, ((TranslatorEngine)machine.Engine).Translated);
    }

    [Fact]
    public void CodeThatComesToABlockGoesOnThere()
    {
        using var machine = new BareMachine(translate: true);
        using GuestCode guest = new GuestCode(machine).Map();
        guest.Assemble(GuestCode.Code, a =>
        {
            a.lea(rax, __[rax + 1]);
            a.lea(rax, __[rax + rax * 2]);
            a.lea(rax, __[rax + 1]);
            a.test(eax, eax);
            a.syscall();
        });
        var engine = (TranslatorEngine)machine.Engine;
        guest.State->Rip = GuestCode.Code + 8; // behind two instructions of four bytes
        Assert.Equal(StopReason.SystemCall, guest.Run());
        Assert.Equal(3, engine.Translated);
        guest[CpuState.Rax] = 5;
        guest.State->Rip = GuestCode.Code;
        Assert.Equal(StopReason.SystemCall, guest.Run());
        Assert.Equal(5, engine.Translated);
        Assert.Equal(19ul, guest[CpuState.Rax]);
    }

    private static ulong Run(GuestCode guest, int bits)
    {
        guest.State->Rip = GuestCode.Code;
        guest[CpuState.Rax] = 7;
        guest[CpuState.Rcx] = (ulong)bits;
        guest[CpuState.Rdi] = GuestCode.Data;
        Assert.Equal(StopReason.SystemCall, guest.Run());
        return guest[CpuState.Rax];
    }

    private static byte[] CodeOf(BareMachine machine)
    {
        var bytes = new byte[512];
        machine.Read(GuestCode.Code, bytes);
        return bytes;
    }
}
