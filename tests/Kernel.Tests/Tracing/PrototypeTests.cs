using Kennel.Probes;
using Kennel.Syscalls;
using Kennel.Views;
using Xunit;

namespace Kennel.Tests.Tracing;

public sealed class PrototypeTests
{
    [Fact]
    public void A_prototype_is_taken_apart()
    {
        (string returns, string name, IReadOnlyList<ParameterShape> parameters) = CPrototype.Parse("struct task_struct *copy_process(struct pid *pid, int trace, const char **names)");
        Assert.Equal(("struct task_struct *", "copy_process"), (returns, name));
        Assert.Equal([new("pid", "struct pid *"), new("trace", "int"), new("names", "const char **")], parameters);
        Assert.Empty(CPrototype.Parse("void exit_mm(void)").Parameters);
    }

    [Fact]
    public void Every_system_call_has_one()
    {
        var known = SyscallPrototypes.Parse();
        Assert.Empty(SyscallTable.All.Select(static c => c.Name).Except(known.Keys));
        Assert.All(known, static p => Assert.True(p.Value.Count <= 6, p.Key));
    }
}
