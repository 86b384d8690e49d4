using Kennel.Abi;

namespace Kennel.Namespaces;

/// <summary>
/// A pid namespace (man 7 pid_namespaces): numbers for tasks, given in a circle, so that a number is used again as late as possible.
/// </summary>
/// <remarks>guard-note: the kernel lock.</remarks>
public sealed class PidNamespace(PidNamespace? parent)
{
    /// <summary>The greatest value of pid_max on 64-bit machines, exclusive (PID_MAX_LIMIT).</summary>
    public const int GreatestLimit = 4 << 20;

    // After the first wrap, numbers below stay with the daemons of the first hour (Linux: RESERVED_PIDS).
    private const int FirstAfterWrap = 300;

    private readonly Dictionary<int, PidNumbers> _allocated = [];

    public PidNamespace? Parent { get; } = parent;

    /// <summary>0 for the initial one.</summary>
    public int Level { get; } = parent == null ? 0 : parent.Level + 1;

    /// <summary>Identities by number.</summary>
    public IReadOnlyDictionary<int, PidNumbers> Allocated => _allocated;

    /// <summary>The number given last; the search goes on behind it and wraps (man 5 proc, pid_max).</summary>
    public int Last { get; set; }

    /// <summary>pid_max: one more than the greatest number.</summary>
    public int Limit { get; set; } = parent?.Limit ?? 32768;

    /// <summary>Its init; when that dies, all of it dies. Null before the first task and after init's death.</summary>
    public Tasks.LinuxTask? Reaper { get; internal set; }

    /// <summary>Whether its init has died, so that nobody can be born here any more.</summary>
    public bool IsClosed { get; internal set; }

    /// <summary>Sleepers for it to become empty (zap_pid_ns_processes).</summary>
    internal Waiting.WaitQueue EmptyWaiters { get; } = new();

    /// <summary>The identity with a number, or null.</summary>
    public PidNumbers? Find(int number) => _allocated.GetValueOrDefault(number);

    /// <summary>
    /// Gives a number on every level, here and above. <paramref name="wanted"/> asks for certain ones, innermost first (clone3's set_tid).
    /// EAGAIN when a level is full, EEXIST when a wanted number is taken, EINVAL when it is out of range, ENOMEM when closed.
    /// </summary>
    /// <remarks>Linux: kernel/pid.c, alloc_pid.</remarks>
    internal Errno Allocate(ReadOnlySpan<int> wanted, out PidNumbers? identity)
    {
        identity = null;
        if (IsClosed) return Errno.ENOMEM;
        int[] numbers = new int[Level + 1];
        PidNamespace? level = this;
        for (int i = 0; level != null; level = level.Parent, i++)
        {
            Errno error = i < wanted.Length ? level.Check(wanted[i]) : level.FindFree(out numbers[level.Level]);
            if (error != Errno.None) return error;
            if (i < wanted.Length) numbers[level.Level] = wanted[i];
            else level.Last = numbers[level.Level];
        }
        identity = new PidNumbers(this, numbers);
        for (level = this; level != null; level = level.Parent) level._allocated.Add(numbers[level.Level], identity);
        return Errno.None;
    }

    /// <summary>Takes numbers that nothing goes by any more back, on all levels.</summary>
    internal static void FreeIfUnused(PidNumbers identity)
    {
        if (identity.IsInUse) return;
        for (PidNamespace? level = identity.Owner; level != null; level = level.Parent)
        {
            level._allocated.Remove(identity.In(level).Value);
        }
    }

    private Errno Check(int wanted)
    {
        if (wanted < 1 || wanted >= Limit || (wanted != 1 && Reaper == null)) return Errno.EINVAL;
        return _allocated.ContainsKey(wanted) ? Errno.EEXIST : Errno.None;
    }

    private Errno FindFree(out int number)
    {
        int start = Last + 1;
        for (number = start; number < Limit; number++)
        {
            if (!_allocated.ContainsKey(number)) return Errno.None;
        }
        for (number = Math.Min(FirstAfterWrap, Limit - 1); number < Math.Min(start, Limit); number++)
        {
            if (!_allocated.ContainsKey(number)) return Errno.None;
        }
        return Errno.EAGAIN;
    }
}
