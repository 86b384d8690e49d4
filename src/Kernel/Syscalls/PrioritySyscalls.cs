using Kennel.Abi;
using Kennel.Credentials;
using Kennel.Scheduling;
using Kennel.Tasks;

namespace Kennel.Syscalls;

/// <summary>Nice values and I/O priorities, of a process, a process group or a user.</summary>
public static class PrioritySyscalls
{
    private const int ByProcess = 0, ByGroup = 1, ByUser = 2;

    [Syscall(140, "getpriority")]
    public static SyscallResult GetPriority(LinuxTask current, int which, int who)
    {
        if (which is < ByProcess or > ByUser) return Errno.EINVAL;
        long best = long.MinValue;
        foreach (LinuxTask task in Select(current, which, who)) best = Math.Max(best, 20 - task.Scheduling.Nice);
        return best == long.MinValue ? Errno.ESRCH : best;
    }

    /// <remarks>Linux: kernel/sys.c, set_one_prio.</remarks>
    [Syscall(141, "setpriority")]
    public static SyscallResult SetPriority(LinuxTask current, int which, int who, int nice)
    {
        if (which is < ByProcess or > ByUser) return Errno.EINVAL;
        nice = Math.Clamp(nice, -20, 19);
        Errno error = Errno.ESRCH;
        foreach (LinuxTask task in Select(current, which, who))
        {
            Errno one = SetOne(current, task, nice);
            if (error == Errno.ESRCH || one != Errno.None) error = one;
        }
        return error;
    }

    /// <summary>An I/O priority is kept and told; nothing is scheduled by it.</summary>
    [Syscall(251, "ioprio_set")]
    public static SyscallResult SetIoPriority(LinuxTask current, int which, int who, int priority)
    {
        const int ClassShift = 13, Realtime = 1, IdleClass = 3;
        int kind = priority >> ClassShift;
        if (kind is < 0 or > IdleClass || (kind == 0 && (priority & 0x1fff) != 0) || (priority & 7) != (priority & 0x1fff)) return Errno.EINVAL;
        if (kind == Realtime && !current.Credential.Has(Capability.SysNice) && !current.Credential.Has(Capability.SysAdmin)) return Errno.EPERM;
        if (which is < 1 or > 3) return Errno.EINVAL;
        Errno error = Errno.ESRCH;
        foreach (LinuxTask task in Select(current, which - 1, who))
        {
            task.IoPriority = priority;
            error = Errno.None;
        }
        return error;
    }

    [Syscall(252, "ioprio_get")]
    public static SyscallResult GetIoPriority(LinuxTask current, int which, int who)
    {
        if (which is < 1 or > 3) return Errno.EINVAL;
        LinuxTask? task = Select(current, which - 1, who).MinBy(static t => t.IoPriority == 0 ? int.MaxValue : t.IoPriority);
        return task == null ? Errno.ESRCH : task.IoPriority;
    }

    private static IEnumerable<LinuxTask> Select(LinuxTask current, int which, int who)
    {
        switch (which)
        {
            case ByProcess:
                LinuxTask? task = who == 0 ? current : current.Find(who);
                return task == null ? [] : [task];
            case ByGroup:
                ProcessGroup? group = who == 0 ? current.Group.ProcessGroup : who > 0 ? current.Numbers.Owner.Find(who)?.ProcessGroup : null;
                return group?.Members.SelectMany(static m => m.Threads) ?? [];
            default:
                uint uid = who == 0 ? current.Credential.Uid : (uint)who;
                return current.Kernel.Tasks.Processes.SelectMany(static p => p.Group.Threads).Where(t => t.Credential.Uid == uid);
        }
    }

    private static Errno SetOne(LinuxTask current, LinuxTask task, int nice)
    {
        Credential mine = current.Credential;
        bool isMine = task.Credential.Uid == mine.EffectiveUid || task.Credential.EffectiveUid == mine.EffectiveUid;
        if (!isMine && !mine.Has(Capability.SysNice)) return Errno.EPERM;
        TaskScheduling s = task.Scheduling;
        if (nice < s.Nice && !mine.Has(Capability.SysNice) && !SchedulingSyscalls.MayRaise(task, nice)) return Errno.EACCES;
        task.SetPriority(s.Policy, s.RealtimePriority, nice);
        return Errno.None;
    }
}
