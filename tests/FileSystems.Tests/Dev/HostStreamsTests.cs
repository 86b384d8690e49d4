using System.IO.Pipes;
using System.Runtime.InteropServices;
using System.Text;
using Kennel.Abi;
using Kennel.FileSystems.Dev.Streams;
using Kennel.FileSystems.Dev.Terminals;
using Kennel.FileSystems.Host;
using Kennel.FileSystems.Tmp;
using Kennel.Files;
using Kennel.Syscalls;
using Kennel.Tasks;

namespace Kennel.FileSystems.Tests.Dev;

public sealed partial class HostStreamsTests : IDisposable
{
    private readonly Kernel _kernel = IdleMachine.Create();
    private readonly MountNamespace _mounts;
    private readonly HostStreams _streams;

    public HostStreamsTests()
    {
        _mounts = new MountNamespace(new TmpFileSystem(_kernel, new TmpOptions()), "root");
        _streams = new HostStreams(_kernel);
    }

    public void Dispose()
    {
        _streams.Dispose();
        _kernel.Dispose();
    }

    private static async ValueTask<string> ReadAsync(OpenFile file, LinuxTask task, int length = 4096)
    {
        byte[] buffer = new byte[length];
        SyscallResult n = await Transfer(file, task, buffer, write: false);
        return n.IsError ? n.Error.ToString() : Encoding.Latin1.GetString(buffer, 0, (int)n.Value);
    }

    private static async ValueTask<long> WriteAsync(OpenFile file, LinuxTask task, string text) =>
        (await Transfer(file, task, Encoding.Latin1.GetBytes(text), write: true)).Value;

    // What read and write do with the position.
    private static async ValueTask<SyscallResult> Transfer(OpenFile file, LinuxTask task, byte[] buffer, bool write)
    {
        long at = file.Position;
        SyscallResult n = write ? await file.WriteAsync(task, new IoIterator(buffer), at) : await file.ReadAsync(task, new IoIterator(buffer), at);
        if (file.IsSeekable && n.Value > 0) file.Position = at + n.Value;
        return n;
    }

    private OpenFile FromDescriptor(SafeHandle handle)
    {
        Assert.Equal(Errno.None, _streams.FromDescriptor((int)handle.DangerousGetHandle(), out OpenFile? file));
        return file!;
    }

    [Fact]
    public void A_pipe_of_the_host_is_read_byte_for_byte()
    {
        using var host = new AnonymousPipeServerStream(PipeDirection.Out);
        host.Write("one two"u8);
        IdleMachine.Run(_kernel, _mounts, async task =>
        {
            OpenFile file = FromDescriptor(host.ClientSafePipeHandle);
            Assert.Equal(FileType.Fifo, file.Inode.Stat().Type);
            Assert.StartsWith("pipe:[", file.Path!.Value.Dentry.Name);
            Assert.Equal("one", await ReadAsync(file, task, 3));
            Assert.Equal(Errno.ESPIPE, file.Seek(0, 0).Error);
            file.Flags |= OpenFlags.NonBlock;
            Assert.Equal(" two", await ReadAsync(file, task));
            Assert.Equal("EAGAIN", await ReadAsync(file, task));
            file.Flags &= ~OpenFlags.NonBlock;
            _ = Task.Run(() => host.Write("later"u8), TestContext.Current.CancellationToken);
            Assert.Equal("later", await ReadAsync(file, task));
            host.Dispose();
            Assert.Equal("", await ReadAsync(file, task));
        });
    }

    [Fact]
    public async Task A_full_pipe_of_the_host_stops_only_its_writer()
    {
        using var host = new AnonymousPipeServerStream(PipeDirection.In);
        bool other = false;
        string expected = string.Concat(Enumerable.Range(0, 40_000).Select(i => $"{i:D5} "));
        Task<string> reader = Task.CompletedTask.ContinueWith(_ => "");
        IdleMachine.Run(
            _kernel,
            _mounts,
            async task =>
            {
                OpenFile file = FromDescriptor(host.ClientSafePipeHandle);
                Assert.Equal(expected.Length, await WriteAsync(file, task, expected));
                host.DisposeLocalCopyOfClientHandle();
            },
            task =>
            {
                other = true; // runs while the first sleeps on the full pipe
                reader = Task.Run(() => new StreamReader(host).ReadToEnd());
                return default;
            });
        Assert.True(other);
        Assert.Equal(expected, await reader);
    }

    [Fact]
    public void Writing_where_the_host_does_not_read_is_a_broken_pipe()
    {
        var host = new AnonymousPipeServerStream(PipeDirection.In);
        IdleMachine.Run(_kernel, _mounts, async task =>
        {
            OpenFile file = FromDescriptor(host.ClientSafePipeHandle);
            SafeHandle kept = host.ClientSafePipeHandle;
            host.SafePipeHandle.Dispose();
            Assert.Equal(-(long)Errno.EPIPE, await WriteAsync(file, task, "x"));
            kept.Dispose();
        });
    }

    [Fact]
    public void A_file_of_the_host_keeps_its_position_there()
    {
        string path = Path.GetTempFileName();
        using (FileStream host = File.Open(path, FileMode.Create, FileAccess.ReadWrite))
        {
            host.Write("0123456789"u8);
            host.Flush();
            host.Position = 0;
            IdleMachine.Run(_kernel, _mounts, async task =>
            {
                OpenFile one = FromDescriptor(host.SafeFileHandle), two = FromDescriptor(host.SafeFileHandle);
                Assert.True(one.IsSeekable);
                Assert.Equal("012", await ReadAsync(one, task, 3));
                Assert.Equal("345", await ReadAsync(two, task, 3));
                Assert.Equal(2, await WriteAsync(one, task, "ab"));
                Assert.Equal("89", await ReadAsync(two, task));
                Assert.Equal(4, one.Seek(-6, 2).Value);
                Assert.Equal("45ab", await ReadAsync(two, task, 4));
                Assert.Equal(10, one.Length);
            });
        }
        Assert.Equal("012345ab89", File.ReadAllText(path));
        File.Delete(path);
    }

    [Fact]
    public async Task Streams_pass_bytes_both_ways_in_order()
    {
        string text = string.Concat(Enumerable.Range(0, 100_000).Select(i => $"{i} "));
        var output = new MemoryStream();
        var input = new MemoryStream(Encoding.ASCII.GetBytes(text));
        IdleMachine.Run(_kernel, _mounts, async task =>
        {
            OpenFile from = _streams.FromInput(input), to = _streams.FromOutput(output);
            while (true)
            {
                string part = await ReadAsync(from, task, 1000);
                if (part.Length == 0) break;
                Assert.Equal(part.Length, await WriteAsync(to, task, part));
            }
        });
        await _streams.FlushAsync();
        Assert.Equal(text, Encoding.ASCII.GetString(output.ToArray()));
    }

    [Fact]
    public void A_capture_keeps_up_to_its_limit() => IdleMachine.Run(_kernel, _mounts, async task =>
    {
        CaptureFile capture = _streams.Capture(limit: 5);
        Assert.Equal(3, await WriteAsync(capture, task, "abc"));
        Assert.Equal(4, await WriteAsync(capture, task, "defg"));
        Assert.Equal("abcde"u8.ToArray(), capture.ToArray());
        Assert.Equal(7, capture.Total);
    });

    [Fact]
    public void The_hosts_terminal_becomes_the_guests()
    {
        int[] ends = new int[2];
        Assert.Equal(0, OpenPty(out ends[0], out ends[1], 0, 0, 0));
        Assert.Equal(Errno.None, HostCalls.GetTermios(ends[1], out Termios before));
        var pts = new PtsFileSystem(_kernel);
        HostTerminal? connection = null;
        IdleMachine.Run(_kernel, _mounts, async task =>
        {
            Assert.Equal(Errno.None, _streams.ConnectTerminal(pts, InodeExtensions.Root, ends[1], ends[1], out connection));
            HostCalls.GetTermios(ends[1], out Termios raw);
            Assert.False(raw.Has(LocalModes.Canonical));
            Assert.True(pts.TryFind("0", out PtsInode? inode));
            var place = new VfsPath(_mounts.Root, new Dentry(null, "0", inode!));
            Assert.Equal(Errno.None, pts.OpenSlave(connection!.Terminal, null, place, OpenFlags.ReadWrite, out OpenFile? slave));
            HostCalls.WriteNow(ends[0], "lost\x03typed\r"u8, out _); // a flush makes room for keys while keys are typed
            Assert.Equal("typed\n", await ReadAsync(slave!, task));
            Assert.Equal(4, await WriteAsync(slave!, task, "out\n"));
        });
        connection!.Flush();
        connection.Dispose();
        HostCalls.GetTermios(ends[1], out Termios after);
        Assert.Equal(before.Local, after.Local);
        byte[] screen = new byte[100];
        HostCalls.ReadNow(ends[0], screen, out int n);
        Assert.Equal("^Ctyped\r\nout\r\n", Encoding.ASCII.GetString(screen, 0, n));
        HostCalls.CloseFd(ends[0]);
        HostCalls.CloseFd(ends[1]);
    }

    [LibraryImport("libc", EntryPoint = "openpty")]
    private static partial int OpenPty(out int master, out int slave, nint name, nint termios, nint size);
}
