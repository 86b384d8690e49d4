using FsCheck;
using FsCheck.Fluent;
using Kennel.Abi;
using Kennel.Tasks;
using Kennel.Tests.Tasks;
using Kennel.Waiting;

namespace Kennel.Tests.Waiting;

/// <summary>Sleeping and waking between kernel threads, in virtual time, so that a lost wake-up shows as a machine that is stuck.</summary>
public sealed class WaitQueueTests
{
    [Fact]
    public void ASleepEndsWhenItsConditionHolds()
    {
        var queue = new WaitQueue();
        bool ready = false;
        var trace = new List<string>();
        Run(
            async t =>
            {
                trace.Add("sleeps");
                Assert.Equal(Errno.None, await queue.WaitAsync(t, 0, _ => ready, WaitMode.Uninterruptible));
                trace.Add("awake");
            },
            async t =>
            {
                queue.WakeAll(); // not yet
                await t.YieldAsync();
                trace.Add("wakes");
                ready = true;
                queue.WakeAll();
            });
        Assert.Equal(["sleeps", "wakes", "awake"], trace);
    }

    [Fact]
    public void ADeadlineEndsASleep()
    {
        long slept = 0;
        Run(async t =>
        {
            long before = t.Kernel.Time.Monotonic;
            Assert.Equal(Errno.ETIMEDOUT, await new WaitQueue().WaitAsync(t, 0, _ => false, WaitMode.Interruptible, before + 5_000_000));
            slept = t.Kernel.Time.Monotonic - before;
        });
        Assert.Equal(5_000_000, slept);
    }

    [Fact]
    public void OneExclusiveSleeperIsWokenAtATimeAndAllOthers()
    {
        var queue = new WaitQueue();
        int tokens = 0, shared = 0, exclusive = 0;
        Func<LinuxTask, ValueTask> Sleeper(bool isExclusive) => async t =>
        {
            await queue.WaitAsync(t, 0, _ => tokens > 0, WaitMode.Uninterruptible, exclusive: isExclusive);
            if (isExclusive) exclusive++;
            else shared++;
        };
        Run(Sleeper(true), Sleeper(false), Sleeper(true), Sleeper(false), async t =>
        {
            await Pause(t);
            tokens = 1;
            queue.Wake();
            await Pause(t);
            Assert.Equal((2, 1), (shared, exclusive));
            queue.Wake();
            await Pause(t);
            Assert.Equal((2, 2), (shared, exclusive));
            Assert.False(queue.HasWaiters);
        });
    }

    // Producers and consumers with random pauses: every item is consumed, whatever the order, or the machine would be stuck.
    [Fact]
    public void NoWakeUpIsLost() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), ArbMap.Default.ArbFor<PositiveInt>(), static (pauses, workers) =>
        {
            const int Items = 40;
            int count = Math.Min(workers.Get, 6);
            var queue = new WaitQueue();
            int available = 0, consumed = 0, next = 0;
            byte Random() => pauses.Length == 0 ? (byte)0 : pauses[next++ % pauses.Length];
            async ValueTask Dawdle(LinuxTask t)
            {
                byte choice = Random();
                if (choice % 3 == 1) await t.YieldAsync();
                if (choice % 3 == 2) await Pause(t, choice);
            }
            async ValueTask Produce(LinuxTask t)
            {
                for (int i = 0; i < Items; i++)
                {
                    await Dawdle(t);
                    available++;
                    queue.Wake();
                }
            }
            async ValueTask Consume(LinuxTask t)
            {
                for (int i = 0; i < Items; i++)
                {
                    await queue.WaitAsync(t, 0, _ => available > 0, WaitMode.Uninterruptible, exclusive: true);
                    available--;
                    consumed++;
                    await Dawdle(t);
                    if (available > 0) queue.Wake(); // one wake-up may stand for several items
                }
            }
            IEnumerable<Func<LinuxTask, ValueTask>> all = Enumerable.Range(0, count).SelectMany<int, Func<LinuxTask, ValueTask>>(_ => [Produce, Consume]);
            Run([.. all]);
            return consumed == count * Items && !queue.HasWaiters;
        }).QuickCheckThrowOnFailure();

    private static async ValueTask Pause(LinuxTask task, long nanoseconds = 1000) =>
        await task.Nothing.WaitAsync(task, 0, static _ => false, WaitMode.Uninterruptible, task.Kernel.Time.Monotonic + nanoseconds);

    private static void Run(params Func<LinuxTask, ValueTask>[] threads)
    {
        using var machine = new ScriptedMachine(new Script());
        int left = threads.Length;
        foreach (Func<LinuxTask, ValueTask> body in threads)
        {
            machine.Kernel.KernelThreads.Create("worker", async t =>
            {
                await body(t);
                if (--left == 0) t.Kernel.Halt();
            });
        }
        machine.Go();
    }
}
