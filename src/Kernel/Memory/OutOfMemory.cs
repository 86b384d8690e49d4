using Kennel.Abi;
using Kennel.Machine;
using Kennel.Tasks;

namespace Kennel.Memory;

/// <summary>No frame is to be had, and somebody touched a page that needs one: the process that gains most dies.</summary>
/// <remarks>Linux: mm/oom_kill.c, out_of_memory.</remarks>
internal static class OutOfMemory
{
    private const int NeverKill = -1000;

    /// <summary>Kills the process with the most resident pages; the one that faulted tries again when it next runs.</summary>
    public static void Kill(LinuxTask faulting)
    {
        Kernel kernel = faulting.Kernel;
        if (kernel.Tasks.Processes.Any(static p => IsDying(p) && p.Memory != null))
        {
            if (faulting.Processor != null) faulting.Processor.NeedsReschedule = true; // memory is about to come
            return;
        }
        LinuxTask victim = Choose(kernel) ?? faulting;
        kernel.Log.Write($"Out of memory: Killed process {victim.Id} ({victim.Comm}) rss:{(victim.Memory?.Pages.Resident ?? 0) * 4}kB");
        victim.Group.Send(SignalInfo.FromKernel(Signal.SIGKILL));
        if (faulting.Processor != null) faulting.Processor.NeedsReschedule = true;
    }

    private static LinuxTask? Choose(Kernel kernel)
    {
        LinuxTask? worst = null;
        long most = 0;
        foreach (LinuxTask process in kernel.Tasks.Processes)
        {
            long points = Points(kernel, process);
            if (points <= most) continue;
            most = points;
            worst = process;
        }
        return worst;
    }

    // oom_badness: resident pages, moved by thousandths of all memory.
    private static long Points(Kernel kernel, LinuxTask process)
    {
        int adjustment = process.Group.OomScoreAdjustment;
        if (process.Memory == null || process.Group.IsGlobalInit || adjustment == NeverKill) return 0;
        return Math.Max(1, process.Memory.Pages.Resident + ((long)adjustment * kernel.Frames.Limit / 1000));
    }

    private static bool IsDying(LinuxTask process) => process.Group.IsGroupExiting;
}
