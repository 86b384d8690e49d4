namespace Kennel.Probes;

/// <summary>
/// What happened. The comment of each kind says in whose context it comes, and what the record carries beside time, processor and
/// task: <see cref="KernelEvent.Target"/>, <see cref="KernelEvent.Number"/>, <see cref="KernelEvent.A0"/> and so on.
/// </summary>
public enum EventKind : byte
{
    /// <summary>In the parent: a thread was made, the first one of a process too. Target: the new task.</summary>
    ThreadCreated,

    /// <summary>In the parent, after <see cref="ThreadCreated"/>: a process was made. Target: its first task.</summary>
    ProcessCreated,

    /// <summary>In the parent: a new task is queued for the first time (wake_up_new_task). Target: the new task.</summary>
    FirstWakeup,

    /// <summary>In the child, before its first instruction. Number: 1 for the first thread of a process.</summary>
    TaskStarted,

    /// <summary>In the caller, with its old image: execve begins. Text: the path.</summary>
    ExecEntered,

    /// <summary>In the caller, with its new image. Text: the path.</summary>
    ExecSucceeded,

    /// <summary>In the caller. Number: the error, positive. Text: the path.</summary>
    ExecFailed,

    /// <summary>In the thread that ends. Number: the raw wait status.</summary>
    ThreadExited,

    /// <summary>In the last thread of a process that ends, after its <see cref="ThreadExited"/>. Number: the raw wait status.</summary>
    ProcessExited,

    /// <summary>In the task whose instruction faulted. Number: the signal. A0: the address. Data: boxed SignalInfo.</summary>
    Faulted,

    /// <summary>In a parent that waits for children (Linux: do_wait), whether it will have to sleep or not. Number: the pid that it waits for, as the call took it.</summary>
    WaitBlocked,

    /// <summary>In the parent or reaper: a dead task was taken (release_task). Target: that task, still readable.</summary>
    TaskReleased,

    /// <summary>After <see cref="TaskReleased"/> of the last thread: nothing is left of the process. Target: its first task.</summary>
    ProcessFreed,

    /// <summary>In the sender (the idle task for timers and the terminal). Target; Number: the signal; A0: si_code; A1: 1 for the whole process. Data: boxed SignalInfo.</summary>
    SignalSent,

    /// <summary>As <see cref="SignalSent"/>, when the target ignores the signal and it was dropped.</summary>
    SignalDiscarded,

    /// <summary>In the receiver: a handler is entered, or a default action taken. Number: the signal. A0: the handler's address, 0 for the default action. Data: boxed SignalInfo.</summary>
    SignalHandled,

    /// <summary>In the receiver: sigwait, signalfd and the like took it. Number: the signal. Data: boxed SignalInfo.</summary>
    SignalCleared,

    /// <summary>In the task: all of its process stops. Number: the signal.</summary>
    Stopped,

    /// <summary>In the task that goes on after a stop.</summary>
    Continued,

    /// <summary>In the task that was given the processor. Target: the task before.</summary>
    OnCpu,

    /// <summary>In the task that leaves the processor. Target: the next one (the idle task when there is none). Number: its state, as /proc/PID/stat's letter.</summary>
    OffCpu,

    /// <summary>In the task that is about to sleep. Number: the state's letter. Text: what it waits for.</summary>
    Sleep,

    /// <summary>In the waker (the idle task in interrupt context). Target: the woken task.</summary>
    Wakeup,

    /// <summary>Target was put on a run queue. Number: the processor, A0: 1 at the tail.</summary>
    Enqueued,

    /// <summary>Target was taken off a run queue. Number: the processor.</summary>
    Dequeued,

    /// <summary>In the running task: the scheduler's tick.</summary>
    Tick,

    /// <summary>In a task that has to leave the processor though it could go on.</summary>
    Preempted,

    /// <summary>In a task that was looked at by the scheduler and stays on.</summary>
    RemainedOnCpu,

    /// <summary>In a task that gives the processor away (sched_yield).</summary>
    Surrendered,

    /// <summary>Target's priority changed. Number: the new one (20 + nice, 0..39, or 100 + the real-time priority).</summary>
    PriorityChanged,

    /// <summary>Target moved to another processor. A0: from, A1: to.</summary>
    Migrated,

    /// <summary>Number: the call. A0..A5: its arguments, raw.</summary>
    SyscallEntered,

    /// <summary>Number: the call. Result: what the caller gets; negative: an error number, also ERESTART* ones (512 to 516). A0..A5: the arguments again.
    /// The call that makes a task returns twice: with the id in the parent, and with 0 in the child, after its <see cref="TaskStarted"/>. exit and exit_group never return.</summary>
    SyscallReturned,

    /// <summary>A0: the address. A1: FAULT_FLAG_* (bit 0: write, bit 2: retry allowed, bit 6: user, bit 8: instruction). Data: the area, or null.</summary>
    PageFault,

    /// <summary>A0, A1, Data: as at entry. Result: VM_FAULT_* (0, 4 major, 2 bus error, 64 no area). Number: 1 when a shared page was copied, 2 when only the protection was changed.</summary>
    PageFaultReturned,

    /// <summary>In the task that needs them (the idle task when none does): bytes of a file begin to be read or written under a file system, past its pages. Data: <see cref="FileTransfer"/>.</summary>
    TransferStarted,

    /// <summary>They have come or gone. Data: the same <see cref="FileTransfer"/>.</summary>
    TransferDone,

    /// <summary>A function that carries KernelFunction is entered. Number: its <see cref="KernelFunction.Id"/>. Data: object?[] of its arguments.</summary>
    FunctionEntered,

    /// <summary>It returns. Number and Data as at entry. Result: its value, 0 for void; an object result is in <see cref="KernelEvent.Object"/>.</summary>
    FunctionReturned,

    /// <summary>A watched instruction of a guest is about to run. Number: the id of the watch. A0: the address.</summary>
    UserBreakpoint,
}
