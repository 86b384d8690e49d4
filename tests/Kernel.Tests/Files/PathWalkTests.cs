using Kennel.Abi;

namespace Kennel.Tests.Files;

public sealed class PathWalkTests : IDisposable
{
    private readonly SyscallMachine _machine = new();
    private readonly TestTask _task;

    public PathWalkTests()
    {
        _task = _machine.NewTask();
        _task.Ok("mkdir", "/a", 0x1ff);
        _task.Ok("mkdir", "/a/b", 0x1ff);
        _task.WriteFile("/a/b/file", "content");
        _task.Ok("symlink", "b/file", "/a/link");
        _task.Ok("symlink", "/a/b", "/abs");
        _task.Ok("symlink", "nowhere", "/dangling");
        _task.Ok("symlink", "loop", "/loop");
    }

    public void Dispose() => _machine.Dispose();

    [Theory]
    [InlineData("/a/b/file")]
    [InlineData("a//b/./file")]
    [InlineData("/a/b/../b/file")]
    [InlineData("/../../a/link")]
    [InlineData("/abs/file")]
    [InlineData("/abs/../b/file")]
    public void FindsTheFile(string path) => Assert.Equal("content", _task.ReadFile(path));

    [Theory]
    [InlineData("", Errno.ENOENT)]
    [InlineData("/a/b/none", Errno.ENOENT)]
    [InlineData("/a/none/file", Errno.ENOENT)]
    [InlineData("/a/b/file/x", Errno.ENOTDIR)]
    [InlineData("/a/b/file/", Errno.ENOTDIR)]
    [InlineData("/a/b/file/.", Errno.ENOTDIR)]
    [InlineData("/a/b/file/..", Errno.ENOTDIR)]
    [InlineData("/a/link/", Errno.ENOTDIR)]
    [InlineData("/dangling", Errno.ENOENT)]
    [InlineData("/loop", Errno.ELOOP)]
    [InlineData("/loop/x", Errno.ELOOP)]
    public void Refuses(string path, Errno expected) => _task.Fails(expected, "open", path, OpenFlags.ReadOnly);

    [Fact]
    public void LongNamesAndPaths()
    {
        _task.Fails(Errno.ENAMETOOLONG, "open", "/" + new string('x', 256), OpenFlags.ReadOnly);
        _task.Fails(Errno.ENOENT, "open", "/" + new string('x', 255), OpenFlags.ReadOnly);
        _task.Fails(Errno.ENAMETOOLONG, "open", string.Concat(Enumerable.Repeat("./", 2048)), OpenFlags.ReadOnly);
        _task.Fails(Errno.EFAULT, "open", TestTask.BadAddress, OpenFlags.ReadOnly);
    }

    [Fact]
    public void FortyLinksAreTheLimit()
    {
        _task.WriteFile("/l0", "end");
        for (int i = 1; i <= 41; i++) _task.Ok("symlink", $"l{i - 1}", $"/l{i}");
        Assert.Equal("end", _task.ReadFile("/l40"));
        _task.Fails(Errno.ELOOP, "open", "/l41", OpenFlags.ReadOnly);
    }

    [Fact]
    public void NoFollow()
    {
        _task.Fails(Errno.ELOOP, "open", "/a/link", OpenFlags.NoFollow);
        _task.Fails(Errno.ENOTDIR, "open", "/abs", OpenFlags.NoFollow | OpenFlags.Directory);
        int fd = _task.Open("/a/link", OpenFlags.NoFollow | OpenFlags.Path);
        ulong stat = _task.Room(144);
        _task.Ok("fstat", fd, stat);
        Assert.Equal(0xa1ffu, _task.Get<StatStruct>(stat).Mode);
        ulong text = _task.Room(16);
        Assert.Equal(6, _task.Ok("readlinkat", fd, "", text, 16));
        Assert.Equal("b/file", _task.GetText(text, 6));
    }

    [Fact]
    public void CreatesThroughADanglingLink()
    {
        _task.Fails(Errno.EEXIST, "open", "/dangling", OpenFlags.Create | OpenFlags.Exclusive | OpenFlags.WriteOnly, 0x1b6);
        _task.WriteFile("/dangling", "made");
        Assert.Equal("made", _task.ReadFile("/nowhere"));
    }

    [Theory]
    [InlineData("/new/", Errno.EISDIR)]
    [InlineData("/a", Errno.EISDIR)]
    [InlineData("/a/.", Errno.EISDIR)]
    [InlineData("/none/new", Errno.ENOENT)]
    [InlineData("/a/b/file/new", Errno.ENOTDIR)]
    public void CreateRefuses(string path, Errno expected) =>
        _task.Fails(expected, "open", path, OpenFlags.Create | OpenFlags.WriteOnly, 0x1b6);

    [Fact]
    public void RelativeToDescriptors()
    {
        int directory = _task.Open("/a", OpenFlags.Directory);
        int file = _task.Open("/a/b/file");
        Assert.True(_task.Ok("openat", directory, "b/file", OpenFlags.ReadOnly) > 0);
        Assert.True(_task.Ok("openat", file, "/a/b/file", OpenFlags.ReadOnly) > 0);
        _task.Fails(Errno.ENOTDIR, "openat", file, "x", OpenFlags.ReadOnly);
        _task.Fails(Errno.EBADF, "openat", 99, "x", OpenFlags.ReadOnly);
        Assert.True(_task.Ok("openat", 99, "/a/b/file", OpenFlags.ReadOnly) > 0);
    }

    [Fact]
    public void WorkingDirectory()
    {
        _task.Ok("chdir", "/abs");
        ulong buffer = _task.Room(64);
        Assert.Equal(5, _task.Ok("getcwd", buffer, 64));
        Assert.Equal("/a/b\0", _task.GetText(buffer, 5));
        _task.Fails(Errno.ERANGE, "getcwd", buffer, 4);
        Assert.Equal("content", _task.ReadFile("file"));
        _task.Ok("unlink", "file");
        _task.Ok("rmdir", "/a/b");
        _task.Fails(Errno.ENOENT, "getcwd", buffer, 64);
        _task.Fails(Errno.ENOENT, "open", "new", OpenFlags.Create | OpenFlags.WriteOnly, 0x1b6);
        _task.Fails(Errno.ENOENT, "mkdir", "new", 0x1ff);
        _task.Ok("chdir", "..");
        Assert.Equal(3, _task.Ok("getcwd", buffer, 64));
    }

    [Fact]
    public void ChrootConfines()
    {
        _task.Ok("chroot", "/a");
        Assert.Equal("content", _task.ReadFile("/../../b/file"));
        ulong buffer = _task.Room(64);
        int length = (int)_task.Ok("getcwd", buffer, 64);
        Assert.Equal("(unreachable)/\0", _task.GetText(buffer, length));
        _task.Ok("chdir", "/");
        Assert.Equal(["b", "link"], _task.List("../.."));
    }

    [Fact]
    public void ResolveFlagsConfine()
    {
        int a = _task.Open("/a", OpenFlags.Directory);
        Assert.Equal(Errno.None, OpenAt2(a, "b/file", 0x08));
        Assert.Equal(Errno.EXDEV, OpenAt2(a, "../a/b/file", 0x08));
        Assert.Equal(Errno.EXDEV, OpenAt2(a, "/a/b/file", 0x08));
        Assert.Equal(Errno.None, OpenAt2(a, "/../b/file", 0x10));
        Assert.Equal(Errno.ELOOP, OpenAt2(a, "link", 0x04));
        Assert.Equal(Errno.None, OpenAt2(a, "link", 0x08));
        Assert.Equal(Errno.EINVAL, OpenAt2(a, "link", 0x18));

        Errno OpenAt2(int at, string path, ulong resolve)
        {
            ulong how = _task.Put(new OpenHowStruct { Resolve = resolve });
            long result = _task.Call("openat2", at, path, how, 24);
            return result < 0 ? (Errno)(-result) : Errno.None;
        }
    }
}
