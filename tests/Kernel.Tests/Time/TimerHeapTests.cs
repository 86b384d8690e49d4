using FsCheck;
using FsCheck.Fluent;
using Kennel.Time;

namespace Kennel.Tests.Time;

public sealed class TimerHeapTests
{
    [Fact]
    public void TimersFireInTheOrderOfTheirDeadlinesAndTheOldestFirst()
    {
        var fired = new List<string>();
        Timekeeper time = MakeTime();
        foreach ((string name, long deadline) in (ReadOnlySpan<(string, long)>)[("c", 30), ("a1", 10), ("b", 20), ("a2", 10)])
        {
            new KernelTimer(time, () => fired.Add(name)).Start(deadline);
        }
        time.ExpireTimers(20);
        Assert.Equal(["a1", "a2", "b"], fired);
        Assert.Equal(30, time.NextDeadline);
        time.ExpireTimers(30);
        Assert.Equal(long.MaxValue, time.NextDeadline);
    }

    [Fact]
    public void AStoppedTimerDoesNotFireAndAMovedOneFiresOnce()
    {
        int count = 0;
        Timekeeper time = MakeTime();
        var timer = new KernelTimer(time, () => count++);
        timer.Start(5);
        timer.Cancel();
        timer.Cancel();
        time.ExpireTimers(10);
        Assert.Equal(0, count);
        timer.Start(15);
        timer.Start(25);
        time.ExpireTimers(20);
        Assert.Equal(0, count);
        time.ExpireTimers(100);
        Assert.Equal(1, count);
        Assert.False(timer.IsActive);
    }

    [Fact]
    public void ATimerMayStartItselfAgain()
    {
        var fired = new List<long>();
        Timekeeper time = MakeTime();
        KernelTimer timer = null!;
        timer = new KernelTimer(time, () =>
        {
            fired.Add(timer.Deadline);
            if (fired.Count < 3) timer.Start(timer.Deadline + 10);
        });
        timer.Start(10);
        time.ExpireTimers(1000);
        Assert.Equal([10, 20, 30], fired);
    }

    [Fact]
    public void TheHeapAgreesWithASortedList() =>
        Prop.ForAll(ArbMap.Default.ArbFor<(byte Timer, byte Deadline, bool Cancel)[]>(), static steps =>
        {
            Timekeeper time = MakeTime();
            var fired = new List<int>();
            KernelTimer[] timers = [.. Enumerable.Range(0, 256).Select(i => new KernelTimer(time, () => fired.Add(i)))];
            var model = new Dictionary<int, (int Deadline, int Order)>();
            int order = 0;
            foreach ((byte timer, byte deadline, bool cancel) in steps)
            {
                if (cancel)
                {
                    timers[timer].Cancel();
                    model.Remove(timer);
                }
                else
                {
                    timers[timer].Start(deadline);
                    model[timer] = (deadline, order++);
                }
            }
            time.ExpireTimers(long.MaxValue - 1);
            return fired.SequenceEqual(model.OrderBy(static m => m.Value).Select(static m => m.Key)) && time.Timers.Count == 0;
        }).QuickCheckThrowOnFailure();

    private static Timekeeper MakeTime() => new(new StillHost(), isVirtual: true);

    private sealed class StillHost : IHostPlatform
    {
        public long MonotonicNanoseconds => 0;

        public long RealtimeNanoseconds => 0;

        public void FillRandom(Span<byte> bytes) => bytes.Clear();
    }
}
