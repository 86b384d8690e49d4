using Kennel.Abi;
using Kennel.Credentials;
using Kennel.Namespaces;
using Kennel.Probes;
using Kennel.Signals;
using Kennel.Tasks;

namespace Kennel.Views;

/// <summary>Linux' view of tasks (include/linux/sched.h, sched/signal.h, cred.h, pid.h).</summary>
internal sealed class LinuxTaskViews(Parts parts)
{
    public IEnumerable<IView> All() => [Task(), Entity(), Signal(), Cred(), Id("kuid_t"), Id("kgid_t"), Pid(), List(), Namespaces(), Uts(), CloneArgs(), Handlers(), Action("k_sigaction"), Action("sigaction")];

    private View<LinuxTask> Task() => new("task_struct", TaskOf)
    {
        { "__state", "unsigned int", t => StateBits(t.State) },
        { "state", "long", t => StateBits(t.State) },
        { "exit_state", "int", t => t.State switch { TaskState.Zombie => 0x20, TaskState.Dead => 0x10, _ => 0 } },
        { "flags", "unsigned int", t => (long)t.Flags },
        { "on_cpu", "int", t => t.Processor != null ? 1 : 0 },
        { "on_rq", "int", t => t.State == TaskState.Running ? 1 : 0 },
        { "cpu", "unsigned int", t => t.Scheduling.LastProcessor },
        { "recent_used_cpu", "int", t => t.Scheduling.LastProcessor },
        { "wake_cpu", "int", t => t.Scheduling.LastProcessor },
        { "prio", "int", t => Priority(t) },
        { "static_prio", "int", t => 120 + t.Scheduling.Nice },
        { "normal_prio", "int", t => Priority(t) },
        { "rt_priority", "unsigned int", t => t.Scheduling.RealtimePriority },
        { "policy", "unsigned int", t => (long)t.Scheduling.Policy },
        { "nr_cpus_allowed", "int", t => Math.Min(t.Kernel.Processors.Count, System.Numerics.BitOperations.PopCount(t.Scheduling.Affinity)) },
        { "se", "struct sched_entity", t => t },
        { "tasks", "struct list_head", t => TasksOf(t) },
        { "mm", "struct mm_struct *", t => t.Memory },
        { "active_mm", "struct mm_struct *", t => t.Memory },
        { "exit_code", "int", t => t.ExitStatus.Value },
        { "exit_signal", "int", t => t.ExitSignal },
        { "pdeath_signal", "int", t => (long)t.ParentDeathSignal },
        { "personality", "unsigned int", t => t.Personality },
        { "in_execve", "int", t => t.InSyscall is 59 or 322 ? 1 : 0 },
        { "pid", "pid_t", t => t.Id.Value },
        { "tgid", "pid_t", t => t.Group.Leader.Id.Value },
        { "real_parent", "struct task_struct *", t => ParentOf(t) },
        { "parent", "struct task_struct *", t => ParentOf(t) },
        { "children", "struct list_head", t => ChildrenOf(t) },
        { "sibling", "struct list_head", t => SiblingOf(t) },
        { "group_leader", "struct task_struct *", t => t.Group.Leader },
        { "thread_pid", "struct pid *", t => t.Numbers },
        { "vfork_done", "struct completion *", t => t.VforkDone },
        { "set_child_tid", "int *", t => t.SetChildTid },
        { "clear_child_tid", "int *", t => t.ClearChildTid },
        { "utime", "u64", t => t.LiveCpuTime.User },
        { "stime", "u64", t => t.LiveCpuTime.System },
        { "gtime", "u64", _ => 0 },
        { "nvcsw", "unsigned long", t => t.Accounting.VoluntarySwitches },
        { "nivcsw", "unsigned long", t => t.Accounting.InvoluntarySwitches },
        { "start_time", "struct timespec", t => StartOf(t) },
        { "real_start_time", "struct timespec", t => StartOf(t) },
        { "real_time", "struct timespec", t => StartOf(t) },
        { "start_boottime", "u64", t => t.StartTime },
        { "min_flt", "unsigned long", t => t.Accounting.Counters.MinorFaults },
        { "maj_flt", "unsigned long", t => t.Accounting.Counters.MajorFaults },
        { "real_cred", "struct cred *", t => t.Credential },
        { "cred", "struct cred *", t => t.Credential },
        { "comm", "char[16]", t => t.Comm },
        { "fs", "struct fs_struct *", t => t.Fs },
        { "files", "struct files_struct *", t => t.Files },
        { "nsproxy", "struct nsproxy *", t => t.Namespaces },
        { "signal", "struct signal_struct *", t => t.Group },
        { "sighand", "struct sighand_struct *", t => t.Handlers },
        { "blocked", "unsigned long", t => t.Blocked },
        { "pending", "unsigned long", t => t.Pending.Mask },
        { "sas_ss_sp", "unsigned long", t => t.AlternateStack.Address },
        { "sas_ss_size", "size_t", t => t.AlternateStack.Size },
        { "self_exec_id", "u64", t => t.ExecId },
        { "parent_exec_id", "u64", t => t.ParentExecId },
        { "timer_slack_ns", "u64", t => t.TimerSlack },
    };

    private static View<LinuxTask> Entity() => new("sched_entity", TaskOf)
    {
        { "weight", "unsigned long", t => t.Scheduling.Weight },
        { "on_rq", "unsigned int", t => t.State == TaskState.Running ? 1 : 0 },
        { "sum_exec_runtime", "u64", t => t.LiveCpuTime.User + t.LiveCpuTime.System },
        { "vruntime", "u64", t => t.Scheduling.VirtualRuntime },
        { "nr_switches", "u64", t => t.Accounting.VoluntarySwitches + t.Accounting.InvoluntarySwitches },
    };

    private View<ThreadGroup> Signal() => new("signal_struct", GroupOf)
    {
        { "live", "int", g => g.LiveThreads },
        { "nr_threads", "int", g => g.Threads.Count },
        { "group_exit_code", "int", g => g.GroupExitCode },
        { "group_stop_count", "int", g => g.StopCount },
        { "flags", "unsigned int", g => (long)g.SignalFlags },
        { "is_child_subreaper", "unsigned int", g => g.IsSubreaper ? 1 : 0 },
        { "leader", "int", g => g.IsSessionLeader ? 1 : 0 },
        { "leader_pid", "struct pid *", g => g.Leader.Numbers },
        { "utime", "u64", g => g.DeadThreads.UserTime },
        { "stime", "u64", g => g.DeadThreads.SystemTime },
        { "cutime", "u64", g => g.WaitedChildren.UserTime },
        { "cstime", "u64", g => g.WaitedChildren.SystemTime },
        { "nvcsw", "unsigned long", g => g.DeadThreads.VoluntarySwitches },
        { "nivcsw", "unsigned long", g => g.DeadThreads.InvoluntarySwitches },
        { "min_flt", "unsigned long", g => g.DeadThreads.MinorFaults },
        { "maj_flt", "unsigned long", g => g.DeadThreads.MajorFaults },
        { "maxrss", "unsigned long", g => g.PeakResident },
        { "cmaxrss", "unsigned long", g => g.ChildrenPeakResident },
        { "oom_score_adj", "short", g => g.OomScoreAdjustment },
        { "shared_pending", "unsigned long", g => g.Pending.Mask },
        { "rlim", $"struct rlimit[{(int)Resource.Count}]", g => parts.Of(g, "rlim", LimitsOf) },
    };

    private View<SignalHandlers> Handlers() => new("sighand_struct")
    {
        { "action", "struct k_sigaction[64]", h => parts.Of(h, "action", ActionsOf) },
    };

    private static View<ActionPart> Action(string name)
    {
        var view = new View<ActionPart>(name)
        {
            { "sa_handler", "void *", a => a.Handlers[a.Signal].Handler },
            { "sa_flags", "unsigned long", a => a.Handlers[a.Signal].Flags },
            { "sa_restorer", "void *", a => a.Handlers[a.Signal].Restorer },
            { "sa_mask", "unsigned long", a => a.Handlers[a.Signal].Mask },
        };
        if (name == "k_sigaction") view.Add("sa", "struct sigaction", static a => (object)a);
        return view;
    }

    private KernelArray LimitsOf(ThreadGroup group) =>
        new("struct rlimit", (int)Resource.Count, i => FieldValue.Of(parts.Of(group, $"rlim{i}", g => new LimitPart(g, (Resource)i))));

    private KernelArray ActionsOf(SignalHandlers handlers) =>
        new("struct k_sigaction", 64, i => FieldValue.Of(parts.Of(handlers, $"action{i}", h => new ActionPart(h, (Abi.Signal)(i + 1)))));

    private View<Credential> Cred() => new("cred")
    {
        { "uid", "kuid_t", c => parts.Of(c, "uid", static c => new IdPart(c.Uid)) },
        { "gid", "kgid_t", c => parts.Of(c, "gid", static c => new IdPart(c.Gid)) },
        { "suid", "kuid_t", c => parts.Of(c, "suid", static c => new IdPart(c.SavedUid)) },
        { "sgid", "kgid_t", c => parts.Of(c, "sgid", static c => new IdPart(c.SavedGid)) },
        { "euid", "kuid_t", c => parts.Of(c, "euid", static c => new IdPart(c.EffectiveUid)) },
        { "egid", "kgid_t", c => parts.Of(c, "egid", static c => new IdPart(c.EffectiveGid)) },
        { "fsuid", "kuid_t", c => parts.Of(c, "fsuid", static c => new IdPart(c.FsUid)) },
        { "fsgid", "kgid_t", c => parts.Of(c, "fsgid", static c => new IdPart(c.FsGid)) },
        { "securebits", "unsigned int", c => (long)c.SecureBits },
        { "cap_inheritable", "u64", c => c.Inheritable },
        { "cap_permitted", "u64", c => c.Permitted },
        { "cap_effective", "u64", c => c.Effective },
        { "cap_bset", "u64", c => c.Bounding },
        { "cap_ambient", "u64", c => c.Ambient },
    };

    private static View<IdPart> Id(string name) => new(name) { { "val", "unsigned int", i => i.Value } };

    // Linux' struct pid and Solaris' have one name; each has the other's fields as well.
    private static View<PidNumbers> Pid() => new("pid")
    {
        { "level", "unsigned int", n => n.Owner.Level },
        { "nr", "int", n => n.Global.Value },
        { "pid_id", "pid_t", n => n.Global.Value },
    };

    private static View<ListPart> List() => new("list_head")
    {
        { "next", "struct list_head *", l => l.Next() },
        { "prev", "struct list_head *", l => l.Previous() },
    };

    private static View<NamespaceSet> Namespaces() => new("nsproxy")
    {
        { "uts_ns", "struct uts_namespace *", n => n.Uts },
        { "pid_ns_for_children", "struct pid_namespace *", n => n.PidForChildren },
        { "mnt_ns", "struct mnt_namespace *", n => n.Mounts },
    };

    private static View<object> CloneArgs() => new("kernel_clone_args", static o => o is CloneArguments ? o : null)
    {
        { "flags", "u64", a => (ulong)((CloneArguments)a).Flags },
        { "pidfd", "int *", a => ((CloneArguments)a).PidFd },
        { "child_tid", "int *", a => ((CloneArguments)a).ChildTid },
        { "parent_tid", "int *", a => ((CloneArguments)a).ParentTid },
        { "exit_signal", "int", a => ((CloneArguments)a).ExitSignal },
        { "stack", "unsigned long", a => ((CloneArguments)a).StackPointer },
        { "tls", "unsigned long", a => ((CloneArguments)a).ThreadPointer },
    };

    private static View<UtsNamespace> Uts() => new("uts_namespace")
    {
        { "nodename", "char[65]", u => u.NodeName },
        { "domainname", "char[65]", u => u.DomainName },
    };

    // Lists are circular: the children of a task and their sibling links, all processes from init_task on.
    private ListPart TasksOf(LinuxTask task) => parts.Of(task, "tasks", t => new ListPart(() => TasksOf(t.NextProcess ?? t), () => TasksOf(t.PreviousProcess ?? t)));

    private ListPart ChildrenOf(LinuxTask task) => parts.Of(
        task, "children", t => new ListPart(() => t.HasChildren ? SiblingOf(t.Children.First()) : ChildrenOf(t), () => t.HasChildren ? SiblingOf(t.Children.Last()) : ChildrenOf(t)));

    private ListPart SiblingOf(LinuxTask task) => parts.Of(
        task, "sibling",
        t => new ListPart(
            () => t.NextSibling != null ? SiblingOf(t.NextSibling) : ChildrenOf(ParentOf(t)),
            () => t.PreviousSibling != null ? SiblingOf(t.PreviousSibling) : ChildrenOf(ParentOf(t))));

    private TimePart StartOf(LinuxTask task) => parts.Of(task, "start", static t => new TimePart(() => t.StartTime));

    /// <summary>A task, or the first one of a process.</summary>
    internal static LinuxTask? TaskOf(object item) => item as LinuxTask ?? (item as ThreadGroup)?.Leader;

    /// <summary>A process, or the one that a task belongs to.</summary>
    internal static ThreadGroup? GroupOf(object item) => item as ThreadGroup ?? (item as LinuxTask)?.Group;

    // init_task is its own parent.
    private static LinuxTask ParentOf(LinuxTask task) => task.RealParent ?? task;

    // Linux: include/linux/sched.h, TASK_*.
    private static long StateBits(TaskState state) => state switch
    {
        TaskState.Running => 0,
        TaskState.Interruptible => 1,
        TaskState.Uninterruptible => 2,
        TaskState.Killable => 0x102,
        TaskState.Stopped => 0x104,
        TaskState.Traced => 0x108,
        TaskState.Zombie or TaskState.Dead => 0x80,
        TaskState.New => 0x800,
        TaskState.Idle => 0x402,
        _ => 0x40,
    };

    private static int Priority(LinuxTask task) => task.Scheduling.IsRealtime ? 99 - task.Scheduling.RealtimePriority : 120 + task.Scheduling.Nice;
}
