using System.Text;
using Kennel.Abi;
using Kennel.Files;
using Kennel.Memory;
using Kennel.Tasks;

namespace Kennel.FileSystems.Proc;

/// <summary>The files of /proc/PID (man 5 proc_pid). Linux: fs/proc/base.c, tgid_base_stuff.</summary>
internal static class TaskFiles
{
    private const uint OwnerOnly = 0x100, ReadWrite = 0x1a4;

    public static IReadOnlyDictionary<string, TaskFile> Table { get; } = new SortedDictionary<string, TaskFile>(StringComparer.Ordinal)
    {
        ["stat"] = new(TaskStat.Write),
        ["statm"] = new(Statm),
        ["status"] = new(TaskStatus.Write),
        ["cmdline"] = new(v => Range(v.Task, m => (m.Layout.ArgumentsStart, m.Layout.ArgumentsEnd))),
        ["environ"] = new(v => Range(v.Task, m => (m.Layout.EnvironmentStart, m.Layout.EnvironmentEnd)), OwnerOnly, IsGuarded: true),
        ["auxv"] = new(v => v.Task.Memory == null ? "" : Encoding.Latin1.GetString(v.Task.Memory.Layout.AuxiliaryVector), OwnerOnly, IsGuarded: true),
        ["comm"] = new(v => v.Task.Comm + "\n", ReadWrite) { Write = SetComm },
        ["maps"] = new(MemoryMaps.Write, IsGuarded: true),
        ["smaps"] = new(MemoryMaps.WriteDetailed, IsGuarded: true),
        ["smaps_rollup"] = new(MemoryMaps.WriteRollup, IsGuarded: true),
        ["limits"] = new(TaskLimits.Write),
        ["mounts"] = new(MountFiles.Mounts),
        ["mountinfo"] = new(MountFiles.MountInfo),
        ["cgroup"] = new(_ => "0::/\n"),
        ["io"] = new(_ => "rchar: 0\nwchar: 0\nsyscr: 0\nsyscw: 0\nread_bytes: 0\nwrite_bytes: 0\ncancelled_write_bytes: 0\n", OwnerOnly, IsGuarded: true),
        ["loginuid"] = new(_ => "4294967295", ReadWrite),
        ["sessionid"] = new(_ => "4294967295"),
        ["oom_score"] = new(v => Math.Max(0, 666 + (v.Task.Group.OomScoreAdjustment * 2 / 3)) + "\n"),
        ["oom_score_adj"] = new(v => v.Task.Group.OomScoreAdjustment + "\n", ReadWrite) { Write = SetOomScore },
        ["wchan"] = new(v => v.Task.State is TaskState.Running ? "0" : "schedule"),
        ["stack"] = new(_ => "", OwnerOnly, IsGuarded: true),
        ["personality"] = new(v => v.Task.Personality.ToString("x8") + "\n", OwnerOnly, IsGuarded: true),
        ["syscall"] = new(v => v.Task.InSyscall < 0 ? "running\n" : v.Task.InSyscall + " 0x0 0x0 0x0 0x0 0x0 0x0 0x0 0x0\n", OwnerOnly, IsGuarded: true),
        ["schedstat"] = new(v => $"{v.Task.Accounting.UserTime + v.Task.Accounting.SystemTime} 0 {v.Task.Accounting.VoluntarySwitches + v.Task.Accounting.InvoluntarySwitches}\n"),
        ["timerslack_ns"] = new(v => v.Task.TimerSlack + "\n", ReadWrite),
        ["coredump_filter"] = new(_ => "00000033\n", ReadWrite),
        ["setgroups"] = new(_ => "allow\n", ReadWrite),
        ["uid_map"] = new(_ => "         0          0 4294967295\n", ReadWrite),
        ["gid_map"] = new(_ => "         0          0 4294967295\n", ReadWrite),
        ["children"] = new(v => string.Concat(v.Task.Children.Select(c => c.Numbers.In(v.View) + " "))),
    };

    private static string Statm(TaskView v)
    {
        if (v.Task.Memory is not { } memory) return "0 0 0 0 0 0 0\n";
        (_, long file, long shared) = memory.CountResident();
        return $"{memory.TotalPages} {memory.ResidentPages} {file + shared} {memory.CodePages} 0 {memory.DataPages + memory.StackPages} 0\n";
    }

    private static string Range(LinuxTask task, Func<AddressSpace, (ulong Start, ulong End)> range)
    {
        if (task.Memory is not { } memory) return "";
        (ulong start, ulong end) = range(memory);
        byte[] bytes = new byte[Math.Min(end - start, 4 << 20)];
        return Encoding.Latin1.GetString(bytes, 0, memory.CopyInPartial(start, bytes));
    }

    private static Errno SetComm(LinuxTask task, string text)
    {
        string name = text.TrimEnd('\n');
        task.Comm = name[..Math.Min(name.Length, 15)];
        return Errno.None;
    }

    private static Errno SetOomScore(LinuxTask task, string text)
    {
        if (!int.TryParse(text.Trim(), out int value) || value is < -1000 or > 1000) return Errno.EINVAL;
        task.Group.OomScoreAdjustment = value;
        return Errno.None;
    }
}
