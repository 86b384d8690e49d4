using System.Runtime.CompilerServices;
using Kennel.Waiting;

namespace Kennel.Tests.Waiting;

/// <summary>The builder of the kernel's async methods, by methods that sleep until somebody completes what they wait for.</summary>
public sealed class KernelMethodBuilderTests
{
    [Fact]
    public async Task WhatDoesNotSleepAnswersAtOnce()
    {
        ValueTask<int> answer = AddAsync(new Signal { IsCompleted = true }, 1, 2);
        Assert.True(answer.IsCompletedSuccessfully);
        Assert.Equal(3, await answer);
        Assert.True(RunAsync(() => { }).IsCompletedSuccessfully);
    }

    [Fact]
    public void WhatSleepsGoesOnWhereItIsWoken()
    {
        var signal = new Signal();
        var trace = new List<string>();
        ValueTask outer = OuterAsync(signal, trace);
        Assert.False(outer.IsCompleted);
        trace.Add("woken");
        signal.Complete();
        Assert.True(outer.IsCompletedSuccessfully);
        Assert.Equal(["begins", "woken", "7", "ends"], trace);

        static async ValueTask OuterAsync(Signal signal, List<string> trace)
        {
            trace.Add("begins");
            trace.Add($"{await AddAsync(signal, 3, 4)}");
            trace.Add("ends");
        }
    }

    [Fact]
    public async Task OnesThatAreNestedAndRepeatedKeepApart()
    {
        for (int round = 0; round < 3; round++)
        {
            Signal[] signals = [new(), new(), new()];
            ValueTask<int>[] sums = [.. signals.Select((s, i) => SumAsync(s, i))];
            foreach (int i in (int[])[2, 0, 1])
            {
                signals[i].Complete();
                Assert.True(sums[i].IsCompletedSuccessfully);
                Assert.Equal((i * 100) + 1, await sums[i]);
            }
        }
    }

    [Fact]
    public async Task AnExceptionComesOutWhereItIsAwaited()
    {
        await Assert.ThrowsAsync<InvalidDataException>(async () => await RunAsync(() => throw new InvalidDataException("bad")));
        var signal = new Signal();
        ValueTask<int> late = FailAsync(signal);
        signal.Complete();
        Assert.True(late.IsFaulted);
        await Assert.ThrowsAsync<InvalidDataException>(async () => await late);
    }

    [Fact]
    public async Task AnAnswerIsGivenOnce()
    {
        var signal = new Signal();
        ValueTask<int> answer = AddAsync(signal, 1, 1);
        signal.Complete();
        Assert.Equal(2, await answer);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await answer);
    }

    [AsyncMethodBuilder(typeof(KernelMethodBuilder<>))]
    private static async ValueTask<int> AddAsync(Signal signal, int a, int b)
    {
        await signal;
        return a + b;
    }

    // Sleeps once, and calls a hundred more that do not.
    [AsyncMethodBuilder(typeof(KernelMethodBuilder<>))]
    private static async ValueTask<int> SumAsync(Signal signal, int tens)
    {
        int sum = 0;
        for (int i = 0; i < 100; i++) sum += await AddAsync(signal, tens, 0);
        return sum + await AddAsync(signal, 0, 1);
    }

    [AsyncMethodBuilder(typeof(KernelMethodBuilder<>))]
    private static async ValueTask<int> FailAsync(Signal signal)
    {
        await signal;
        throw new InvalidDataException("bad");
    }

    [AsyncMethodBuilder(typeof(KernelMethodBuilder))]
    private static async ValueTask RunAsync(Action action)
    {
        await new Signal { IsCompleted = true };
        action();
    }

    // Sleeps until it is completed, by one waiter.
    private sealed class Signal : INotifyCompletion
    {
        private Action? _continuation;

        public bool IsCompleted { get; set; }

        public Signal GetAwaiter() => this;

        public void GetResult() => Assert.True(IsCompleted);

        public void OnCompleted(Action continuation) => _continuation = continuation;

        public void Complete()
        {
            IsCompleted = true;
            _continuation!();
        }
    }
}
