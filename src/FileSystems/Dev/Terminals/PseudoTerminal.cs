using Kennel.Abi;
using Kennel.Files;
using Kennel.Tasks;
using Kennel.Waiting;

namespace Kennel.FileSystems.Dev.Terminals;

/// <summary>
/// A pseudo-terminal (man 7 pty; Linux: tty_struct pair of drivers/tty/pty.c): what is written to the master counts as typed, what is
/// written to the slave can be read from the master. Both sides share the settings and the window size. This part: bytes and
/// their flow; PseudoTerminal.Jobs: sessions, foreground jobs, hang-up.
/// </summary>
/// <remarks>guard-note: the kernel lock.</remarks>
public sealed partial class PseudoTerminal : ILineEvents, IControllingTerminal
{
    private const int ScreenSize = 64 << 10;

    private readonly PtsFileSystem _owner;
    private readonly LineDiscipline _discipline;
    private readonly ByteQueue _screen = new();
    private long _settled; // what the screen got before the typed bytes that are being looked at

    internal PseudoTerminal(PtsFileSystem owner, int number)
    {
        _owner = owner;
        Number = number;
        _discipline = new LineDiscipline(this);
    }

    /// <summary>N of /dev/pts/N.</summary>
    public int Number { get; }

    /// <inheritdoc/>
    public DeviceNumber Device => new(136 + ((uint)Number >> 8), (uint)Number & 0xff);

    /// <summary>Its settings.</summary>
    public Termios Settings
    {
        get => _discipline.Settings;
        set => _discipline.Settings = value;
    }

    internal LineDiscipline Discipline => _discipline;

    /// <summary>Readers of the slave.</summary>
    internal WaitQueue InputWaiters { get; } = new();

    /// <summary>Writers of the slave, waiting for the screen.</summary>
    internal WaitQueue OutputWaiters { get; } = new();

    /// <summary>Readers of the master: the screen has something, or the slave is closed.</summary>
    internal WaitQueue ScreenWaiters { get; } = new();

    /// <summary>Writers of the master, waiting for somebody to read what was typed.</summary>
    internal WaitQueue KeyboardWaiters { get; } = new();

    /// <summary>Bytes that the master can read.</summary>
    internal int ScreenCount => _screen.Count;

    /// <summary>Bytes that the slave may write now.</summary>
    internal int ScreenRoom => _discipline.IsStopped ? 0 : Math.Max(0, ScreenSize - _screen.Count);

    /// <summary>TIOCPKT: the master is told of flushes, stops and starts.</summary>
    internal bool IsPacketMode { get; set; }

    /// <summary>TIOCPKT_* bits that the master has not read yet.</summary>
    internal PacketEvents PacketEvents { get; set; }

    /// <summary>Whether the slave may not be opened yet (TIOCSPTLCK).</summary>
    internal bool IsLocked { get; set; } = true;

    /// <summary>TIOCEXCL.</summary>
    internal bool IsExclusive { get; set; }

    /// <summary>Takes typed bytes as far as there is room; answers how many.</summary>
    internal int Type(ReadOnlySpan<byte> bytes)
    {
        int taken = 0;
        while (taken < bytes.Length)
        {
            int n = Math.Min(_discipline.Room, bytes.Length - taken);
            if (n == 0) break;
            _settled = _screen.Written;
            _discipline.Receive(bytes.Slice(taken, n));
            taken += n;
        }
        return taken;
    }

    /// <summary>Shows what the slave writes, as far as there is room; answers how many bytes.</summary>
    internal int Show(ReadOnlySpan<byte> bytes)
    {
        _discipline.ShowEchoes();
        int most = _discipline.ProcessesOutput ? ScreenRoom / LineDiscipline.MostPerByte : ScreenRoom;
        int n = Math.Min(most, bytes.Length);
        _discipline.Write(bytes[..n]);
        return n;
    }

    /// <summary>The first bytes on the screen, which stay there; at most as many as there are.</summary>
    internal ReadOnlySpan<byte> PeekScreen(int count) => _screen.Peek[..count];

    /// <summary>Takes bytes from the screen.</summary>
    internal int TakeScreen(Span<byte> destination)
    {
        int n = _screen.Take(destination);
        if (n > 0 && OutputWaiters.HasWaiters && ScreenRoom >= ScreenSize / 4) OutputWaiters.WakeAll(PollKeys.Out);
        return n;
    }

    /// <summary>Drops what was typed and not read.</summary>
    internal void FlushInput()
    {
        _discipline.FlushInput();
        Tell(PacketEvents.FlushRead);
    }

    /// <summary>Drops what was written and not taken by the master.</summary>
    internal void FlushScreen()
    {
        _screen.Clear();
        Tell(PacketEvents.FlushWrite);
        OutputWaiters.WakeAll(PollKeys.Out);
    }

    /// <summary>Tells the master something in packet mode. Linux: pty_set_termios and its like.</summary>
    internal void Tell(PacketEvents events)
    {
        if (!IsPacketMode) return;
        PacketEvents opposite = events switch
        {
            PacketEvents.Stop => PacketEvents.Start,
            PacketEvents.Start => PacketEvents.Stop,
            PacketEvents.DoStop => PacketEvents.NoStop,
            PacketEvents.NoStop => PacketEvents.DoStop,
            _ => PacketEvents.None,
        };
        PacketEvents = (PacketEvents & ~opposite) | events;
        ScreenWaiters.WakeAll((int)(PollEvents.Priority | PollEvents.In));
    }

    void ILineEvents.Put(ReadOnlySpan<byte> bytes)
    {
        if (_screen.Count > 2 * ScreenSize) return; // echoes that nobody takes
        _screen.Add(bytes);
        if (ScreenWaiters.HasWaiters) ScreenWaiters.WakeAll(PollKeys.In);
    }

    // A signal character drops echoes of the same batch; what the master could have read before stays, as on Linux.
    void ILineEvents.FlushOutput()
    {
        _screen.TruncateTo(_settled);
        Tell(PacketEvents.FlushWrite);
    }

    void ILineEvents.SendSignal(Signal signal) => Foreground?.Send(SignalInfo.FromKernel(signal));

    void ILineEvents.InputArrived()
    {
        if (InputWaiters.HasWaiters) InputWaiters.WakeAll(PollKeys.In);
    }

    void ILineEvents.InputTaken() => NotifyKeyboard();

    void ILineEvents.OutputStarted()
    {
        Tell(PacketEvents.Start);
        OutputWaiters.WakeAll(PollKeys.Out);
    }

    void ILineEvents.OutputStopped() => Tell(PacketEvents.Stop);

    /// <summary>A reader took bytes: the keyboard's side may go on.</summary>
    internal void NotifyKeyboard()
    {
        if (KeyboardWaiters.HasWaiters && _discipline.Room > 0) KeyboardWaiters.WakeAll(PollKeys.Out);
    }
}

/// <summary>TIOCPKT_* (man 2 ioctl_tty).</summary>
[Flags]
internal enum PacketEvents : byte
{
    None = 0,
    FlushRead = 1,
    FlushWrite = 2,
    Stop = 4,
    Start = 8,
    NoStop = 16,
    DoStop = 32,
}

/// <summary>Keys of wake-ups.</summary>
internal static class PollKeys
{
    public const int In = (int)(PollEvents.In | PollEvents.ReadNormal), Out = (int)(PollEvents.Out | PollEvents.WriteNormal);
}
