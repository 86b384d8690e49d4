using Kennel.Abi;

namespace Kennel.Probes;

/// <summary>A task was born (Linux: trace_sched_process_fork; DTrace: proc:::create, lwp-create).</summary>
public readonly record struct TaskCreated(long Time, Pid Parent, Pid Child, bool IsThread);

/// <summary>A process runs another program (DTrace: proc:::exec-success).</summary>
public readonly record struct TaskExecuted(long Time, Pid Task, string Path);

/// <summary>A task has begun to exit (DTrace: proc:::lwp-exit, and proc:::exit for the last of a group).</summary>
public readonly record struct TaskExited(long Time, Pid Task, WaitStatus Status, bool LastOfGroup);

/// <summary>A zombie was taken by its parent (Linux: release_task).</summary>
public readonly record struct TaskReaped(long Time, Pid Task, Pid By);

/// <summary>A signal was sent (DTrace: proc:::signal-send).</summary>
public readonly record struct SignalSent(long Time, Pid Sender, Pid Target, Signal Signal);

/// <summary>A system call begins: its number and six raw arguments.</summary>
public readonly record struct SyscallEntered(long Time, Pid Task, int Number, ulong A0, ulong A1, ulong A2, ulong A3, ulong A4, ulong A5);

/// <summary>A system call ends; a negative result is an error number.</summary>
public readonly record struct SyscallReturned(long Time, Pid Task, int Number, long Result);

/// <summary>A processor goes from one task to another (pid 0 is the idle task).</summary>
public readonly record struct TaskSwitched(long Time, int Processor, Pid Previous, Pid Next);

/// <summary>A sleeping task was made runnable.</summary>
public readonly record struct TaskWoken(long Time, Pid Waker, Pid Task);

/// <summary>All probe points of one kernel. Times are nanoseconds of the monotonic clock.</summary>
public sealed class ProbeSet
{
    public Probe<TaskCreated> TaskCreated { get; } = new();
    public Probe<TaskExecuted> TaskExecuted { get; } = new();
    public Probe<TaskExited> TaskExited { get; } = new();
    public Probe<TaskReaped> TaskReaped { get; } = new();
    public Probe<SignalSent> SignalSent { get; } = new();
    public Probe<SyscallEntered> SyscallEntered { get; } = new();
    public Probe<SyscallReturned> SyscallReturned { get; } = new();
    public Probe<TaskSwitched> TaskSwitched { get; } = new();
    public Probe<TaskWoken> TaskWoken { get; } = new();
}
