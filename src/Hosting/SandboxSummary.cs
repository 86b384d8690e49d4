using Kennel.Machine;
using Kennel.Tasks;

namespace Kennel;

/// <summary>Turns kernel objects into the records that users of the library see. Inside the kernel lock.</summary>
internal static class SandboxSummary
{
    private const int OwnProcesses = 2; // init and kthreadd

    public static SandboxStatistics Of(Kernel kernel, int processesLeft)
    {
        UsageCounters usage = kernel.Tasks.TotalUsage;
        return new SandboxStatistics(
            kernel.Tasks.ProcessesCreated - OwnProcesses,
            processesLeft,
            TimeSpan.FromMicroseconds(usage.UserTime / 1000.0),
            TimeSpan.FromMicroseconds(usage.SystemTime / 1000.0),
            (long)kernel.Frames.Peak << FramePool.FrameShift,
            kernel.Engine.CountsInstructions ? (long)usage.Instructions : null,
            kernel.SystemCalls,
            kernel.OopsCount);
    }

    public static SandboxProcessInfo Describe(LinuxTask task) => new(
        task.Id.Value,
        task.Parent?.Group.Id.Value ?? 0,
        task.Comm,
        task.State.Letter(),
        task.Group.Threads.Count,
        TimeSpan.FromMicroseconds(task.Group.Threads.Sum(t => t.Accounting.UserTime + t.Accounting.SystemTime) / 1000.0),
        (task.Memory?.Pages.Resident ?? 0) << FramePool.FrameShift);
}
