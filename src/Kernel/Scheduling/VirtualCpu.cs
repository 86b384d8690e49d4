using Kennel.Abi;
using Kennel.Machine;
using Kennel.Probes;
using Kennel.Tasks;

namespace Kennel.Scheduling;

/// <summary>One virtual CPU: a host thread that picks tasks and runs them until the machine is halted.</summary>
public sealed class VirtualCpu(Kernel kernel, Processor machine)
{
    /// <summary>0 to N-1.</summary>
    public int Id => Machine.Id;

    /// <summary>Its part of the machine: translation caches, attention flags.</summary>
    public Processor Machine { get; } = machine;

    /// <summary>The task that it runs; null when idle (Linux: current).</summary>
    public LinuxTask? Current { get; private set; }

    /// <summary>The scheduler's loop, on the calling host thread, until <see cref="Kernel.Halt"/>.</summary>
    public void Run()
    {
        lock (kernel.Lock)
        {
            while (!kernel.IsHalted)
            {
                kernel.RunPosted();
                kernel.Time.ExpireTimers();
                LinuxTask? next = kernel.Scheduler.PickNext(this);
                if (next == null) kernel.Idle();
                else Switch(next);
            }
        }
    }

    private void Switch(LinuxTask next)
    {
        if (kernel.Probes.TaskSwitched.IsEnabled && LastRun != next.Id)
        {
            kernel.Probes.TaskSwitched.Fire(new TaskSwitched(kernel.Time.Now(), Id, LastRun, next.Id));
        }
        LastRun = next.Id;
        Current = next;
        next.Processor = this;
        Machine.ClearPreemption();
        kernel.SetCurrent(next);
        next.Accounting.SwitchIn(kernel.Time.Now());
        next.Resume();
        next.Accounting.SwitchOut(kernel.Time.Now(), voluntary: next.State != TaskState.Running);
        kernel.SetCurrent(null);
        next.Processor = null;
        Current = null;
    }

    private Pid LastRun { get; set; }
}
