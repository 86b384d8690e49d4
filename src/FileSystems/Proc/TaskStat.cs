using Kennel.Abi;
using Kennel.Memory;
using Kennel.Signals;
using Kennel.Tasks;

namespace Kennel.FileSystems.Proc;

/// <summary>/proc/PID/stat: 52 fields in one line (man 5 proc_pid_stat). Linux: fs/proc/array.c, do_task_stat.</summary>
internal static class TaskStat
{
    private const long TicksPerSecond = 100;
    private const int RealtimeBase = 100, DefaultPriority = 20;

    public static string Write(TaskView v)
    {
        LinuxTask t = v.Task;
        ThreadGroup group = t.Group;
        AddressSpace? memory = t.Memory;
        bool mayLook = v.Reader.MayInspect(t);
        MemoryLayout layout = mayLook && memory != null ? memory.Layout : MemoryLayout.Default;
        UsageCounters usage = v.IsThread ? t.Accounting.Counters : group.Usage;
        UsageCounters children = v.IsThread ? default : group.ChildrenUsage;
        (ulong ignored, ulong caught) = SignalSets.Of(t);
        IControllingTerminal? terminal = group.Session.Terminal;
        long[] before =
        [
            ParentOf(v), group.ProcessGroup.Numbers.In(v.View).Value, group.Session.Numbers.In(v.View).Value,
            terminal == null ? 0 : (long)terminal.Device.Encoded, terminal?.Foreground?.Numbers.In(v.View).Value ?? -1, (long)t.Flags,
            usage.MinorFaults, children.MinorFaults, usage.MajorFaults, children.MajorFaults,
            Ticks(usage.UserTime), Ticks(usage.SystemTime), Ticks(children.UserTime), Ticks(children.SystemTime),
            Priority(t), t.Scheduling.Nice, group.Threads.Count, 0, Ticks(t.StartTime), (memory?.TotalPages ?? 0) << 12, memory?.ResidentPages ?? 0,
        ];
        ulong limit = group.Limits.Soft(Resource.Resident);
        bool has = memory != null && mayLook;
        ulong[] after =
        [
            limit, has ? layout.CodeStart : 0, has ? layout.CodeEnd : 0, has ? layout.StackStart : 0, 0, 0,
            t.Pending.Mask & 0x7fffffff, t.Blocked & 0x7fffffff, ignored & 0x7fffffff, caught & 0x7fffffff,
            t.State is TaskState.Running ? 0u : 1u, 0, 0, (ulong)(t.ExitSignal & 0xff), (ulong)t.Scheduling.LastProcessor,
            (ulong)t.Scheduling.RealtimePriority, (ulong)t.Scheduling.Policy, 0, 0, 0,
            has ? layout.DataStart : 0, has ? layout.DataEnd : 0, has ? layout.BreakStart : 0, has ? layout.ArgumentsStart : 0,
            has ? layout.ArgumentsEnd : 0, has ? layout.EnvironmentStart : 0, has ? layout.EnvironmentEnd : 0,
            mayLook ? (ulong)t.ExitStatus.Value : 0,
        ];
        return $"{t.Numbers.In(v.View)} ({t.Comm}) {t.State.Letter()} {string.Join(' ', before)} {string.Join(' ', after)}\n";
    }

    /// <summary>The parent's process id, 0 for none.</summary>
    public static int ParentOf(TaskView v) => v.Task.Group.Leader.Parent?.Group.Leader.Numbers.In(v.View).Value ?? 0;

    private static long Ticks(long nanoseconds) => nanoseconds / (1_000_000_000 / TicksPerSecond);

    // Linux: kernel/sched/core.c, task_prio.
    private static int Priority(LinuxTask t) => t.Scheduling.IsRealtime ? -1 - t.Scheduling.RealtimePriority : DefaultPriority + t.Scheduling.Nice;
}

/// <summary>Which signals a process ignores and which it handles, bit n-1 for signal n.</summary>
internal static class SignalSets
{
    public static (ulong Ignored, ulong Caught) Of(LinuxTask task)
    {
        ulong ignored = 0, caught = 0;
        if (task.Handlers == null) return (0, 0);
        for (int n = 1; n <= 64; n++)
        {
            ref readonly SignalAction action = ref task.Handlers[(Signal)n];
            if (action.IsIgnored) ignored |= 1UL << (n - 1);
            else if (!action.IsDefault) caught |= 1UL << (n - 1);
        }
        return (ignored, caught);
    }
}
