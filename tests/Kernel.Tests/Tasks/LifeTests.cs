using Kennel.Abi;

namespace Kennel.Tests.Tasks;

public sealed class LifeTests
{
    private const ulong Data = ScriptedMachine.Data;

    [Fact]
    public void AProgramExitsWithItsCode()
    {
        using ScriptedMachine m = ScriptedMachine.Run(new Script().Call(39).NoteResult("pid").Call(110).NoteResult("ppid").Exit(42));
        Assert.Equal(["pid 3", "ppid 1"], m.Trace);
        Assert.Equal(42, m.Result.Status.ExitCode);
        Assert.Equal(2, m.Kernel.Tasks.Count); // init and kthreadd
    }

    [Fact]
    public void AForkedChildIsWaitedFor()
    {
        using ScriptedMachine m = ScriptedMachine.Run(new Script()
            .Do(g => g.Store(Data, 1))
            .Call(57).IfChild("child")
            .Call(61, -1, Data + 8, 0, 0).NoteResult("waited")
            .Do(g => g.Machine.Trace.Add($"status {g.LoadInt(Data + 8):x} data {g.Load(Data)}"))
            .Call(61, -1, 0, 0, 0).NoteResult("again")
            .Exit(0)
            .Label("child").Do(g => g.Store(Data, 2)).Call(39).NoteResult("child").Exit(7));
        Assert.Equal(["child 4", "waited 4", "status 700 data 1", "again -10"], m.Trace);
    }

    [Fact]
    public void AVforkParentWaitsForItsChild()
    {
        using ScriptedMachine m = ScriptedMachine.Run(new Script()
            .Call(58).IfChild("child")
            .Note("parent").Call(61, -1, 0, 0, 0).Do(g => g.Machine.Trace.Add($"shared {g.Load(Data)}")).Exit(0)
            .Label("child").Call(24).Call(24).Note("child").Do(g => g.Store(Data, 5)).Exit(0));
        Assert.Equal(["child", "parent", "shared 5"], m.Trace);
    }

    [Fact]
    public void AFaultKillsWithItsSignal()
    {
        using ScriptedMachine m = ScriptedMachine.Run(new Script().Do(g => g.Load(0x1234)).Exit(0));
        Assert.True(m.Result.Status.WasSignaled);
        Assert.Equal(Signal.SIGSEGV, m.Result.Status.TerminationSignal);
        Assert.False(m.Result.Status.CoreDumped);
    }

    [Fact]
    public void AnOrphanIsReapedByInit()
    {
        using ScriptedMachine m = ScriptedMachine.Run(new Script()
            .Call(57).IfChild("child")
            .Call(61, -1, 0, 0, 0).NoteResult("waited")
            .Do(g => g.Store(Data, 1)).Call(35, Data, 0) // until the orphan is gone
            .Exit(0)
            .Label("child").Call(57).IfChild("orphan").Exit(0)
            .Label("orphan").Call(24).Call(24).Call(24).Call(24).Call(110).NoteResult("ppid").Exit(0));
        Assert.Equal(["waited 4", "ppid 1"], m.Trace);
    }
}
