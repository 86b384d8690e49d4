using Kennel.Abi;
using Kennel.Credentials;
using Kennel.Files;
using Kennel.Signals;
using Kennel.Tasks;

namespace Kennel.FileSystems.Dev.Terminals;

/// <summary>
/// Whose terminal it is: the session that it controls, the job in the foreground, and the end (Linux: drivers/tty/tty_jobctrl.c,
/// __tty_hangup).
/// </summary>
public sealed partial class PseudoTerminal
{
    private ProcessGroup? _foreground;
    private int _slaves;

    /// <summary>The session that it is the controlling terminal of.</summary>
    public Session? Session { get; private set; }

    /// <inheritdoc/>
    /// <remarks>A job that has no member any more is nobody's.</remarks>
    public ProcessGroup? Foreground
    {
        get => _foreground is { Members.Count: 0 } ? null : _foreground;
        set => _foreground = value;
    }

    /// <summary>Rows and columns.</summary>
    public WindowSize WindowSize { get; private set; }

    /// <summary>Counts hang-ups: slave files that were opened before the last one are dead.</summary>
    internal int HangUps { get; private set; }

    /// <summary>Whether the master is there.</summary>
    internal bool IsMasterOpen { get; private set; } = true;

    /// <summary>Whether the slave was opened, and nobody has it open any more: the master reads EIO.</summary>
    internal bool IsSlaveClosed { get; private set; }

    /// <summary>Makes it the controlling terminal of a session, its leader's job being in the foreground. Linux: __proc_set_tty.</summary>
    public void Control(LinuxTask leader)
    {
        Session = leader.Group.Session;
        Session.Terminal = this;
        Foreground = leader.Group.ProcessGroup;
    }

    /// <summary>The window was resized: the foreground job gets SIGWINCH. Linux: pty_resize.</summary>
    public void Resize(WindowSize size)
    {
        if (size == WindowSize) return;
        WindowSize = size;
        Foreground?.Send(SignalInfo.FromKernel(Signal.SIGWINCH));
    }

    /// <inheritdoc/>
    public void OnSessionLeft(Session session)
    {
        if (Session != session) return;
        Session = null;
        Foreground = null;
        // Linux: drivers/tty/tty_jobctrl.c, disassociate_ctty: a real terminal would be hung up here, a pseudo terminal goes on.
    }

    /// <summary>
    /// Whether a task may read (SIGTTIN) or change (SIGTTOU) its controlling terminal: background jobs are stopped. Linux:
    /// __tty_check_change.
    /// </summary>
    internal Errno CheckForeground(LinuxTask current, Signal signal)
    {
        if (current.Group.Session.Terminal != this) return Errno.None;
        ProcessGroup own = current.Group.ProcessGroup;
        if (Foreground == null || own == Foreground) return Errno.None;
        bool ignored = current.Blocked.Has(signal) || current.Handlers![signal].IsIgnored;
        if (ignored) return signal == Signal.SIGTTIN ? Errno.EIO : Errno.None;
        if (own.IsOrphaned) return Errno.EIO;
        own.Send(SignalInfo.FromKernel(signal));
        return Errno.ERESTARTSYS;
    }

    /// <summary>What opening without O_NOCTTY does: a session leader without a terminal gets this one. Linux: tty_open_proc_set_tty.</summary>
    internal void OfferTo(LinuxTask current)
    {
        if (current.Group.IsSessionLeader && current.Group.Session.Terminal == null && Session == null) Control(current);
    }

    /// <summary>TIOCSCTTY. Linux: tiocsctty.</summary>
    internal Errno SetControlling(LinuxTask current, bool steal, bool isReadable)
    {
        Session own = current.Group.Session;
        if (current.Group.IsSessionLeader && Session == own) return Errno.None;
        if (!current.Group.IsSessionLeader || own.Terminal != null) return Errno.EPERM;
        bool isAdministrator = current.Credential.Has(Capability.SysAdmin);
        if (Session != null)
        {
            if (!steal || !isAdministrator) return Errno.EPERM;
            Session.Terminal = null;
        }
        if (!isReadable && !isAdministrator) return Errno.EPERM;
        Control(current);
        return Errno.None;
    }

    /// <summary>TIOCNOTTY. Linux: disassociate_ctty without exit; only a leader's call has an effect here, as a session has one terminal.</summary>
    internal Errno GiveUp(LinuxTask current)
    {
        if (current.Group.Session.Terminal != this) return Errno.ENOTTY;
        if (!current.Group.IsSessionLeader) return Errno.None;
        current.Group.Session.Disassociate(onExit: false);
        return Errno.None;
    }

    /// <summary>A slave file was opened.</summary>
    internal void OnSlaveOpened()
    {
        _slaves++;
        IsSlaveClosed = false;
    }

    /// <summary>A slave file was closed, be it cut off or not.</summary>
    internal void OnSlaveClosed()
    {
        if (--_slaves > 0) return;
        IsSlaveClosed = true;
        IsExclusive = false;
        ScreenWaiters.WakeAll((int)PollEvents.HangUp | PollKeys.In);
        KeyboardWaiters.WakeAll((int)PollEvents.HangUp | PollKeys.Out);
    }

    /// <summary>The master is closed: the terminal hangs up and its name goes.</summary>
    internal void OnMasterClosed()
    {
        IsMasterOpen = false;
        HangUp();
        _owner.Remove(this);
    }

    /// <summary>Cuts off all who have the slave open, and tells the session's leader. Linux: __tty_hangup.</summary>
    internal void HangUp()
    {
        HangUps++;
        Session? session = Session;
        Session = null;
        Foreground = null;
        _discipline.FlushInput();
        _discipline.Start();
        Settings = Termios.Default;
        if (session != null)
        {
            session.Terminal = null;
            session.Leader?.Send(SignalInfo.FromKernel(Signal.SIGHUP));
            session.Leader?.Send(SignalInfo.FromKernel(Signal.SIGCONT));
        }
        const int key = (int)(PollEvents.HangUp | PollEvents.Error) | PollKeys.In | PollKeys.Out;
        InputWaiters.WakeAll(key);
        OutputWaiters.WakeAll(key);
    }
}
