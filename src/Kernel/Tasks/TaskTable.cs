namespace Kennel.Tasks;

/// <summary>All tasks of the machine (Linux: the task list and the pid maps).</summary>
public sealed class TaskTable(Kernel kernel)
{
    /// <summary>The machine.</summary>
    public Kernel Kernel { get; } = kernel;
}
