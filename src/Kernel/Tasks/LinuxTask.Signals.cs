using Kennel.Abi;
using Kennel.Machine;
using Kennel.Time;
using Kennel.Waiting;

namespace Kennel.Tasks;

/// <summary>Signals as a task meets them: what is pending, what is let through, what happens on the way to user mode.</summary>
public sealed partial class LinuxTask
{
    /// <summary>Fires when a sleep's deadline comes.</summary>
    internal KernelTimer SleepTimer => field ??= new KernelTimer(Kernel.Time, () => WakeUp());

    public TaskAccounting Accounting { get; } = new();

    internal bool HasExited => State is TaskState.Zombie or TaskState.Dead;

    internal bool HasWorkBeforeUserMode => false;

    internal bool HasSignalFor(WaitMode mode) => false;

    internal bool SliceUsed(long budget) => false;

    private ValueTask PrepareUserModeAsync() => default;

    private ValueTask RunKernelThreadAsync() => default;

    private void HandleTrap(StopReason reason)
    {
    }

    /// <summary>Sends a signal that cannot be blocked or ignored (Linux: force_sig).</summary>
    public void ForceSignal(Signal signal)
    {
    }
}
