using Kennel.Tasks;

namespace Kennel.Scheduling;

/// <summary>Who runs next. Round robin over one queue; a time slice is measured in guest instructions.</summary>
public sealed class Scheduler(Kernel kernel)
{
    private readonly Queue<LinuxTask> _runnable = new();

    /// <summary>Instructions that a task may run before others get a turn (about 4 ms of interpreted code).</summary>
    public long InstructionBudget => 400_000;

    /// <summary>Tasks waiting for a processor.</summary>
    public int Runnable => _runnable.Count;

    /// <summary>Puts a runnable task at the end of the queue.</summary>
    internal void Enqueue(LinuxTask task)
    {
        task.IsQueued = true;
        _runnable.Enqueue(task);
        kernel.Kick();
    }

    /// <summary>Takes the next task to run; null when there is none.</summary>
    internal LinuxTask? PickNext(VirtualCpu cpu)
    {
        if (!_runnable.TryDequeue(out LinuxTask? task)) return null;
        task.IsQueued = false;
        return task;
    }

    /// <summary>Whether a task that could go on should let others run first.</summary>
    internal bool ShouldYield(LinuxTask current) =>
        kernel.IsHalted || current.SliceUsed(InstructionBudget) && _runnable.Count > 0 || kernel.HasPending;
}
