using Kennel.Probes;
using Kennel.Tracing.Stap.Runtime;

namespace Kennel.Tracing.Stap.Functions;

/// <summary>Tasks, their files and paths (man 3stap, tapset::task).</summary>
internal static class TaskFunctions
{
    [StapFunction("task_current", PointsTo = "task_struct")]
    public static long Current(StapRuntime rt) => Address(rt, rt.Task);

    [StapFunction("pid2task", PointsTo = "task_struct")]
    public static long ByPid(StapRuntime rt, long pid) => rt.Model.FindTask((int)pid) is { } task ? Address(rt, task) : 0;

    [StapFunction("pid2execname")]
    public static string NameByPid(StapRuntime rt, long pid) => StapStrings.From(rt.Model.FindTask((int)pid)?.Name ?? "");

    [StapFunction("task_parent", PointsTo = "task_struct")]
    public static long Parent(StapRuntime rt, long task) => Of(rt, task).Parent is { } parent ? Address(rt, parent) : 0;

    [StapFunction("task_pid"), StapFunction("task_tgid"), StapFunction("task_ns_pid")]
    public static long Pid(StapRuntime rt, long task) => Of(rt, task).ProcessId;

    [StapFunction("task_tid"), StapFunction("task_ns_tid")]
    public static long Tid(StapRuntime rt, long task) => Of(rt, task).ThreadId;

    [StapFunction("task_execname")]
    public static string ExecName(StapRuntime rt, long task) => StapStrings.From(Of(rt, task).Name);

    [StapFunction("task_state")]
    public static long State(StapRuntime rt, long task)
    {
        ITracedTask item = Of(rt, task);
        return rt.ReadField(item, "task_struct", "__state")?.Number ?? 0;
    }

    [StapFunction("task_cpu")]
    public static long Cpu(StapRuntime rt, long task) => Of(rt, task).Cpu;

    [StapFunction("task_prio")]
    public static long Priority(StapRuntime rt, long task) => (rt.ReadField(Of(rt, task), "task_struct", "prio")?.Number ?? 120) - 100;

    [StapFunction("task_priority")]
    public static long RawPriority(StapRuntime rt, long task) => rt.ReadField(Of(rt, task), "task_struct", "prio")?.Number ?? 120;

    [StapFunction("task_nice")]
    public static long Nice(StapRuntime rt, long task) => (rt.ReadField(Of(rt, task), "task_struct", "static_prio")?.Number ?? 120) - 120;

    [StapFunction("task_uid")]
    public static long Uid(StapRuntime rt, long task) => Of(rt, task).UserId;

    [StapFunction("task_gid")]
    public static long Gid(StapRuntime rt, long task) => Of(rt, task).GroupId;

    [StapFunction("task_euid")]
    public static long EffectiveUid(StapRuntime rt, long task) => Of(rt, task).EffectiveUserId;

    [StapFunction("task_egid")]
    public static long EffectiveGid(StapRuntime rt, long task) => Of(rt, task).EffectiveGroupId;

    [StapFunction("task_utime")]
    public static long UserTime(StapRuntime rt) => rt.Task.CpuTime.User;

    [StapFunction("task_utime")]
    public static long UserTime(StapRuntime rt, long task) => Of(rt, task).CpuTime.User;

    [StapFunction("task_stime")]
    public static long SystemTime(StapRuntime rt) => rt.Task.CpuTime.System;

    [StapFunction("task_stime")]
    public static long SystemTime(StapRuntime rt, long task) => Of(rt, task).CpuTime.System;

    [StapFunction("task_start_time")]
    public static long StartTime(StapRuntime rt, long task) => Of(rt, task).StartTime;

    [StapFunction("task_ancestry")]
    public static string Ancestry(StapRuntime rt, long task, long withTime)
    {
        var names = new List<string>();
        for (ITracedTask? at = Of(rt, task); at != null && at.ThreadId != 0; at = at.Parent)
        {
            if (names.Count > 64) break;
            names.Insert(0, withTime != 0 ? $"{at.Name}({at.ProcessId}){(rt.Target.Now - at.StartTime) / 1_000_000_000}s" : $"{at.Name}({at.ProcessId})");
        }
        return rt.Cut(StapStrings.From(string.Join("=>", names)));
    }

    [StapFunction("task_max_file_handles")]
    public static long MaximumFiles(StapRuntime rt, long task)
    {
        object? files = rt.ReadField(Of(rt, task), "task_struct", "files")?.Object;
        object? table = files == null ? null : rt.ReadField(files, "files_struct", "fdt")?.Object;
        return table == null ? 0 : rt.ReadField(table, "fdtable", "max_fds")?.Number ?? 0;
    }

    [StapFunction("task_open_file_handles")]
    public static long OpenFiles(StapRuntime rt, long task)
    {
        ITracedTask item = Of(rt, task);
        return Enumerable.Range(0, (int)MaximumFiles(rt, task)).Count(i => item.FindFile(i) != null);
    }

    [StapFunction("task_fd_lookup")]
    public static long File(StapRuntime rt, long task, long descriptor)
    {
        object? files = rt.ReadField(Of(rt, task), "task_struct", "files")?.Object;
        object? table = files == null ? null : rt.ReadField(files, "files_struct", "fdt")?.Object;
        if (table == null || rt.ReadField(table, "fdtable", "fd")?.Object is not KernelArray array || descriptor < 0 || descriptor >= array.Count) return 0;
        return array.Read((int)descriptor).Object is { } file ? (long)rt.Model.AddressOf(file) : 0;
    }

    [StapFunction("pid2pathname"), StapFunction("task_exe_path")]
    public static string Program(StapRuntime rt, long pid) => rt.Model.FindTask((int)pid) is { } task ? StapPaths.ProgramOf(rt, task) : "";

    [StapFunction("task_exe_file")]
    public static long ExeFile(StapRuntime rt, long task)
    {
        object? memory = rt.ReadField(Of(rt, task), "task_struct", "mm")?.Object;
        return memory != null && rt.ReadField(memory, "mm_struct", "exe_file")?.Object is { } file ? (long)rt.Model.AddressOf(file) : 0;
    }

    [StapFunction("current_exe_file")]
    public static long CurrentExeFile(StapRuntime rt) => ExeFile(rt, Current(rt));

    [StapFunction("task_cwd_path")]
    public static long WorkingDirectory(StapRuntime rt, long task)
    {
        object? fs = rt.ReadField(Of(rt, task), "task_struct", "fs")?.Object;
        return fs != null && rt.ReadField(fs, "fs_struct", "pwd")?.Object is { } path ? (long)rt.Model.AddressOf(path) : 0;
    }

    [StapFunction("d_name")]
    public static string DentryName(StapRuntime rt, long dentry)
    {
        object item = rt.Model.ObjectAt((ulong)dentry, out _) ?? throw StapRuntime.FaultAt(dentry);
        object? name = rt.ReadField(item, "dentry", "d_name")?.Object;
        return rt.Cut(StapStrings.From(name == null ? "" : rt.ReadField(name, "qstr", "name")?.Object as string));
    }

    [StapFunction("reverse_path_walk"), StapFunction("inode_path")]
    public static string PathOfDentry(StapRuntime rt, long dentry)
    {
        object item = rt.Model.ObjectAt((ulong)dentry, out _) ?? throw StapRuntime.FaultAt(dentry);
        return rt.Cut(StapPaths.Of(rt, item, null).TrimStart('/'));
    }

    [StapFunction("task_dentry_path")]
    public static string TaskDentryPath(StapRuntime rt, long task, long dentry, long mount)
    {
        object item = rt.Model.ObjectAt((ulong)dentry, out _) ?? throw StapRuntime.FaultAt(dentry);
        return rt.Cut(StapPaths.Of(rt, item, rt.Model.ObjectAt((ulong)mount, out _)));
    }

    [StapFunction("fullpath_struct_path"), StapFunction("d_path")]
    public static string PathOf(StapRuntime rt, long path)
    {
        object item = rt.Model.ObjectAt((ulong)path, out _) ?? throw StapRuntime.FaultAt(path);
        return rt.Cut(StapPaths.OfPath(rt, item));
    }

    [StapFunction("fullpath_struct_file")]
    public static string FilePath(StapRuntime rt, long task, long file) => FilePath(rt, file);

    [StapFunction("fullpath_struct_file")]
    public static string FilePath(StapRuntime rt, long file)
    {
        object item = rt.Model.ObjectAt((ulong)file, out _) ?? throw StapRuntime.FaultAt(file);
        return rt.ReadField(item, "file", "f_path")?.Object is { } path ? rt.Cut(StapPaths.OfPath(rt, path)) : "";
    }

    [StapFunction("cmdline_args")]
    public static string Arguments(StapRuntime rt, long first, long last, string delimiter)
    {
        IReadOnlyList<string> arguments = LiveArguments(rt);
        int from = (int)Math.Max(0, first);
        int to = last < 0 ? arguments.Count - 1 : (int)Math.Min(last, arguments.Count - 1);
        return from > to ? "" : rt.Cut(string.Join(delimiter, arguments.Skip(from).Take(to - from + 1)));
    }

    [StapFunction("cmdline_arg")]
    public static string Argument(StapRuntime rt, long index)
    {
        IReadOnlyList<string> arguments = LiveArguments(rt);
        return index >= 0 && index < arguments.Count ? rt.Cut(arguments[(int)index]) : "";
    }

    [StapFunction("cmdline_str")]
    public static string CommandLine(StapRuntime rt) => Arguments(rt, 0, -1, " ");

    [StapFunction("env_var")]
    public static string Environment(StapRuntime rt, string name)
    {
        foreach (string entry in Strings(rt, "env_start", "env_end"))
        {
            if (entry.StartsWith(name + "=", StringComparison.Ordinal)) return rt.Cut(entry[(name.Length + 1)..]);
        }
        return "";
    }

    [StapFunction("proc_mem_size")]
    public static long MemorySize(StapRuntime rt) => Memory(rt, rt.Task, "total_vm");

    [StapFunction("proc_mem_size_pid")]
    public static long MemorySize(StapRuntime rt, long pid) => rt.Model.FindTask((int)pid) is { } task ? Memory(rt, task, "total_vm") : -1;

    [StapFunction("proc_mem_rss")]
    public static long Resident(StapRuntime rt) => Memory(rt, rt.Task, "_file_rss") + Memory(rt, rt.Task, "_anon_rss");

    [StapFunction("proc_mem_rss_pid")]
    public static long Resident(StapRuntime rt, long pid) => rt.Model.FindTask((int)pid) is { } task ? Memory(rt, task, "_file_rss") + Memory(rt, task, "_anon_rss") : -1;

    [StapFunction("proc_mem_shr")]
    public static long Shared(StapRuntime rt) => Memory(rt, rt.Task, "_file_rss");

    [StapFunction("proc_mem_txt")]
    public static long TextPages(StapRuntime rt) => (Memory(rt, rt.Task, "end_code") - Memory(rt, rt.Task, "start_code") + 4095) / 4096;

    [StapFunction("proc_mem_data")]
    public static long DataPages(StapRuntime rt) => Memory(rt, rt.Task, "data_vm") + Memory(rt, rt.Task, "stack_vm");

    [StapFunction("__proc_mem_pid")]
    public static long MemoryOf(StapRuntime rt, long pid, string field) => rt.Model.FindTask((int)pid) is { } task ? Memory(rt, task, field) : -1;

    [StapFunction("mem_page_size")]
    public static long PageSize(StapRuntime rt) => 4096;

    internal static ITracedTask Of(StapRuntime rt, long address) =>
        rt.Model.ObjectAt((ulong)address, out _) as ITracedTask ?? throw StapRuntime.FaultAt(address);

    internal static long Address(StapRuntime rt, ITracedTask task) => (long)rt.Model.AddressOf(task);

    private static long Memory(StapRuntime rt, ITracedTask task, string field) =>
        rt.ReadField(task, "task_struct", "mm")?.Object is { } memory ? rt.ReadField(memory, "mm_struct", field)?.Number ?? 0 : 0;

    // The program may have written over its arguments: they are read where they lie.
    private static IReadOnlyList<string> LiveArguments(StapRuntime rt)
    {
        IReadOnlyList<string> live = Strings(rt, "arg_start", "arg_end");
        return live.Count > 0 ? live : [.. rt.Task.Arguments.Select(StapStrings.From)];
    }

    private static IReadOnlyList<string> Strings(StapRuntime rt, string from, string to)
    {
        long start = Memory(rt, rt.Task, from);
        long length = Math.Min(Memory(rt, rt.Task, to) - start, 1 << 16);
        if (length <= 0) return [];
        var bytes = new byte[length];
        int got = rt.Task.ReadMemory((ulong)start, bytes);
        string all = System.Text.Encoding.Latin1.GetString(bytes, 0, got);
        return all.Length == 0 ? [] : all.TrimEnd('\0').Split('\0');
    }
}
