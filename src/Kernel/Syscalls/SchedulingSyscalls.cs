using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kennel.Abi;
using Kennel.Credentials;
using Kennel.Memory;
using Kennel.Probes;
using Kennel.Scheduling;
using Kennel.Tasks;
using Kennel.Waiting;

namespace Kennel.Syscalls;

/// <summary>Policies, priorities, processors (man 7 sched).</summary>
public static class SchedulingSyscalls
{
    private const int ResetOnFork = 0x40000000;

    /// <summary>struct sched_attr, version 0.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Attributes
    {
        public const uint OldestSize = 48;

        public uint Size, Policy;
        public ulong Flags;
        public int Nice;
        public uint Priority;
        public ulong Runtime, Deadline, Period;
    }

    [Syscall(24, "sched_yield")]
    [AsyncMethodBuilder(typeof(KernelMethodBuilder<>))]
    public static async ValueTask<SyscallResult> Yield(LinuxTask current)
    {
        if (current.Kernel.Scheduler.Runnable == 0) return 0;
        if (current.Kernel.Watches(EventKind.Surrendered)) current.Kernel.Fire(current.Kernel.Probes.Surrendered);
        current.Kernel.Scheduler.GiveWay(current);
        await current.YieldAsync();
        return 0;
    }

    [Syscall(144, "sched_setscheduler")]
    public static SyscallResult SetScheduler(LinuxTask current, int pid, int policy, UserPtr<int> parameter)
    {
        if (policy < 0) return Errno.EINVAL;
        return SetPolicy(current, pid, policy, parameter);
    }

    [Syscall(142, "sched_setparam")]
    public static SyscallResult SetParameter(LinuxTask current, int pid, UserPtr<int> parameter) => SetPolicy(current, pid, null, parameter);

    [Syscall(145, "sched_getscheduler")]
    public static SyscallResult GetScheduler(LinuxTask current, int pid)
    {
        if (pid < 0) return Errno.EINVAL;
        TaskScheduling? s = Find(current, pid)?.Scheduling;
        return s == null ? Errno.ESRCH : (int)s.Policy | (s.ResetOnFork ? ResetOnFork : 0);
    }

    [Syscall(143, "sched_getparam")]
    public static SyscallResult GetParameter(LinuxTask current, int pid, UserPtr<int> parameter)
    {
        if (pid < 0 || parameter.IsNull) return Errno.EINVAL;
        TaskScheduling? s = Find(current, pid)?.Scheduling;
        if (s == null) return Errno.ESRCH;
        return parameter.TryWrite(current.Memory, s.RealtimePriority) ? 0 : Errno.EFAULT;
    }

    [Syscall(146, "sched_get_priority_max")]
    public static SyscallResult GreatestPriority(LinuxTask current, SchedulingPolicy policy) => PriorityOf(policy, 99);

    [Syscall(147, "sched_get_priority_min")]
    public static SyscallResult LeastPriority(LinuxTask current, SchedulingPolicy policy) => PriorityOf(policy, 1);

    [Syscall(148, "sched_rr_get_interval")]
    public static SyscallResult GetInterval(LinuxTask current, int pid, UserPtr<TimeSpec> interval)
    {
        const long RoundRobinSlice = 100_000_000, FairSlice = 4_000_000;
        if (pid < 0) return Errno.EINVAL;
        TaskScheduling? s = Find(current, pid)?.Scheduling;
        if (s == null) return Errno.ESRCH;
        long slice = s.Policy switch { SchedulingPolicy.Fifo => 0, SchedulingPolicy.RoundRobin => RoundRobinSlice, _ => FairSlice };
        return interval.TryWrite(current.Memory, TimeSpec.From(slice)) ? 0 : Errno.EFAULT;
    }

    /// <remarks>Linux: kernel/sched/syscalls.c, sched_setattr.</remarks>
    [Syscall(314, "sched_setattr")]
    public static SyscallResult SetAttributes(LinuxTask current, int pid, UserPtr<Attributes> attributes, uint flags)
    {
        const ulong ResetFlag = 1, KeepPolicy = 8, KeepParameters = 16, Known = 0x7f;
        if (attributes.IsNull || pid < 0 || flags != 0) return Errno.EINVAL;
        if (!new UserPtr<uint>(attributes.Address).TryRead(current.Memory, out uint size)) return Errno.EFAULT;
        if (size == 0) size = Attributes.OldestSize;
        if (size is < Attributes.OldestSize or > 4096)
        {
            return new UserPtr<uint>(attributes.Address).TryWrite(current.Memory, Attributes.OldestSize + 8) ? Errno.E2BIG : Errno.EFAULT;
        }
        if (!attributes.TryRead(current.Memory, out Attributes a)) return Errno.EFAULT;
        LinuxTask? task = Find(current, pid);
        if (task == null) return Errno.ESRCH;
        TaskScheduling s = task.Scheduling;
        if ((a.Flags & ~Known) != 0) return Errno.EINVAL;
        if ((int)a.Policy < 0) return Errno.EINVAL;
        int policy = (a.Flags & KeepPolicy) != 0 ? (int)s.Policy : (int)a.Policy;
        int priority = (a.Flags & KeepParameters) != 0 ? s.RealtimePriority : (int)a.Priority;
        int nice = (a.Flags & KeepParameters) != 0 ? s.Nice : Math.Clamp(a.Nice, -20, 19);
        return Apply(current, task, policy, priority, nice, (a.Flags & ResetFlag) != 0);
    }

    [Syscall(315, "sched_getattr")]
    public static SyscallResult GetAttributes(LinuxTask current, int pid, UserPtr<Attributes> attributes, uint size, uint flags)
    {
        if (attributes.IsNull || pid < 0 || size is < Attributes.OldestSize or > 4096 || flags != 0) return Errno.EINVAL;
        TaskScheduling? s = Find(current, pid)?.Scheduling;
        if (s == null) return Errno.ESRCH;
        var result = new Attributes
        {
            Size = Attributes.OldestSize,
            Policy = (uint)s.Policy,
            Flags = s.ResetOnFork ? 1UL : 0,
            Nice = s.IsRealtime ? 0 : s.Nice,
            Priority = (uint)s.RealtimePriority,
            Runtime = s.IsRealtime ? 0UL : 2_800_000UL,
        };
        return attributes.TryWrite(current.Memory, result) ? 0 : Errno.EFAULT;
    }

    [Syscall(203, "sched_setaffinity")]
    public static SyscallResult SetAffinity(LinuxTask current, int pid, uint size, GuestAddress mask)
    {
        Span<byte> bytes = stackalloc byte[8];
        bytes.Clear();
        if (!current.Memory!.CopyIn(mask.Value, bytes[..(int)Math.Min(size, 8)])) return Errno.EFAULT;
        LinuxTask? task = Find(current, pid);
        if (task == null) return Errno.ESRCH;
        if (!MayChange(current, task)) return Errno.EPERM;
        ulong wanted = BitConverter.ToUInt64(bytes) & Present(current);
        if (wanted == 0) return Errno.EINVAL;
        task.Scheduling.Affinity = wanted;
        if (task == current && current.Processor != null && (wanted >> current.Processor.Id & 1) == 0) current.Processor.NeedsReschedule = true;
        return 0;
    }

    [Syscall(204, "sched_getaffinity")]
    public static SyscallResult GetAffinity(LinuxTask current, int pid, uint size, UserPtr<ulong> mask)
    {
        if (size * 8 < current.Kernel.Processors.Count || (size & 7) != 0) return Errno.EINVAL;
        LinuxTask? task = Find(current, pid);
        if (task == null) return Errno.ESRCH;
        return mask.TryWrite(current.Memory, task.Scheduling.Affinity & Present(current)) ? sizeof(ulong) : Errno.EFAULT;
    }

    [Syscall(309, "getcpu")]
    public static SyscallResult GetCpu(LinuxTask current, UserPtr<uint> cpu, UserPtr<uint> node)
    {
        if (!cpu.IsNull && !cpu.TryWrite(current.Memory, (uint)current.Processor!.Id)) return Errno.EFAULT;
        return node.IsNull || node.TryWrite(current.Memory, 0u) ? 0 : Errno.EFAULT;
    }

    private static ulong Present(LinuxTask current)
    {
        int count = current.Kernel.Processors.Count;
        return count >= 64 ? ulong.MaxValue : (1UL << count) - 1;
    }

    private static LinuxTask? Find(LinuxTask current, int pid) => pid == 0 ? current : current.Find(pid);

    private static SyscallResult SetPolicy(LinuxTask current, int pid, int? policy, UserPtr<int> parameter)
    {
        if (pid < 0 || parameter.IsNull) return Errno.EINVAL;
        if (!parameter.TryRead(current.Memory, out int priority)) return Errno.EFAULT;
        LinuxTask? task = Find(current, pid);
        if (task == null) return Errno.ESRCH;
        bool resets = policy is { } p && (p & ResetOnFork) != 0 || (policy == null && task.Scheduling.ResetOnFork);
        int kind = policy is { } given ? given & ~ResetOnFork : (int)task.Scheduling.Policy;
        return Apply(current, task, kind, priority, task.Scheduling.Nice, resets);
    }

    // Linux: __sched_setscheduler and user_check_sched_setscheduler.
    private static SyscallResult Apply(LinuxTask current, LinuxTask task, int policy, int priority, int nice, bool resetsOnFork)
    {
        var wanted = (SchedulingPolicy)policy;
        if (wanted == SchedulingPolicy.Deadline)
        {
            current.Kernel.Log.WriteOnce($"{current}: SCHED_DEADLINE is not supported");
            return current.Credential.Has(Capability.SysNice) ? Errno.EINVAL : Errno.EPERM;
        }
        if (!Enum.IsDefined(wanted)) return Errno.EINVAL;
        bool isRealtime = wanted is SchedulingPolicy.Fifo or SchedulingPolicy.RoundRobin;
        if (priority is < 0 or > 99 || isRealtime != (priority != 0)) return Errno.EINVAL;
        TaskScheduling s = task.Scheduling;
        if (!current.Credential.Has(Capability.SysNice))
        {
            ulong limit = task.Group.Limits.Soft(Resource.RealtimePriority);
            if (isRealtime && ((wanted != s.Policy && limit == 0) || (priority > s.RealtimePriority && (ulong)priority > limit))) return Errno.EPERM;
            if (!isRealtime && nice < s.Nice && !MayRaise(task, nice)) return Errno.EPERM;
            if (s.Policy == SchedulingPolicy.Idle && wanted != SchedulingPolicy.Idle && !MayRaise(task, s.Nice)) return Errno.EPERM;
            if (s.ResetOnFork && !resetsOnFork) return Errno.EPERM;
            if (!MayChange(current, task)) return Errno.EPERM;
        }
        task.SetPriority(wanted, priority, nice);
        s.ResetOnFork = resetsOnFork;
        if (task == current && current.Processor != null) current.Processor.NeedsReschedule = true;
        return 0;
    }

    /// <summary>Whether RLIMIT_NICE lets a task's nice value be so low. Linux: can_nice.</summary>
    internal static bool MayRaise(LinuxTask task, int nice) => (ulong)(20 - nice) <= task.Group.Limits.Soft(Resource.Nice);

    private static bool MayChange(LinuxTask current, LinuxTask task) =>
        current.Credential.EffectiveUid == task.Credential.EffectiveUid || current.Credential.EffectiveUid == task.Credential.Uid
        || current.Credential.Has(Capability.SysNice);

    private static SyscallResult PriorityOf(SchedulingPolicy policy, int realtime) => policy switch
    {
        SchedulingPolicy.Fifo or SchedulingPolicy.RoundRobin => realtime,
        SchedulingPolicy.Other or SchedulingPolicy.Batch or SchedulingPolicy.Idle or SchedulingPolicy.Deadline => 0,
        _ => Errno.EINVAL,
    };
}
