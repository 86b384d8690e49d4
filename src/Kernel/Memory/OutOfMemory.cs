using Kennel.Abi;
using Kennel.Tasks;
using Kennel.Views;

namespace Kennel.Memory;

/// <summary>
/// No frame is to be had: the process that gains most is killed, and its memory is taken at once, without waiting for it to exit. So
/// whoever needed the frame gets it, and nobody else sees an error. Linux: mm/oom_kill.c, out_of_memory and oom_reap_task.
/// </summary>
internal static class OutOfMemory
{
    private const int NeverKill = -1000; // OOM_SCORE_ADJ_MIN

    /// <summary>The frame pool's last resort. Answers whether it took anything; false leaves the calling task to die of it.</summary>
    [KernelFunction("mm/oom_kill.c", "bool out_of_memory(struct oom_control *oc = null)")]
    public static bool Relieve(Kernel kernel)
    {
        AddressSpace? own = kernel.Current?.Memory;
        if (own is { IsDoomed: true }) return false; // it is on its way out; nobody else needs to be
        LinuxTask? victim = Choose(kernel);
        if (victim == null) return false;
        AddressSpace memory = MemoryOf(victim)!;
        kernel.Log.Write(
            $"Out of memory: Killed process {victim.Id} ({victim.Comm}) total-vm:{memory.TotalPages * 4}kB, rss:{memory.ResidentPages * 4}kB");
        memory.IsDoomed = true;
        foreach (LinuxTask process in kernel.Tasks.Processes)
        {
            if (MemoryOf(process) == memory && !process.Group.IsGlobalInit) process.Group.Send(SignalInfo.FromKernel(Signal.SIGKILL));
        }
        if (memory == own) return false;
        memory.Reap();
        return true;
    }

    // One that is dying anyway goes first; else the one with most pages, by oom_score_adj. Linux: oom_badness.
    private static LinuxTask? Choose(Kernel kernel)
    {
        LinuxTask? worst = null;
        long most = 0;
        foreach (LinuxTask process in kernel.Tasks.Processes)
        {
            if (MemoryOf(process) is not { IsDoomed: false } memory) continue;
            long points = Points(kernel, process, memory);
            if (points <= most) continue;
            most = points;
            worst = process;
        }
        return worst;
    }

    // A leader may have exited before its threads. Linux: find_lock_task_mm.
    private static AddressSpace? MemoryOf(LinuxTask process)
    {
        if (process.Memory != null) return process.Memory;
        foreach (LinuxTask thread in process.Group.Threads)
        {
            if (thread.Memory != null) return thread.Memory;
        }
        return null;
    }

    private static long Points(Kernel kernel, LinuxTask process, AddressSpace memory)
    {
        if (process.Group.IsGroupExiting) return long.MaxValue;
        int adjustment = process.Group.OomScoreAdjustment;
        if (process.Group.IsGlobalInit || adjustment == NeverKill) return 0;
        return Math.Max(1, memory.ResidentPages + ((long)adjustment * kernel.Frames.Limit / 1000));
    }
}
