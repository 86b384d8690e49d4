using Kennel.Abi;
using Kennel.Signals;
using Kennel.Tasks;
using Xunit;

namespace Kennel.Tests.Signals;

/// <summary>Fork shares the tables of signal actions and of limits; whoever changes one gets its own.</summary>
public sealed class SharedTableTests
{
    [Fact]
    public void ParentAndChildChangeTheirOwnActions()
    {
        var parent = new SignalHandlers();
        parent.Change(Signal.SIGUSR1).Handler = 0x1000;
        SignalHandlers child = parent.Clone(), second = parent.Clone();
        child.Change(Signal.SIGUSR1).Handler = 0x2000;
        parent.Change(Signal.SIGUSR2).Handler = 0x3000;
        Assert.Equal(0x1000ul, parent[Signal.SIGUSR1].Handler);
        Assert.Equal(0x2000ul, child[Signal.SIGUSR1].Handler);
        Assert.Equal(0x1000ul, second[Signal.SIGUSR1].Handler);
        Assert.Equal(0x3000ul, parent[Signal.SIGUSR2].Handler);
        Assert.True(child[Signal.SIGUSR2].IsDefault && second[Signal.SIGUSR2].IsDefault);
    }

    [Fact]
    public void ResetLeavesTheOthersAlone()
    {
        var parent = new SignalHandlers();
        parent.Change(Signal.SIGUSR1).Handler = 0x1000;
        parent.Change(Signal.SIGUSR2).Handler = SignalAction.Ignore;
        SignalHandlers child = parent.Clone();
        child.Reset();
        Assert.True(child[Signal.SIGUSR1].IsDefault && child[Signal.SIGUSR2].IsIgnored);
        Assert.Equal(0x1000ul, parent[Signal.SIGUSR1].Handler);
    }

    [Fact]
    public void LimitsAreTheirOwn()
    {
        var parent = new ResourceLimits(100);
        ResourceLimits child = parent.Clone();
        child[Resource.Stack] = new ResourceLimit { Soft = 1, Hard = 2 };
        parent[Resource.Core] = new ResourceLimit { Soft = 3, Hard = 4 };
        Assert.Equal(8ul << 20, parent.Soft(Resource.Stack));
        Assert.Equal(1ul, child.Soft(Resource.Stack));
        Assert.Equal(0ul, child.Soft(Resource.Core));
    }
}
