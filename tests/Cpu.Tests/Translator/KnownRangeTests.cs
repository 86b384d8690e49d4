using System.Runtime.InteropServices;
using Iced.Intel;
using Kennel.Cpu.Tests.Harness;
using Kennel.Cpu.Tests.Interpreter;
using Kennel.Cpu.Translator;
using Kennel.Machine;
using static Iced.Intel.AssemblerRegisters;

namespace Kennel.Cpu.Tests.Translator;

/// <summary>How places in the code find the ranges that they access, and how often the code has to be left for that.</summary>
public sealed unsafe class KnownRangeTests : IDisposable
{
    private const ulong Code = GuestCode.Code, Data = 0x4000_0000;
    private const int RegionPages = 1 << (KnownRanges.RegionShift - FramePool.FrameShift);

    private readonly BareMachine _machine = new(translate: true);
    private readonly PageNodePool _nodes = new();
    private readonly InterpretedCounter _counter = new();
    private readonly List<GuestCode> _guests = [];
    private readonly List<PageTable> _tables = [];

    public KnownRangeTests() => ((TranslatorEngine)_machine.Engine).Interpreted = _counter;

    /// <summary>
    /// The same program in another address space, of which nothing is known: the code is left once for each range, and no more, as the places
    /// point to the slots that the ranges get.
    /// </summary>
    [Theory]
    [InlineData(true)] // as after exec: the address space of before is no more, what the processor knew of it is used again
    [InlineData(false)] // as after fork and exec
    public void AProgramThatIsStartedAgainFindsItsRangesInTheSameSlots(bool replaces)
    {
        const int regions = 8, places = 2, rounds = 200;
        (ulong Start, int Regions)[] ranges = [(Data, regions), (Data + 0x110_0000, regions), (Data + 0x220_0000, 1), (Data + 0x330_0000, 1)];
        var frames = new Dictionary<ulong, int> { [Code] = _machine.Frames.Allocate() };
        foreach ((ulong start, int length) in ranges)
        {
            for (int page = 0; page < (length == 1 ? 1 : length * RegionPages); page++) frames[start + ((ulong)page << FramePool.FrameShift)] = _machine.Frames.Allocate();
            _machine.Frames.Allocate(); // so that the next one does not go on there
        }
        PageTable? table = null;
        for (int run = 0; run < 40; run++) // so many that the processor has a cache for each no more
        {
            if (replaces) table?.Dispose();
            table = new PageTable(_machine.Frames, _nodes, _machine.Processors);
            _tables.Add(table);
            foreach ((ulong page, int frame) in frames) Show(table, page, frame, page == Code ? PageAccess.Read | PageAccess.Execute : PageAccess.Read | PageAccess.Write);
            var guest = new GuestCode(_machine, table);
            _guests.Add(guest);
            if (run == 0) guest.Assemble(Code, a => Touch(a, ranges, places));
            guest[CpuState.Rcx] = rounds; // so many that all places come to use a range
            guest[CpuState.Rdx] = (ulong)run;
            long exits = MemoryExits();
            Finish(guest);
            foreach ((ulong start, int length) in ranges)
            {
                for (int region = 0; region < length; region++) Assert.Equal((ulong)(run + rounds - 1), Word(start + ((ulong)region << KnownRanges.RegionShift), table));
            }
            Assert.Equal(2 * ranges.Length, MemoryExits() - exits); // a range to read and one to write, with all regions of it
        }
    }

    /// <summary>
    /// A range so long that it is found in two parts, as one looks further each time: a program that is started again finds the same two, as it begins to
    /// look as near as the first did.
    /// </summary>
    [Fact]
    public void AProgramThatIsStartedAgainFindsTheSameParts()
    {
        const int pages = 200;
        int[] frames = [.. Enumerable.Range(0, pages + 1).Select(_ => _machine.Frames.Allocate())];
        int[] places = [0, 100, 110, 120, 130]; // the first one's part ends before the others'
        PageTable? table = null;
        for (int run = 0; run < 3; run++)
        {
            table?.Dispose();
            table = new PageTable(_machine.Frames, _nodes, _machine.Processors);
            _tables.Add(table);
            Show(table, Code, frames[pages], PageAccess.Read | PageAccess.Execute);
            for (int page = 0; page < pages; page++) Show(table, AddressOf(page), frames[page], PageAccess.Read);
            var guest = new GuestCode(_machine, table);
            _guests.Add(guest);
            if (run == 0) guest.Assemble(Code, a => Read(a, places));
            long exits = MemoryExits();
            Finish(guest);
            if (run != 0) Assert.Equal(2, MemoryExits() - exits);
        }
    }

    /// <summary>Two ranges become one, as what is between them comes: the places and table entries of both know all of it.</summary>
    [Fact]
    public void RangesThatBecomeOneAreKnownByBothSlots()
    {
        const int pages = 8;
        GuestCode guest = new GuestCode(_machine).Map();
        _guests.Add(guest);
        int[] frames = [.. Enumerable.Range(0, pages).Select(_ => _machine.Frames.Allocate())];
        long Visit(int place)
        {
            long exits = MemoryExits();
            guest.State->Rip = Code;
            guest.Assemble(Code, a => Read(a, place));
            Finish(guest);
            return MemoryExits() - exits;
        }
        Show(_machine.Memory, AddressOf(4), frames[4], PageAccess.Read);
        Assert.Equal(1, Visit(4));
        Show(_machine.Memory, AddressOf(0), frames[0], PageAccess.Read);
        Assert.Equal(1, Visit(0));
        foreach (int page in (int[])[1, 2, 3, 5, 6, 7]) Show(_machine.Memory, AddressOf(page), frames[page], PageAccess.Read);
        Assert.Equal(1, Visit(1));
        Assert.Equal(0, Visit(6)); // by the entry of the region where the other one's slot is
    }

    /// <summary>A page that a store has faulted in can be read as well without leaving the code once more, and other stores to it are served.</summary>
    [Fact]
    public void APageThatWasFaultedInByAStoreIsKnownForReadsToo()
    {
        GuestCode guest = new GuestCode(_machine).Map();
        _guests.Add(guest);
        guest.Assemble(Code, static a =>
        {
            a.mov(__qword_ptr[rdi], rdx);
            a.mov(rax, __qword_ptr[rsi + 8]);
            a.mov(__qword_ptr[rsi + 16], rdx);
            a.syscall();
        });
        for (ulong page = Data; page < Data + (4 * FramePool.FrameSize); page += FramePool.FrameSize)
        {
            guest.State->Rip = Code;
            (guest[CpuState.Rdi], guest[CpuState.Rsi], guest[CpuState.Rdx]) = (page, page, page);
            long exits = MemoryExits();
            Assert.Equal(StopReason.PageFault, guest.Run());
            Assert.Equal((page, PageAccess.Write), (guest.State->FaultAddress, guest.State->FaultAccess));
            _machine.Map(page, 1, PageAccess.Read | PageAccess.Write);
            _machine.Frames.Allocate(); // so that the next page is no part of the same range
            Finish(guest);
            Assert.Equal((0UL, page, page), (guest[CpuState.Rax], Word(page), Word(page + 16)));
            Assert.Equal(1, MemoryExits() - exits);
        }
    }

    /// <summary>A range that began short and has grown, as a heap does, keeps its slot when many short ones come.</summary>
    [Fact]
    public void ARangeThatHasGrownIsNotDisplacedByShortOnes()
    {
        const int pages = 20, others = 100;
        GuestCode guest = new GuestCode(_machine).Map();
        _guests.Add(guest);
        guest.Assemble(Code, a =>
        {
            Label top = a.CreateLabel(), top2 = a.CreateLabel();
            a.Label(ref top);
            a.add(rax, __qword_ptr[rdi]);
            a.add(rdi, FramePool.FrameSize);
            a.dec(ecx);
            a.jne(top);
            a.syscall();
            a.Label(ref top2);
            a.add(rax, __qword_ptr[rsi]);
            a.add(rsi, 1 << KnownRanges.RegionShift);
            a.dec(edx);
            a.jne(top2);
            a.syscall();
        });
        long Visit(int count)
        {
            long exits = MemoryExits();
            (guest[CpuState.Rdi], guest[CpuState.Rcx]) = (Data, (ulong)count);
            guest.State->Rip = Code;
            Finish(guest);
            return MemoryExits() - exits;
        }
        _machine.Map(Data, 1, PageAccess.Read);
        Assert.Equal(1, Visit(1));
        _machine.Map(Data + FramePool.FrameSize, pages - 1, PageAccess.Read);
        Assert.Equal(1, Visit(pages));
        ulong behind = guest.State->Rip;
        for (int n = 0; n < others; n++) _machine.Map(Data + 0x100_0000 + ((ulong)n << KnownRanges.RegionShift), 1, PageAccess.Read);
        (guest[CpuState.Rsi], guest[CpuState.Rdx]) = (Data + 0x100_0000, others);
        guest.State->Rip = behind;
        Finish(guest);
        Assert.Equal(0, Visit(pages));
    }

    /// <summary>
    /// More short ranges than there are slots for: what two slots hold after two ranges have become one is displaced first, but only in one of them.
    /// </summary>
    [Fact]
    public void WhatTwoSlotsHoldIsDisplacedOnce()
    {
        const int shortSlots = 16;
        PageTable memory = _machine.Memory;
        Processor processor = _machine.Processors[0];
        var context = (TranslatorContext*)NativeMemory.AlignedAlloc(TranslatorContext.Size, 64);
        new Span<byte>(context, TranslatorContext.Size).Clear();
        using (var ranges = new KnownRanges(processor.EnterGuest(memory), context, new ConstantPages()))
        {
            int[] frames = [.. Enumerable.Range(0, 3).Select(_ => _machine.Frames.Allocate())];
            RangeSlot* At(int page) => ranges.Find(memory, AddressOf(page), write: false);
            RangeSlot* Other(int n)
            {
                _machine.Map(AddressOf(8 + (2 * n)), 1, PageAccess.Read);
                return At(8 + (2 * n));
            }
            void Come(int page)
            {
                Show(memory, AddressOf(page), frames[page], PageAccess.Read);
                At(page);
            }
            Come(0);
            RangeSlot* slots = Other(0) - 1;
            Come(2);
            Come(1);
            Assert.Equal((3UL * FramePool.FrameSize, 3UL * FramePool.FrameSize), (slots[0].Length, slots[2].Length));
            for (int n = 3; n < shortSlots; n++) Assert.True(Other(n) == slots + n);
            Assert.Equal(0, ranges.Replaced);
            Assert.True(Other(shortSlots) == slots);
            Assert.True(Other(shortSlots + 1) == slots + 1); // in turn, as nobody has anything to spare
            Assert.True(At(1) == slots + 2);
        }
        processor.LeaveGuest();
        NativeMemory.AlignedFree(context);
    }

    /// <summary>One place that goes to and fro between two of these finds either by the table.</summary>
    [Theory]
    [InlineData(FramePool.FrameSize)]
    [InlineData(1 << KnownRanges.RegionShift)]
    public void TwoRangesThatShareAnEntryAreFoundInTurn(int step)
    {
        const ulong rounds = 4096;
        GuestCode guest = new GuestCode(_machine).Map();
        _guests.Add(guest);
        ulong[] ranges = [Data, NextAtSameEntry(Data, step)];
        foreach (ulong range in ranges)
        {
            _machine.Map(range, 1, PageAccess.Read);
            _machine.Frames.Allocate();
            _machine.Write(range, BitConverter.GetBytes(range));
        }
        guest.Assemble(Code, static a =>
        {
            Label top = a.CreateLabel();
            a.Label(ref top);
            a.add(rax, __qword_ptr[rdi]);
            a.xchg(rdi, rsi);
            a.dec(ecx);
            a.jne(top);
            a.syscall();
        });
        (guest[CpuState.Rcx], guest[CpuState.Rdi], guest[CpuState.Rsi]) = (rounds, ranges[0], ranges[1]);
        Finish(guest);
        Assert.Equal((ranges[0] + ranges[1]) * (rounds / 2), guest[CpuState.Rax]);
        Assert.InRange(MemoryExits(), 1, 8);
    }

    /// <summary>
    /// Ranges of a page each that share an entry of the table, in one region or because their regions do: what is read is right, and each
    /// place comes to know its range, as it shows when the TLB forgets everything.
    /// </summary>
    [Theory]
    [InlineData(FramePool.FrameSize)]
    [InlineData(1 << KnownRanges.RegionShift)]
    public void PlacesWhoseRangesShareAnEntryComeToBeServed(int step)
    {
        const int count = 3, places = 12, rounds = 4096;
        GuestCode guest = new GuestCode(_machine).Map();
        _guests.Add(guest);
        ulong second = NextAtSameEntry(Data, step), third = NextAtSameEntry(second, step);
        ulong[] ranges = [Data, second, third];
        for (int n = 0; n < count; n++)
        {
            _machine.Map(ranges[n], 1, PageAccess.Read | PageAccess.Write);
            _machine.Frames.Allocate();
            _machine.Write(ranges[n], BitConverter.GetBytes(1UL << (20 * n)));
        }
        AssemblerRegister64[] registers = [rdi, rsi, rbx];
        guest.Assemble(Code, a =>
        {
            Label top = a.CreateLabel();
            a.Label(ref top);
            for (int place = 0; place < places; place++)
            {
                a.add(rax, __qword_ptr[registers[place % count]]);
                a.inc(__qword_ptr[registers[(place + 2) % count] + 8]);
                foreach (AssemblerRegister64 register in registers) a.mov(register, register); // or one check would stand for several accesses
            }
            a.dec(ecx);
            a.jne(top);
            a.syscall();
        });
        for (int run = 0; run < 3; run++)
        {
            if (run == 2) new Span<TlbEntry>(_machine.Processors[0].Cache!.Tlb, TranslationCache.Entries).Fill(new() { ReadTag = TlbEntry.Invalid, WriteTag = TlbEntry.Invalid });
            long exits = MemoryExits();
            guest.State->Rip = Code;
            guest[CpuState.Rax] = 0;
            guest[CpuState.Rcx] = rounds;
            (guest[CpuState.Rdi], guest[CpuState.Rsi], guest[CpuState.Rbx]) = (ranges[0], ranges[1], ranges[2]);
            Finish(guest);
            Assert.Equal((1UL | (1UL << 20) | (1UL << 40)) * (places / count * rounds), guest[CpuState.Rax]);
            foreach (ulong range in ranges) Assert.Equal((ulong)((run + 1) * places / count * rounds), Word(range + 8));
            if (run == 0) Assert.InRange(MemoryExits() - exits, 2 * count, 8 * places);
            else Assert.Equal(0, MemoryExits() - exits);
        }
    }

    public void Dispose()
    {
        foreach (GuestCode guest in _guests) guest.Dispose();
        foreach (PageTable table in _tables) table.Dispose();
        _machine.Dispose();
        _nodes.Dispose();
    }

    private static ulong AddressOf(int page) => Data + ((ulong)page << FramePool.FrameShift);

    // Another place for each page, each with a register of its own, or one check would stand for several.
    private static void Read(Assembler a, params int[] pages)
    {
        foreach (int page in pages)
        {
            a.mov(rdi, AddressOf(page));
            a.add(rax, __qword_ptr[rdi]);
        }
        a.syscall();
    }

    private void Show(PageTable table, ulong page, int frame, PageAccess access)
    {
        _machine.Frames.AddReference(frame);
        table.Set(page, Pte.For(frame, access, shared: true));
    }

    // Each place reads or writes one region of one range.
    private static void Touch(Assembler a, (ulong Start, int Regions)[] ranges, int places)
    {
        Label top = a.CreateLabel();
        a.Label(ref top);
        foreach ((ulong start, int regions) in ranges)
        {
            a.mov(rdi, start);
            a.mov(rsi, start); // two registers, so that each access has a check of its own
            for (int place = 0; place < regions * places; place++)
            {
                int at = place / places << KnownRanges.RegionShift;
                a.add(rax, __qword_ptr[rdi + at]);
                a.mov(__qword_ptr[rsi + at], rdx);
            }
        }
        a.inc(rdx);
        a.dec(ecx);
        a.jne(top);
        a.syscall();
    }

    private static void Finish(GuestCode guest)
    {
        StopReason stop;
        do stop = guest.Run();
        while (stop == StopReason.Preempted);
        Assert.Equal(StopReason.SystemCall, stop);
    }

    private ulong Word(ulong address, PageTable? table = null)
    {
        ulong value = 0;
        _machine.Read(address, new Span<byte>(&value, sizeof(ulong)), table);
        return value;
    }

    /// <summary>The next address, so many bytes further or a multiple of that, whose range shares the entry of the table.</summary>
    internal static ulong NextAtSameEntry(ulong address, int step)
    {
        ulong next = address + (ulong)step;
        while (KnownRanges.IndexOf(next) != KnownRanges.IndexOf(address)) next += (ulong)step;
        return next;
    }

    private long MemoryExits() => _counter.Exits.GetValueOrDefault(ExitKind.Memory);
}
