using Kennel.Abi;
using Kennel.Files;

namespace Kennel.Tasks;

/// <summary>A descriptor that refers to a process (man 2 pidfd_open): it becomes readable when the process has ended.</summary>
public sealed class PidFile(LinuxTask process, OpenFlags flags) : OpenFile(flags)
{
    /// <summary>The task that it was opened for; a process by its leader.</summary>
    public LinuxTask Process { get; } = process;

    /// <inheritdoc/>
    public override string Description => "anon_inode:[pidfd]";

    /// <inheritdoc/>
    public override bool CanPoll => true;

    /// <inheritdoc/>
    public override PollEvents Poll(PollTable? table)
    {
        table?.Listen(Process.Group.ExitWaiters);
        bool ended = Process.HasExited && (!Process.IsGroupLeader || Process.Group.Threads.Count <= 1);
        if (!ended) return PollEvents.None;
        PollEvents events = PollEvents.In | PollEvents.ReadNormal;
        return Process.State == TaskState.Dead ? events | PollEvents.HangUp : events;
    }
}
