using System.Globalization;
using Iced.Intel;
using Kennel.Cpu.Tests.Harness;
using Kennel.Cpu.Tests.Interpreter;
using Kennel.Machine;
using static Iced.Intel.AssemblerRegisters;

namespace Kennel.Cpu.Tests.Translator;

/// <summary>
/// Programs in many address spaces that come and go, whose pages are mapped, protected and given back at random: what a processor knows of
/// ranges must never be that of another address space, or of before.
/// </summary>
public sealed unsafe class AddressSpaceTests : IDisposable
{
    private const ulong Code = GuestCode.Code, List = 0x50_0000, First = 0x4000_0000, Near = 0x4000_0000_0000;
    private const int Spaces = 24, Places = 8, Accesses = 160, Unit = 24, Stretch = 96;
    private const PageAccess Writable = PageAccess.Read | PageAccess.Write;

    /// <summary>More rounds for a longer search: KENNEL_ROUNDS, KENNEL_SEED.</summary>
    private static readonly int s_rounds = Setting("KENNEL_ROUNDS", 4000), s_seed = Setting("KENNEL_SEED", 1);

    private readonly BareMachine _machine = new(memory: 32 << 20, translate: true);
    private readonly PageNodePool _nodes = new();
    private readonly Random _random = new(s_seed);
    private readonly Space[] _spaces = new Space[Spaces];
    private readonly Dictionary<(int Frame, int Offset), ulong> _content = []; // what frames hold, where it is not zero
    private int _code;

    [Fact]
    public void NobodyUsesWhatIsNotTheirs()
    {
        _code = _machine.Frames.Allocate();
        for (int n = 0; n < Spaces; n++) _spaces[n] = Begin();
        for (int round = 0; round < s_rounds; round++)
        {
            int n = _random.Next(4) == 0 ? _random.Next(Spaces) : round / 5 % 5;
            if (_random.Next(40) == 0)
            {
                End(_spaces[n]);
                _spaces[n] = Begin();
            }
            for (int changes = _random.Next(4); changes > 0; changes--) Change(_spaces[n]);
            Run(_spaces[n], round);
        }
    }

    public void Dispose()
    {
        foreach (Space space in _spaces) End(space);
        _machine.Dispose();
        _nodes.Dispose();
    }

    private Space Begin()
    {
        var table = new PageTable(_machine.Frames, _nodes, _machine.Processors);
        bool isFirst = _machine.Frames.References(_code) == 1;
        _machine.Frames.AddReference(_code);
        table.Set(Code, Pte.For(_code, PageAccess.Read | PageAccess.Execute, shared: true));
        _machine.Map(List, 1, Writable, table, shared: true);
        var guest = new GuestCode(_machine, table);
        if (isFirst) guest.Assemble(Code, WriteCode);
        return new Space(table, guest, []);
    }

    private void End(Space space)
    {
        foreach (ulong page in space.Pages.Keys) Forget(space, page);
        space.Guest.Dispose();
        space.Table.Dispose();
    }

    // Goes through a list of addresses and values: what is zero is read, the others are written.
    private static void WriteCode(Assembler a)
    {
        Label top = a.CreateLabel();
        a.Label(ref top);
        for (int place = 0; place < Places; place++)
        {
            Label reads = a.CreateLabel(), next = a.CreateLabel();
            a.mov(rdi, __qword_ptr[rsi]);
            a.mov(rax, __qword_ptr[rsi + 8]);
            a.test(rax, rax);
            a.je(reads);
            a.mov(__qword_ptr[rdi], rax);
            a.jmp(next);
            a.Label(ref reads);
            a.mov(rax, __qword_ptr[rdi]);
            a.mov(__qword_ptr[rsi + 16], rax);
            a.Label(ref next);
            a.add(rsi, Unit);
        }
        a.dec(ecx);
        a.jne(top);
        a.syscall();
    }

    private ulong RandomPage()
    {
        ulong start = _random.Next(3) == 0 ? Near : First;
        int page = _random.Next(2) == 0 ? _random.Next(Stretch) : _random.Next(Stretch / 2) * 2;
        return start + (ulong)(page * FramePool.FrameSize);
    }

    private void Change(Space space)
    {
        ulong page = RandomPage();
        for (int count = _random.Next(3) == 0 ? 20 : 1; count > 0; count--, page += FramePool.FrameSize)
        {
            if (!space.Pages.TryGetValue(page, out Page known)) Show(space, page);
            else if (_random.Next(2) == 0)
            {
                space.Table.Protect(page, page + FramePool.FrameSize, known.CanWrite ? PageAccess.Read : Writable);
                space.Pages[page] = known with { CanWrite = !known.CanWrite };
            }
            else
            {
                space.Table.Clear(page, page + FramePool.FrameSize);
                Forget(space, page);
            }
        }
    }

    private void Show(Space space, ulong page)
    {
        int frame = _machine.Frames.Allocate();
        if (_random.Next(6) == 0 && _spaces[_random.Next(Spaces)] is { Pages.Count: > 0 } other)
        {
            _machine.Frames.Release(frame);
            frame = other.Pages.Values.First().Frame; // of several
            _machine.Frames.AddReference(frame);
        }
        bool canWrite = _random.Next(4) != 0;
        space.Table.Set(page, Pte.For(frame, canWrite ? Writable : PageAccess.Read, shared: true));
        space.Pages[page] = new Page(frame, canWrite);
    }

    // A page goes; a frame that nobody has any more comes back zeroed, or is written to be looked at by nobody.
    private void Forget(Space space, ulong page)
    {
        space.Pages.Remove(page, out Page old);
        if (_spaces.Any(s => s?.Pages.Values.Any(p => p.Frame == old.Frame) == true)) return;
        for (int offset = 0; offset < FramePool.FrameSize; offset += 8) _content.Remove((old.Frame, offset));
    }

    private void Run(Space space, int round)
    {
        var list = new (ulong Address, ulong Value)[Accesses];
        for (int n = 0; n < Accesses; n++)
        {
            list[n] = (RandomPage() + (ulong)(_random.Next(6) * 8 * 101), _random.Next(2) == 0 ? 0 : (ulong)_random.NextInt64(1, long.MaxValue));
            Entry(space, n, 0) = list[n].Address;
            Entry(space, n, 1) = list[n].Value;
        }
        GuestCode guest = space.Guest;
        guest.State->Rip = Code;
        guest[CpuState.Rsi] = List;
        guest[CpuState.Rcx] = Accesses / Places;
        while (true)
        {
            StopReason stop = guest.Run();
            if (stop == StopReason.SystemCall) break;
            if (stop == StopReason.Preempted) continue;
            Assert.Equal(StopReason.PageFault, stop);
            ulong page = guest.State->FaultAddress & ~0xfffUL;
            bool isThere = space.Pages.TryGetValue(page, out Page known);
            Assert.True(!isThere || (!known.CanWrite && guest.State->FaultAccess == PageAccess.Write), $"round {round}: {guest.State->FaultAccess} of {guest.State->FaultAddress:x} faults");
            if (!isThere) Show(space, page);
            if (guest.State->FaultAccess != PageAccess.Write) continue;
            space.Table.Protect(page, page + FramePool.FrameSize, Writable);
            space.Pages[page] = space.Pages[page] with { CanWrite = true };
        }
        for (int n = 0; n < Accesses; n++)
        {
            (ulong address, ulong value) = list[n];
            (int, int) place = (space.Pages[address & ~0xfffUL].Frame, (int)(address & 0xfff));
            if (value != 0) _content[place] = value;
            else Assert.True(_content.GetValueOrDefault(place) == Entry(space, n, 2), $"round {round}: {address:x} is {Entry(space, n, 2):x} instead of {_content.GetValueOrDefault(place):x}");
        }
    }

    private ref ulong Entry(Space space, int n, int word) =>
        ref *(ulong*)(_machine.Frames.Pointer(space.Table.Walk(List, out _).Frame) + (n * Unit) + (word * 8));

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out int value) ? value : otherwise;

    private sealed record Space(PageTable Table, GuestCode Guest, Dictionary<ulong, Page> Pages);

    private readonly record struct Page(int Frame, bool CanWrite);
}
