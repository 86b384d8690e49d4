using Kennel.Cpu.Tests.Harness;
using Kennel.Machine;
using static Iced.Intel.AssemblerRegisters;

namespace Kennel.Cpu.Tests.Interpreter;

/// <summary>Decoded code must never outlive the bytes, or the right to run them.</summary>
public sealed unsafe class CodeChangeTests
{
    private const ulong Code = GuestCode.Code;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void StoreIntoTheNextInstructionTakesEffectAtOnce(bool translate)
    {
        using var machine = new BareMachine(translate: translate, counts: true);
        using GuestCode guest = new GuestCode(machine).Map();
        // The store replaces the immediate of the mov right behind it.
        int store = guest.Assemble(Code, a => a.mov(__dword_ptr[Code + 0x11], 77));
        Assert.True(store < 0x10);
        guest.Assemble(Code + (ulong)store, a => a.nop(0x10 - store));
        guest.Assemble(Code + 0x10, a =>
        {
            a.mov(eax, 5);
            a.int3();
        });
        Assert.Equal(StopReason.Breakpoint, guest.Run());
        Assert.Equal(77u, guest[CpuState.Rax]);
        Assert.Equal((ulong)(1 + NopCount(guest, store) + 2), guest.State->Retired);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ALoopThatRewritesItselfRunsEachVersion(bool translate)
    {
        using var machine = new BareMachine(translate: translate, counts: true);
        using GuestCode guest = new GuestCode(machine).Map();
        guest.Assemble(Code, a =>
        {
            var loop = a.CreateLabel();
            a.mov(rdi, Code + 0x101);
            a.mov(ecx, 100);
            a.xor(ebx, ebx);
            a.Label(ref loop);
            a.mov(__dword_ptr[rdi], ecx);
            a.call(Code + 0x100);
            a.add(ebx, eax);
            a.sub(ecx, 1);
            a.jne(loop);
            a.int3();
        });
        guest.Assemble(Code + 0x100, a =>
        {
            a.mov(eax, 0x1234_5678);
            a.ret();
        });
        Assert.Equal(StopReason.Breakpoint, guest.Run());
        Assert.Equal(5050u, guest[CpuState.Rbx]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AStoreThroughAnotherMappingOfTheFrameIsSeen(bool translate)
    {
        using var machine = new BareMachine(translate: translate, counts: true);
        using GuestCode guest = new GuestCode(machine).Map();
        const ulong alias = 0x90_0000;
        int frame = machine.Memory.Walk(Code, out _).Frame;
        machine.Frames.AddReference(frame);
        machine.Memory.Set(alias, Pte.For(frame, PageAccess.Read | PageAccess.Write, shared: true));
        machine.Frames.AddReference(frame);
        machine.Memory.Set(Code, Pte.For(frame, PageAccess.Read | PageAccess.Execute, shared: true));
        guest.Assemble(Code, a =>
        {
            a.mov(rdi, alias + 0x101);
            a.mov(ecx, 3);
            a.mov(__dword_ptr[alias + 0x800], ecx); // a write translation exists before the code is decoded
            a.call(Code + 0x100);
            a.mov(ebx, eax);
            a.mov(__dword_ptr[rdi], ecx);
            a.call(Code + 0x100);
            a.int3();
        });
        guest.Assemble(Code + 0x100, a =>
        {
            a.mov(eax, 9);
            a.ret();
        });
        Assert.Equal(StopReason.Breakpoint, guest.Run());
        Assert.Equal(9u, guest[CpuState.Rbx]);
        Assert.Equal(3u, guest[CpuState.Rax]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void KernelWritesAreSeen(bool translate)
    {
        using var machine = new BareMachine(translate: translate, counts: true);
        using GuestCode guest = new GuestCode(machine).Map();
        for (int value = 1; value < 10; value++)
        {
            guest.Assemble(Code, a =>
            {
                a.mov(eax, value);
                a.int3();
            });
            guest.State->Rip = Code;
            Assert.Equal(StopReason.Breakpoint, guest.Run());
            Assert.Equal((ulong)value, guest[CpuState.Rax]);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AFrameThatIsUsedAgainRunsItsNewCode(bool translate)
    {
        using var machine = new BareMachine(memory: 1 << 20, translate: translate, counts: true);
        using GuestCode guest = new GuestCode(machine).Map(1);
        for (int value = 1; value < 600; value++) // more often than there are frames
        {
            machine.Memory.Clear(Code, Code + 0x1000);
            machine.Map(Code, 1, PageAccess.Read | PageAccess.Write | PageAccess.Execute);
            guest.Assemble(Code, a =>
            {
                a.mov(eax, value);
                a.int3();
            });
            guest.State->Rip = Code;
            Assert.Equal(StopReason.Breakpoint, guest.Run());
            Assert.Equal((ulong)value, guest[CpuState.Rax]);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AfterMunmapOrMprotectTheCodeFaults(bool translate)
    {
        using var machine = new BareMachine(translate: translate, counts: true);
        using GuestCode guest = new GuestCode(machine).Map();
        guest.Assemble(Code, a => a.int3());
        Assert.Equal(StopReason.Breakpoint, guest.Run());
        machine.Memory.Protect(Code, Code + 0x1000, PageAccess.Read | PageAccess.Write);
        AssertExecuteFault(guest);
        machine.Memory.Protect(Code, Code + 0x1000, PageAccess.Read | PageAccess.Execute);
        guest.State->Rip = Code;
        Assert.Equal(StopReason.Breakpoint, guest.Run());
        machine.Memory.Clear(Code, Code + 0x1000);
        AssertExecuteFault(guest);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void MoreFlushesThanThereAreKeysForgetCodeEachTime(bool translate)
    {
        using var machine = new BareMachine(translate: translate, counts: true);
        using GuestCode guest = new GuestCode(machine).Map();
        guest.Assemble(Code, a => a.jmp(Code + 0x1000)); // leaves the page: through the jump table
        guest.Assemble(Code + 0x1000, a => a.int3());
        for (int i = 0; i < 40_000; i++)
        {
            PageAccess access = i % 5_000 == 4_999 ? PageAccess.Read : PageAccess.Read | PageAccess.Execute;
            machine.Memory.Protect(Code + 0x1000, Code + 0x2000, access);
            guest.State->Rip = Code;
            Assert.Equal((access & PageAccess.Execute) != 0 ? StopReason.Breakpoint : StopReason.PageFault, guest.Run());
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AJumpIsNeverTiedToCodeThatWasThrownAway(bool translate)
    {
        using var machine = new BareMachine(translate: translate, counts: true);
        using GuestCode guest = new GuestCode(machine).Map(3);
        const ulong a1 = Code, target = Code + 0x100, churn = Code + 0x1000, main = Code + 0x2000;
        guest.Assemble(a1, a => a.jmp(target));
        guest.Assemble(target, a => a.ret());
        guest.Assemble(churn, a =>
        {
            // Decoded anew each time: a page full of code to be thrown away.
            for (int i = 0; i < 300; i++) a.add(rax, rdx);
            a.ret();
        });
        guest.Assemble(main, a =>
        {
            Iced.Intel.Label loop = a.CreateLabel();
            a.mov(rbx, target);
            a.call(rbx); // the jump table knows the target
            a.mov(__byte_ptr[Code + 0x800], 1); // the first page's code is thrown away
            a.call(a1); // and its jump has to find the target
            a.mov(ecx, 2000);
            a.Label(ref loop);
            a.call(churn);
            a.mov(__byte_ptr[churn + 0xf00], cl);
            a.sub(ecx, 1);
            a.jne(loop);
            a.call(a1);
            a.int3();
        });
        guest.State->Rip = main;
        guest[CpuState.Rdx] = 3;
        Assert.Equal(StopReason.Breakpoint, guest.Run(10_000_000));
        Assert.Equal(2000u * 300 * 3, guest[CpuState.Rax]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ProcessesShareAFramesCodeAtDifferentAddresses(bool translate)
    {
        using var machine = new BareMachine(translate: translate, counts: true);
        using GuestCode guest = new GuestCode(machine).Map();
        const ulong elsewhere = 0x7000_0040_0000;
        int frame = machine.Memory.Walk(Code, out _).Frame;
        machine.Frames.AddReference(frame);
        machine.Memory.Set(elsewhere, Pte.For(frame, PageAccess.Read | PageAccess.Execute, shared: true));
        guest.Assemble(Code, a =>
        {
            Iced.Intel.Label next = a.CreateLabel(), here = a.CreateLabel();
            a.call(next);
            a.Label(ref next);
            a.pop(rax);
            a.lea(rbx, __[here]);
            a.Label(ref here);
            a.int3();
        });
        foreach (ulong start in (ulong[])[Code, elsewhere, Code, elsewhere])
        {
            guest.State->Rip = start;
            Assert.Equal(StopReason.Breakpoint, guest.Run());
            Assert.Equal(start + 5, guest[CpuState.Rax]);
            Assert.Equal(start + 13, guest[CpuState.Rbx]);
        }
    }

    private static void AssertExecuteFault(GuestCode guest)
    {
        guest.State->Rip = Code;
        Assert.Equal(StopReason.PageFault, guest.Run());
        Assert.Equal(Code, guest.State->FaultAddress);
        Assert.Equal(PageAccess.Execute, guest.State->FaultAccess);
        Assert.Equal(Code, guest.State->Rip);
    }

    // The filler is made of a few long nops.
    private static int NopCount(GuestCode guest, int store)
    {
        byte[] bytes = new byte[0x10 - store];
        guest.Machine.Read(Code + (ulong)store, bytes);
        var decoder = Iced.Intel.Decoder.Create(64, bytes);
        int count = 0;
        while (decoder.IP < (ulong)bytes.Length)
        {
            decoder.Decode();
            count++;
        }
        return count;
    }
}
