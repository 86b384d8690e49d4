using Kennel.Abi;
using Kennel.Tasks;

namespace Kennel.Views;

/// <summary>States and priorities as Solaris counts them.</summary>
internal static class SolarisStates
{
    /// <summary>pr_state of a thread: SSLEEP 1, SRUN 2, SZOMB 3, SSTOP 4, SIDL 5, SONPROC 6.</summary>
    public static int Of(LinuxTask task) => task.State switch
    {
        TaskState.Running => task.Processor != null ? 6 : 2,
        TaskState.Stopped or TaskState.Traced => 4,
        TaskState.Zombie or TaskState.Dead => 3,
        TaskState.New => 5,
        _ => 1,
    };

    /// <summary>pr_sname, in the order of the states.</summary>
    public static char Letter(LinuxTask task) => "SRZTIO"[Of(task) - 1];

    /// <summary>t_state: TS_SLEEP 1, TS_RUN 2, TS_ONPROC 4, TS_ZOMB 8, TS_STOPPED 16, TS_FREE 0.</summary>
    public static int OfThread(LinuxTask task) => Of(task) switch
    {
        1 => 1,
        2 => 2,
        3 => task.State == TaskState.Dead ? 0 : 8,
        4 => 16,
        5 => 2,
        _ => 4,
    };

    /// <summary>p_stat, the same numbers as <see cref="Of"/>.</summary>
    public static int OfProcess(ThreadGroup group) => group.LiveThreads == 0 && group.Leader.HasExited ? 3 : Of(group.Leader);

    /// <summary>Higher is more important: 0 to 59 of the time-sharing class, from 100 on real-time.</summary>
    public static int Priority(LinuxTask task) =>
        task.Scheduling.IsRealtime ? 100 + task.Scheduling.RealtimePriority : Math.Clamp(29 - (task.Scheduling.Nice * 29 / 20), 0, 59);

    /// <summary>t_mstate (sys/msacct.h): LMS_USER 0, LMS_SYSTEM 1, LMS_SLEEP 7, LMS_WAIT_CPU 8, LMS_STOPPED 9.</summary>
    public static int Microstate(LinuxTask task) => Of(task) switch
    {
        6 => task.InSyscall < 0 ? 0 : 1,
        2 or 5 => 8,
        4 => 9,
        _ => 7,
    };

    /// <summary>p_wcode: CLD_*.</summary>
    public static int WaitCode(WaitStatus status) =>
        status.HasExited ? SignalCode.ChildExited : status.CoreDumped ? SignalCode.ChildDumped : SignalCode.ChildKilled;
}
