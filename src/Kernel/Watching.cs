using System.Runtime.CompilerServices;
using Kennel.Probes;

namespace Kennel;

/// <summary>
/// The tests in front of probe points: one field of the kernel, one bit of it. A point reads
/// <c>if (Kernel.Watches(EventKind.X)) Kernel.Fire(Kernel.Probes.X, ...)</c>. In a build without probe points nothing is left of it.
/// </summary>
/// <remarks>Extensions, so that not even a test for null is left where nothing is asked.</remarks>
internal static class Watching
{
    private const ulong
        Calls = (1ul << (int)EventKind.SyscallEntered) | (1ul << (int)EventKind.SyscallReturned),
        Faults = (1ul << (int)EventKind.PageFault) | (1ul << (int)EventKind.PageFaultReturned),
        Switches = (1ul << (int)EventKind.OnCpu) | (1ul << (int)EventKind.OffCpu) | (1ul << (int)EventKind.RemainedOnCpu),
        Functions = 1ul << (int)EventKind.FunctionEntered;

    /// <summary>Whether anybody wants events of a kind.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Watches(this Kernel kernel, EventKind kind) => ProbeSet.AreBuilt && (kernel.Watched & (1ul << (int)kind)) != 0;

    /// <summary>Whether system calls must be looked at on their way.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool WatchesCalls(this Kernel kernel) => ProbeSet.AreBuilt && (kernel.Watched & Calls) != 0;

    /// <summary>Whether page faults are watched.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool WatchesFaults(this Kernel kernel) => ProbeSet.AreBuilt && (kernel.Watched & Faults) != 0;

    /// <summary>Whether switches between tasks are watched.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool WatchesSwitches(this Kernel kernel) => ProbeSet.AreBuilt && (kernel.Watched & Switches) != 0;

    /// <summary>Whether calls of kernel functions are watched or noted.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool WatchesFunctions(this Kernel kernel) => ProbeSet.AreBuilt && (kernel.Watched & Functions) != 0;
}
