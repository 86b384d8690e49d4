using Kennel.Abi;
using Kennel.Files;
using Kennel.Syscalls;
using Kennel.Tasks;
using Kennel.Waiting;

namespace Kennel.FileSystems.Dev.Terminals;

/// <summary>The master of a pseudo-terminal, open: what terminal emulators, script and expect have (man 4 pts).</summary>
internal sealed class PtyMasterFile(PseudoTerminal terminal, PtsFileSystem owner, OpenFlags flags) : OpenFile(flags)
{
    private const int Chunk = 4096;

    /// <inheritdoc/>
    public override bool CanPoll => true;

    private bool HasScreen => terminal.ScreenCount > 0 || (terminal.IsPacketMode && terminal.PacketEvents != 0) || terminal.IsSlaveClosed;

    /// <inheritdoc/>
    public override async ValueTask<SyscallResult> ReadAsync(LinuxTask current, IoIterator destination, long offset)
    {
        if (destination.Remaining == 0) return 0;
        if (!HasScreen)
        {
            if (IsNonBlocking) return Errno.EAGAIN;
            Errno e = await terminal.ScreenWaiters.WaitAsync(current, this, static f => f.HasScreen, WaitMode.Interruptible);
            if (e != Errno.None) return e;
        }
        if (terminal.IsPacketMode)
        {
            byte status = (byte)terminal.PacketEvents;
            if (status == 0 && terminal.ScreenCount == 0) return Errno.EIO;
            terminal.PacketEvents = PacketEvents.None;
            if (destination.CopyTo([status]) == 0) return Errno.EFAULT;
            if (status != 0 || destination.Remaining == 0) return 1;
        }
        else if (terminal.ScreenCount == 0)
        {
            return Errno.EIO; // nobody has the slave open any more
        }
        return Take(destination);
    }

    /// <inheritdoc/>
    public override async ValueTask<SyscallResult> WriteAsync(LinuxTask current, IoIterator source, long offset)
    {
        long done = 0;
        byte[] bytes = new byte[Math.Min(source.Remaining, Chunk)];
        while (source.Remaining > 0)
        {
            int came = source.CopyFrom(bytes);
            if (came == 0) return done > 0 ? done : Errno.EFAULT;
            int taken = terminal.Type(bytes.AsSpan(0, came));
            done += taken;
            if (taken == came) continue;
            source.Revert(came - taken);
            if (IsNonBlocking) return done > 0 ? done : Errno.EAGAIN;
            Errno e = await terminal.KeyboardWaiters.WaitAsync(current, terminal, static t => t.Discipline.Room > 0, WaitMode.Interruptible);
            if (e != Errno.None) return done > 0 ? done : e;
        }
        return done;
    }

    /// <inheritdoc/>
    public override PollEvents Poll(PollTable? table)
    {
        table?.Listen(terminal.ScreenWaiters);
        table?.Listen(terminal.KeyboardWaiters);
        PollEvents ready = PollEvents.None;
        if (terminal.ScreenCount > 0) ready |= PollEvents.In | PollEvents.ReadNormal;
        if (terminal.IsPacketMode && terminal.PacketEvents != 0) ready |= PollEvents.Priority | PollEvents.In | PollEvents.ReadNormal;
        if (terminal.IsSlaveClosed) ready |= PollEvents.HangUp;
        if (terminal.Discipline.Room > 0) ready |= PollEvents.Out | PollEvents.WriteNormal;
        return ready;
    }

    /// <inheritdoc/>
    public override ValueTask<SyscallResult> IoctlAsync(LinuxTask current, uint command, ulong argument) =>
        new(TerminalControl.OnMaster(terminal, owner, current, command, argument));

    /// <inheritdoc/>
    protected override void OnReleased() => terminal.OnMasterClosed();

    private long Take(IoIterator destination)
    {
        Span<byte> buffer = stackalloc byte[Chunk];
        while (destination.Remaining > 0 && terminal.ScreenCount > 0)
        {
            int n = terminal.TakeScreen(buffer[..(int)Math.Min(Chunk, destination.Remaining)]);
            if (destination.CopyTo(buffer[..n]) < n) break;
        }
        return destination.Transferred;
    }
}
