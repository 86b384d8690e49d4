using System.Net.Sockets;
using System.Runtime.InteropServices;
using Kennel.Abi;
using Kennel.FileSystems.Host;
using Kennel.Files;
using Kennel.Machine;

namespace Kennel.FileSystems.Tests.Host;

public sealed class HostFileSystemTests : IDisposable
{
    private readonly HostDirectory _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public void Reads_what_the_host_has()
    {
        _host.Write("a/b.txt", "hello\n");
        File.CreateSymbolicLink(Path.Combine(_host.Path, "link"), "a/b.txt");
        Inode root = _host.Open().Root;

        Assert.Equal(["a", "link"], root.List());
        Assert.Equal("hello\n", root.Find("a/b.txt").ReadAll());
        Assert.Equal("a/b.txt", root.Find("link").Target());
        Assert.Equal(FileType.SymbolicLink, root.Find("link").Type);
        Assert.Equal(6, root.Find("a/b.txt").Stat().Size);
        Assert.Equal(Errno.ENOENT, root.TryFind("none"));
        Assert.Equal(Errno.ENOTDIR, root.Find("a/b.txt").TryFind("x"));
    }

    [Fact]
    public void Names_that_are_no_plain_names_never_reach_the_host()
    {
        _host.Write("in/x", "");
        Inode root = _host.Open(below: "in").Root;
        foreach (string name in (string[])["..", ".", "", "../in", "/etc", "x\0"]) Assert.Equal(Errno.ENOENT, root.TryFind(name));
        Assert.Equal(Errno.ENAMETOOLONG, root.TryFind(new string('n', 256)));
    }

    [Fact]
    public void A_link_that_the_host_puts_in_a_files_place_is_not_followed()
    {
        string secret = _host.Write("secret", "secret");
        string victim = _host.Write("in/file", "public");
        Inode root = _host.Open(below: "in").Root;
        Inode file = root.Find("file");
        File.Delete(victim);
        File.CreateSymbolicLink(victim, secret);

        (Errno error, _) = file.TryOpen(OpenFlags.ReadOnly);
        Assert.Equal(Errno.ELOOP, error);
    }

    [Fact]
    public void A_link_that_the_host_puts_in_a_directorys_place_is_not_followed()
    {
        _host.Write("outside/file", "secret");
        _host.Write("in/dir/file", "public");
        HostFileSystem fs = _host.Open(below: "in");
        Inode file = fs.Root.Find("dir/file");
        fs.Handles.CloseAll();
        Directory.Move(Path.Combine(_host.Path, "in/dir"), Path.Combine(_host.Path, "in/was"));
        File.CreateSymbolicLink(Path.Combine(_host.Path, "in/dir"), Path.Combine(_host.Path, "outside"));

        (Errno error, _) = file.TryOpen(OpenFlags.ReadOnly);
        Assert.Equal(Errno.ENOTDIR, error);
    }

    [Fact]
    public async Task Whatever_the_host_swaps_meanwhile_nothing_outside_is_reached()
    {
        _host.Write("outside/file", "secret");
        _host.Write("in/dir/file", "public");
        string dir = Path.Combine(_host.Path, "in/dir"), was = Path.Combine(_host.Path, "in/was");
        HostFileSystem fs = _host.Open(writable: true, below: "in");
        using var end = new CancellationTokenSource();
        Task swapper = Task.Run(() =>
        {
            while (!end.IsCancellationRequested)
            {
                Directory.Move(dir, was);
                File.CreateSymbolicLink(dir, Path.Combine(_host.Path, "outside"));
                File.Delete(dir);
                Directory.Move(was, dir);
            }
        }, TestContext.Current.CancellationToken);
        int read = 0;
        for (int i = 0; i < 3000 || read == 0; i++)
        {
            fs.Handles.CloseAll();
            if (fs.Root.Lookup("dir", out Inode? inode) != Errno.None || inode!.Lookup("file", out Inode? file) != Errno.None) continue;
            Assert.NotEqual(Errno.None, inode.Unlink("none", file!));
            if (file!.TryOpen(OpenFlags.ReadOnly).File is not { } opened) continue;
            Assert.Equal("public", opened.Read());
            opened.Release();
            read++;
        }
        await end.CancelAsync();
        await swapper;
        Assert.True(read > 0);
        Assert.Equal("secret", _host.Read("outside/file"));
    }

    [Fact]
    public void Hard_links_are_one_inode()
    {
        Link(_host.Write("a", "x"), Path.Combine(_host.Path, "b"));
        Inode root = _host.Open().Root;
        Assert.Same(root.Find("a"), root.Find("b"));
        Assert.Equal(2u, root.Find("a").Stat().Links);
    }

    [Fact]
    public void Pages_hold_the_file_and_zeros_behind_it()
    {
        _host.Write("f", new string('a', 5000));
        Inode file = _host.Open().Root.Find("f");
        Assert.Equal(new string('a', 4096), file.Pages!.ReadPage(_host.Frames, 0));
        Assert.Equal(new string('a', 904) + new string('\0', 4096 - 904), file.Pages!.ReadPage(_host.Frames, 1));
        Assert.Equal(2, _host.Pages.Count);
    }

    [Fact]
    public void A_changed_file_is_read_again_when_it_is_opened()
    {
        string path = _host.Write("f", "one");
        Inode root = _host.Open().Root;
        root.Find("f").Open().Release();
        Assert.StartsWith("one", root.Find("f").Pages!.ReadPage(_host.Frames, 0));
        File.WriteAllText(path, "two");
        File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch);

        root.Find("f").Open().Release();
        Assert.StartsWith("two", root.Find("f").Pages!.ReadPage(_host.Frames, 0));
    }

    [Fact]
    public void A_stable_tree_is_asked_once()
    {
        _host.Write("f", "x");
        Inode root = _host.Open(stable: true).Root;
        Assert.Equal(Errno.ENOENT, root.TryFind("later"));
        _host.Write("later", "x");
        Assert.Equal(Errno.ENOENT, root.TryFind("later"));
        Assert.Equal(["f", "later"], root.List());
    }

    [Fact]
    public void Many_open_directories_do_not_use_up_descriptors()
    {
        for (int i = 0; i < 700; i++) _host.Write($"d{i}/f", $"{i}");
        HostFileSystem fs = _host.Open();
        for (int i = 0; i < 700; i++) Assert.Equal($"{i}", fs.Root.Find($"d{i}/f").ReadAll());
        Assert.True(fs.Handles.Count <= 513, $"{fs.Handles.Count}");
        Assert.Equal("0", fs.Root.Find("d0/f").ReadAll());
    }

    [Fact]
    public void Full_memory_takes_pages_of_files_back()
    {
        File.WriteAllBytes(Path.Combine(_host.Path, "big"), new byte[2 << 20]);
        Inode file = _host.Open().Root.Find("big");
        for (int i = 0; i < 512; i++) file.Pages!.ReadPage(_host.Frames, i);
        var taken = new List<int>();
        for (int i = 1; i < _host.Frames.Limit; i++) taken.Add(_host.Frames.Allocate());
        Assert.DoesNotContain(FramePool.None, taken);
        Assert.Equal(0, _host.Pages.Count);
        Assert.Equal(Errno.ENOMEM, file.Pages!.GetPage(0, false, out _));
        foreach (int frame in taken) _host.Frames.Release(frame);
        Assert.Equal(new string('\0', 4096), file.Pages!.ReadPage(_host.Frames, 0));
    }

    [Fact]
    public void Special_files_are_shown_but_not_opened()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(Path.Combine(_host.Path, "socket")));
        Inode inode = _host.Open().Root.Find("socket");
        Assert.Equal(FileType.Socket, inode.Type);
        Assert.Equal(Errno.ENXIO, inode.TryOpen(OpenFlags.ReadOnly).Error);
    }

    [Fact]
    public void Names_are_bytes()
    {
        _host.Write("zażółć", "x");
        Inode root = _host.Open().Root;
        string name = HostName.ToGuest("zażółć");
        Assert.Equal(10, name.Length);
        Assert.Equal([name], root.List());
        Assert.Equal("x", root.Find(name).ReadAll());
    }

    [DllImport("libc", EntryPoint = "link")]
    private static extern int LinkNative(string from, string to);

    private static void Link(string from, string to) => Assert.Equal(0, LinkNative(from, to));
}
