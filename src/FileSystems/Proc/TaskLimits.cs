using System.Text;
using Kennel.Abi;

namespace Kennel.FileSystems.Proc;

/// <summary>/proc/PID/limits. Linux: fs/proc/base.c, proc_pid_limits.</summary>
internal static class TaskLimits
{
    private static readonly (Resource Resource, string Name, string Unit)[] Rows =
    [
        (Resource.Cpu, "Max cpu time", "seconds"), (Resource.FileSize, "Max file size", "bytes"), (Resource.Data, "Max data size", "bytes"),
        (Resource.Stack, "Max stack size", "bytes"), (Resource.Core, "Max core file size", "bytes"), (Resource.Resident, "Max resident set", "bytes"),
        (Resource.Processes, "Max processes", "processes"), (Resource.OpenFiles, "Max open files", "files"),
        (Resource.LockedMemory, "Max locked memory", "bytes"), (Resource.AddressSpace, "Max address space", "bytes"),
        (Resource.Locks, "Max file locks", "locks"), (Resource.PendingSignals, "Max pending signals", "signals"),
        (Resource.MessageQueue, "Max msgqueue size", "bytes"), (Resource.Nice, "Max nice priority", ""),
        (Resource.RealtimePriority, "Max realtime priority", ""), (Resource.RealtimeTime, "Max realtime timeout", "us"),
    ];

    public static string Write(TaskView v)
    {
        var text = new StringBuilder($"{"Limit",-25} {"Soft Limit",-20} {"Hard Limit",-20} {"Units",-10}\n");
        foreach ((Resource resource, string name, string unit) in Rows)
        {
            ResourceLimit limit = v.Task.Group.Limits[resource];
            text.Append($"{name,-25} {Value(limit.Soft),-20} {Value(limit.Hard),-20} ").Append(unit.Length == 0 ? "" : $"{unit,-10}").Append('\n');
        }
        return text.ToString();
    }

    private static string Value(ulong limit) => limit == ulong.MaxValue ? "unlimited" : limit.ToString();
}
