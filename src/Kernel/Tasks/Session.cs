using Kennel.Abi;
using Kennel.Files;
using Kennel.Namespaces;

namespace Kennel.Tasks;

/// <summary>Process groups that share a controlling terminal (man 2 setsid). It lives as long as it has a group.</summary>
/// <remarks>guard-note: the kernel lock.</remarks>
public sealed class Session
{
    private readonly List<ProcessGroup> _groups = [];

    internal Session(PidNumbers numbers)
    {
        Numbers = numbers;
        numbers.Session = this;
    }

    /// <summary>The pid of the process that made it.</summary>
    public PidNumbers Numbers { get; }

    public IReadOnlyList<ProcessGroup> Groups => _groups;

    /// <summary>The process that made it, until it exits.</summary>
    public ThreadGroup? Leader { get; internal set; }

    /// <summary>Its terminal, if it has one.</summary>
    public IControllingTerminal? Terminal { get; set; }

    internal void Add(ProcessGroup group) => _groups.Add(group);

    internal void Remove(ProcessGroup group)
    {
        _groups.Remove(group);
        if (_groups.Count > 0) return;
        Numbers.Session = null;
        PidNamespace.FreeIfUnused(Numbers);
    }

    /// <summary>The leader exits or lets the terminal go: the foreground job is told, and nobody has a controlling terminal any more.
    /// Linux: drivers/tty/tty_jobctrl.c, disassociate_ctty.</summary>
    public void Disassociate(bool onExit)
    {
        IControllingTerminal? terminal = Terminal;
        if (terminal == null) return;
        ProcessGroup? foreground = terminal.Foreground;
        Terminal = null;
        terminal.OnSessionLeft(this);
        if (foreground == null) return;
        foreground.Send(SignalInfo.FromKernel(Signal.SIGHUP));
        if (!onExit) foreground.Send(SignalInfo.FromKernel(Signal.SIGCONT));
    }
}

/// <summary>A terminal as sessions see it.</summary>
public interface IControllingTerminal
{
    /// <summary>For /proc/PID/stat, field 7.</summary>
    DeviceNumber Device { get; }

    /// <summary>The job that may read and gets the keyboard's signals.</summary>
    ProcessGroup? Foreground { get; set; }

    /// <summary>The session does not have it any more.</summary>
    void OnSessionLeft(Session session);
}
