using Kennel.Probes;
using Kennel.Scheduling;

namespace Kennel.Views;

/// <summary>Kernel variables, of Linux and of Solaris, a line for each.</summary>
internal static class KernelVariables
{
    private const int TicksPerSecond = 100, NanosecondsPerTick = 1_000_000_000 / TicksPerSecond;

    public static IEnumerable<KernelVariable> All(Kernel kernel, Parts parts, object segvnOps) =>
    [
        Number("nsec_per_tick", "int", static () => NanosecondsPerTick),
        Number("usec_per_tick", "int", static () => NanosecondsPerTick / 1000),
        Number("hz", "int", static () => TicksPerSecond),
        Number("lbolt", "clock_t", () => kernel.Time.Monotonic / NanosecondsPerTick),
        Number("lbolt64", "int64_t", () => kernel.Time.Monotonic / NanosecondsPerTick),
        Number("jiffies", "unsigned long", () => kernel.Time.Monotonic / NanosecondsPerTick),
        Number("jiffies_64", "u64", () => kernel.Time.Monotonic / NanosecondsPerTick),
        Number("pidmax", "int", () => kernel.Tasks.RootNamespace.Limit),
        Number("pid_max", "int", () => kernel.Tasks.RootNamespace.Limit),
        Number("mpid", "int", () => kernel.Tasks.RootNamespace.Last),
        Number("last_pid", "int", () => kernel.Tasks.RootNamespace.Last),
        Number("total_forks", "unsigned long", () => kernel.Tasks.ProcessesCreated),
        Number("nr_threads", "int", () => kernel.Tasks.Count),
        Number("max_threads", "int", () => kernel.Options.TaskLimit),
        Number("nproc", "int", () => kernel.Tasks.Processes.Count()),
        Number("ncpus", "int", () => kernel.Processors.Count),
        Number("ncpus_online", "int", () => kernel.Processors.Count),
        Number("nr_cpu_ids", "int", () => kernel.Processors.Count),
        Number("physmem", "unsigned long", () => kernel.Options.MemoryLimit >> 12),
        Number("max_pfn", "unsigned long", () => kernel.Options.MemoryLimit >> 12),
        new("linux_banner", "char[64]", static () => FieldValue.Of($"Linux version {Syscalls.SystemSyscalls.Release} (kennel) {Syscalls.SystemSyscalls.Version}\n")),
        Number("freemem", "unsigned long", () => (kernel.Options.MemoryLimit >> 12) - kernel.Frames.InUse),
        new("init_task", "struct task_struct", () => FieldValue.Of(kernel.Tasks.Idle)),
        new("p0", "proc_t", () => FieldValue.Of(kernel.Tasks.Idle.Group)),
        new("t0", "kthread_t", () => FieldValue.Of(kernel.Tasks.Idle)),
        new("proc_sched", "proc_t *", () => FieldValue.Of(kernel.Tasks.Idle.Group)),
        new("proc_init", "proc_t *", () => FieldValue.Of(kernel.Tasks.Init.Group)),
        new("practive", "proc_t *", () => FieldValue.Of(kernel.Tasks.Processes.FirstOrDefault()?.Group)),
        new("cpu", "cpu_t *[]", () => FieldValue.Of(parts.Of(kernel, "cpu", static k => new KernelArray("cpu_t *", k.Processors.Count, i => FieldValue.Of(k.Processors[i]))))),
        new("segvn_ops", "struct seg_ops", () => FieldValue.Of(segvnOps)),
    ];

    private static KernelVariable Number(string name, string type, Func<long> read) => new(name, type, () => read());
}
