namespace Kennel.Tests.Tasks;

/// <summary>Who becomes the parent of whom, and who is told.</summary>
public sealed class ReparentingTests
{
    private const ulong Data = ScriptedMachine.Data, SecondStack = ScriptedMachine.Stack + 0x8000;
    private const int Fork = 57, Clone = 56, Wait4 = 61, Prctl = 157, GetPpid = 110, Yield = 24, Sleep = 35, Exit1 = 60;

    [Fact]
    public void ASubreaperAdoptsOrphansBelowIt()
    {
        using ScriptedMachine m = ScriptedMachine.Run(new Script()
            .Call(Prctl, 36, 1)
            .Call(Fork).IfChild("middle")
            .Call(Wait4, -1, 0, 0, 0).NoteResult("first")
            .Call(Wait4, -1, 0, 0, 0).NoteResult("second")
            .Exit(0)
            .Label("middle").Call(Fork).IfChild("orphan").Exit(0)
            .Label("orphan").Do(g => g.Store(Data + 8, 1000)).Call(Sleep, Data, 0).Call(GetPpid).NoteResult("ppid").Exit(0));
        Assert.Equal(["first 4", "ppid 3", "second 5"], m.Trace);
    }

    [Fact]
    public void ChildrenOfADeadThreadGoToAnotherOfItsProcess()
    {
        // The second thread forks and ends; the first waits for the child.
        using ScriptedMachine m = ScriptedMachine.Run(new Script()
            .Call(Clone, 0x10900 | 0x200, SecondStack).IfChild("thread")
            .Do(g => g.Store(Data + 8, 1000)).Call(Sleep, Data, 0)
            .Call(Wait4, -1, 0, 0, 0).NoteResult("waited")
            .Exit(0)
            .Label("thread").Call(Fork).IfChild("child").Call(Exit1, 0)
            .Label("child").Do(g => g.Store(Data + 24, 5000)).Call(Sleep, Data + 16, 0).Call(GetPpid).NoteResult("ppid").Exit(0));
        Assert.Equal(["ppid 3", "waited 5"], m.Trace);
    }

    [Fact]
    public void WithoutWaitingForThreadsOnlyOwnChildrenCount()
    {
        const long NoThread = 0x20000000;
        using ScriptedMachine m = ScriptedMachine.Run(new Script()
            .Call(Clone, 0x10900 | 0x200, SecondStack).IfChild("thread")
            .Call(Yield).Call(Yield).Call(Yield)
            .Call(Wait4, -1, 0, NoThread, 0).NoteResult("others'")
            .Call(Wait4, -1, 0, 0, 0).NoteResult("anybody's")
            .Exit(0)
            .Label("thread").Call(Fork).IfChild("child").Label("spin").Call(Yield).Jump("spin")
            .Label("child").Exit(0));
        Assert.Equal(["others' -10", "anybody's 5"], m.Trace);
    }

    [Fact]
    public void AParentThatIgnoresItsChildrenNeedNotReapThem()
    {
        using ScriptedMachine m = ScriptedMachine.Run(new Script()
            .Handle(17, "SIG_IGN")
            .Call(Fork).IfChild("child")
            .Call(Wait4, -1, 0, 0, 0).NoteResult("waited")
            .Exit(0)
            .Label("child").Exit(3));
        Assert.Equal(["waited -10"], m.Trace);
        Assert.Equal(2, m.Kernel.Tasks.Count);
    }

    [Fact]
    public void AnOrphanedStoppedJobIsHungUpAndContinued()
    {
        // The middle process leaves a stopped child alone in its own group of the session.
        using ScriptedMachine m = ScriptedMachine.Run(new Script()
            .Call(Prctl, 36, 1)
            .Call(Fork).IfChild("middle")
            .Call(Wait4, -1, Data + 0x100, 0, 0).NoteResult("middle")
            .Call(Wait4, -1, Data + 0x100, 0, 0).NoteResult("job")
            .Do(g => g.Machine.Trace.Add($"status {g.LoadInt(Data + 0x100):x}"))
            .Exit(0)
            .Label("middle").Call(112)
            .Call(Fork).IfChild("job")
            .Call(109, 5, 5)
            .Call(Wait4, -1, Data + 0x100, 2, 0).NoteResult("stopped")
            .Exit(0)
            .Label("job").Call(62, 5, 19).Note("not reached").Exit(0));
        Assert.Equal(["stopped 5", "middle 4", "job 5", "status 1"], m.Trace);
    }

    [Fact]
    public void TheWholeFamilyIsReleasedWhateverTheOrderOfDeaths()
    {
        // A tree of 2^5 processes, none of which waits.
        using ScriptedMachine m = ScriptedMachine.Run(new Script()
            .Call(Fork).IfChild("root")
            .Do(g => g.Store(Data, 1)).Call(Sleep, Data, 0).Exit(0)
            .Label("root").Do(g => g.Rbx = 5)
            .Label("again").JumpIf(g => g.Rbx == 0, "end")
            .Call(Fork).Do(g => g.Rbx--).Jump("again")
            .Label("end").Exit(0));
        Assert.Equal(2 + 1 + 32, m.Kernel.Tasks.ProcessesCreated);
        Assert.Equal(["init", "kthreadd"], m.Kernel.Tasks.Processes.Select(t => t.Comm));
        Assert.Equal(2, m.Kernel.Tasks.Count);
    }

    [Fact]
    public void TheDeathOfANamespacesInitEndsTheNamespace()
    {
        const long NewPid = 0x20000000;
        using ScriptedMachine m = ScriptedMachine.Run(new Script()
            .Call(Clone, NewPid | 17, 0).IfChild("init")
            .Call(Wait4, -1, Data + 0x100, 0, 0).NoteResult("init")
            .Do(g => g.Machine.Trace.Add($"status {g.LoadInt(Data + 0x100):x}"))
            .Exit(0)
            .Label("init").Call(39).NoteResult("my pid")
            .Call(Fork).IfChild("inner").NoteResult("child")
            .Do(g => g.Store(Data + 8, 1000)).Call(Sleep, Data, 0).Exit(6)
            .Label("inner").Call(GetPpid).NoteResult("parent").Call(62, 1, 9).NoteResult("kill init").Label("spin").Call(Yield).Jump("spin"));
        Assert.Equal(["my pid 1", "child 2", "parent 1", "kill init 0", "init 4", "status 600"], m.Trace);
        Assert.Equal(2, m.Kernel.Tasks.Count);
    }
}
