using Iced.Intel;
using Kennel.Cpu.Tests.Harness;
using Kennel.Cpu.Tests.Interpreter;
using Kennel.Machine;
using static Iced.Intel.AssemblerRegisters;

namespace Kennel.Cpu.Tests.Translator;

/// <summary>Code of a file goes from page to page without asking; whatever happens to one of the pages must be seen all the same.</summary>
public sealed unsafe class CodeAreaTests : IDisposable
{
    private const ulong Code = GuestCode.Code, Second = Code + 0x1000, Stack = GuestCode.Stack;
    private const int Pages = 2;

    private readonly BareMachine _machine = new(processors: 2, translate: true);
    private readonly PageNodePool _nodes = new();
    private readonly object _file = new();
    private readonly int[] _frames = new int[Pages];
    private readonly List<GuestCode> _guests = [];

    public CodeAreaTests()
    {
        for (int i = 0; i < Pages; i++) _frames[i] = _machine.Frames.Allocate();
        GuestCode first = Map(_machine.Memory);
        first.Assemble(Code, static a =>
        {
            a.mov(ecx, 100);
            Label top = a.CreateLabel();
            a.Label(ref top);
            a.call(Second + 0x100);
            a.dec(ecx);
            a.jne(top);
            a.int3();
        });
        Function(1);
    }

    [Fact]
    public void AddressSpacesWithTheSameAreaShareItsCode()
    {
        using var other = new PageTable(_machine.Frames, _nodes, _machine.Processors);
        GuestCode second = Map(other);
        Assert.Equal(100u, Run(_guests[0]));
        long translated = Engine.Translated;
        Assert.Equal(100u, Run(second));
        Assert.Equal(translated, Engine.Translated);
    }

    [Fact]
    public void AChangeOfThePageIsSeen()
    {
        Assert.Equal(100u, Run(_guests[0]));
        Function(3);
        Assert.Equal(300u, Run(_guests[0]));
    }

    [Fact]
    public void APrivateCopyIsSeenByItsOwnerOnly()
    {
        using PageTable other = _machine.Memory.Fork();
        var owner = new GuestCode(_machine, other);
        _guests.Add(owner);
        Assert.Equal(100u, Run(_guests[0]));
        Assert.Equal(100u, Run(owner));
        int copy = _machine.Frames.Allocate();
        other.Set(Second, Pte.For(copy, PageAccess.Read | PageAccess.Execute, shared: false));
        Announce(other); // in vain
        Function(5, other);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(500u, Run(owner));
            Assert.Equal(100u, Run(_guests[0]));
        }
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void APageThatIsGoneFaults(bool protect, bool before)
    {
        if (!before) Assert.Equal(100u, Run(_guests[0]));
        if (protect) _machine.Memory.Protect(Second, Second + 0x1000, PageAccess.Read);
        else _machine.Memory.Clear(Second, Second + 0x1000);
        _guests[0].State->Rip = Code;
        Assert.Equal(StopReason.PageFault, _guests[0].Run());
        Assert.Equal(Second + 0x100, _guests[0].State->FaultAddress);
        Assert.Equal(Second + 0x100, _guests[0].State->Rip);
    }

    [Fact]
    public void InstructionsInTwoPagesAreTranslated()
    {
        for (int split = 1; split < 7; split++)
        {
            _guests[0].Assemble(Second - (ulong)split - 2, a =>
            {
                a.xor(eax, eax);
                a.add(rax, 0x12345678 + split);
                a.add(eax, 1);
                a.int3();
            });
            _guests[0].State->Rip = Second - (ulong)split - 2;
            Assert.Equal(StopReason.Breakpoint, _guests[0].Run());
            Assert.Equal((ulong)(0x12345679 + split), _guests[0][CpuState.Rax]);
            _machine.Write(Second, [0x77, 0x77, 0x77, 0x77, 0x77, 0x77, 0xcc]); // of the constant and what follows
            _guests[0].State->Rip = Second - (ulong)split - 2;
            _guests[0].Run();
            Assert.NotEqual((ulong)(0x12345679 + split), _guests[0][CpuState.Rax]);
        }
    }

    public void Dispose()
    {
        foreach (GuestCode guest in _guests) guest.Dispose();
        _machine.Dispose();
        _nodes.Dispose();
    }

    private Kennel.Cpu.Translator.TranslatorEngine Engine => (Kennel.Cpu.Translator.TranslatorEngine)_machine.Engine;

    private void Announce(PageTable table) =>
        table.AnnounceCode(new CodeArea(Code, Code + (Pages << 12), _file, 0), page => _frames[page]);

    // The function in the second page adds so much.
    private void Function(int value, PageTable? table = null) => _machine.Write(Second + 0x100, GuestCode.Bytes(Second + 0x100, a =>
    {
        a.add(eax, value);
        a.ret();
    }), table);

    private GuestCode Map(PageTable table)
    {
        for (int i = 0; i < Pages; i++)
        {
            _machine.Frames.AddReference(_frames[i]);
            table.Set(Code + ((ulong)i << 12), Pte.For(_frames[i], PageAccess.Read | PageAccess.Execute, shared: false));
        }
        _machine.Map(Stack, 1, PageAccess.Read | PageAccess.Write, table, shared: true);
        Announce(table);
        var guest = new GuestCode(_machine, table);
        _guests.Add(guest);
        return guest;
    }

    private static ulong Run(GuestCode guest)
    {
        guest.State->Rip = Code;
        guest[CpuState.Rax] = 0;
        guest[CpuState.Rsp] = Stack + 0x800;
        StopReason stop;
        do stop = guest.Run();
        while (stop == StopReason.Preempted);
        Assert.Equal(StopReason.Breakpoint, stop);
        return guest[CpuState.Rax];
    }
}
