using Kennel.Abi;

namespace Kennel.Namespaces;

/// <summary>
/// One identity with a number per pid namespace level, outermost first (Linux: struct pid with its upid array).
/// </summary>
public sealed class PidNumbers(PidNamespace owner, IReadOnlyList<int> numbers)
{
    /// <summary>The innermost namespace, the one it was made in.</summary>
    public PidNamespace Owner { get; } = owner;

    /// <summary>The number in the initial namespace.</summary>
    public Pid Global => new(numbers[0]);

    /// <summary>All numbers, outermost first (NSpid of /proc/PID/status).</summary>
    public IReadOnlyList<int> All => numbers;

    /// <summary>The number as <paramref name="view"/> sees it; 0 when it does not (Linux: pid_nr_ns).</summary>
    public NamespacePid In(PidNamespace view) =>
        new(view.Level < numbers.Count && IsBelow(view) ? numbers[view.Level] : 0);

    private bool IsBelow(PidNamespace view)
    {
        PidNamespace? n = Owner;
        while (n != null && n.Level > view.Level) n = n.Parent;
        return n == view;
    }
}

/// <summary>A pid namespace (man 7 pid_namespaces). Number allocation and lookup are in TaskTable.</summary>
public sealed class PidNamespace(PidNamespace? parent)
{
    public PidNamespace? Parent { get; } = parent;

    /// <summary>0 for the initial one.</summary>
    public int Level { get; } = parent == null ? 0 : parent.Level + 1;

    /// <summary>Identities by number.</summary>
    public Dictionary<int, PidNumbers> Allocated { get; } = [];

    /// <summary>The number given last; the search goes on behind it and wraps (man 5 proc, pid_max).</summary>
    public int Last { get; set; }

    /// <summary>One more than the greatest number.</summary>
    public int Limit { get; set; } = parent?.Limit ?? 32768;

    /// <summary>Its init; when that dies, all of it dies.</summary>
    public Tasks.LinuxTask? Reaper { get; set; }
}
