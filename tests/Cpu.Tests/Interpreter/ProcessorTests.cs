using Iced.Intel;
using Kennel.Cpu.Tests.Harness;
using Kennel.Machine;
using static Iced.Intel.AssemblerRegisters;

namespace Kennel.Cpu.Tests.Interpreter;

/// <summary>Several processors at once.</summary>
public sealed unsafe class ProcessorTests
{
    private const ulong Code = GuestCode.Code, Data = GuestCode.Data;
    private const int Rounds = 20_000;

    public static TheoryData<string, Action<Assembler>, ulong> LockedIncrements => new()
    {
        { "lock inc", static a => a.@lock.inc(__dword_ptr[rdi]), 2 * Rounds },
        { "lock add byte", static a => a.@lock.add(__byte_ptr[rdi], 1), (2 * Rounds) & 0xff },
        { "lock xadd", static a => a.@lock.xadd(__qword_ptr[rdi], rdx), 2 * Rounds },
        { "lock cmpxchg", CompareExchangeLoop, 2 * Rounds },
        { "lock cmpxchg16b", CompareExchange16Loop, 2 * Rounds },
    };

    [Theory]
    [MemberData(nameof(LockedIncrements))]
    public void LockedIncrementsAreNotLost(string name, Action<Assembler> increment, ulong expected)
    {
        RunOnTwo(Data + 0x40, increment, expected, name, translate: false);
        RunOnTwo(Data + 0x40, increment, expected, name, translate: true);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void LockedIncrementsAcrossTwoPagesAreNotLost(bool translate) =>
        RunOnTwo(Data + 0xffe, static a => a.@lock.inc(__dword_ptr[rdi]), 2 * Rounds, "straddling", translate);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void OneProcessorChangesCodeThatAnotherRuns(bool translate)
    {
        using var machine = new BareMachine(processors: 2, translate: translate);
        using GuestCode runner = new GuestCode(machine).Map(), writer = new(machine);
        // The runner loops until the code it calls, rewritten by the other, returns 1000; it must see every step to the end.
        runner.Assemble(Code, a =>
        {
            Label loop = a.CreateLabel();
            a.Label(ref loop);
            a.call(Code + 0x100);
            a.cmp(eax, 1000);
            a.jne(loop);
            a.int3();
        });
        runner.Assemble(Code + 0x100, a =>
        {
            a.mov(eax, 0);
            a.ret();
        });
        writer.Assemble(Code + 0x200, a =>
        {
            Label loop = a.CreateLabel();
            a.Label(ref loop);
            a.add(__dword_ptr[Code + 0x101], 1);
            a.cmp(__dword_ptr[Code + 0x101], 1000);
            a.jne(loop);
            a.int3();
        });
        writer.State->Rip = Code + 0x200;
        Assert.All(RunBoth(runner, writer), stop => Assert.Equal(StopReason.Breakpoint, stop));
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(false, 2)]
    [InlineData(true, 1)]
    [InlineData(true, 2)]
    public void UnmappingCodeStopsWhoeverRunsIt(bool translate, int processors)
    {
        using var machine = new BareMachine(processors, translate: translate);
        using GuestCode guest = new GuestCode(machine).Map();
        WhileItCounts(guest, processors - 1, () => machine.Memory.Clear(Code, Code + 0x1000));
        Assert.Equal(PageAccess.Execute, guest.State->FaultAccess);
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(false, 2)]
    [InlineData(true, 1)]
    [InlineData(true, 2)]
    public void NobodyStoresToAPageThatIsUnmapped(bool translate, int processors)
    {
        for (int round = 0; round < 20; round++)
        {
            using var machine = new BareMachine(processors, translate: translate);
            using GuestCode guest = new GuestCode(machine).Map();
            byte* given = null;
            WhileItCounts(guest, processors - 1, () =>
            {
                byte* page = machine.Frames.Pointer(machine.Memory.Walk(Data, out _).Frame);
                machine.Memory.Clear(Data, Data + 0x1000);
                given = machine.Frames.Pointer(machine.Frames.Allocate());
                Assert.True(page == given);
            });
            Assert.Equal((PageAccess.Write, Data), (guest.State->FaultAccess, guest.State->FaultAddress));
            Assert.True(new ReadOnlySpan<byte>(given, FramePool.FrameSize).IndexOfAnyExcept((byte)0) < 0);
        }
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(false, 2)]
    [InlineData(true, 1)]
    [InlineData(true, 2)]
    public void NobodyStoresToAPageThatIsReadOnlyNow(bool translate, int processors)
    {
        using var machine = new BareMachine(processors, translate: translate);
        using GuestCode guest = new GuestCode(machine).Map();
        ulong last = 0;
        WhileItCounts(guest, processors - 1, () =>
        {
            machine.Memory.Protect(Data, Data + 0x1000, PageAccess.Read);
            last = Count(machine);
        });
        Assert.Equal((PageAccess.Write, Data, last), (guest.State->FaultAccess, guest.State->FaultAddress, Count(machine)));
    }

    // Another thread changes the address space while a processor counts in memory, for as long as it can.
    private static void WhileItCounts(GuestCode guest, int processor, Action change)
    {
        guest.Assemble(Code, a =>
        {
            Label loop = a.CreateLabel();
            a.mov(edi, (uint)Data);
            a.Label(ref loop);
            a.inc(__qword_ptr[rdi]);
            a.jmp(loop);
        });
        StopReason stop = default;
        var thread = new Thread(() =>
        {
            do stop = guest.Run(long.MaxValue, processor);
            while (stop == StopReason.Preempted);
        });
        thread.Start();
        while (Count(guest.Machine) < 1000) Thread.Yield();
        change();
        thread.Join();
        Assert.Equal(StopReason.PageFault, stop);
    }

    private static ulong Count(BareMachine machine)
    {
        byte[] count = new byte[8];
        machine.Read(Data, count);
        return BitConverter.ToUInt64(count);
    }

    private static void RunOnTwo(ulong address, Action<Assembler> increment, ulong expected, string name, bool translate)
    {
        using var machine = new BareMachine(processors: 2, translate: translate);
        using GuestCode first = new GuestCode(machine).Map(), second = new(machine);
        first.Assemble(Code, a =>
        {
            Label loop = a.CreateLabel();
            a.mov(rdi, address);
            a.mov(esi, Rounds);
            a.Label(ref loop);
            a.mov(edx, 1);
            increment(a);
            a.dec(esi);
            a.jne(loop);
            a.int3();
        });
        second[CpuState.Rsp] -= 0x800;
        Assert.All(RunBoth(first, second), stop => Assert.Equal(StopReason.Breakpoint, stop));
        byte[] value = new byte[8];
        machine.Read(address, value);
        Assert.True(expected == BitConverter.ToUInt64(value), name);
    }

    private static StopReason[] RunBoth(GuestCode first, GuestCode second)
    {
        var stops = new StopReason[2];
        var other = new Thread(() => stops[1] = second.Run(long.MaxValue, processor: 1));
        other.Start();
        stops[0] = first.Run(long.MaxValue);
        other.Join();
        return stops;
    }

    private static void CompareExchangeLoop(Assembler a)
    {
        Label again = a.CreateLabel();
        a.mov(rax, __qword_ptr[rdi]);
        a.Label(ref again);
        a.lea(rbx, __[rax + 1]);
        a.@lock.cmpxchg(__qword_ptr[rdi], rbx);
        a.jne(again);
    }

    private static void CompareExchange16Loop(Assembler a)
    {
        Label again = a.CreateLabel();
        a.mov(rax, __qword_ptr[rdi]);
        a.mov(rdx, __qword_ptr[rdi + 8]);
        a.Label(ref again);
        a.lea(rbx, __[rax + 1]);
        a.lea(rcx, __[rdx + 1]);
        a.@lock.cmpxchg16b(__xmmword_ptr[rdi]);
        a.jne(again);
    }
}
