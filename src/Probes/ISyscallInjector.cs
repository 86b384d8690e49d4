namespace Kennel.Probes;

/// <summary>Changes what system calls do (man 1 strace, tampering). Asked inside the kernel lock.</summary>
public interface ISyscallInjector
{
    /// <summary>Asked when a call begins, after its record was handed over.</summary>
    Injection Enter(in KernelEvent call);

    /// <summary>Asked before its return record is handed over.</summary>
    /// <returns>Nanoseconds to sleep before the task goes on.</returns>
    long Exit(in KernelEvent call);
}

/// <summary>What to do to a call.</summary>
/// <param name="Skip">Whether the call is not made, and <paramref name="Result"/> returned instead.</param>
/// <param name="Result">The value that the caller gets; negative for an error.</param>
/// <param name="Delay">Nanoseconds to sleep (not interruptible) before the call.</param>
/// <param name="Signal">A signal to send to the caller; 0 for none.</param>
public readonly record struct Injection(bool Skip, long Result, long Delay, int Signal);
