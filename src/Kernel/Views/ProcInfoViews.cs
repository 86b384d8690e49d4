using Kennel.Abi;
using Kennel.Tasks;

namespace Kennel.Views;

/// <summary>psinfo_t and lwpsinfo_t (man 5 proc of Solaris), straight over processes and threads: what the translators of D answer.</summary>
internal sealed class ProcInfoViews(Parts parts)
{
    public IEnumerable<IView> All() => [Process(), Thread()];

    private View<ThreadGroup> Process() => new("psinfo_t", LinuxTaskViews.GroupOf)
    {
        { "pr_flag", "int", g => g.Leader.IsKernelThread ? 1 : 0 },
        { "pr_nlwp", "int", g => g.LiveThreads },
        { "pr_nzomb", "int", g => g.Threads.Count - g.LiveThreads },
        { "pr_pid", "pid_t", g => g.Id.Value },
        { "pr_ppid", "pid_t", g => g.Leader.RealParent?.Group.Id.Value ?? 0 },
        { "pr_pgid", "pid_t", g => g.ProcessGroup.Numbers.Global.Value },
        { "pr_sid", "pid_t", g => g.Session.Numbers.Global.Value },
        { "pr_uid", "uid_t", g => g.Leader.Credential.Uid },
        { "pr_euid", "uid_t", g => g.Leader.Credential.EffectiveUid },
        { "pr_gid", "gid_t", g => g.Leader.Credential.Gid },
        { "pr_egid", "gid_t", g => g.Leader.Credential.EffectiveGid },
        { "pr_addr", "uintptr_t", g => g },
        { "pr_size", "size_t", g => (MemoryOf(g)?.TotalPages ?? 0) * 4 },
        { "pr_rssize", "size_t", g => (MemoryOf(g)?.ResidentPages ?? 0) * 4 },
        { "pr_ttydev", "dev_t", g => g.Session.Terminal is { } terminal ? (long)terminal.Device.Encoded : -1 },
        { "pr_pctcpu", "ushort_t", _ => 0 },
        { "pr_pctmem", "ushort_t", _ => 0 },
        { "pr_start", "timestruct_t", g => SolarisProcessViews.StartOf(parts, g) },
        { "pr_time", "timestruct_t", g => parts.Of(g, "pr_time", static g => new TimePart(() => g.Usage.CpuTime)) },
        { "pr_ctime", "timestruct_t", g => parts.Of(g, "pr_ctime", static g => new TimePart(() => g.ChildrenUsage.CpuTime)) },
        { "pr_fname", "char[16]", g => ProcessText.Name(g) },
        { "pr_psargs", "char[80]", g => ProcessText.Arguments(g) },
        { "pr_wstat", "int", g => g.Leader.HasExited ? g.ExitStatus.Value : 0 },
        { "pr_argc", "int", g => g.Arguments.Count },
        { "pr_argv", "uintptr_t", g => ProcessText.ArgumentVector(g) },
        { "pr_envp", "uintptr_t", g => ProcessText.EnvironmentVector(g) },
        { "pr_dmodel", "char", _ => 2 },
        { "pr_taskid", "taskid_t", _ => 0 },
        { "pr_projid", "projid_t", _ => 0 },
        { "pr_poolid", "poolid_t", _ => 0 },
        { "pr_zoneid", "zoneid_t", _ => 0 },
        { "pr_contract", "id_t", _ => 0 },
    };

    private View<LinuxTask> Thread() => new("lwpsinfo_t", LinuxTaskViews.TaskOf)
    {
        { "pr_flag", "int", t => t.IsKernelThread ? 1 : 0 },
        { "pr_lwpid", "id_t", t => t.Id.Value },
        { "pr_addr", "uintptr_t", t => t },
        { "pr_wchan", "uintptr_t", _ => 0 },
        { "pr_stype", "char", t => SleepType(t) },
        { "pr_state", "char", t => SolarisStates.Of(t) },
        { "pr_sname", "char", t => SolarisStates.Letter(t) },
        { "pr_nice", "char", t => 20 + t.Scheduling.Nice },
        { "pr_syscall", "short", t => Math.Max(0, t.InSyscall) },
        { "pr_oldpri", "char", _ => 0 },
        { "pr_cpu", "char", _ => 0 },
        { "pr_pri", "int", t => SolarisStates.Priority(t) },
        { "pr_pctcpu", "ushort_t", _ => 0 },
        { "pr_start", "timestruct_t", t => parts.Of(t, "pr_start", static t => new TimePart(() => t.StartTime + t.Kernel.Time.RealtimeOffset)) },
        { "pr_time", "timestruct_t", t => parts.Of(t, "pr_time", static t => new TimePart(() => t.LiveCpuTime.User + t.LiveCpuTime.System)) },
        { "pr_clname", "char[8]", t => t.Scheduling.IsRealtime ? "RT" : t.IsKernelThread ? "SYS" : "TS" },
        { "pr_name", "char[16]", t => t.Comm },
        { "pr_onpro", "processorid_t", t => t.Scheduling.LastProcessor },
        { "pr_bindpro", "processorid_t", _ => -1 },
        { "pr_bindpset", "psetid_t", _ => -1 },
        { "pr_lgrp", "int", _ => 0 },
    };

    // SOBJ_*: a futex is a user-level lock (5), every other sleep one on a condition variable (3).
    private static int SleepType(LinuxTask task) => SolarisStates.Of(task) != 1 ? 0 : task.InSyscall == 202 ? 5 : 3;

    private static Memory.AddressSpace? MemoryOf(ThreadGroup group) => group.Threads.Find(static t => t.Memory != null)?.Memory;
}
