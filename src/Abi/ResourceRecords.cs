using System.Runtime.InteropServices;

namespace Kennel.Abi;

/// <summary>struct rusage (man 2 getrusage). Linux fills the first two, maxrss, faults, blocks and switches; the rest stay 0.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct ResourceUsageRecord
{
    public TimeVal UserTime, SystemTime;

    /// <summary>In KiB.</summary>
    public long MaximumResident;
    public long SharedText, UnsharedData, UnsharedStack;
    public long MinorFaults, MajorFaults, Swaps;
    public long BlocksRead, BlocksWritten;
    public long MessagesSent, MessagesReceived, Signals;
    public long VoluntarySwitches, InvoluntarySwitches;
}

/// <summary>struct rlimit64: soft and hard limit.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct ResourceLimit
{
    /// <summary>RLIM64_INFINITY.</summary>
    public const ulong Infinity = ulong.MaxValue;

    public ulong Soft, Hard;
}

/// <summary>RLIMIT_* (man 2 getrlimit).</summary>
public enum Resource
{
    Cpu = 0,
    FileSize = 1,
    Data = 2,
    Stack = 3,
    Core = 4,
    Resident = 5,
    Processes = 6,
    OpenFiles = 7,
    LockedMemory = 8,
    AddressSpace = 9,
    Locks = 10,
    PendingSignals = 11,
    MessageQueue = 12,
    Nice = 13,
    RealtimePriority = 14,
    RealtimeTime = 15,
    Count = 16,
}
