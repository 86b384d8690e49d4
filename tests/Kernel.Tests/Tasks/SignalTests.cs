using Kennel.Abi;

namespace Kennel.Tests.Tasks;

/// <summary>Signals as guests meet them: handlers, masks, restart, stops.</summary>
public sealed class SignalTests
{
    private const ulong Data = ScriptedMachine.Data;
    private const ulong Restart = 0x10000000, NoDefer = 0x40000000, ResetHandler = 0x80000000, SigInfo = 4, OnStack = 0x08000000;
    private const int Fork = 57, Wait4 = 61, Kill = 62, Mask = 14, GetPid = 39, Sleep = 35, Pause = 34;

    [Fact]
    public void AHandlerRunsAndTheInterruptedCodeGoesOnWithItsRegisters()
    {
        using ScriptedMachine m = ScriptedMachine.Run(new Script()
            .Handle(10, "handler", SigInfo)
            .Do(g => g.Rbx = 77)
            .Call(Kill, 3, 10).NoteResult("kill")
            .Do(g => g.Machine.Trace.Add($"rbx {g.Rbx} rsp {g.Rsp == ScriptedMachine.Stack + ScriptedMachine.Size}"))
            .Exit(0)
            .Label("handler")
            .Do(g => g.Machine.Trace.Add($"signal {g.Rdi} code {g.LoadInt(g.Rsi + 8)} pid {g.LoadInt(g.Rsi + 16)} aligned {g.Rsp % 16 == 8}"))
            .Do(g => g.Rbx = 1).Return()
            .Restorer());
        Assert.Equal(["signal 10 code 0 pid 3 aligned True", "kill 0", "rbx 77 rsp True"], m.Trace);
    }

    [Fact]
    public void ASignalWaitsWhileItIsBlocked()
    {
        using ScriptedMachine m = ScriptedMachine.Run(new Script()
            .Handle(10, "handler")
            .Do(g => g.Store(Data, 1UL << 9)).Call(Mask, 0, Data, 0, 8)
            .Call(Kill, 3, 10).Call(Kill, 3, 10).Note("sent twice")
            .Call(127, Data + 8, 8).Do(g => g.Machine.Trace.Add($"pending {g.Load(Data + 8):x}"))
            .Call(Mask, 1, Data, 0, 8).Note("unblocked")
            .Exit(0)
            .Label("handler").Note("handler").Return()
            .Restorer());
        Assert.Equal(["sent twice", "pending 200", "handler", "unblocked"], m.Trace);
    }

    [Fact]
    public void ItsOwnHandlerIsNotInterruptedBySignalUnlessItSaysSo()
    {
        Script Nested(ulong flags) => new Script()
            .Handle(10, "handler", flags)
            .Call(Kill, 3, 10).Exit(0)
            .Label("handler").Note("in").Do(g => g.Store(Data, g.Load(Data) + 1))
            .JumpIf(g => g.Load(Data) > 1, "out")
            .Call(Kill, 3, 10)
            .Label("out").Note("out").Return()
            .Restorer();
        using ScriptedMachine deferred = ScriptedMachine.Run(Nested(0));
        Assert.Equal(["in", "out", "in", "out"], deferred.Trace);
        using ScriptedMachine nested = ScriptedMachine.Run(Nested(NoDefer));
        Assert.Equal(["in", "in", "out", "out"], nested.Trace);
    }

    [Fact]
    public void AOneShotHandlerIsGoneTheSecondTime()
    {
        using ScriptedMachine m = ScriptedMachine.Run(new Script()
            .Handle(10, "handler", ResetHandler)
            .Call(Kill, 3, 10).Call(Kill, 3, 10).Note("not reached").Exit(0)
            .Label("handler").Note("handler").Return()
            .Restorer());
        Assert.Equal(["handler"], m.Trace);
        Assert.Equal(Signal.SIGUSR1, m.Result.Status.TerminationSignal);
    }

    [Theory]
    [InlineData(0UL, "waited -4")]
    [InlineData(Restart, "waited 4")]
    public void AWaitIsBrokenOffOrMadeAgain(ulong flags, string outcome)
    {
        using ScriptedMachine m = ScriptedMachine.Run(new Script()
            .Handle(10, "handler", flags)
            .Call(Fork).IfChild("child")
            .Call(Wait4, -1, 0, 0, 0).NoteResult("waited")
            .Exit(0)
            .Label("child").Call(Kill, 3, 10).Do(g => g.Store(Data + 8, 100_000)).Call(Sleep, Data, 0).Exit(0)
            .Label("handler").Note("handler").Return()
            .Restorer());
        Assert.Equal(["handler", outcome], m.Trace);
    }

    [Fact]
    public void AStoppedSleepGoesOnToItsOldDeadline()
    {
        long Elapsed(ScriptedMachine m) => m.Kernel.Time.Monotonic;
        long end = 0;
        using ScriptedMachine m = ScriptedMachine.Run(new Script()
            .Call(Fork).IfChild("child")
            .Do(g => g.Store(Data + 8, 1_000_000)).Call(Sleep, Data, 0)
            .Call(Kill, 4, 19)
            .Call(Wait4, -1, Data + 0x100, 2, 0).NoteResult("stopped")
            .Do(g => g.Store(Data + 8, 5_000_000)).Call(Sleep, Data, 0)
            .Call(Kill, 4, 18)
            .Call(Wait4, -1, Data + 0x100, 8, 0).Do(g => g.Machine.Trace.Add($"continued {g.LoadInt(Data + 0x100):x}"))
            .Call(Wait4, -1, Data + 0x100, 0, 0).Do(g => g.Machine.Trace.Add($"ended {g.LoadInt(Data + 0x100):x}"))
            .Exit(0)
            .Label("child").Do(g => g.Store(Data + 8, 20_000_000)).Call(Sleep, Data, 0).NoteResult("slept")
            .Do(g => end = Elapsed(g.Machine)).Exit(9));
        Assert.Equal(["stopped 4", "continued ffff", "slept 0", "ended 900"], m.Trace);
        Assert.InRange(end, 20_000_000, 21_000_000);
    }

    [Fact]
    public void AFaultInItsOwnHandlerKills()
    {
        using ScriptedMachine m = ScriptedMachine.Run(new Script()
            .Handle(11, "handler")
            .Do(g => g.Load(0x40)).Exit(0)
            .Label("handler").Note("handler").Do(g => g.Load(0x80)).Return()
            .Restorer());
        Assert.Equal(["handler"], m.Trace);
        Assert.Equal(Signal.SIGSEGV, m.Result.Status.TerminationSignal);
    }

    [Fact]
    public void AHandlerOnAnAlternateStackSurvivesABadStackPointer()
    {
        const ulong Alternate = Data + 0x4000;
        using ScriptedMachine m = ScriptedMachine.Run(new Script()
            .Handle(11, "handler", OnStack | SigInfo)
            .Do(g => g.Store(Data, Alternate)).Do(g => g.Store(Data + 8, 0)).Do(g => g.Store(Data + 16, 0x2000))
            .Call(131, Data, 0).NoteResult("sigaltstack")
            .Do(g => g.Rsp = 0x100)
            .Do(g => g.Load(g.Rsp)).Exit(0)
            .Label("handler").Do(g => g.Machine.Trace.Add($"on it {g.Rsp > Alternate && g.Rsp < Alternate + 0x2000} at {g.Load(g.Rsi + 16):x}"))
            .Exit(5)
            .Restorer());
        Assert.Equal(["sigaltstack 0", "on it True at 100"], m.Trace);
        Assert.Equal(5, m.Result.Status.ExitCode);
    }

    [Fact]
    public void KillingAStoppedOrSleepingProcessWorksAtOnce()
    {
        using ScriptedMachine m = ScriptedMachine.Run(new Script()
            .Call(Fork).IfChild("child")
            .Call(Kill, 4, 19).Call(Wait4, -1, 0, 2, 0)
            .Call(Kill, 4, 15).Call(Wait4, -1, 0, 1, 0).NoteResult("term waits")
            .Call(Kill, 4, 9).Call(Wait4, -1, Data, 0, 0).Do(g => g.Machine.Trace.Add($"status {g.LoadInt(Data):x}"))
            .Exit(0)
            .Label("child").Label("sleep").Call(Pause).Jump("sleep"));
        Assert.Equal(["term waits 0", "status 9"], m.Trace);
    }

    [Fact]
    public void ASignalReachesAProcessWhoseFirstThreadHasEnded()
    {
        using ScriptedMachine m = ScriptedMachine.Run(new Script()
            .Call(Fork).IfChild("child")
            .Do(g => g.Store(Data + 8, 1_000_000)).Call(Sleep, Data, 0)
            .Call(Wait4, -1, 0, 1, 0).NoteResult("not yet")
            .Call(Kill, 4, 15).Call(Wait4, -1, Data, 0, 0).Do(g => g.Machine.Trace.Add($"status {g.LoadInt(Data):x}"))
            .Exit(0)
            .Label("child").Call(56, 0x10900, ScriptedMachine.Stack + 0x8000).IfChild("thread").Call(60, 0)
            .Label("thread").Label("sleep").Call(Pause).Jump("sleep"));
        Assert.Equal(["not yet 0", "status f"], m.Trace);
    }
}
