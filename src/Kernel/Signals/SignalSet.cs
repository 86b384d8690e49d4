using System.Numerics;
using Kennel.Abi;

namespace Kennel.Signals;

/// <summary>Sets of signals as 64-bit masks (bit n-1 for signal n), and which signals do what by default.</summary>
/// <remarks>Linux: include/linux/signal.h; man 7 signal.</remarks>
public static class SignalSet
{
    public const int Count = 64;

    /// <summary>Neither can be blocked, caught or ignored.</summary>
    public static readonly ulong KernelOnly = Of(Signal.SIGKILL, Signal.SIGSTOP);

    /// <summary>Default action: stop.</summary>
    public static readonly ulong Stop = Of(Signal.SIGSTOP, Signal.SIGTSTP, Signal.SIGTTIN, Signal.SIGTTOU);

    /// <summary>Default action: nothing.</summary>
    public static readonly ulong IgnoredByDefault = Of(Signal.SIGCONT, Signal.SIGCHLD, Signal.SIGWINCH, Signal.SIGURG);

    /// <summary>Default action: end with a core file.</summary>
    public static readonly ulong CoreDump = Of(
        Signal.SIGQUIT, Signal.SIGILL, Signal.SIGTRAP, Signal.SIGABRT, Signal.SIGFPE, Signal.SIGSEGV, Signal.SIGBUS, Signal.SIGSYS,
        Signal.SIGXCPU, Signal.SIGXFSZ);

    /// <summary>Raised by the running code itself; delivered before all others.</summary>
    public static readonly ulong Synchronous = Of(
        Signal.SIGSEGV, Signal.SIGBUS, Signal.SIGILL, Signal.SIGTRAP, Signal.SIGFPE, Signal.SIGSYS);

    /// <summary>The set of one signal.</summary>
    public static ulong Bit(Signal signal) => 1UL << ((int)signal - 1);

    /// <summary>The set of these signals.</summary>
    public static ulong Of(params ReadOnlySpan<Signal> signals)
    {
        ulong set = 0;
        foreach (Signal s in signals) set |= Bit(s);
        return set;
    }

    /// <summary>Whether a signal is in a set.</summary>
    public static bool Has(this ulong set, Signal signal) => (set & Bit(signal)) != 0;

    /// <summary>Whether a number is one of 1 to 64.</summary>
    public static bool IsValid(int number) => (uint)(number - 1) < Count;

    /// <summary>Whether more than one of it can wait, each with its information.</summary>
    public static bool IsRealtime(Signal signal) => signal >= Signal.SIGRTMIN;

    /// <summary>The signal that comes first: synchronous ones, then the lowest number. The set is not empty.</summary>
    public static Signal First(ulong set)
    {
        ulong synchronous = set & Synchronous;
        return (Signal)(BitOperations.TrailingZeroCount(synchronous != 0 ? synchronous : set) + 1);
    }
}
