using Kennel.Abi;
using Kennel.Tasks;

namespace Kennel.Namespaces;

/// <summary>
/// One identity with a number per pid namespace level, outermost first (Linux: struct pid with its upid array). The numbers
/// stay taken as long as a task, a process group or a session goes by them.
/// </summary>
public sealed class PidNumbers(PidNamespace owner, int[] numbers)
{
    /// <summary>The innermost namespace, the one it was made in.</summary>
    public PidNamespace Owner { get; } = owner;

    /// <summary>The number in the initial namespace.</summary>
    public Pid Global => new(numbers[0]);

    /// <summary>All numbers, outermost first (NSpid of /proc/PID/status).</summary>
    public IReadOnlyList<int> All => numbers;

    /// <summary>The number in the namespace it was made in.</summary>
    public int Innermost => numbers[^1];

    // What goes by these numbers; all null means that they are free again. guard-note: the kernel lock.

    /// <summary>The thread with this id, until it is released.</summary>
    public LinuxTask? Task { get; internal set; }

    /// <summary>The process group with this id.</summary>
    public ProcessGroup? ProcessGroup { get; internal set; }

    /// <summary>The session with this id.</summary>
    public Session? Session { get; internal set; }

    internal bool IsInUse => Task != null || ProcessGroup != null || Session != null;

    /// <summary>The number as <paramref name="view"/> sees it; 0 when it does not (Linux: pid_nr_ns).</summary>
    public NamespacePid In(PidNamespace view) =>
        new(view.Level < numbers.Length && IsBelow(view) ? numbers[view.Level] : 0);

    private bool IsBelow(PidNamespace view)
    {
        PidNamespace? n = Owner;
        while (n != null && n.Level > view.Level) n = n.Parent;
        return n == view;
    }
}
