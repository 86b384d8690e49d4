using Kennel.Abi;
using Kennel.FileSystems.Host;
using Kennel.Files;

namespace Kennel.FileSystems.Tests.Host;

public sealed class HostViewTests : IDisposable
{
    private readonly HostDirectory _host = new();
    private readonly Kernel _kernel = IdleMachine.Create();
    private readonly HostViewBuilder _builder;

    public HostViewTests() => _builder = new HostViewBuilder(_kernel, _host.Pages);

    public void Dispose()
    {
        _builder.View.Dispose();
        _host.Dispose();
        _kernel.Dispose();
    }

    [Fact]
    public void Only_what_was_let_in_is_there()
    {
        _host.Write("a/file", "A");
        _host.Write("b/file", "B");
        Assert.Equal(Errno.None, _builder.Add(Path.Combine(_host.Path, "a"), "/data/in/a"));
        _builder.AddLink("/short", "data/in/a").AddDirectory("/tmp", 0x3ff);
        Inode root = _builder.View.Root;
        Assert.Equal(["data", "short", "tmp"], root.List());
        Assert.Equal("A", root.Find("data/in/a/file").ReadAll());
        Assert.Equal("data/in/a", root.Find("short").Target());
        Assert.Equal(0x3ffu, root.Find("tmp").Stat().Permissions);
        Assert.Equal(Errno.ENOENT, root.Find("data/in").TryFind("b"));
        Assert.Equal(Errno.EPERM, root.Create("x", FileType.Regular, 0x1a4, default, InodeExtensions.Root, out _));
    }

    [Fact]
    public void A_single_file_can_be_let_in()
    {
        _host.Write("dir/file", "x");
        _host.Write("dir/secret", "y");
        Assert.Equal(Errno.None, _builder.Add(Path.Combine(_host.Path, "dir/file"), "/etc/settings"));
        Assert.Equal("x", _builder.View.Root.Find("etc/settings").ReadAll());
        Assert.Equal(["settings"], _builder.View.Root.Find("etc").List());
    }

    [Fact]
    public void More_can_be_put_into_a_host_directory()
    {
        _host.Write("usr/share/doc", "doc");
        _host.Write("mine/tool", "tool");
        _builder.Add(Path.Combine(_host.Path, "usr"), "/usr");
        Assert.Equal(Errno.None, _builder.Add(Path.Combine(_host.Path, "mine"), "/usr/share/mine"));
        Inode root = _builder.View.Root;
        Assert.Equal("doc", root.Find("usr/share/doc").ReadAll());
        Assert.Equal("tool", root.Find("usr/share/mine/tool").ReadAll());
        Assert.Equal(["doc", "mine"], root.Find("usr/share").List());
        Assert.Equal(["usr"], Directory.GetDirectories(_host.Path).Select(Path.GetFileName).Where(n => n == "usr"));
    }

    [Fact]
    public void What_is_missing_or_in_the_way_is_told()
    {
        _host.Write("f", "x");
        Assert.Equal(Errno.ENOENT, _builder.Add(Path.Combine(_host.Path, "none"), "/none"));
        Assert.Equal(Errno.None, _builder.Add(Path.Combine(_host.Path, "f"), "/f"));
        Assert.Equal(Errno.ENOTDIR, _builder.Add(Path.Combine(_host.Path, "f"), "/f/below"));
    }

    [Fact]
    public void The_standard_root_shows_programs_and_hides_homes()
    {
        Inode root = _builder.AddStandardRoot().View.Root;
        Assert.Equal(FileType.Regular, root.Find("usr/bin/env").Type);
        Assert.Empty(root.Find("root").List());
        Assert.Empty(root.Find("home").List());
        Assert.Empty(root.Find("var/tmp").List());
        Assert.Equal(0x3ffu, root.Find("tmp").Stat().Permissions);
        Assert.Equal("/run", root.Find("var/run").Target());
        Assert.Equal(Errno.ENOENT, root.TryFind("work"));
    }
}
