using Kennel.Scheduling;

namespace Kennel.Tasks;

/// <summary>Where a task's time goes and what else getrusage counts (Linux: kernel/sched/cputime.c).</summary>
/// <remarks>
/// Reading a clock costs as much as a short system call, so it is not read at each. Between two readings (a switch, a long run
/// in user mode, or some dozens of system calls) instructions are counted; at the reading, the time that passed is split into
/// what these instructions take at the machine's known speed, which is user time, and the rest, which is the kernel's.
/// The sum is exact. guard-note: the kernel lock.
/// </remarks>
public sealed class TaskAccounting
{
    private UsageCounters _counters;
    private long _since;
    private ulong _instructions;
    private int _kernelEntries;

    /// <summary>Everything counted up to the last settlement.</summary>
    public ref readonly UsageCounters Counters => ref _counters;

    /// <summary>CPU time in user mode, nanoseconds.</summary>
    public long UserTime => _counters.UserTime;

    /// <summary>CPU time in the kernel, nanoseconds.</summary>
    public long SystemTime => _counters.SystemTime;

    /// <summary>Context switches because it slept (ru_nvcsw).</summary>
    public long VoluntarySwitches => _counters.VoluntarySwitches;

    /// <summary>Context switches because its time was up (ru_nivcsw).</summary>
    public long InvoluntarySwitches => _counters.InvoluntarySwitches;

    /// <summary>A page fault was served, with or without reading a file.</summary>
    public void CountFault(bool major)
    {
        if (major) _counters.MajorFaults++;
        else _counters.MinorFaults++;
    }

    internal void SwitchIn(long now)
    {
        _since = now;
        _instructions = 0;
        _kernelEntries = 0;
    }

    internal void SwitchOut(long now, bool voluntary, ExecutionSpeed speed)
    {
        Settle(now, speed);
        if (voluntary) _counters.VoluntarySwitches++;
        else _counters.InvoluntarySwitches++;
    }

    /// <summary>It ran guest code, and is in the kernel now.</summary>
    internal void AddUserMode(ulong instructions)
    {
        _instructions += instructions;
        _kernelEntries++;
    }

    /// <summary>CPU time up to now, without settling.</summary>
    /// <param name="inUserMode">Whether it runs guest code right now, so that its instructions are not counted yet.</param>
    internal (long User, long System) Live(long now, ExecutionSpeed speed, bool inUserMode)
    {
        long elapsed = Math.Max(0, now - _since);
        long user = inUserMode ? elapsed : Math.Min(elapsed, speed.ToNanoseconds(_instructions));
        return (_counters.UserTime + user, _counters.SystemTime + elapsed - user);
    }

    /// <summary>Splits the time since the last reading.</summary>
    internal void Settle(long now, ExecutionSpeed speed)
    {
        long elapsed = now - _since;
        if (elapsed <= 0 && _instructions == 0) return;
        long user = speed.Split(elapsed, _instructions, _kernelEntries);
        _counters.UserTime += user;
        _counters.SystemTime += elapsed - user;
        _counters.Instructions += _instructions;
        SwitchIn(now);
    }
}
