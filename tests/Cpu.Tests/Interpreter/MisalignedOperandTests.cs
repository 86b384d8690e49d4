using Kennel.Cpu.Tests.Harness;
using Kennel.Machine;
using static Iced.Intel.AssemblerRegisters;

namespace Kennel.Cpu.Tests.Interpreter;

/// <summary>Operands that have to be aligned, in the first page, where nothing is: no entry of the TLB may be taken for them.</summary>
public sealed unsafe class MisalignedOperandTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void NoAddressOfTheFirstPageIsFound(bool translate)
    {
        using var machine = new BareMachine(translate: translate);
        using GuestCode guest = new GuestCode(machine).Map();
        guest.Assemble(GuestCode.Code, static a => a.paddd(xmm0, __xmmword_ptr[rax]));
        for (ulong address = 0; address < FramePool.FrameSize; address++)
        {
            guest.State->Rip = GuestCode.Code;
            guest[CpuState.Rax] = address;
            StopReason stop = guest.Run(budget: 1_000_000);
            Assert.Equal((address & 15) == 0 ? StopReason.PageFault : StopReason.GeneralProtection, stop);
            Assert.Equal(GuestCode.Code, guest.State->Rip);
        }
    }
}
