using Kennel.Tracing.SystemCalls;
using Kennel.Tracing.SystemCalls.Calls;

namespace Kennel.Tracing.Tests.SystemCalls;

/// <summary>What -e takes (man 1 strace).</summary>
public sealed class ExpressionTests
{
    [Theory]
    [InlineData("trace=open,close", new[] { "open", "close" }, new[] { "read", "openat" })]
    [InlineData("open", new[] { "open" }, new[] { "close" })]
    [InlineData("t=!open", new[] { "close" }, new[] { "open" })]
    [InlineData("trace=%file", new[] { "openat", "execve", "statx" }, new[] { "read", "mmap" })]
    [InlineData("trace=process", new[] { "clone", "exit_group", "wait4" }, new[] { "read" })]
    [InlineData("trace=!%desc", new[] { "getpid" }, new[] { "read" })]
    [InlineData("trace=/^(open|read)", new[] { "openat2", "readlinkat" }, new[] { "pread64" })]
    [InlineData("trace=all", new[] { "read" }, new string[0])]
    [InlineData("trace=none", new string[0], new[] { "read" })]
    [InlineData("trace=?nosuchcall,read", new[] { "read" }, new[] { "write" })]
    [InlineData("trace=%%stat", new[] { "stat", "fstat", "newfstatat" }, new[] { "statfs" })]
    public void Sets_of_calls(string expression, string[] shown, string[] hidden)
    {
        var expressions = new StraceExpressions();
        expressions.Add(expression);
        foreach (string name in shown) Assert.True(expressions.ShowsCall(Number(name)), name);
        foreach (string name in hidden) Assert.False(expressions.ShowsCall(Number(name)), name);
    }

    [Theory]
    [InlineData("trace=nosuchcall", "invalid system call 'nosuchcall'")]
    [InlineData("trace=%nosuchclass", "invalid system call '%nosuchclass'")]
    [InlineData("trace=/(", "invalid system call '/('")]
    [InlineData("signal=FOO", "invalid signal 'FOO'")]
    [InlineData("inject=read", "invalid argument 'read' to '-e inject'")]
    [InlineData("inject=read:error=EFOO", "invalid argument")]
    [InlineData("inject=read:retval=-1", "invalid argument")]
    [InlineData("fault=read:when=0", "invalid argument")]
    [InlineData("colour=red", "invalid -e expression")]
    public void Mistakes_are_named(string expression, string message)
    {
        StraceUsageException problem = Assert.Throws<StraceUsageException>(() => new StraceExpressions().Add(expression));
        Assert.StartsWith(message, problem.Message);
    }

    [Fact]
    public void Signals_are_chosen()
    {
        var expressions = new StraceExpressions();
        expressions.Add("signal=!SIGCHLD,io");
        Assert.False(expressions.ShowsSignal(17));
        Assert.False(expressions.ShowsSignal(29));
        Assert.True(expressions.ShowsSignal(15));
    }

    [Theory]
    [InlineData("read:error=EIO:when=3", new[] { 3 })]
    [InlineData("read:error=EIO:when=2+", new[] { 2, 3, 4, 5, 6, 7, 8 })]
    [InlineData("read:error=EIO:when=2+3", new[] { 2, 5, 8 })]
    [InlineData("read:error=EIO:when=2..6+2", new[] { 2, 4, 6 })]
    [InlineData("read:error=EIO:when=2..4", new[] { 2, 3, 4 })]
    [InlineData("read:error=EIO", new[] { 1, 2, 3, 4, 5, 6, 7, 8 })]
    public void When_says_which_times(string text, int[] expected)
    {
        InjectionRule rule = InjectionRule.Parse(text, isFault: false);
        Assert.Equal(expected, Enumerable.Range(1, 8).Where(rule.Matches));
    }

    [Fact]
    public void Everything_that_is_done_to_a_call_is_read()
    {
        InjectionRule rule = InjectionRule.Parse("read,write:retval=5:signal=TERM:delay_enter=10:delay_exit=2ms", isFault: false);
        Assert.Equal(new Probes.Injection(true, 5, 10_000, 15), rule.Injection);
        Assert.Equal(2_000_000, rule.DelayExit);
        Assert.Equal([0, 1], rule.Calls.Order());
        Assert.Equal(-38, InjectionRule.Parse("read", isFault: true).Result);
    }

    [Fact]
    public void Each_number_has_one_call_and_each_name_one_number()
    {
        Assert.True(CallTable.All.Count > 310);
        Assert.Equal(CallTable.All.Count, CallTable.All.Select(c => c.Name).Distinct().Count());
        Assert.All(CallTable.All, c => Assert.True(c.Arguments.Length <= 7, c.Name));
    }

    private static int Number(string name) => CallTable.All.Single(c => c.Name == name).Number;
}
