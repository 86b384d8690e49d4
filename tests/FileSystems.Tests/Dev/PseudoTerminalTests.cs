using System.Text;
using Kennel.Abi;
using Kennel.FileSystems.Dev.Terminals;
using Kennel.FileSystems.Tmp;
using Kennel.Files;
using Kennel.Syscalls;
using Kennel.Tasks;

namespace Kennel.FileSystems.Tests.Dev;

public sealed class PseudoTerminalTests : IDisposable
{
    private readonly Kernel _kernel = IdleMachine.Create();
    private readonly MountNamespace _mounts;
    private readonly PtsFileSystem _pts;

    public PseudoTerminalTests()
    {
        var root = new TmpFileSystem(_kernel, new TmpOptions());
        _mounts = new MountNamespace(root, "root");
        _pts = new PtsFileSystem(_kernel);
    }

    public void Dispose() => _kernel.Dispose();

    private static async ValueTask<string> ReadAsync(OpenFile file, LinuxTask task, int length = 4096)
    {
        byte[] buffer = new byte[length];
        SyscallResult n = await file.ReadAsync(task, new IoIterator(buffer), 0);
        return n.IsError ? n.Error.ToString() : Encoding.Latin1.GetString(buffer, 0, (int)n.Value);
    }

    private static async ValueTask<long> WriteAsync(OpenFile file, LinuxTask task, string text) =>
        (await file.WriteAsync(task, new IoIterator(Encoding.Latin1.GetBytes(text)), 0)).Value;

    private (OpenFile Master, PseudoTerminal Terminal) NewMaster(LinuxTask task)
    {
        var place = new VfsPath(_mounts.Root, new Dentry(null, "ptmx", _pts.Ptmx));
        (Errno error, OpenFile? master) = InodeExtensions.Done(_pts.OpenMaster(task, place, OpenFlags.ReadWrite));
        Assert.Equal(Errno.None, error);
        Assert.True(_pts.TryFind("0", out PtsInode? inode));
        return (master!, inode!.Terminal!);
    }

    private OpenFile OpenSlave(PseudoTerminal terminal, OpenFlags flags = OpenFlags.ReadWrite)
    {
        Assert.True(_pts.TryFind(terminal.Number.ToString(), out PtsInode? inode));
        var place = new VfsPath(_mounts.Root, new Dentry(null, "0", inode!));
        terminal.IsLocked = false;
        Assert.Equal(Errno.None, _pts.OpenSlave(terminal, null, place, flags | OpenFlags.NoControllingTerminal, out OpenFile? slave));
        return slave!;
    }

    [Fact]
    public void A_line_goes_to_the_reader_and_its_echo_to_the_screen() => IdleMachine.Run(_kernel, _mounts, async task =>
    {
        (OpenFile master, PseudoTerminal terminal) = NewMaster(task);
        OpenFile slave = OpenSlave(terminal);
        Assert.Equal(6, await WriteAsync(master, task, "hello\r"));
        Assert.Equal("hello\r\n", await ReadAsync(master, task));
        Assert.Equal("hel", await ReadAsync(slave, task, 3));
        Assert.Equal("lo\n", await ReadAsync(slave, task));
        Assert.Equal(4, await WriteAsync(slave, task, "out\n"));
        Assert.Equal("out\r\n", await ReadAsync(master, task));
        Assert.Equal(PollEvents.Out | PollEvents.WriteNormal, slave.Poll(null));
        slave.Release();
        Assert.Equal("EIO", await ReadAsync(master, task));
        Assert.True((master.Poll(null) & PollEvents.HangUp) != 0);
        slave = OpenSlave(terminal);
        Assert.False((master.Poll(null) & PollEvents.HangUp) != 0);
        slave.Release();
        master.Release();
        Assert.False(_pts.TryFind("0", out _));
    });

    [Fact]
    public void Readers_and_writers_wait_for_each_other()
    {
        OpenFile? master = null, slave = null;
        string screen = "";
        IdleMachine.Run(
            _kernel,
            _mounts,
            async task =>
            {
                (master, PseudoTerminal terminal) = NewMaster(task);
                slave = OpenSlave(terminal);
                Assert.Equal("typed later\n", await ReadAsync(slave, task));
                Assert.Equal(200_000, await WriteAsync(slave, task, new string('x', 200_000)));
                slave.Release();
            },
            async task =>
            {
                Assert.Equal(12, await WriteAsync(master!, task, "typed later\n"));
                while (true)
                {
                    string part = await ReadAsync(master!, task);
                    if (part == "EIO") break;
                    screen += part;
                }
            });
        Assert.Equal("typed later\r\n" + new string('x', 200_000), screen);
    }

    [Fact]
    public void A_hang_up_ends_readers_and_breaks_writers() => IdleMachine.Run(_kernel, _mounts, async task =>
    {
        (OpenFile master, PseudoTerminal terminal) = NewMaster(task);
        OpenFile slave = OpenSlave(terminal);
        master.Release();
        Assert.Equal("", await ReadAsync(slave, task));
        Assert.Equal(-(long)Errno.EIO, await WriteAsync(slave, task, "x"));
        Assert.True((slave.Poll(null) & (PollEvents.HangUp | PollEvents.Error)) == (PollEvents.HangUp | PollEvents.Error));
        slave.Release();
    });

    [Fact]
    public void After_a_hang_up_the_master_reads_on_until_the_slave_is_closed() => IdleMachine.Run(_kernel, _mounts, async task =>
    {
        (OpenFile master, PseudoTerminal terminal) = NewMaster(task);
        OpenFile slave = OpenSlave(terminal);
        await WriteAsync(slave, task, "last words");
        terminal.HangUp();
        Assert.False((master.Poll(null) & PollEvents.HangUp) != 0);
        Assert.Equal("last words", await ReadAsync(master, task));
        slave.Release();
        Assert.True((master.Poll(null) & PollEvents.HangUp) != 0);
        Assert.Equal("EIO", await ReadAsync(master, task));
        master.Release();
    });

    [Fact]
    public void Raw_reads_obey_minimum_and_time() => IdleMachine.Run(_kernel, _mounts, async task =>
    {
        (OpenFile master, PseudoTerminal terminal) = NewMaster(task);
        OpenFile slave = OpenSlave(terminal);
        Termios raw = terminal.Settings;
        raw.Local = LocalModes.None;
        raw.Characters[(int)ControlCharacter.Minimum] = 0;
        terminal.Settings = raw;
        Assert.Equal("", await ReadAsync(slave, task));
        raw.Characters[(int)ControlCharacter.Time] = 5;
        terminal.Settings = raw;
        long before = _kernel.Time.Monotonic;
        Assert.Equal("", await ReadAsync(slave, task));
        Assert.InRange(_kernel.Time.Monotonic - before, 500_000_000, 510_000_000);
        await WriteAsync(master, task, "ab");
        raw.Characters[(int)ControlCharacter.Minimum] = 3;
        terminal.Settings = raw;
        Assert.Equal("ab", await ReadAsync(slave, task)); // the time between bytes ran out
        slave.Release();
        master.Release();
    });

    [Fact]
    public void Packet_mode_tells_of_flushes_and_stops() => IdleMachine.Run(_kernel, _mounts, async task =>
    {
        (OpenFile master, PseudoTerminal terminal) = NewMaster(task);
        OpenFile slave = OpenSlave(terminal);
        terminal.IsPacketMode = true;
        await WriteAsync(slave, task, "a");
        Assert.Equal("\0a", await ReadAsync(master, task));
        await WriteAsync(master, task, "\x13");
        Assert.Equal("\x04", await ReadAsync(master, task));
        await WriteAsync(master, task, "\x11");
        Assert.Equal("\x08", await ReadAsync(master, task));
        slave.Release();
        master.Release();
    });
}
