using Kennel.Abi;
using Kennel.Credentials;
using Kennel.Memory;
using Kennel.Tasks;

namespace Kennel.Syscalls;

/// <summary>Resource limits and what was used.</summary>
public static class LimitSyscalls
{
    private const int Self = 0, Children = -1, Thread = 1;

    // fs.nr_open, above which no RLIMIT_NOFILE goes.
    private const ulong MostOpenFiles = 1 << 20;

    [Syscall(97, "getrlimit")]
    public static SyscallResult Get(LinuxTask current, int resource, UserPtr<ResourceLimit> limit)
    {
        if ((uint)resource >= (uint)Resource.Count) return Errno.EINVAL;
        return limit.TryWrite(current.Memory, current.Group.Limits[(Resource)resource]) ? 0 : Errno.EFAULT;
    }

    [Syscall(160, "setrlimit")]
    public static SyscallResult Set(LinuxTask current, int resource, UserPtr<ResourceLimit> limit)
    {
        if (!limit.TryRead(current.Memory, out ResourceLimit wanted)) return Errno.EFAULT;
        if ((uint)resource >= (uint)Resource.Count) return Errno.EINVAL;
        return Change(current, current, (Resource)resource, wanted);
    }

    /// <remarks>Linux: kernel/sys.c, prlimit64.</remarks>
    [Syscall(302, "prlimit64")]
    public static SyscallResult PrLimit(LinuxTask current, int pid, int resource, UserPtr<ResourceLimit> limit, UserPtr<ResourceLimit> old)
    {
        ResourceLimit wanted = default;
        if (!limit.IsNull && !limit.TryRead(current.Memory, out wanted)) return Errno.EFAULT;
        LinuxTask? task = pid == 0 ? current : current.Find(pid);
        if (task == null) return Errno.ESRCH;
        if (!MayChange(current, task)) return Errno.EPERM;
        if ((uint)resource >= (uint)Resource.Count) return Errno.EINVAL;
        ResourceLimit before = task.Group.Limits[(Resource)resource];
        if (!limit.IsNull)
        {
            Errno error = Change(current, task, (Resource)resource, wanted);
            if (error != Errno.None) return error;
        }
        return old.IsNull || old.TryWrite(current.Memory, before) ? 0 : Errno.EFAULT;
    }

    [Syscall(98, "getrusage")]
    public static SyscallResult GetUsage(LinuxTask current, int who, UserPtr<ResourceUsageRecord> usage)
    {
        current.SettleAccounting();
        current.NoticeResident();
        ThreadGroup group = current.Group;
        ResourceUsageRecord record;
        switch (who)
        {
            case Self: record = group.Usage.ToRecord(group.PeakResident); break;
            case Children: record = group.WaitedChildren.ToRecord(group.ChildrenPeakResident); break;
            case Thread: record = current.Accounting.Counters.ToRecord(group.PeakResident); break;
            default: return Errno.EINVAL;
        }
        return usage.TryWrite(current.Memory, record) ? 0 : Errno.EFAULT;
    }

    private static Errno Change(LinuxTask current, LinuxTask task, Resource resource, ResourceLimit wanted)
    {
        if (wanted.Soft > wanted.Hard) return Errno.EINVAL;
        if (resource == Resource.OpenFiles && wanted.Hard > MostOpenFiles) return Errno.EPERM;
        if (wanted.Hard > task.Group.Limits[resource].Hard && !current.Credential.Has(Capability.SysResource)) return Errno.EPERM;
        if (resource == Resource.Cpu && wanted.Soft == 0) wanted.Soft = 1; // Linux: 0 would mean none
        task.Group.Limits[resource] = wanted;
        return Errno.None;
    }

    // Linux: check_prlimit_permission.
    private static bool MayChange(LinuxTask current, LinuxTask task)
    {
        if (task.Group == current.Group) return true;
        Credential mine = current.Credential;
        Credential its = task.Credential;
        bool same = mine.Uid == its.EffectiveUid && mine.Uid == its.SavedUid && mine.Uid == its.Uid
            && mine.Gid == its.EffectiveGid && mine.Gid == its.SavedGid && mine.Gid == its.Gid;
        return same || mine.Has(Capability.SysResource);
    }
}
