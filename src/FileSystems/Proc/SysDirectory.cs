using Kennel.Abi;
using Kennel.Files;
using Kennel.Syscalls;
using Kennel.Tasks;

namespace Kennel.FileSystems.Proc;

/// <summary>/proc/sys: what sysctl shows (man 5 proc_sys). A table of paths; directories follow from it.</summary>
internal sealed class SysDirectory
{
    private readonly ProcFileSystem _proc;
    private readonly SortedDictionary<string, (Func<LinuxTask, string> Text, Func<LinuxTask, string, Errno>? Write)> _values = new(StringComparer.Ordinal);

    public SysDirectory(ProcFileSystem proc)
    {
        _proc = proc;
        Kernel kernel = proc.Kernel;
        Add("kernel/ostype", _ => "Linux");
        Add("kernel/osrelease", _ => SystemSyscalls.Release);
        Add("kernel/version", _ => SystemSyscalls.Version);
        Add("kernel/hostname", t => t.Namespaces.Uts.NodeName, SetHostName);
        Add("kernel/domainname", t => t.Namespaces.Uts.DomainName);
        Add("kernel/pid_max", _ => proc.View.Limit.ToString(), SetPidMax);
        Add("kernel/threads-max", _ => kernel.Options.TaskLimit.ToString());
        Add("kernel/ngroups_max", _ => "65536");
        Add("kernel/cap_last_cap", _ => "40");
        Add("kernel/overflowuid", _ => "65534");
        Add("kernel/overflowgid", _ => "65534");
        Add("kernel/core_pattern", _ => "core");
        Add("kernel/randomize_va_space", _ => "0");
        Add("kernel/printk", _ => "4\t4\t1\t7");
        Add("kernel/tainted", _ => "0");
        Add("kernel/sched_rr_timeslice_ms", _ => "100");
        Add("kernel/yama/ptrace_scope", _ => "0");
        Add("kernel/random/boot_id", _ => BootId(kernel));
        Add("kernel/random/uuid", _ => NewUuid(kernel));
        Add("kernel/random/entropy_avail", _ => "256");
        Add("kernel/random/poolsize", _ => "256");
        Add("vm/overcommit_memory", _ => "1");
        Add("vm/overcommit_ratio", _ => "50");
        Add("vm/max_map_count", _ => Memory.AddressSpace.MaxAreas.ToString());
        Add("vm/mmap_min_addr", _ => Memory.AddressSpace.Bottom.ToString());
        Add("vm/swappiness", _ => "60");
        Add("vm/nr_hugepages", _ => "0");
        Add("fs/file-max", _ => "9223372036854775807");
        Add("fs/nr_open", _ => "1048576");
        Add("fs/pipe-max-size", _ => "1048576");
        Add("fs/pipe-user-pages-soft", _ => "16384");
        Add("net/core/somaxconn", _ => "4096");
        Add("net/unix/max_dgram_qlen", _ => "512");
    }

    /// <summary>The directory or file at a path below /proc/sys, "" for itself.</summary>
    public ProcNode Node(string path) => _values.TryGetValue(path, out var value)
        ? new ProcNode(_proc, "/sys/" + path, FileType.Regular, value.Write == null ? 0x124u : 0x1a4u) { Text = t => value.Text(t) + "\n", Write = value.Write }
        : new ProcNode(_proc, "/sys/" + path, FileType.Directory, 0x16d) { Find = n => Find(path, n), List = () => List(path) };

    private ProcNode? Find(string directory, string name)
    {
        string path = directory.Length == 0 ? name : $"{directory}/{name}";
        return _values.ContainsKey(path) || _values.Keys.Any(k => k.StartsWith(path + "/", StringComparison.Ordinal)) ? Node(path) : null;
    }

    private IEnumerable<(string, FileType)> List(string directory)
    {
        string prefix = directory.Length == 0 ? "" : directory + "/";
        return _values.Keys.Where(k => k.StartsWith(prefix, StringComparison.Ordinal)).Select(k => k[prefix.Length..].Split('/'))
            .Select(parts => (parts[0], parts.Length > 1 ? FileType.Directory : FileType.Regular)).Distinct();
    }

    private void Add(string path, Func<LinuxTask, string> text, Func<LinuxTask, string, Errno>? write = null) => _values[path] = (text, write);

    // Linux: kernel/pid_namespace.c and kernel/sysctl.c: from 301 to PID_MAX_LIMIT.
    private Errno SetPidMax(LinuxTask current, string text)
    {
        if (!int.TryParse(text.Trim(), out int limit) || limit is < 301 or > 4194304) return Errno.EINVAL;
        _proc.View.Limit = limit;
        return Errno.None;
    }

    private static Errno SetHostName(LinuxTask current, string text)
    {
        string name = text.Split('\n', 2)[0];
        current.Namespaces.Uts.NodeName = name[..Math.Min(name.Length, 64)];
        return Errno.None;
    }

    private static string NewUuid(Kernel kernel)
    {
        Span<byte> bytes = stackalloc byte[16];
        kernel.Host.FillRandom(bytes);
        bytes[7] = (byte)((bytes[7] & 0xf) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3f) | 0x80);
        return new Guid(bytes).ToString();
    }

    // One for a machine's life: it follows from when it was booted.
    private static string BootId(Kernel kernel) =>
        new Guid((int)(kernel.Time.Realtime - kernel.Time.Monotonic), 0x6b65, 0x4e6e, 0x80, 0x65, 0x6c, 0, 0, 0, 0, 1).ToString();
}
