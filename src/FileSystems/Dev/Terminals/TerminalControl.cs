using Kennel.Abi;
using Kennel.Files;
using Kennel.Memory;
using Kennel.Namespaces;
using Kennel.Syscalls;
using Kennel.Tasks;

namespace Kennel.FileSystems.Dev.Terminals;

/// <summary>ioctl on either side of a pseudo-terminal (man 2 ioctl_tty; Linux: tty_ioctl, n_tty_ioctl, tty_mode_ioctl, pty_unix98_ioctl).</summary>
internal static class TerminalControl
{
    public const uint SetForeground = 0x5410; // TIOCSPGRP

    /// <summary>ioctl on the slave.</summary>
    public static SyscallResult OnSlave(PseudoTerminal terminal, LinuxTask current, uint command, ulong argument, bool isReadable)
    {
        switch (command)
        {
            case 0x540e: return terminal.SetControlling(current, argument == 1, isReadable); // TIOCSCTTY
            case 0x5422: return terminal.GiveUp(current); // TIOCNOTTY
            case 0x5412: return TypeByte(terminal, current, argument); // TIOCSTI
            case 0x541b: return WriteInt(current, argument, Readable(terminal)); // FIONREAD
            default: return OnBoth(terminal, current, command, argument, isMaster: false);
        }
    }

    /// <summary>ioctl on the master: most of it speaks of the slave.</summary>
    public static SyscallResult OnMaster(PseudoTerminal terminal, PtsFileSystem owner, LinuxTask current, uint command, ulong argument)
    {
        switch (command)
        {
            case 0x80045430: return WriteInt(current, argument, terminal.Number); // TIOCGPTN
            case 0x80045439: return WriteInt(current, argument, terminal.IsLocked ? 1 : 0); // TIOCGPTLCK
            case 0x80045438: return WriteInt(current, argument, terminal.IsPacketMode ? 1 : 0); // TIOCGPKT
            case 0x5441: return owner.OpenPeer(terminal, current, (OpenFlags)argument); // TIOCGPTPEER
            case 0x541b: return WriteInt(current, argument, terminal.ScreenCount); // FIONREAD
            case 0x540e: return Errno.EPERM; // TIOCSCTTY: a master controls nobody
            case 0x40045431: // TIOCSPTLCK
                if (!ReadInt(current, argument, out int locked)) return Errno.EFAULT;
                terminal.IsLocked = locked != 0;
                return 0;
            case 0x5420: // TIOCPKT
                if (!ReadInt(current, argument, out int packet)) return Errno.EFAULT;
                terminal.IsPacketMode = packet != 0;
                terminal.PacketEvents = PacketEvents.None;
                return 0;
            case 0x40045436: // TIOCSIG
                if (argument is < 1 or > 64) return Errno.EINVAL;
                terminal.Foreground?.Send(SignalInfo.FromKernel((Signal)argument));
                return 0;
            default: return OnBoth(terminal, current, command, argument, isMaster: true);
        }
    }

    private static SyscallResult OnBoth(PseudoTerminal terminal, LinuxTask current, uint command, ulong argument, bool isMaster)
    {
        switch (command)
        {
            case >= 0x5401 and <= 0x5404 or 0x802c542a or (>= 0x402c542b and <= 0x402c542d):
                return TerminalSettings.Control(terminal, current, command, argument, isMaster);
            case 0x5409 or 0x5425: // TCSBRK, TCSBRKP: nothing to wait for, no line to break
            case 0x5427 or 0x5428: // TIOCSBRK, TIOCCBRK
                return CheckChange(terminal, current, isMaster);
            case 0x540a: return Flow(terminal, current, argument, isMaster); // TCXONC
            case 0x540b: return Flush(terminal, current, argument, isMaster); // TCFLSH
            case 0x540c or 0x540d: // TIOCEXCL, TIOCNXCL
                terminal.IsExclusive = command == 0x540c;
                return 0;
            case 0x80045440: return WriteInt(current, argument, terminal.IsExclusive ? 1 : 0); // TIOCGEXCL
            case 0x540f: return GetForeground(terminal, current, argument, isMaster); // TIOCGPGRP
            case SetForeground: return ChangeForeground(terminal, current, argument, isMaster);
            case 0x5429: return GetSession(terminal, current, argument, isMaster); // TIOCGSID
            case 0x5411: return WriteInt(current, argument, 0); // TIOCOUTQ
            case 0x5413: // TIOCGWINSZ
                return new UserPtr<WindowSize>(argument).TryWrite(current.Memory, terminal.WindowSize) ? 0 : Errno.EFAULT;
            case 0x5414: // TIOCSWINSZ
                if (!new UserPtr<WindowSize>(argument).TryRead(current.Memory, out WindowSize size)) return Errno.EFAULT;
                terminal.Resize(size);
                return 0;
            case 0x5424: return WriteInt(current, argument, 0); // TIOCGETD: N_TTY
            case 0x5423: // TIOCSETD
                if (!ReadInt(current, argument, out int discipline)) return Errno.EFAULT;
                return discipline == 0 ? 0 : Errno.EINVAL;
            case 0x80045432: // TIOCGDEV
                return WriteInt(current, argument, (int)(isMaster ? new DeviceNumber(128, (uint)terminal.Number) : terminal.Device).Encoded);
            case 0x5437: // TIOCVHANGUP
                if (!current.Credential.Has(Credentials.Capability.SysAdmin)) return Errno.EPERM;
                terminal.HangUp();
                return 0;
            default: return Errno.ENOTTY;
        }
    }

    internal static Errno CheckChange(PseudoTerminal terminal, LinuxTask current, bool isMaster) =>
        isMaster ? Errno.None : terminal.CheckForeground(current, Signal.SIGTTOU);

    private static SyscallResult Flow(PseudoTerminal terminal, LinuxTask current, ulong action, bool isMaster)
    {
        Errno error = CheckChange(terminal, current, isMaster);
        if (error != Errno.None) return error;
        switch (action)
        {
            case 0: // TCOOFF
                terminal.Discipline.Stop();
                return 0;
            case 1: // TCOON
                terminal.Discipline.Start();
                return 0;
            case 2 or 3: // TCIOFF, TCION: tell the other side with a character
                byte c = terminal.Settings[action == 2 ? ControlCharacter.Stop : ControlCharacter.Start];
                if (c != 0) ((ILineEvents)terminal).Put([c]);
                return 0;
            default: return Errno.EINVAL;
        }
    }

    private static SyscallResult Flush(PseudoTerminal terminal, LinuxTask current, ulong queue, bool isMaster)
    {
        Errno error = CheckChange(terminal, current, isMaster);
        if (error != Errno.None) return error;
        if (queue > 2) return Errno.EINVAL;
        // Seen from the master, input is what the slave has written.
        bool input = queue is 0 or 2, output = queue is 1 or 2;
        if (isMaster) (input, output) = (output, input);
        if (input) terminal.FlushInput();
        if (output) terminal.FlushScreen();
        return 0;
    }

    private static SyscallResult GetForeground(PseudoTerminal terminal, LinuxTask current, ulong argument, bool isMaster)
    {
        if (!isMaster && current.Group.Session.Terminal != terminal) return Errno.ENOTTY;
        return WriteInt(current, argument, terminal.Foreground?.Numbers.In(current.Numbers.Owner).Value ?? 0);
    }

    // Linux: tiocspgrp.
    private static SyscallResult ChangeForeground(PseudoTerminal terminal, LinuxTask current, ulong argument, bool isMaster)
    {
        Errno error = terminal.CheckForeground(current, Signal.SIGTTOU);
        if (error == Errno.EIO) return Errno.ENOTTY;
        if (error != Errno.None) return error;
        Session session = current.Group.Session;
        if (session.Terminal != terminal || terminal.Session != session) return Errno.ENOTTY;
        if (!ReadInt(current, argument, out int id)) return Errno.EFAULT;
        if (id < 0) return Errno.EINVAL;
        PidNumbers? numbers = current.Numbers.Owner.Find(id);
        if (numbers?.ProcessGroup == null) return numbers == null ? Errno.ESRCH : Errno.EPERM;
        if (numbers.ProcessGroup.Session != session) return Errno.EPERM;
        terminal.Foreground = numbers.ProcessGroup;
        return 0;
    }

    private static SyscallResult GetSession(PseudoTerminal terminal, LinuxTask current, ulong argument, bool isMaster)
    {
        if (!isMaster && current.Group.Session.Terminal != terminal) return Errno.ENOTTY;
        return terminal.Session == null ? Errno.ENOTTY : WriteInt(current, argument, terminal.Session.Numbers.In(current.Numbers.Owner).Value);
    }

    private static SyscallResult TypeByte(PseudoTerminal terminal, LinuxTask current, ulong argument)
    {
        bool isOwn = current.Group.Session.Terminal == terminal;
        if (!isOwn && !current.Credential.Has(Credentials.Capability.SysAdmin)) return Errno.EPERM;
        if (!new UserPtr<byte>(argument).TryRead(current.Memory, out byte c)) return Errno.EFAULT;
        terminal.Type([c]);
        return 0;
    }

    private static int Readable(PseudoTerminal terminal) =>
        terminal.Discipline.IsCanonical ? terminal.Discipline.Buffer.LineBytes : terminal.Discipline.Buffer.Count;

    private static SyscallResult WriteInt(LinuxTask current, ulong address, int value) =>
        new UserPtr<int>(address).TryWrite(current.Memory, value) ? 0 : Errno.EFAULT;

    private static bool ReadInt(LinuxTask current, ulong address, out int value) => new UserPtr<int>(address).TryRead(current.Memory, out value);
}
