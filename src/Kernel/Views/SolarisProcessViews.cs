using Kennel.Abi;
using Kennel.Credentials;
using Kennel.Files;
using Kennel.Probes;
using Kennel.Scheduling;
using Kennel.Tasks;

namespace Kennel.Views;

/// <summary>Solaris' view of processes and threads (sys/proc.h, sys/thread.h, sys/klwp.h, sys/user.h): proc_t lies over a thread group, kthread_t over a task.</summary>
internal sealed class SolarisProcessViews(Parts parts)
{
    private const int NanosecondsPerTick = 10_000_000;
    private const int Lp64 = 0x00200000;

    public IEnumerable<IView> All() => [Thread(), Lwp(), Process(), User(), FileInfo(), Cred(), Cpu("cpu_t"), Cpu("cpuinfo_t"), Signal()];

    private static View<LinuxTask> Thread() => new("kthread_t", LinuxTaskViews.TaskOf)
    {
        { "t_tid", "id_t", t => t.Id.Value },
        { "t_state", "uint_t", t => (long)SolarisStates.OfThread(t) },
        { "t_pri", "pri_t", t => SolarisStates.Priority(t) },
        { "t_epri", "pri_t", _ => 0 },
        { "t_cid", "id_t", t => t.Scheduling.IsRealtime ? 2 : 1 },
        { "t_clfuncs", "void *", t => t.Scheduling },
        { "t_cldata", "void *", t => t.Scheduling },
        { "t_cpu", "cpu_t *", t => t.Kernel.Processors[t.Scheduling.LastProcessor] },
        { "t_bind_cpu", "processorid_t", _ => -1 },
        { "t_sysnum", "short", t => Math.Max(0, t.InSyscall) },
        { "t_start", "time_t", t => (t.StartTime + t.Kernel.Time.RealtimeOffset) / 1_000_000_000 },
        { "t_mstate", "int", t => SolarisStates.Microstate(t) },
        { "t_procp", "proc_t *", t => t.Group },
        { "t_lwp", "klwp_t *", t => t.IsKernelThread ? null : t },
        { "t_cred", "cred_t *", t => t.Credential },
        { "t_forw", "kthread_t *", t => Neighbour(t, 1) },
        { "t_back", "kthread_t *", t => Neighbour(t, -1) },
        { "t_next", "kthread_t *", t => Neighbour(t, 1) },
        { "t_prev", "kthread_t *", t => Neighbour(t, -1) },
        { "t_wchan", "void *", _ => null },
        { "t_did", "uint64_t", t => t.Id.Value },
    };

    private static View<LinuxTask> Lwp() => new("klwp_t", LinuxTaskViews.TaskOf)
    {
        { "lwp_thread", "kthread_t *", t => t },
        { "lwp_procp", "proc_t *", t => t.Group },
        { "lwp_errno", "uchar_t", _ => 0 },
        { "lwp_ru_minflt", "ulong_t", t => t.Accounting.Counters.MinorFaults },
        { "lwp_ru_majflt", "ulong_t", t => t.Accounting.Counters.MajorFaults },
    };

    private static View<ThreadGroup> Process() => new("proc_t", LinuxTaskViews.GroupOf)
    {
        { "p_exec", "vnode_t *", g => MemoryOf(g)?.Executable },
        { "p_as", "struct as *", g => MemoryOf(g) },
        { "p_cred", "cred_t *", g => g.Leader.Credential },
        { "p_stat", "char", g => SolarisStates.OfProcess(g) },
        { "p_wcode", "char", g => g.Leader.HasExited ? SolarisStates.WaitCode(g.ExitStatus) : 0 },
        { "p_wdata", "int", g => !g.Leader.HasExited ? 0 : g.ExitStatus.HasExited ? g.ExitStatus.ExitCode : (long)g.ExitStatus.TerminationSignal },
        { "p_ppid", "pid_t", g => g.Leader.RealParent?.Group.Id.Value ?? 0 },
        { "p_pidp", "struct pid *", g => g.Leader.Numbers },
        { "p_pgidp", "struct pid *", g => g.ProcessGroup.Numbers },
        { "p_parent", "proc_t *", g => g.Leader.RealParent?.Group },
        { "p_child", "proc_t *", g => g.Threads.SelectMany(static t => t.Children).LastOrDefault()?.Group },
        { "p_sibling", "proc_t *", g => g.Leader.PreviousSibling?.Group },
        { "p_psibling", "proc_t *", g => g.Leader.NextSibling?.Group },
        { "p_next", "proc_t *", g => g.Leader.NextProcess == g.Kernel.Tasks.Idle ? null : g.Leader.NextProcess.Group },
        { "p_prev", "proc_t *", g => g.Leader.PreviousProcess.Group },
        { "p_tlist", "kthread_t *", g => g.Threads.Count == 0 ? null : g.Threads[0] },
        { "p_lwpcnt", "int", g => g.LiveThreads },
        { "p_zombcnt", "int", g => g.Threads.Count - g.LiveThreads },
        { "p_model", "model_t", _ => Lp64 },
        { "p_flag", "uint_t", g => g.Leader.IsKernelThread ? 1 : 0 },
        { "p_mstart", "hrtime_t", g => g.Leader.StartTime },
        { "p_utime", "clock_t", g => g.Usage.UserTime / NanosecondsPerTick },
        { "p_stime", "clock_t", g => g.Usage.SystemTime / NanosecondsPerTick },
        { "p_cutime", "clock_t", g => g.ChildrenUsage.UserTime / NanosecondsPerTick },
        { "p_cstime", "clock_t", g => g.ChildrenUsage.SystemTime / NanosecondsPerTick },
        { "p_brkbase", "caddr_t", g => MemoryOf(g)?.Layout.BreakStart ?? 0 },
        { "p_brksize", "size_t", g => MemoryOf(g) is { } m ? m.Break - m.Layout.BreakStart : 0 },
        { "p_user", "user_t", g => g },
    };

    private View<ThreadGroup> User() => new("user_t", LinuxTaskViews.GroupOf)
    {
        { "u_start", "timestruct_t", g => StartOf(parts, g) },
        { "u_ticks", "clock_t", g => g.Leader.StartTime / NanosecondsPerTick },
        { "u_comm", "char[17]", g => ProcessText.Name(g) },
        { "u_psargs", "char[80]", g => ProcessText.Arguments(g) },
        { "u_argc", "int", g => g.Arguments.Count },
        { "u_argv", "uintptr_t", g => ProcessText.ArgumentVector(g) },
        { "u_envp", "uintptr_t", g => ProcessText.EnvironmentVector(g) },
        { "u_cdir", "vnode_t *", g => FsOf(g) is { } fs ? parts.Of(fs, "pwd", static f => new PathPart(() => f.WorkingDirectory)) : null },
        { "u_rdir", "vnode_t *", g => FsOf(g) is { } fs && IsChrooted(g, fs) ? parts.Of(fs, "root", static f => new PathPart(() => f.Root)) : null },
        { "u_cmask", "ushort_t", g => FsOf(g)?.Umask ?? 0 },
        { "u_finfo", "uf_info_t", g => g },
    };

    private View<ThreadGroup> FileInfo() => new("uf_info_t", LinuxTaskViews.GroupOf)
    {
        { "fi_nfiles", "int", g => FilesOf(g) is { } files ? LinuxFileViews.SizeOf(files) : 0 },
        { "fi_list", "uf_entry_t *", g => FilesOf(g) is { } files ? SlotsOf(files) : null },
    };

    private KernelArray SlotsOf(FileTable files) => parts.Of(
        files, $"fi_list{LinuxFileViews.SizeOf(files)}",
        f => new KernelArray("uf_entry_t", LinuxFileViews.SizeOf(f), i => FieldValue.Of(parts.Of(f, $"slot{i}", f => new SlotPart(f, i)))));

    private static View<Credential> Cred() => new("cred_t")
    {
        { "cr_uid", "uid_t", c => c.EffectiveUid },
        { "cr_gid", "gid_t", c => c.EffectiveGid },
        { "cr_ruid", "uid_t", c => c.Uid },
        { "cr_rgid", "gid_t", c => c.Gid },
        { "cr_suid", "uid_t", c => c.SavedUid },
        { "cr_sgid", "gid_t", c => c.SavedGid },
        { "cr_ngroups", "int", c => c.Groups.Count },
    };

    private static View<VirtualCpu> Cpu(string name) => new(name)
    {
        { "cpu_id", "processorid_t", c => c.Id },
        { "cpu_pset", "psetid_t", _ => 0 },
        { "cpu_chip", "chipid_t", _ => 0 },
        { "cpu_lgrp", "lgrp_id_t", _ => 0 },
        { "cpu_thread", "kthread_t *", c => c.Current },
        { "cpu_idle_thread", "kthread_t *", _ => null },
    };

    private static View<object> Signal() => new("siginfo_t", static o => o is SignalInfo ? o : null)
    {
        { "si_signo", "int", s => ((SignalInfo)s).Number },
        { "si_errno", "int", s => ((SignalInfo)s).Error },
        { "si_code", "int", s => ((SignalInfo)s).Code },
        { "si_pid", "pid_t", s => ((SignalInfo)s).Pid },
        { "si_uid", "uid_t", s => ((SignalInfo)s).Uid },
        { "si_status", "int", s => ((SignalInfo)s).Status },
        { "si_addr", "void *", s => ((SignalInfo)s).Address },
        { "si_utime", "clock_t", s => ((SignalInfo)s).UserTicks },
        { "si_stime", "clock_t", s => ((SignalInfo)s).SystemTicks },
        { "si_band", "long", s => ((SignalInfo)s).Band },
        { "si_fd", "int", s => ((SignalInfo)s).Fd },
        { "si_value", "uint64_t", s => ((SignalInfo)s).Value },
    };

    /// <summary>When a process began, since 1970.</summary>
    internal static TimePart StartOf(Parts parts, ThreadGroup group) =>
        parts.Of(group, "u_start", static g => new TimePart(() => g.Leader.StartTime + g.Kernel.Time.RealtimeOffset));

    // Of the threads that still have what threads share.
    private static Memory.AddressSpace? MemoryOf(ThreadGroup group) => group.Threads.Find(static t => t.Memory != null)?.Memory;

    private static FsContext? FsOf(ThreadGroup group) => group.Threads.Find(static t => t.Fs != null)?.Fs;

    private static FileTable? FilesOf(ThreadGroup group) => group.Threads.Find(static t => t.Files != null)?.Files;

    private static bool IsChrooted(ThreadGroup group, FsContext fs)
    {
        Mount top = group.Leader.Namespaces.Mounts.Root;
        return fs.Root != new VfsPath(top, top.Root);
    }

    private static LinuxTask Neighbour(LinuxTask task, int step)
    {
        List<LinuxTask> threads = task.Group.Threads;
        int index = threads.IndexOf(task);
        return index < 0 ? task : threads[(index + step + threads.Count) % threads.Count];
    }
}
