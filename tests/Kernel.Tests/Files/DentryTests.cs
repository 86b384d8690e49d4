using Kennel.Abi;
using Kennel.Files;

namespace Kennel.Tests.Files;

public sealed class DentryTests : IDisposable
{
    private readonly SyscallMachine _machine = new();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void CachedNamesGoTogetherWithWhatIsBelowThem()
    {
        // /proc after many short-lived processes, each of which looked at a file of its own.
        Inode inode = _machine.RootFileSystem.Root;
        var root = new Dentry(null, "", inode);
        for (int i = 0; i < 5000; i++) root.AddChild($"{i}", inode).AddChild("exe", inode);
        Assert.True(root.TryGetChild("42", out Dentry? mounted));
        mounted!.AddChild("ns", inode).MountCount++;
        root.TrimChildren();
        Assert.False(root.TryGetChild("43", out _));
        Assert.True(root.TryGetChild("42", out _));
    }
}
