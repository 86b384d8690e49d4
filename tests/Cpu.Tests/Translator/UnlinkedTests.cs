using Iced.Intel;
using Kennel.Cpu.Tests.Harness;
using Kennel.Cpu.Tests.Interpreter;
using Kennel.Cpu.Translator;
using Kennel.Machine;
using static Iced.Intel.AssemblerRegisters;

namespace Kennel.Cpu.Tests.Translator;

/// <summary>A jump to a page of its area that is not there yet: after the fault it leads there by itself, and nowhere else.</summary>
public sealed unsafe class UnlinkedTests : IDisposable
{
    private const ulong Code = GuestCode.Code, Second = Code + 0x1000, Stack = GuestCode.Stack;
    private const ulong Target = Second + 0x100, Elsewhere = Code + 0x800, Others = GuestCode.Data;

    private const int RoomForCode = 2048; // which only one test uses up

    private readonly BareMachine _machine = new(processors: 2, translate: true, roomForCode: RoomForCode);
    private readonly object _file = new();
    private readonly int[] _frames = new int[2];
    private readonly InterpretedCounter _counter = new();
    private readonly List<GuestCode> _guests = [];

    public UnlinkedTests()
    {
        ((TranslatorEngine)_machine.Engine).Interpreted = _counter;
        for (int i = 0; i < _frames.Length; i++) _frames[i] = _machine.Frames.Allocate();
    }

    public static TheoryData<string> Jumps => ["jmp", "je", "call", "flags"];

    [Theory]
    [MemberData(nameof(Jumps))]
    public void TheSecondTimeItDoesNotLeave(string jump)
    {
        GuestCode guest = Map(jump, _machine.Memory);
        RunToFault(guest);
        Show(Second, _machine.Memory);
        Finish(guest, 107);
        Assert.Equal(1, Links());
        for (int i = 0; i < 3; i++)
        {
            Begin(guest);
            Finish(guest, 107);
        }
        Assert.Equal(1, Links());
    }

    /// <summary>As with a signal handler, which jumps elsewhere first.</summary>
    [Theory]
    [MemberData(nameof(Jumps))]
    public void ItIsNotLinkedToWhatRunsInstead(string jump)
    {
        GuestCode guest = Map(jump, _machine.Memory);
        RunToFault(guest);
        Show(Second, _machine.Memory);
        guest.State->Rip = Elsewhere;
        Finish(guest, 1007);
        for (int i = 0; i < 3; i++)
        {
            Begin(guest);
            Finish(guest, 107);
        }
    }

    /// <summary>Another program, with other code at the address to which the first one's jump led, runs while that waits for its page.</summary>
    [Theory]
    [MemberData(nameof(Jumps))]
    public void ItIsNotLinkedToAnotherProgramsCode(string jump)
    {
        GuestCode guest = Map(jump, _machine.Memory);
        RunToFault(guest);
        using var nodes = new PageNodePool();
        using var other = new PageTable(_machine.Frames, nodes, _machine.Processors);
        _machine.Map(Second, 1, PageAccess.Read | PageAccess.Execute, other);
        var stranger = new GuestCode(_machine, other);
        _guests.Add(stranger);
        stranger.Assemble(Target, static a =>
        {
            a.mov(eax, 666);
            a.int3();
        });
        other.AnnounceCode(new CodeArea(Second, Second + 0x1000, new object(), 0), page => other.Walk(Second, out _).Frame);
        stranger.State->Rip = Target;
        Finish(stranger, 666);
        Show(Second, _machine.Memory);
        for (int i = 0; i < 3; i++)
        {
            Finish(guest, 107);
            Begin(guest);
        }
    }

    /// <summary>The code of the jump is no longer what it was when the page is there: it must not be changed, whatever it is now.</summary>
    [Fact]
    public void ItIsForgottenWithItsCode()
    {
        GuestCode guest = Map("jmp", _machine.Memory);
        RunToFault(guest);
        guest.Assemble(Code, static a => // which drops all of the area's code
        {
            a.mov(eax, 9);
            a.jmp(Target);
        });
        Show(Second, _machine.Memory);
        Finish(guest, 107);
        for (int i = 0; i < 3; i++)
        {
            Begin(guest);
            Finish(guest, 109);
        }
    }

    /// <summary>Code memory is begun anew before the page is there: what is at the jump's place then must not be changed.</summary>
    [Theory]
    [MemberData(nameof(Jumps))]
    public void ItIsNotLinkedWhereOtherCodeIsNow(string jump)
    {
        const int length = 6, many = RoomForCode / length * 3 / 2, few = many / 5;
        GuestCode guest = Map(jump, _machine.Memory), other = new(_machine);
        _guests.Add(other);
        _machine.Map(Others, 2, PageAccess.Read | PageAccess.Execute);
        other.Assemble(Others, static a => Add(a, many));
        other.Assemble(Others + 0x1000, static a => Add(a, few));
        RunToFault(guest);
        AssertAdds(other, Others, many);
        AssertAdds(other, Others + 0x1000, few);
        Assert.Equal(2, Era);
        Show(Second, _machine.Memory);
        for (int i = 0; i < 3; i++)
        {
            Finish(guest, 107);
            AssertAdds(other, Others + 0x1000, few);
            Begin(guest);
        }
        Assert.Equal(2, Era);
    }

    /// <summary>It faults until the page is there, and does not count twice.</summary>
    [Fact]
    public void ItFaultsAgain()
    {
        GuestCode guest = Map("call", _machine.Memory);
        RunToFault(guest);
        ulong stack = guest[CpuState.Rsp];
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(StopReason.PageFault, guest.Run());
            Assert.Equal((Target, Target, stack), (guest.State->Rip, guest.State->FaultAddress, guest[CpuState.Rsp]));
        }
        Show(Second, _machine.Memory);
        Finish(guest, 107);
    }

    public void Dispose()
    {
        foreach (GuestCode guest in _guests) guest.Dispose();
        _machine.Dispose();
    }

    private long Era => ((TranslatorEngine)_machine.Engine).Era;

    private static void Add(Assembler a, int count)
    {
        for (int n = 0; n < count; n++) a.add(rax, 0x123_4567);
        a.int3();
    }

    // On the other processor.
    private static void AssertAdds(GuestCode other, ulong address, int count)
    {
        other.State->Rip = address;
        other[CpuState.Rax] = 0;
        StopReason stop;
        do stop = other.Run(processor: 1);
        while (stop == StopReason.Preempted);
        Assert.Equal((StopReason.Breakpoint, (ulong)count * 0x123_4567), (stop, other[CpuState.Rax]));
    }

    private long Links() => _counter.Exits.GetValueOrDefault(ExitKind.Link);

    private GuestCode Map(string jump, PageTable table)
    {
        var guest = new GuestCode(_machine, table);
        _guests.Add(guest);
        Show(Second, table); // to be written
        Show(Code, table);
        guest.Assemble(Target, static a =>
        {
            Label end = a.CreateLabel();
            a.jc(end); // whatever the flags are: they have come along
            a.add(eax, 100);
            a.Label(ref end);
            a.int3();
        });
        guest.Assemble(Elsewhere, static a =>
        {
            a.add(eax, 1000);
            a.int3();
        });
        guest.Assemble(Code, a =>
        {
            a.mov(eax, 7);
            a.xor(ecx, ecx);
            switch (jump)
            {
                case "jmp":
                    a.jmp(Target);
                    break;
                case "je":
                    a.je(Target);
                    break;
                case "call":
                    a.call(Target);
                    break;
                default:
                    a.stc();
                    a.cmc();
                    a.jae(Target);
                    break;
            }
            a.int3();
        });
        table.Clear(Second, Second + 0x1000);
        _machine.Map(Stack, 1, PageAccess.Read | PageAccess.Write, table);
        table.AnnounceCode(new CodeArea(Code, Code + 0x2000, _file, 0), page => _frames[page]);
        Begin(guest);
        return guest;
    }

    // As the kernel does it for a page of a file: the area stays announced.
    private void Show(ulong page, PageTable table) =>
        table.SetAbsent(page, [_frames[(int)((page - Code) >> FramePool.FrameShift)]], PageAccess.Read | PageAccess.Execute, shared: false);

    private static void Begin(GuestCode guest)
    {
        guest.State->Rip = Code;
        guest[CpuState.Rsp] = Stack + 0x800;
    }

    private static void RunToFault(GuestCode guest)
    {
        Assert.Equal(StopReason.PageFault, guest.Run());
        Assert.Equal((Target, Target, PageAccess.Execute), (guest.State->Rip, guest.State->FaultAddress, guest.State->FaultAccess));
    }

    private static void Finish(GuestCode guest, ulong result)
    {
        Assert.Equal(StopReason.Breakpoint, guest.Run());
        Assert.Equal(result, guest[CpuState.Rax]);
    }
}
