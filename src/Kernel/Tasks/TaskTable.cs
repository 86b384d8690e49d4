using Kennel.Abi;
using Kennel.Namespaces;
using Kennel.Probes;
using Kennel.Views;

namespace Kennel.Tasks;

/// <summary>All tasks of the machine (Linux: the task list and the pid maps).</summary>
/// <remarks>
/// Processes are in a circular list whose head is pid 0, in the order of their birth. A walk (<see cref="Processes"/>) may be
/// interrupted by births and deaths: who leaves keeps its pointers, and who is new comes last, so that a walk misses none that
/// lived throughout. guard-note: the kernel lock.
/// </remarks>
public sealed class TaskTable
{
    internal TaskTable(Kernel kernel)
    {
        Kernel = kernel;
        RootNamespace = new PidNamespace(null);
        Idle = MakeIdle();
    }

    /// <summary>The machine.</summary>
    public Kernel Kernel { get; }

    /// <summary>The initial pid namespace.</summary>
    public PidNamespace RootNamespace { get; }

    /// <summary>pid 0, the idle task: head of the list, never run (Linux: init_task).</summary>
    public LinuxTask Idle { get; }

    /// <summary>pid 1.</summary>
    public LinuxTask Init => RootNamespace.Reaper!;

    /// <summary>Tasks that have not been released, pid 0 not counted.</summary>
    public int Count { get; private set; }

    /// <summary>Tasks made since boot.</summary>
    public long Created { get; private set; }

    /// <summary>Processes made since boot (/proc/stat, processes).</summary>
    public long ProcessesCreated { get; private set; }

    /// <summary>All processes by their leaders, oldest first (Linux: for_each_process).</summary>
    public IEnumerable<LinuxTask> Processes
    {
        get
        {
            for (LinuxTask task = Idle.NextProcess; task != Idle; task = task.NextProcess)
            {
                if (task.State != TaskState.Dead) yield return task;
            }
        }
    }

    /// <summary>What all processes have used, those included that were reaped (but not those that nobody waited for).</summary>
    public UsageCounters TotalUsage
    {
        get
        {
            var total = new UsageCounters();
            foreach (LinuxTask process in Processes)
            {
                total.Add(process.Group.DeadThreads);
                total.Add(process.Group.WaitedChildren);
                foreach (LinuxTask thread in process.Group.Threads) total.Add(thread.Accounting.Counters);
            }
            return total;
        }
    }

    /// <summary>The thread with an id of the initial namespace, or null.</summary>
    public LinuxTask? Find(Pid id) => RootNamespace.Find(id.Value)?.Task;

    /// <summary>The thread with an id as a namespace numbers it, or null.</summary>
    public LinuxTask? Find(NamespacePid id, PidNamespace view) => view.Find(id.Value)?.Task;

    /// <summary>The process with an id as a namespace numbers it, or null.</summary>
    public ThreadGroup? FindProcess(NamespacePid id, PidNamespace view) => Find(id, view) is { IsGroupLeader: true } leader ? leader.Group : null;

    /// <summary>Links a new task to its relatives. From here on it can be seen.</summary>
    [KernelFunction("kernel/pid.c", "void attach_pid(struct task_struct *task)")]
    internal void Attach(LinuxTask task, LinuxTask parent)
    {
        ThreadGroup group = task.Group;
        bool leads = group.Threads.Count == 0;
        if (leads) group.Leader = task;
        task.Numbers.Task = task;
        group.Threads.Add(task);
        group.LiveThreads++;
        task.SetParent(parent);
        Kernel.Users[task.Credential.Uid].Tasks++;
        Count++;
        Created++;
        if (!leads) return;
        ProcessesCreated++;
        if (task.Numbers.Innermost == 1) task.Numbers.Owner.Reaper = task;
        group.JoinFirst(parent.Group.ProcessGroup);
        Append(task);
    }

    /// <summary>Unlinks a zombie. Linux: kernel/exit.c, __exit_signal and __unhash_process.</summary>
    [KernelFunction("kernel/exit.c", "void __exit_signal(struct task_struct *tsk = task)")]
    internal void Detach(LinuxTask task)
    {
        ThreadGroup group = task.Group;
        if (Kernel.Watches(EventKind.TaskReleased)) Kernel.Fire(Kernel.Probes.TaskReleased, target: task);
        group.DeadThreads.Add(task.Accounting.Counters);
        group.Threads.Remove(task);
        Kernel.Users[task.Credential.Uid].Tasks--;
        Count--;
        task.Pending.Flush(ulong.MaxValue);
        if (task.IsGroupLeader)
        {
            group.Pending.Flush(ulong.MaxValue);
            task.LeaveParent();
            if (group.IsSessionLeader) group.Session.Leader = null;
            group.LeaveProcessGroup();
            Unlink(task);
            group.Reaped?.Invoke(group);
        }
        FreeNumbers(task);
        if (task.IsGroupLeader && Kernel.Watches(EventKind.ProcessFreed)) Kernel.Fire(Kernel.Probes.ProcessFreed, target: task);
        group.ExecTask?.Group.ChildWaiters.WakeAll();
    }

    /// <summary>Puts a thread in its dead leader's place in the list. Linux: list_replace_rcu in de_thread.</summary>
    internal void Replace(LinuxTask leader, LinuxTask successor)
    {
        successor.NextProcess = leader.NextProcess;
        successor.PreviousProcess = leader.PreviousProcess;
        leader.PreviousProcess.NextProcess = successor;
        leader.NextProcess.PreviousProcess = successor;
    }

    /// <summary>A session of its own with one group, for setsid and init.</summary>
    internal ProcessGroup NewSession(ThreadGroup leader)
    {
        var session = new Session(leader.Leader.Numbers) { Leader = leader };
        return new ProcessGroup(leader.Leader.Numbers, session);
    }

    private static void FreeNumbers(LinuxTask task)
    {
        if (task.Numbers.Task == task) task.Numbers.Task = null;
        PidNamespace.FreeIfUnused(task.Numbers);
        for (PidNamespace? level = task.Numbers.Owner; level != null; level = level.Parent)
        {
            if (level.IsClosed) level.EmptyWaiters.WakeAll();
        }
    }

    private void Append(LinuxTask task)
    {
        task.PreviousProcess = Idle.PreviousProcess;
        task.NextProcess = Idle;
        Idle.PreviousProcess.NextProcess = task;
        Idle.PreviousProcess = task;
    }

    private static void Unlink(LinuxTask task)
    {
        task.PreviousProcess.NextProcess = task.NextProcess;
        task.NextProcess.PreviousProcess = task.PreviousProcess;
    }

    private LinuxTask MakeIdle()
    {
        var group = new ThreadGroup(Kernel, new ResourceLimits(Kernel.Options.TaskLimit / 2));
        var numbers = new PidNumbers(RootNamespace, [0]);
        var uts = new UtsNamespace { NodeName = Kernel.Options.HostName };
        // The mounts come with CreateInit; nothing looks at files before.
        var task = new LinuxTask(Kernel, numbers, group, new NamespaceSet(RootNamespace, uts, null!), Credentials.Credential.For(0, 0))
        {
            Comm = "swapper/0",
            Flags = TaskFlags.Idle | TaskFlags.KernelThread,
            State = TaskState.Running,
            Handlers = new Signals.SignalHandlers(),
        };
        task.NextProcess = task;
        task.PreviousProcess = task;
        group.Leader = task;
        group.Threads.Add(task);
        numbers.Task = task;
        group.JoinFirst(NewSession(group));
        return task;
    }
}
