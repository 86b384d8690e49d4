using Iced.Intel;
using Kennel.Cpu.Tests.Harness;
using Kennel.Cpu.Tests.Interpreter;
using Kennel.Cpu.Translator;
using Kennel.Machine;
using static Iced.Intel.AssemblerRegisters;

namespace Kennel.Cpu.Tests.Translator;

/// <summary>What a loop's pins point to changes while it runs.</summary>
public sealed unsafe class PinChangeTests
{
    private const ulong Code = GuestCode.Code, P = 0x4000_0000, Q = 0x4800_0000, S = 0x5000_0000, Fixed = 0x5800_0000;
    private const PageAccess Both = PageAccess.Read | PageAccess.Write;

    /// <summary>It is left by its poll, pages come, go and change, and it goes on.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void BetweenOnePollAndTheNext(bool exchanges)
    {
        using var pair = new EnginePair();
        Begin(pair, exchanges, (p, q, s) => (a =>
        {
            Label top = a.CreateLabel();
            a.Label(ref top);
            a.inc(rcx);
            a.mov(edx, ecx);
            a.and(edx, 0x1f7);
            a.add(rax, __qword_ptr[p + (rdx * 8)]);
            a.@lock.xadd(__qword_ptr[q + (rdx * 8)], rax); // takes time, so that the interpreter has less to do
            a.sub(rax, __qword_ptr[s + 8]);
            a.@lock.xor(__qword_ptr[r8 + 16], rax);
            a.cmp(rcx, -1);
            a.jne(top);
            a.adc(rax, rcx);
            a.int3();
        }));
        ulong[] pages = [P, Q, S, Fixed];
        for (int n = 0; n < pages.Length; n++) pair.Show(pages[n], Both, n);
        (ulong Page, PageAccess Access)[] changes = [(P, Both), (S, 0), (Q, PageAccess.Read), (Fixed, Both), (P, 0), (Fixed, PageAccess.Read)];
        for (int n = 0; n < changes.Length; n++)
        {
            pair.RunForAWhile(CpuState.Rcx);
            (ulong page, PageAccess access) = changes[n];
            if (access != Both)
            {
                pair.Protect(page, access);
                Assert.Equal(StopReason.PageFault, pair.Run());
            }
            pair.Show(page, Both, seed: 10 + n); // another frame
        }
        Assert.InRange(pair.Counter.Exits[ExitKind.Go], changes.Length / 2, long.MaxValue);
        pair.Both(static guest => guest[CpuState.Rcx] = ulong.MaxValue - 100);
        Assert.Equal(StopReason.Breakpoint, pair.Run());
        Assert.Equal(4, pair.Meter.Pinned);
    }

    /// <summary>Two of its places go over so many short ranges that these take each other's slots, and those of its other places.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void OtherRangesTakeTheirSlots(bool exchanges)
    {
        const int count = 100, stride = 1 << KnownRanges.RegionShift;
        using var pair = new EnginePair();
        Begin(pair, exchanges, (p, q, s) => (a =>
        {
            Label top = a.CreateLabel();
            a.Label(ref top);
            a.add(rax, __qword_ptr[p]);
            a.add(rax, __qword_ptr[s + 8]);
            a.xor(__qword_ptr[q], rax);
            a.mov(__qword_ptr[r8], rax);
            a.add(p, stride);
            a.add(q, stride);
            a.dec(ecx);
            a.jne(top);
            a.adc(rax, rcx);
            a.int3();
        }));
        pair.Show(S, Both, seed: -1);
        pair.Show(Fixed, Both, seed: -2);
        for (int n = 0; n < count; n++)
        {
            pair.Show(P + (ulong)(n * stride), PageAccess.Read, n);
            pair.Show(Q + (ulong)(n * stride), Both, count + n);
        }
        for (int visit = 0; visit < 3; visit++)
        {
            if (visit == 1) Assert.InRange(pair.Counter.Exits[ExitKind.Memory], 2 * count, long.MaxValue);
            Begin(pair, count);
            Assert.Equal(StopReason.Breakpoint, pair.Run());
        }
        Assert.Equal(4, pair.Meter.Pinned);
    }

    /// <summary>Three ranges that share an entry of the table, so that its places go the slow way, and come back, until they know their ranges.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TheyShareAnEntryOfTheTable(bool exchanges)
    {
        const int rounds = 3000;
        using var pair = new EnginePair();
        ulong second = KnownRangeTests.NextAtSameEntry(P, FramePool.FrameSize), third = KnownRangeTests.NextAtSameEntry(second, FramePool.FrameSize);
        ulong[] ranges = [P, second, third];
        Begin(pair, exchanges, (p, q, s) => (a =>
        {
            AssemblerRegister64[] pointers = [p, q, s];
            foreach (AssemblerRegister64 pointer in pointers) a.add(rax, __qword_ptr[pointer]); // their pages are known from then on, one of the ranges by the table
            Label top = a.CreateLabel();
            a.Label(ref top);
            for (int n = 0; n < 6; n++) // the first four get pins
            {
                a.add(rax, __qword_ptr[pointers[n % 3] + 8]);
                a.mov(pointers[n % 3], pointers[n % 3]); // or one check would stand for two accesses
            }
            a.mov(__qword_ptr[s + 32], rax);
            a.dec(ecx);
            a.jne(top);
            a.adc(rax, rcx);
            a.int3();
        }));
        for (int n = 0; n < ranges.Length; n++) pair.Show(ranges[n], Both, n);
        for (int visit = 0; visit < 3; visit++)
        {
            long exits = pair.Counter.Exits.GetValueOrDefault(ExitKind.Memory);
            Begin(pair, rounds, ranges);
            Assert.Equal(StopReason.Breakpoint, pair.Run());
            if (visit == 2) Assert.Equal(exits, pair.Counter.Exits[ExitKind.Memory]);
        }
        Assert.Equal(4, pair.Meter.Pinned);
    }

    /// <summary>Another thread moves its pages elsewhere, one at a time, and leaves nothing where they were.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AnotherThreadMovesItsPages(bool exchanges)
    {
        const int moves = 60; // the last one ends the loop
        using var machine = new BareMachine(translate: true);
        using GuestCode guest = new GuestCode(machine).Map();
        var meter = new TranslationMeter(static () => 0);
        ((TranslatorEngine)machine.Engine).Meter = meter;
        (AssemblerRegister64 p, AssemblerRegister64 q, AssemblerRegister64 s) = exchanges ? (r10, r11, r15) : (rsi, rdi, rbx);
        guest.Assemble(Code, a =>
        {
            Label top = a.CreateLabel();
            a.Label(ref top);
            a.inc(__qword_ptr[p]);
            a.add(rax, __qword_ptr[q + 8]);
            a.add(__qword_ptr[s + 16], rcx);
            a.inc(rcx);
            a.cmp(__byte_ptr[r8 + 24], 0);
            a.je(top);
            a.int3();
        });
        SetRegisters(guest, exchanges);
        ulong[] pages = [P, Q, S, Fixed];
        foreach (ulong page in pages) machine.Map(page, 1, Both);
        machine.Write(Q + 8, [5]);
        var gate = new Lock();
        bool isDone = false;
        var mover = new Thread(() =>
        {
            for (int n = 0; n < moves && !Volatile.Read(ref isDone); n++)
            {
                SpinWait.SpinUntil(() => machine.Processors[0].IsInGuest || Volatile.Read(ref isDone));
                lock (gate) Move(machine, pages[n % pages.Length], isLast: n == moves - 1);
            }
        });
        mover.Start();
        StopReason stop;
        try
        {
            do
            {
                stop = guest.Run();
                lock (gate) Assert.True(stop != StopReason.PageFault || pages.Contains(guest.State->FaultAddress & ~0xfffUL)); // the page is there again now
            }
            while (stop is StopReason.Preempted or StopReason.PageFault);
        }
        finally
        {
            Volatile.Write(ref isDone, true);
            mover.Join();
        }
        Assert.Equal(StopReason.Breakpoint, stop);
        ulong rounds = guest[CpuState.Rcx];
        Assert.Equal((rounds, rounds * (rounds - 1) / 2, 5 * rounds), (Word(machine, P), Word(machine, S + 16), guest[CpuState.Rax]));
        foreach (int register in (int[])[CpuState.Rbp, 9, 12, 13, 14]) Assert.Equal((ulong)register * 0x1111, guest[register]);
        Assert.Equal(4, meter.Pinned);
    }

    private static void Begin(EnginePair pair, bool exchanges, Func<AssemblerRegister64, AssemblerRegister64, AssemblerRegister64, Action<Assembler>> loop)
    {
        (AssemblerRegister64 p, AssemblerRegister64 q, AssemblerRegister64 s) = exchanges ? (r10, r11, r15) : (rsi, rdi, rbx);
        pair.Both(guest =>
        {
            guest.Map().Assemble(Code, loop(p, q, s));
            SetRegisters(guest, exchanges);
        });
    }

    private static void Begin(EnginePair pair, int rounds, params ulong[] pointers) => pair.Both(guest =>
    {
        guest.State->Rip = Code;
        guest[CpuState.Rcx] = (ulong)rounds;
        (ulong p, ulong q, ulong s) = pointers.Length == 0 ? (P, Q, S) : (pointers[0], pointers[1], pointers[2]);
        (guest[CpuState.Rsi], guest[CpuState.Rdi], guest[CpuState.Rbx]) = (p, q, s);
        (guest[CpuState.R10], guest[CpuState.R11], guest[CpuState.R15]) = (p, q, s);
    });

    private static void SetRegisters(GuestCode guest, bool exchanges)
    {
        foreach (int register in (int[])[CpuState.Rbp, 9, 12, 13, 14]) guest[register] = (ulong)register * 0x1111;
        if (exchanges) (guest[CpuState.R10], guest[CpuState.R11], guest[CpuState.R15]) = (P, Q, S);
        else (guest[CpuState.Rsi], guest[CpuState.Rdi], guest[CpuState.Rbx]) = (P, Q, S);
        guest[CpuState.R8] = Fixed;
    }

    // As the kernel does it: the page is gone meanwhile, for all processors.
    private static void Move(BareMachine machine, ulong page, bool isLast)
    {
        int before = machine.Memory.Walk(page, out _).Frame, after = machine.Frames.Allocate();
        machine.Frames.AddReference(before); // so that it is not used again before it has been overwritten
        machine.Memory.Clear(page, page + FramePool.FrameSize);
        var old = new Span<byte>(machine.Frames.Pointer(before), FramePool.FrameSize);
        old.CopyTo(new Span<byte>(machine.Frames.Pointer(after), FramePool.FrameSize));
        old.Fill(0xee);
        if (isLast) machine.Frames.Pointer(after)[24] = 1;
        machine.Memory.Set(page, Pte.For(after, Both, shared: false));
    }

    private static ulong Word(BareMachine machine, ulong address)
    {
        ulong value = 0;
        machine.Read(address, new Span<byte>(&value, sizeof(ulong)));
        return value;
    }
}
