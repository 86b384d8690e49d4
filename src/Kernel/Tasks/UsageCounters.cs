using Kennel.Abi;

namespace Kennel.Tasks;

/// <summary>What getrusage counts of a thread, of a process, or of its dead children.</summary>
public struct UsageCounters
{
    /// <summary>CPU time in user mode and in the kernel, nanoseconds.</summary>
    public long UserTime, SystemTime;

    /// <summary>Page faults without and with reading a file.</summary>
    public long MinorFaults, MajorFaults;

    /// <summary>Context switches because it slept, and because its time was up.</summary>
    public long VoluntarySwitches, InvoluntarySwitches;

    /// <summary>Guest instructions run.</summary>
    public ulong Instructions;

    public readonly long CpuTime => UserTime + SystemTime;

    /// <summary>Adds another's.</summary>
    public void Add(in UsageCounters other)
    {
        UserTime += other.UserTime;
        SystemTime += other.SystemTime;
        MinorFaults += other.MinorFaults;
        MajorFaults += other.MajorFaults;
        VoluntarySwitches += other.VoluntarySwitches;
        InvoluntarySwitches += other.InvoluntarySwitches;
        Instructions += other.Instructions;
    }

    /// <summary>As getrusage and wait4 report it.</summary>
    /// <param name="peakPages">The most pages resident at once.</param>
    public readonly ResourceUsageRecord ToRecord(long peakPages) => new()
    {
        UserTime = TimeVal.From(UserTime),
        SystemTime = TimeVal.From(SystemTime),
        MaximumResident = peakPages * 4,
        MinorFaults = MinorFaults,
        MajorFaults = MajorFaults,
        VoluntarySwitches = VoluntarySwitches,
        InvoluntarySwitches = InvoluntarySwitches,
    };
}
