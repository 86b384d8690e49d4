using Kennel.Tests.Tasks;

namespace Kennel.Tests.Scheduling;

/// <summary>Who gets the processor, measured in virtual time: one nanosecond an instruction.</summary>
public sealed class SchedulerTests
{
    private const ulong Data = ScriptedMachine.Data;
    private const int Fork = 57, Sleep = 35, Kill = 62, Wait4 = 61, SetPriority = 141, SetScheduler = 144, Yield = 24;

    [Fact]
    public void ASpinningTaskDoesNotKeepAWakingOneWaiting()
    {
        long worst = 0;
        long before = 0;
        var script = new Script().Call(Fork).IfChild("spinner").Do(g => g.Store(Data + 8, 1_000_000));
        for (int i = 0; i < 20; i++)
        {
            script.Do(g => before = g.Machine.Kernel.Time.Monotonic).Call(Sleep, Data, 0)
                .Do(g => worst = Math.Max(worst, g.Machine.Kernel.Time.Monotonic - before - 1_000_000));
        }
        script.Call(Kill, 4, 9).Call(Wait4, -1, 0, 0, 0).Exit(0).Label("spinner").Label("spin").Jump("spin");
        using ScriptedMachine m = ScriptedMachine.Run(script);
        Assert.InRange(worst, 0, 50_000);
    }

    [Fact]
    public void NiceValuesShareTheProcessorByWeight()
    {
        // Each child counts in memory shared with nobody; the parent reads the CPU time that wait reports.
        long[] times = new long[2];
        using ScriptedMachine m = ScriptedMachine.Run(new Script()
            .Call(Fork).IfChild("spin")
            .Call(Fork).IfChild("nice")
            .Do(g => g.Store(Data, 0)).Do(g => g.Store(Data + 8, 18_000_000)).Call(Sleep, Data, 0)
            .Call(Kill, 4, 9).Call(Kill, 5, 9)
            .Call(Wait4, 4, 0, 0, Data).Do(g => times[0] = Time(g))
            .Call(Wait4, 5, 0, 0, Data).Do(g => times[1] = Time(g))
            .Exit(0)
            .Label("nice").Call(SetPriority, 0, 0, 5)
            .Label("spin").Jump("spin"));
        Assert.InRange(times[0] + times[1], 17_900_000, 18_100_000);
        Assert.InRange(times[0] / (double)times[1], 2.6, 3.6); // 1024 to 335

        static long Time(Guest g) => (long)((g.Load(Data) * 1_000_000_000) + (g.Load(Data + 8) * 1000));
    }

    [Fact]
    public void ARealtimeTaskRunsUntilItSleeps()
    {
        using ScriptedMachine m = ScriptedMachine.Run(new Script()
            .Call(Fork).IfChild("fair")
            .Do(g => g.StoreInt(Data, 10)).Call(SetScheduler, 0, 1, Data).NoteResult("fifo")
            .Do(g => g.Rbx = 0).Label("work").Do(g => g.Rbx++).Call(Yield).JumpIf(g => g.Rbx < 500_000, "work")
            .Note("worked")
            .Call(Wait4, -1, 0, 0, 0).Exit(0)
            .Label("fair").Note("fair").Exit(0));
        Assert.Equal(["fifo 0", "worked", "fair"], m.Trace);
    }

    [Fact]
    public void YieldingTasksTakeTurns()
    {
        using ScriptedMachine m = ScriptedMachine.Run(new Script()
            .Call(Fork).IfChild("other")
            .Call(Yield).Do(g => g.Rbx = 0)
            .Label("a").Note("a").Call(Yield).Do(g => g.Rbx++).JumpIf(g => g.Rbx < 3, "a")
            .Call(Wait4, -1, 0, 0, 0).Exit(0)
            .Label("other").Do(g => g.Rbx = 0)
            .Label("b").Note("b").Call(Yield).Do(g => g.Rbx++).JumpIf(g => g.Rbx < 3, "b").Exit(0));
        Assert.Equal(["b", "a", "b", "a", "b", "a"], m.Trace);
    }

    [Fact]
    public void ARunIsTheSameEachTime()
    {
        string Once()
        {
            var script = new Script().Do(g => g.Rbx = 4)
                .Label("fork").Call(Fork).Do(g => g.Rbx--).JumpIf(g => g.Rbx > 0, "fork")
                .Do(g => g.Rbp = 0)
                .Label("work").Do(g => g.Rbp++).JumpIf(g => g.Rbp % 1000 != 0, "work")
                .Call(39).Do(g => g.Machine.Trace.Add($"{g.Rax} at {g.Machine.Kernel.Time.Monotonic}"))
                .JumpIf(g => g.Rbp < 300_000, "work")
                .Label("reap").Call(Wait4, -1, 0, 0, 0).JumpIf(g => (long)g.Rax > 0, "reap").Exit(0);
            using ScriptedMachine m = ScriptedMachine.Run(script);
            return string.Join(',', m.Trace);
        }
        Assert.Equal(Once(), Once());
    }

    [Fact]
    public void ATaskThatMustRunElsewhereIsPassedOver()
    {
        using var machine = new ScriptedMachine(new Script(), new KernelOptions { MemoryLimit = 64 << 20, Seed = 1, Processors = 2 });
        Kennel.Tasks.LinuxTask first = machine.Start("first", Script.Base, null, null);
        Kennel.Tasks.LinuxTask second = machine.Start("second", Script.Base, null, null);
        first.Scheduling.Affinity = 2;
        Kennel.Scheduling.Scheduler scheduler = machine.Kernel.Scheduler;
        var picked = new List<string>();
        while (scheduler.PickNext(machine.Kernel.Processors[0]) is { } task) picked.Add(task.Comm);
        Assert.Equal(["init", "kthreadd", "second"], picked);
        Assert.Same(first, scheduler.PickNext(machine.Kernel.Processors[1]));
        Assert.Null(scheduler.PickNext(machine.Kernel.Processors[1]));
    }
}
