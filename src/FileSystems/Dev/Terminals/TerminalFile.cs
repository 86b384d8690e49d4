using Kennel.Abi;
using Kennel.Files;
using Kennel.Syscalls;
using Kennel.Tasks;
using Kennel.Waiting;

namespace Kennel.FileSystems.Dev.Terminals;

/// <summary>The slave of a pseudo-terminal, open: what programs have as their terminal. Linux: n_tty_read, n_tty_write.</summary>
internal sealed class TerminalFile : OpenFile
{
    private const int Chunk = 2048;
    private const long Tenth = 100_000_000;

    private readonly PseudoTerminal _terminal;
    private readonly int _born; // hang-ups at opening

    public TerminalFile(PseudoTerminal terminal, OpenFlags flags)
        : base(flags)
    {
        _terminal = terminal;
        _born = terminal.HangUps;
        terminal.OnSlaveOpened();
    }

    /// <inheritdoc/>
    public override bool CanPoll => true;

    internal PseudoTerminal Terminal => _terminal;

    /// <summary>Whether a hang-up cut it off: it reads as ended, and nothing else works.</summary>
    internal bool IsHungUp => _born != _terminal.HangUps;

    private LineDiscipline Discipline => _terminal.Discipline;

    /// <inheritdoc/>
    public override async ValueTask<SyscallResult> ReadAsync(LinuxTask current, IoIterator destination, long offset)
    {
        if (destination.Remaining == 0 || IsHungUp) return 0;
        Errno error = _terminal.CheckForeground(current, Signal.SIGTTIN);
        if (error != Errno.None) return error;
        SyscallResult result = Discipline.IsCanonical ? await ReadLineAsync(current, destination) : await ReadBytesAsync(current, destination);
        _terminal.NotifyKeyboard();
        if (result.Value > 0) Inode?.Touch(modified: false);
        return result;
    }

    /// <inheritdoc/>
    public override async ValueTask<SyscallResult> WriteAsync(LinuxTask current, IoIterator source, long offset)
    {
        if (IsHungUp) return Errno.EIO;
        if (_terminal.Settings.Has(LocalModes.StopBackgroundOutput))
        {
            Errno error = _terminal.CheckForeground(current, Signal.SIGTTOU);
            if (error != Errno.None) return error;
        }
        long done = 0;
        while (source.Remaining > 0)
        {
            if (IsHungUp) return done > 0 ? done : Errno.EIO;
            if (HasRoom)
            {
                if (!ShowSome(source, ref done)) return done > 0 ? done : Errno.EFAULT;
                continue;
            }
            if (IsNonBlocking) return done > 0 ? done : Errno.EAGAIN;
            Errno e = await _terminal.OutputWaiters.WaitAsync(current, this, static f => f.HasRoom || f.IsHungUp, WaitMode.Interruptible);
            if (e != Errno.None) return done > 0 ? done : e;
        }
        Inode?.Touch(modified: true);
        return done;
    }

    /// <inheritdoc/>
    public override PollEvents Poll(PollTable? table)
    {
        const PollEvents all = PollEvents.In | PollEvents.Out | PollEvents.Error | PollEvents.HangUp | PollEvents.ReadNormal | PollEvents.WriteNormal;
        if (IsHungUp) return all;
        table?.Listen(_terminal.InputWaiters);
        table?.Listen(_terminal.OutputWaiters);
        PollEvents ready = PollEvents.None;
        if (Discipline.HasInput(LeastForPoll)) ready |= PollEvents.In | PollEvents.ReadNormal;
        if (!_terminal.IsMasterOpen) ready |= PollEvents.HangUp;
        if (_terminal.ScreenRoom > 256) ready |= PollEvents.Out | PollEvents.WriteNormal;
        return ready;
    }

    /// <inheritdoc/>
    public override ValueTask<SyscallResult> IoctlAsync(LinuxTask current, uint command, ulong argument)
    {
        if (IsHungUp) return new(command == TerminalControl.SetForeground ? Errno.ENOTTY : Errno.EIO);
        return new(TerminalControl.OnSlave(_terminal, current, command, argument, IsReadable));
    }

    /// <inheritdoc/>
    protected override void OnReleased() => _terminal.OnSlaveClosed();

    private bool HasRoom => _terminal.ScreenRoom >= LineDiscipline.MostPerByte;

    private int LeastForPoll
    {
        get
        {
            Termios t = _terminal.Settings;
            return t[ControlCharacter.Time] != 0 || t[ControlCharacter.Minimum] == 0 ? 1 : t[ControlCharacter.Minimum];
        }
    }

    private async ValueTask<SyscallResult> ReadLineAsync(LinuxTask current, IoIterator destination)
    {
        while (!Discipline.Buffer.HasLine)
        {
            if (IsHungUp) return 0;
            if (IsNonBlocking) return Errno.EAGAIN;
            Errno e = await _terminal.InputWaiters.WaitAsync(
                current, this, static f => f.Discipline.HasInput(1) || f.IsHungUp, WaitMode.Interruptible);
            if (e != Errno.None) return e;
            if (!Discipline.IsCanonical) return await ReadBytesAsync(current, destination); // changed meanwhile
        }
        byte[] line = new byte[Math.Min(destination.Remaining, LineBuffer.Size)];
        int n = Discipline.Buffer.TakeLine(line, out _);
        int went = destination.CopyTo(line.AsSpan(0, n));
        return went == 0 && n > 0 ? Errno.EFAULT : went;
    }

    // VMIN and VTIME (man 3 termios, noncanonical mode).
    private async ValueTask<SyscallResult> ReadBytesAsync(LinuxTask current, IoIterator destination)
    {
        int least = _terminal.Settings[ControlCharacter.Minimum];
        long time = _terminal.Settings[ControlCharacter.Time] * Tenth;
        bool betweenBytes = least > 0;
        if (!betweenBytes) least = 1;
        long wanted = Math.Min(least, destination.Remaining);
        byte[] buffer = new byte[Math.Min(destination.Remaining, LineBuffer.Size)];
        long deadline = !betweenBytes ? current.Kernel.Time.Monotonic + time : long.MaxValue;
        long done = 0;
        while (true)
        {
            if (Discipline.Buffer.Count > 0)
            {
                int n = Discipline.Buffer.Take(buffer.AsSpan(0, (int)Math.Min(buffer.Length, destination.Remaining)));
                int went = destination.CopyTo(buffer.AsSpan(0, n));
                if (went == 0) return done > 0 ? done : Errno.EFAULT;
                done += went;
                _terminal.NotifyKeyboard();
                if (done >= wanted) return done;
                if (time > 0) deadline = current.Kernel.Time.Monotonic + time;
            }
            if (IsHungUp || (!betweenBytes && time == 0)) return done;
            if (IsNonBlocking) return done > 0 ? done : Errno.EAGAIN;
            Errno e = await _terminal.InputWaiters.WaitAsync(
                current, this, static f => f.Discipline.Buffer.Count > 0 || f.IsHungUp, WaitMode.Interruptible, deadline);
            if (e == Errno.ETIMEDOUT) return done;
            if (e != Errno.None) return done > 0 ? done : e;
        }
    }

    private bool ShowSome(IoIterator source, ref long done)
    {
        Span<byte> bytes = stackalloc byte[Chunk];
        int came = source.CopyFrom(bytes[..(int)Math.Min(Chunk, source.Remaining)]);
        if (came == 0) return false;
        int shown = _terminal.Show(bytes[..came]);
        if (shown < came) source.Revert(came - shown);
        done += shown;
        return true;
    }
}
