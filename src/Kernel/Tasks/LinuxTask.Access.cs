using Kennel.Abi;
using Kennel.Credentials;
using Kennel.Views;

namespace Kennel.Tasks;

/// <summary>Finding other tasks, and what may be done to them.</summary>
public sealed partial class LinuxTask
{
    /// <summary>The thread with an id as this one's namespace numbers it; null when there is none.</summary>
    public LinuxTask? Find(int id) => id > 0 ? Numbers.Owner.Find(id)?.Task : null;

    /// <summary>Becomes somebody else, or less. Linux: kernel/cred.c, commit_creds.</summary>
    [KernelFunction("kernel/cred.c", "int commit_creds(struct cred *new = changed)")]
    internal void ChangeCredential(Credential changed)
    {
        Credential old = Credential;
        if (old.Uid != changed.Uid)
        {
            Kernel.Users[old.Uid].Tasks--;
            Kernel.Users[changed.Uid].Tasks++;
        }
        bool differs = old.EffectiveUid != changed.EffectiveUid || old.EffectiveGid != changed.EffectiveGid
            || old.FsUid != changed.FsUid || old.FsGid != changed.FsGid || (changed.Permitted & ~old.Permitted) != 0;
        if (differs) ParentDeathSignal = Signal.None;
        Credential = changed;
    }

    /// <summary>Whether it may send signals to another. Linux: kernel/signal.c, kill_ok_by_cred and check_kill_permission.</summary>
    internal bool MaySignal(LinuxTask target, Signal signal)
    {
        if (target.Group == Group) return true;
        Credential mine = Credential;
        Credential its = target.Credential;
        if (mine.EffectiveUid == its.SavedUid || mine.EffectiveUid == its.Uid || mine.Uid == its.SavedUid || mine.Uid == its.Uid) return true;
        if (mine.Has(Capability.Kill)) return true;
        return signal == Signal.SIGCONT && target.Group.Session == Group.Session;
    }

    /// <summary>Whether it may look into another: its memory map, its robust list. Linux: kernel/ptrace.c, __ptrace_may_access.</summary>
    public bool MayInspect(LinuxTask target)
    {
        if (target.Group == Group) return true;
        Credential mine = Credential;
        Credential its = target.Credential;
        bool same = mine.FsUid == its.EffectiveUid && mine.FsUid == its.SavedUid && mine.FsUid == its.Uid
            && mine.FsGid == its.EffectiveGid && mine.FsGid == its.SavedGid && mine.FsGid == its.Gid;
        return mine.Has(Capability.SysPtrace) || (same && target.Group.Dumpable == 1 && (its.Permitted & ~mine.Permitted) == 0);
    }
}
