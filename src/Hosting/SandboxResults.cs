using Kennel.Abi;

namespace Kennel;

/// <summary>How a process ended.</summary>
/// <param name="Status">The status word that its parent gets from wait.</param>
public readonly record struct SandboxExit(WaitStatus Status)
{
    /// <summary>Its exit code, or 128 plus the number of the signal that ended it.</summary>
    public int ExitCode => Status.ShellCode;

    /// <summary>The signal that ended it; null when it exited by itself.</summary>
    public Signal? Signal => Status.WasSignaled ? Status.TerminationSignal : null;
}

/// <summary>What a finished process printed.</summary>
/// <param name="ExitCode">Its exit code, or 128 plus the signal's number.</param>
/// <param name="StandardOutput">Its output, decoded as UTF-8.</param>
/// <param name="StandardError">Its error output, decoded as UTF-8.</param>
public sealed record CapturedText(int ExitCode, string StandardOutput, string StandardError);

/// <summary>A process as <see cref="Sandbox.Processes"/> lists it.</summary>
/// <param name="Id">Its pid.</param>
/// <param name="ParentId">Its parent's pid; 0 for none.</param>
/// <param name="Name">Its name (comm).</param>
/// <param name="State">The letter of its main thread's state, as ps shows it.</param>
/// <param name="Threads">How many threads it has.</param>
/// <param name="CpuTime">User and system time of all threads.</param>
/// <param name="ResidentBytes">Memory present, shared pages counted whole.</param>
public sealed record SandboxProcessInfo(
    int Id, int ParentId, string Name, char State, int Threads, TimeSpan CpuTime, long ResidentBytes);

/// <summary>What a sandbox has done so far.</summary>
/// <param name="ProcessesCreated">Processes started or forked.</param>
/// <param name="ProcessesLeft">Processes alive or not yet reaped, the kernel's own not counted.</param>
/// <param name="UserTime">CPU time spent in guest code.</param>
/// <param name="SystemTime">CPU time spent in the kernel for guests.</param>
/// <param name="PeakMemory">The most memory in use at once, in bytes.</param>
/// <param name="Instructions">Guest instructions run; null where the engine does not count them, as the translator without a seed.</param>
/// <param name="SystemCalls">System calls made.</param>
/// <param name="KernelFaults">Oopses: bugs of Kennel's that cost a guest its life.</param>
public sealed record SandboxStatistics(
    long ProcessesCreated, int ProcessesLeft, TimeSpan UserTime, TimeSpan SystemTime, long PeakMemory, long? Instructions, long SystemCalls, int KernelFaults);
