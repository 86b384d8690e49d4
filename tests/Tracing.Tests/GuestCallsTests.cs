using Kennel.Probes;
using Kennel.Tracing.Tests.Timeline;

namespace Kennel.Tracing.Tests;

/// <summary>Calls of guest functions, by the stack pointer and the address to return to.</summary>
public sealed class GuestCallsTests
{
    private const ulong Site = 0x1010, OtherSite = 0x1020;

    private readonly FakeMachine _machine = new();
    private readonly FakeTask _task = new(7, "prog");
    private readonly List<string> _left = [];
    private readonly GuestCalls<string> _calls;

    public GuestCallsTests()
    {
        _calls = new GuestCalls<string>(_machine, (_, call) => _left.Add(call));
        _task.Symbols[0] = new UserSymbol("/bin/prog", "main", 0x1000, 0x100, 0x10);
    }

    [Fact]
    public void A_recursive_function_returns_as_often_as_it_was_called()
    {
        Assert.True(Call("f", 0x7000, Site));
        Assert.True(Call("f", 0x6ff0, OtherSite));
        Assert.True(Call("f", 0x6fe0, OtherSite));
        Assert.Single(_machine.Watched); // both places are one to this machine
        Assert.Equal(["f"], Reach(OtherSite, 0x6fe8));
        Assert.Equal(["f"], Reach(OtherSite, 0x6ff8));
        Assert.Equal([], Reach(OtherSite, 0x6ff8));
        Assert.Equal(["f"], Reach(Site, 0x7008));
        Assert.Empty(_left);
    }

    [Fact]
    public void Two_watchers_of_one_call_both_see_its_return()
    {
        Assert.True(Call("one", 0x7000, Site));
        Assert.True(Call("two", 0x7000, Site));
        Assert.Equal(["two", "one"], Reach(Site, 0x7008));
    }

    [Fact]
    public void Calls_that_a_longjmp_left_are_forgotten()
    {
        for (int i = 0; i < 1000; i++)
        {
            Assert.True(Call("outer", 0x7000, Site));
            Assert.True(Call("inner", 0x6f00, Site));
        }
        Assert.Equal(999 * 2, _left.Count);
        Assert.Equal(["outer"], Reach(OtherSite, 0x6f80).Concat(Reach(Site, 0x7008)));
        Assert.Equal(1000, _left.Count(static c => c == "inner"));
    }

    [Fact]
    public void A_wild_stack_pointer_or_return_address_is_no_call()
    {
        _task.StackPointer = 0xdead_0000;
        Assert.False(_calls.Entered(new KernelEvent { Task = _task }, "f"));
        Assert.False(Call("f", 0x7000, 0xffff_ffff_ffff_ffff));
        Assert.Equal([], Reach(0xffff_ffff_ffff_ffff, 0x7008));
    }

    [Fact]
    public void Threads_have_their_own()
    {
        Call("f", 0x7000, Site);
        var other = new FakeTask(8, "prog") { StackPointer = 0x9000 };
        Assert.False(_calls.TryEnd(new KernelEvent { Task = other, A0 = Site }, out _));
        Assert.Equal(["f"], Reach(Site, 0x7008));
    }

    private bool Call(string name, ulong stack, ulong returnTo)
    {
        _task.StackPointer = stack;
        _task.Words[stack] = returnTo;
        return _calls.Entered(new KernelEvent { Task = _task }, name);
    }

    private List<string> Reach(ulong place, ulong stack)
    {
        _task.StackPointer = stack;
        List<string> ended = [];
        while (_calls.TryEnd(new KernelEvent { Task = _task, A0 = place }, out string? call)) ended.Add(call);
        return ended;
    }
}
