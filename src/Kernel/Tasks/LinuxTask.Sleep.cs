using System.Runtime.CompilerServices;
using Kennel.Abi;
using Kennel.Probes;
using Kennel.Scheduling;
using Kennel.Time;
using Kennel.Views;
using Kennel.Waiting;

namespace Kennel.Tasks;

/// <summary>
/// Going to sleep and being woken. Protocol: PrepareToSleep (state says asleep), look at the condition, ScheduleAsync,
/// FinishSleep; see <see cref="WaitQueue"/> for why that loses nothing.
/// </summary>
public sealed partial class LinuxTask
{
    private Action? _continuation;
    private KernelTimer? _sleepTimer;
    private WaitEntry? _waitEntry;

    /// <summary>Fires when a sleep's deadline comes.</summary>
    private KernelTimer SleepTimer => _sleepTimer ??= new KernelTimer(Kernel.Time, () => WakeUp());

    /// <summary>The processor that runs it now; null while it does not run.</summary>
    public VirtualCpu? Processor { get; internal set; }

    /// <summary>Whether it is in the run queue.</summary>
    internal bool IsQueued { get; set; }

    /// <summary>Says what kind of sleep comes (Linux: set_current_state). Until <see cref="ScheduleAsync"/> the task still runs.</summary>
    internal void PrepareToSleep(WaitMode mode) => State = mode switch
    {
        WaitMode.Interruptible => TaskState.Interruptible,
        WaitMode.Killable => TaskState.Killable,
        WaitMode.Stopped => TaskState.Stopped,
        _ => TaskState.Uninterruptible,
    };

    /// <summary>Its place in the queue that it is about to sleep on. A task sleeps in one place at a time, so the same entry serves again.</summary>
    internal WaitEntry TakeWaitEntry(bool exclusive)
    {
        WaitEntry entry = _waitEntry is { Queue: null } free ? free : _waitEntry = new WaitEntry(this);
        entry.IsExclusive = exclusive;
        return entry;
    }

    /// <summary>Runs again, whatever the sleep's state was.</summary>
    internal void FinishSleep()
    {
        if (State is not (TaskState.Zombie or TaskState.Dead)) State = TaskState.Running;
        if (_sleepTimer is { IsActive: true }) _sleepTimer.Cancel();
    }

    /// <summary>
    /// Gives the processor up until woken, or until the deadline (Linux: schedule, schedule_timeout). With the state still
    /// Running, it goes to the run queue's end: a yield.
    /// </summary>
    internal ScheduleAwaitable ScheduleAsync(long deadline = long.MaxValue) => new(this, deadline);

    /// <summary>Lets others run, staying runnable.</summary>
    internal ScheduleAwaitable YieldAsync()
    {
        State = TaskState.Running;
        return new(this, long.MaxValue);
    }

    /// <summary>
    /// Between the parts of a call whose work has no bound: timers run, others get their turn, and a signal may end it (Linux:
    /// cond_resched). Without it a program could keep the kernel lock for minutes.
    /// </summary>
    /// <param name="work">About how many guest instructions it was worth.</param>
    [AsyncMethodBuilder(typeof(KernelMethodBuilder))]
    internal async ValueTask BreatheAsync(ulong work)
    {
        if (Kernel.Scheduler.Charge(Processor!, this, work) && Kernel.Scheduler.Tick(Processor!, this)) await YieldAsync();
    }

    /// <summary>Makes a sleeping task runnable (Linux: try_to_wake_up). Answers whether it was asleep.</summary>
    [KernelFunction("kernel/sched/core.c", "int try_to_wake_up(struct task_struct *p = this, unsigned int state = 3L, int wake_flags = 0L)")]
    [KernelFunction("kernel/sched/core.c", "int wake_up_process(struct task_struct *p = this)")]
    public bool WakeUp()
    {
        if (State is not (TaskState.Interruptible or TaskState.Uninterruptible or TaskState.Killable or TaskState.Idle or TaskState.Stopped)) return false;
        MakeRunnable();
        return true;
    }

    /// <summary>Starts a task that <see cref="TaskState.New"/> kept from running (Linux: wake_up_new_task).</summary>
    [KernelFunction("kernel/sched/core.c", "void wake_up_new_task(struct task_struct *p = this)")]
    internal void WakeUpNew()
    {
        if (Entry == null && Kernel.Watches(EventKind.FirstWakeup)) Kernel.Fire(Kernel.Probes.FirstWakeup, target: this);
        _continuation = Start;
        State = TaskState.Running;
        Kernel.Scheduler.Enqueue(this);
    }

    /// <summary>Changes how it is scheduled.</summary>
    internal void SetPriority(SchedulingPolicy policy, int realtimePriority, int nice)
    {
        Scheduling.Set(policy, realtimePriority, nice);
        if (Kernel.Watches(EventKind.PriorityChanged)) Kernel.Fire(Kernel.Probes.PriorityChanged, Scheduling.Rank, target: this);
    }

    [KernelFunction("kernel/sched/core.c", "void ttwu_do_activate(void *rq = null, struct task_struct *p = this, int wake_flags = 0L)")]
    internal void MakeRunnable()
    {
        State = TaskState.Running;
        // A task that is about to sleep, and still runs, sees its state when it comes to ScheduleAsync.
        if (_continuation == null || IsQueued) return;
        if (Kernel.Watches(EventKind.Wakeup)) Kernel.Fire(Kernel.Probes.Wakeup, target: this);
        Kernel.Scheduler.Enqueue(this);
    }

    /// <summary>Goes on where it left off. Called by a virtual CPU, inside the kernel lock.</summary>
    internal void Resume()
    {
        Action continuation = _continuation!;
        _continuation = null;
        continuation();
    }

    // Nobody awaits a task's life: it ends by itself, and catches its own bugs.
    private void Start() => _ = RunAsync();

    /// <summary>Parks the caller's state machine in its task.</summary>
    internal readonly struct ScheduleAwaitable(LinuxTask task, long deadline) : ICriticalNotifyCompletion
    {
        public ScheduleAwaitable GetAwaiter() => this;

        public bool IsCompleted => false;

        public void GetResult()
        {
            if (task.Kernel.WatchesFunctions()) task.Kernel.FunctionCalls.LeaveSchedule();
        }

        public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

        public void UnsafeOnCompleted(Action continuation)
        {
            task._continuation = continuation;
            if (task.Kernel.WatchesFunctions()) task.Kernel.FunctionCalls.EnterSchedule();
            if (task.State == TaskState.Running)
            {
                task.Kernel.Scheduler.Enqueue(task); // woken in between, or a yield
                return;
            }
            if (task.Kernel.Watches(EventKind.Sleep)) task.Kernel.Fire(task.Kernel.Probes.Sleep, task.State.Letter(), text: WaitChannel.Of(task));
            if (deadline != long.MaxValue) task.SleepTimer.Start(deadline);
        }
    }
}
