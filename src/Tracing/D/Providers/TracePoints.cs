using Kennel.Probes;
using Kennel.Tracing.D.Runtime;

namespace Kennel.Tracing.D.Providers;

/// <summary>Linux' trace points (include/trace/events), with the arguments that they have there: the rawtp provider.</summary>
internal static class TracePoints
{
    private const string Task = "struct task_struct *";

    public static (EventKind Kind, string Group, string Name, string[] Arguments, EventProvider.Fill Fill)[] All =>
    [
        (EventKind.SyscallEntered, "raw_syscalls", "sys_enter", ["struct pt_regs *", "long"], static (in KernelEvent e, DRuntime rt) => Number(rt, 1, e.Number)),
        (EventKind.SyscallReturned, "raw_syscalls", "sys_exit", ["struct pt_regs *", "long"], static (in KernelEvent e, DRuntime rt) => Number(rt, 1, e.Result)),
        (EventKind.ProcessCreated, "sched", "sched_process_fork", [Task, Task], static (in KernelEvent e, DRuntime rt) => Tasks(rt, e.Task, e.Target)),
        (EventKind.ExecSucceeded, "sched", "sched_process_exec", [Task, "pid_t", "struct linux_binprm *"], static (in KernelEvent e, DRuntime rt) => Tasks(rt, e.Task, null) && Number(rt, 1, e.Task.ThreadId)),
        (EventKind.ThreadExited, "sched", "sched_process_exit", [Task], static (in KernelEvent e, DRuntime rt) => Tasks(rt, e.Task, null)),
        (EventKind.TaskReleased, "sched", "sched_process_free", [Task], static (in KernelEvent e, DRuntime rt) => Tasks(rt, e.Target, null)),
        (EventKind.Wakeup, "sched", "sched_wakeup", [Task], static (in KernelEvent e, DRuntime rt) => Tasks(rt, e.Target, null)),
        (EventKind.FirstWakeup, "sched", "sched_wakeup_new", [Task], static (in KernelEvent e, DRuntime rt) => Tasks(rt, e.Target, null)),
        (EventKind.Migrated, "sched", "sched_migrate_task", [Task, "int"], static (in KernelEvent e, DRuntime rt) => Tasks(rt, e.Target, null) && Number(rt, 1, (long)e.A1)),
        (EventKind.OffCpu, "sched", "sched_switch", ["bool", Task, Task], static (in KernelEvent e, DRuntime rt) => Switch(e, rt)),
        (EventKind.SignalSent, "signal", "signal_generate", ["int", "struct kernel_siginfo *", Task, "int", "int"], static (in KernelEvent e, DRuntime rt) => Signal(e, rt)),
        (EventKind.SignalHandled, "signal", "signal_deliver", ["int", "struct kernel_siginfo *", "struct k_sigaction *"], static (in KernelEvent e, DRuntime rt) => Number(rt, 0, e.Number)),
        (EventKind.ThreadCreated, "task", "task_newtask", [Task, "unsigned long"], static (in KernelEvent e, DRuntime rt) => Tasks(rt, e.Target, null)),
    ];

    private static bool Number(DRuntime rt, int index, long value)
    {
        rt.Arguments[index] = value;
        return true;
    }

    private static bool Tasks(DRuntime rt, ITracedTask? first, ITracedTask? second)
    {
        rt.SetArgument(0, first);
        if (second != null) rt.SetArgument(1, second);
        return true;
    }

    private static bool Switch(in KernelEvent e, DRuntime rt)
    {
        rt.SetArgument(1, e.Task);
        rt.SetArgument(2, e.Target);
        return Number(rt, 0, e.Number == 'R' ? 1 : 0);
    }

    private static bool Signal(in KernelEvent e, DRuntime rt)
    {
        rt.SetArgument(2, e.Target);
        rt.Arguments[3] = (long)e.A1;
        return Number(rt, 0, e.Number);
    }
}
