using Kennel.Abi;

namespace Kennel.Tasks;

/// <summary>A process: the threads that share pid, signals and limits (Linux: signal_struct); shared with CLONE_THREAD.</summary>
public sealed class ThreadGroup
{
    /// <summary>The thread whose id is the process id.</summary>
    public LinuxTask Leader { get; internal set; } = null!;

    /// <summary>All threads that have not been released, leader first.</summary>
    public List<LinuxTask> Threads { get; } = [];

    /// <summary>The process id (Linux: tgid).</summary>
    public Pid Id => Leader.Id;
}
