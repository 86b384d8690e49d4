using Kennel.Abi;

namespace Kennel.Tasks;

/// <summary>What fork, vfork, clone and clone3 ask for (Linux: struct kernel_clone_args).</summary>
internal readonly record struct CloneArguments(CloneFlags Flags)
{
    /// <summary>Signal for the parent when the child ends; 0 for none.</summary>
    public int ExitSignal { get; init; }

    /// <summary>The child's stack pointer; 0 to keep the parent's.</summary>
    public ulong StackPointer { get; init; }

    /// <summary>Where CLONE_PARENT_SETTID, CLONE_CHILD_SETTID and CLONE_CHILD_CLEARTID, and CLONE_PIDFD write.</summary>
    public ulong ParentTid { get; init; }

    /// <inheritdoc cref="ParentTid"/>
    public ulong ChildTid { get; init; }

    /// <inheritdoc cref="ParentTid"/>
    public ulong PidFd { get; init; }

    /// <summary>CLONE_SETTLS: the FS base.</summary>
    public ulong ThreadPointer { get; init; }

    /// <summary>clone3's set_tid, innermost namespace first.</summary>
    public int[]? WantedIds { get; init; }

    public bool Has(CloneFlags flag) => (Flags & flag) != 0;
}
