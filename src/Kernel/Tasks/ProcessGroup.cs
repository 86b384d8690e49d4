using Kennel.Abi;
using Kennel.Namespaces;

namespace Kennel.Tasks;

/// <summary>The processes of one job (man 2 setpgid). It lives as long as it has a member; its numbers may outlive its leader.</summary>
/// <remarks>guard-note: the kernel lock.</remarks>
public sealed class ProcessGroup
{
    private readonly LinkedList<ThreadGroup> _members = new();

    internal ProcessGroup(PidNumbers numbers, Session session)
    {
        Numbers = numbers;
        Session = session;
        numbers.ProcessGroup = this;
        session.Add(this);
    }

    /// <summary>The leader's pid when it was made.</summary>
    public PidNumbers Numbers { get; }

    public Session Session { get; }

    public IReadOnlyCollection<ThreadGroup> Members => _members;

    /// <summary>Whether no member has a parent in another group of the same session, so that nobody controls the job.
    /// Linux: kernel/exit.c, will_become_orphaned_pgrp.</summary>
    public bool IsOrphaned => IsOrphanedWithout(null);

    /// <summary>Whether any member is stopped.</summary>
    public bool HasStopped => _members.Any(m => m.IsStopped);

    internal bool IsOrphanedWithout(ThreadGroup? leaving)
    {
        foreach (ThreadGroup member in _members)
        {
            if (member == leaving || member.IsDeadAndEmpty) continue;
            LinuxTask? parent = member.Leader.RealParent;
            if (parent == null || parent.Group.IsGlobalInit) continue;
            if (parent.Group.ProcessGroup != this && parent.Group.Session == Session) return false;
        }
        return true;
    }

    /// <summary>Sends a signal to every member. Linux: kernel/signal.c, __kill_pgrp_info.</summary>
    public void Send(in SignalInfo info)
    {
        foreach (ThreadGroup member in _members.ToArray()) member.Send(info);
    }

    internal void Join(ThreadGroup member, out LinkedListNode<ThreadGroup> node) => node = _members.AddLast(member);

    internal void Leave(LinkedListNode<ThreadGroup> node)
    {
        _members.Remove(node);
        if (_members.Count > 0) return;
        Numbers.ProcessGroup = null;
        Session.Remove(this);
        PidNamespace.FreeIfUnused(Numbers);
    }
}
