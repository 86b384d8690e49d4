using FsCheck;
using FsCheck.Fluent;
using Kennel.Abi;
using Kennel.Signals;

namespace Kennel.Tests.Signals;

public sealed class PendingSignalsTests
{
    [Fact]
    public void FaultsComeFirstThenTheLowestNumber()
    {
        var pending = new PendingSignals();
        foreach (Signal s in (ReadOnlySpan<Signal>)[Signal.SIGUSR1, Signal.SIGHUP, Signal.SIGSEGV, (Signal)40]) Add(pending, s, 0);
        Assert.Equal([Signal.SIGSEGV, Signal.SIGHUP, Signal.SIGUSR1, (Signal)40], TakeAll(pending).Select(static i => i.Signal));
    }

    [Fact]
    public void RealtimeSignalsKeepTheirOrderAndData()
    {
        var pending = new PendingSignals();
        Add(pending, (Signal)35, 1);
        Add(pending, (Signal)34, 2);
        Add(pending, (Signal)35, 3);
        Assert.Equal([(34, 2UL), (35, 1UL), (35, 3UL)], TakeAll(pending).Select(static i => (i.Number, i.Value)));
        Assert.Equal(0UL, pending.Mask);
    }

    [Fact]
    public void ASignalWithoutRoomForItsInformationComesFromNobody()
    {
        var pending = new PendingSignals();
        pending.Add(Signal.SIGTERM, null);
        SignalInfo info = Assert.Single(TakeAll(pending));
        Assert.Equal((15, SignalCode.User, 0, 0u), (info.Number, info.Code, info.Pid, info.Uid));
    }

    [Fact]
    public void BlockedSignalsStay()
    {
        var pending = new PendingSignals();
        Add(pending, Signal.SIGTERM, 0);
        Assert.False(pending.TryTake(SignalSet.Bit(Signal.SIGTERM), out _, out _));
        Assert.True(pending.Mask.Has(Signal.SIGTERM));
    }

    [Fact]
    public void FlushingDropsNumbersAndInformation()
    {
        var pending = new PendingSignals();
        Add(pending, (Signal)35, 1);
        Add(pending, Signal.SIGCONT, 2);
        pending.Flush(SignalSet.Of((Signal)35));
        Assert.Equal([Signal.SIGCONT], TakeAll(pending).Select(static i => i.Signal));
    }

    // Against a list that is searched: whatever is queued comes out once, in order within its number, lowest number first.
    [Fact]
    public void TheQueueAgreesWithAModel() =>
        Prop.ForAll(ArbMap.Default.ArbFor<(byte Signal, bool Take)[]>(), static steps =>
        {
            var pending = new PendingSignals();
            var model = new List<(int Signal, ulong Value)>();
            ulong value = 0;
            foreach ((byte raw, bool take) in steps)
            {
                int signal = 34 + (raw % 30);
                if (!take)
                {
                    Add(pending, (Signal)signal, ++value);
                    model.Add((signal, value));
                    continue;
                }
                bool any = pending.TryTake(0, out SignalInfo info, out _);
                if (any != model.Count > 0) return false;
                if (!any) continue;
                (int Signal, ulong Value) expected = model.MinBy(static m => (m.Signal, m.Value));
                if ((info.Number, info.Value) != expected) return false;
                model.Remove(expected);
            }
            return model.Aggregate(0UL, static (set, m) => set | SignalSet.Bit((Signal)m.Signal)) == pending.Mask;
        }).QuickCheckThrowOnFailure();

    private static void Add(PendingSignals pending, Signal signal, ulong value) =>
        pending.Add(signal, new QueuedSignal(new SignalInfo { Number = (int)signal, Code = SignalCode.Queue, Value = value }, null));

    private static List<SignalInfo> TakeAll(PendingSignals pending)
    {
        var all = new List<SignalInfo>();
        while (pending.TryTake(0, out SignalInfo info, out _)) all.Add(info);
        return all;
    }
}
