using Kennel.Tasks;

namespace Kennel.Syscalls;

/// <summary>Policies, priorities, processors.</summary>
public static class SchedulingSyscalls
{
    [Syscall(24, "sched_yield")]
    public static async ValueTask<SyscallResult> Yield(LinuxTask current)
    {
        if (current.Kernel.Scheduler.Runnable == 0) return 0;
        current.Kernel.Scheduler.GiveWay(current);
        await current.YieldAsync();
        return 0;
    }
}
