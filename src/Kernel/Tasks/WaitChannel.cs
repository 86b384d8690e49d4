using Kennel.Syscalls;

namespace Kennel.Tasks;

/// <summary>What a sleeping task waits for, by the name that ps shows as WCHAN: the Linux function that it would sleep in.</summary>
internal static class WaitChannel
{
    /// <summary>The function for the call that it is in; the call's own name where Linux has no better one.</summary>
    public static string Of(LinuxTask task)
    {
        if (task.State == TaskState.Stopped) return "do_signal_stop";
        return task.InSyscall switch
        {
            -1 => task.IsKernelThread ? task.Comm : "exit",
            0 or 17 or 19 or 45 or 47 or 299 => "wait_for_read",
            1 or 18 or 20 or 44 or 46 or 307 => "wait_for_write",
            7 or 23 or 270 or 271 => "poll_schedule_timeout",
            35 or 230 => "hrtimer_nanosleep",
            34 or 130 => "do_sigsuspend",
            42 or 43 or 288 => "unix_wait_for_peer",
            56 or 57 or 58 or 435 => "wait_for_vfork_done",
            60 or 231 => "zap_pid_ns_processes",
            61 or 247 => "do_wait",
            65 or 220 => "do_semtimedop",
            69 => "do_msgsnd",
            70 => "do_msgrcv",
            72 => "locks_lock_inode_wait",
            73 => "flock_lock_inode_wait",
            128 => "do_sigtimedwait",
            202 => "futex_wait_queue",
            232 or 281 or 441 => "ep_poll",
            242 or 243 => "wq_sleep",
            59 or 322 => "de_thread",
            int number => SyscallTable.NameOf(number),
        };
    }
}
