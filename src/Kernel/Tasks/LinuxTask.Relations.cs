using Kennel.Abi;
using Kennel.Waiting;

namespace Kennel.Tasks;

/// <summary>
/// Whom a task is related to: its parent, its children in the order of their birth, and its place in the list of all processes.
/// Only group leaders are children and in the list. guard-note: the kernel lock.
/// </summary>
public sealed partial class LinuxTask
{
    private LinuxTask? _firstChild, _lastChild;

    /// <summary>Who gets its SIGCHLD and may wait for it; pid 0 has none. The thread that forked it, while that lives.</summary>
    public LinuxTask? RealParent { get; private set; }

    /// <summary>The tracer, or the real parent (Linux: task->parent).</summary>
    public LinuxTask? Parent => RealParent;

    /// <summary>The next older and younger child of the same parent (Linux: sibling).</summary>
    public LinuxTask? PreviousSibling { get; private set; }

    /// <inheritdoc cref="PreviousSibling"/>
    public LinuxTask? NextSibling { get; private set; }

    /// <summary>Neighbours in the circular list of all processes (Linux: next_task). Kept when it leaves the list, so that a walk that
    /// stands on it goes on.</summary>
    public LinuxTask NextProcess { get; internal set; } = null!;

    /// <inheritdoc cref="NextProcess"/>
    public LinuxTask PreviousProcess { get; internal set; } = null!;

    /// <summary>Its children, oldest first; zombies too.</summary>
    public IEnumerable<LinuxTask> Children
    {
        get
        {
            for (LinuxTask? child = _firstChild; child != null; child = child.NextSibling) yield return child;
        }
    }

    /// <summary>Whether it has children.</summary>
    public bool HasChildren => _firstChild != null;

    /// <summary>The signal that its parent gets when it ends: SIGCHLD, another, none (0), or -1 for a thread.</summary>
    public int ExitSignal { get; internal set; }

    /// <summary>PR_SET_PDEATHSIG.</summary>
    public Signal ParentDeathSignal { get; set; }

    /// <summary>CLONE_CHILD_SETTID: where its id goes when it first runs.</summary>
    internal ulong SetChildTid { get; set; }

    /// <summary>CLONE_CHILD_CLEARTID, set_tid_address: what is cleared and woken when it ends.</summary>
    internal ulong ClearChildTid { get; set; }

    /// <summary>Whom a vfork parent waits for; null when it needs not wait (Linux: vfork_done).</summary>
    internal Completion? VforkDone { get; set; }

    /// <summary>Its place among the sleepers of a futex.</summary>
    internal FutexWaiter FutexWaiter => field ??= new FutexWaiter(this);

    /// <summary>Goes up with each exec; a parent that has changed its program gets SIGCHLD whatever the exit signal was
    /// (Linux: self_exec_id, parent_exec_id).</summary>
    internal int ExecId { get; set; }

    /// <inheritdoc cref="ExecId"/>
    internal int ParentExecId { get; set; }

    /// <summary>Becomes a child; for threads that lead no group, only notes who the parent is.</summary>
    internal void SetParent(LinuxTask parent)
    {
        LeaveParent();
        RealParent = parent;
        if (!IsGroupLeader) return;
        PreviousSibling = parent._lastChild;
        if (parent._lastChild == null) parent._firstChild = this;
        else parent._lastChild.NextSibling = this;
        parent._lastChild = this;
    }

    /// <summary>Leaves its parent's list of children; the parent is still known.</summary>
    internal void LeaveParent()
    {
        LinuxTask? parent = RealParent;
        bool isListed = parent != null && (PreviousSibling != null || NextSibling != null || parent._firstChild == this);
        if (!isListed) return;
        if (PreviousSibling == null) parent!._firstChild = NextSibling;
        else PreviousSibling.NextSibling = NextSibling;
        if (NextSibling == null) parent!._lastChild = PreviousSibling;
        else NextSibling.PreviousSibling = PreviousSibling;
        PreviousSibling = null;
        NextSibling = null;
    }
}
