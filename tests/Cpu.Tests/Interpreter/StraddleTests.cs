using Kennel.Cpu.Tests.Harness;
using Kennel.Machine;
using static Iced.Intel.AssemblerRegisters;

namespace Kennel.Cpu.Tests.Interpreter;

/// <summary>Instructions that lie in two pages.</summary>
public sealed unsafe class StraddleTests
{
    private const ulong Code = GuestCode.Code;

    [Theory]
    [InlineData(1, false)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    [InlineData(2, true)]
    [InlineData(3, false)]
    [InlineData(3, true)]
    [InlineData(4, false)]
    [InlineData(4, true)]
    public void ALoopAcrossThePageEndRuns(int inFirstPage, bool translate)
    {
        using var machine = new BareMachine(translate: translate, counts: true);
        using GuestCode guest = new GuestCode(machine).Map();
        ulong start = Code + 0x1000 - (ulong)inFirstPage;
        guest.Assemble(start, a =>
        {
            var loop = a.CreateLabel();
            a.Label(ref loop);
            a.add(eax, 0x100);
            a.sub(ecx, 1);
            a.jne(loop);
            a.int3();
        });
        guest.State->Rip = start;
        guest[CpuState.Rcx] = 1000;
        Assert.Equal(StopReason.Breakpoint, guest.Run());
        Assert.Equal(0x100 * 1000u, guest[CpuState.Rax]);
        Assert.Equal(3001u, guest.State->Retired);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AJumpThatStraddlesGoesBothWays(bool translate)
    {
        using var machine = new BareMachine(translate: translate, counts: true);
        using GuestCode guest = new GuestCode(machine).Map();
        ulong start = Code + 0xfff - 3;
        guest.Assemble(start, a =>
        {
            var loop = a.CreateLabel();
            a.Label(ref loop);
            a.sub(ecx, 1);
            a.jne(loop); // its second byte is in the second page
            a.int3();
        });
        guest.State->Rip = start;
        guest[CpuState.Rcx] = 500;
        Assert.Equal(StopReason.Breakpoint, guest.Run());
        Assert.Equal(0u, guest[CpuState.Rcx]);
        Assert.Equal(1001u, guest.State->Retired);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AMissingSecondPageFaultsThere(bool translate)
    {
        using var machine = new BareMachine(translate: translate, counts: true);
        using GuestCode guest = new GuestCode(machine).Map();
        guest.Assemble(Code + 0xffd, a => a.mov(eax, 1));
        machine.Memory.Clear(Code + 0x1000, Code + 0x2000);
        guest.State->Rip = Code + 0xffd;
        guest[CpuState.Rax] = 9;
        Assert.Equal(StopReason.PageFault, guest.Run());
        Assert.Equal(Code + 0x1000, guest.State->FaultAddress);
        Assert.Equal(Code + 0xffd, guest.State->Rip);
        Assert.Equal(9u, guest[CpuState.Rax]);
        Assert.Equal(0u, guest.State->Retired);
        Assert.Equal(StopReason.PageFault, guest.Run(budget: 1));
        machine.Map(Code + 0x1000, 1, PageAccess.Read | PageAccess.Write | PageAccess.Execute);
        guest.Assemble(Code + 0x1002, a => a.int3());
        Assert.Equal(StopReason.Breakpoint, guest.Run());
        Assert.Equal(1u, guest[CpuState.Rax]);
    }

    [Theory]
    [InlineData(0xfff, false)]
    [InlineData(0xfff, true)]
    [InlineData(0x1001, false)]
    [InlineData(0x1001, true)]
    public void AChangeOfEitherPartIsSeen(int changed, bool translate)
    {
        using var machine = new BareMachine(translate: translate, counts: true);
        using GuestCode guest = new GuestCode(machine).Map();
        guest.Assemble(Code + 0xffe, a =>
        {
            a.mov(eax, 0x0101_0101);
            a.int3();
        });
        guest[CpuState.Rdi] = Code + (ulong)changed;
        guest.Assemble(Code, a =>
        {
            a.mov(__byte_ptr[rdi], 7);
            a.jmp(Code + 0xffe);
        });
        guest.State->Rip = Code + 0xffe;
        Assert.Equal(StopReason.Breakpoint, guest.Run());
        Assert.Equal(0x0101_0101u, guest[CpuState.Rax]);
        guest.State->Rip = Code;
        Assert.Equal(StopReason.Breakpoint, guest.Run());
        Assert.Equal(changed == 0xfff ? 0x0101_0107u : 0x0107_0101u, guest[CpuState.Rax]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void OtherSecondPagesGiveOtherInstructions(bool translate)
    {
        using var machine = new BareMachine(translate: translate, counts: true);
        using GuestCode guest = new GuestCode(machine).Map(3);
        // One frame mapped twice, before two different ones.
        const ulong twin = 0x80_0000;
        int frame = machine.Memory.Walk(Code, out _).Frame;
        machine.Frames.AddReference(frame);
        machine.Memory.Set(twin, Pte.For(frame, PageAccess.Read | PageAccess.Execute, shared: true));
        machine.Map(twin + 0x1000, 1, PageAccess.Read | PageAccess.Write | PageAccess.Execute);
        guest.Assemble(Code + 0xffe, a =>
        {
            a.mov(eax, 0x1111_1111);
            a.int3();
        });
        machine.Write(twin + 0x1000, [0x22, 0x22, 0x22, 0xcc]);
        foreach (ulong start in (ulong[])[Code, twin, Code, twin])
        {
            guest.State->Rip = start + 0xffe;
            Assert.Equal(StopReason.Breakpoint, guest.Run());
            Assert.Equal(start == Code ? 0x1111_1111u : 0x2222_2211u, guest[CpuState.Rax]);
        }
    }
}
