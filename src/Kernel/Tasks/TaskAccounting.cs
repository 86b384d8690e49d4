namespace Kennel.Tasks;

/// <summary>Where a task's time goes and what else getrusage counts (Linux: kernel/sched/cputime.c). Nanoseconds.</summary>
public sealed class TaskAccounting
{
    private long _since;

    /// <summary>CPU time in user mode.</summary>
    public long UserTime { get; private set; }

    /// <summary>CPU time in the kernel.</summary>
    public long SystemTime { get; private set; }

    /// <summary>Context switches because it slept (ru_nvcsw).</summary>
    public long VoluntarySwitches { get; private set; }

    /// <summary>Context switches because its time was up (ru_nivcsw).</summary>
    public long InvoluntarySwitches { get; private set; }

    internal void SwitchIn(long now) => _since = now;

    internal void SwitchOut(long now, bool voluntary)
    {
        SystemTime += now - _since;
        if (voluntary) VoluntarySwitches++;
        else InvoluntarySwitches++;
    }

    internal void LeaveKernel(long now)
    {
        SystemTime += now - _since;
        _since = now;
    }

    internal void EnterKernel(long now)
    {
        UserTime += now - _since;
        _since = now;
    }
}
