using Kennel.Abi;
using Kennel.Files;
using Kennel.Syscalls;
using Kennel.Tasks;

namespace Kennel.FileSystems.Proc;

/// <summary>/proc/sys: what sysctl shows (man 5 proc_sys).</summary>
internal sealed class SysDirectory
{
    private readonly ProcFileSystem _proc;
    private readonly PathTable _table;

    public SysDirectory(ProcFileSystem proc)
    {
        _proc = proc;
        _table = new PathTable(proc, "/sys");
        Kernel kernel = proc.Kernel;
        _table.Add("kernel/ostype", _ => "Linux");
        _table.Add("kernel/osrelease", _ => SystemSyscalls.Release);
        _table.Add("kernel/version", _ => SystemSyscalls.Version);
        _table.Add("kernel/hostname", t => t.Namespaces.Uts.NodeName, SetHostName);
        _table.Add("kernel/domainname", t => t.Namespaces.Uts.DomainName);
        _table.Add("kernel/pid_max", _ => proc.View.Limit.ToString(), SetPidMax);
        _table.Add("kernel/threads-max", _ => kernel.Options.TaskLimit.ToString());
        _table.Add("kernel/ngroups_max", _ => "65536");
        _table.Add("kernel/cap_last_cap", _ => "40");
        _table.Add("kernel/overflowuid", _ => "65534");
        _table.Add("kernel/overflowgid", _ => "65534");
        _table.Add("kernel/core_pattern", _ => "core");
        _table.Add("kernel/randomize_va_space", _ => "0");
        _table.Add("kernel/printk", _ => "4\t4\t1\t7");
        _table.Add("kernel/tainted", _ => "0");
        _table.Add("kernel/sched_rr_timeslice_ms", _ => "100");
        _table.Add("kernel/yama/ptrace_scope", _ => "0");
        _table.Add("kernel/random/boot_id", _ => BootId(kernel));
        _table.Add("kernel/random/uuid", _ => NewUuid(kernel));
        _table.Add("kernel/random/entropy_avail", _ => "256");
        _table.Add("kernel/random/poolsize", _ => "256");
        _table.Add("vm/overcommit_memory", _ => "1");
        _table.Add("vm/overcommit_ratio", _ => "50");
        _table.Add("vm/max_map_count", _ => Memory.AddressSpace.MaxAreas.ToString());
        _table.Add("vm/mmap_min_addr", _ => Memory.AddressSpace.Bottom.ToString());
        _table.Add("vm/swappiness", _ => "60");
        _table.Add("vm/nr_hugepages", _ => "0");
        _table.Add("fs/file-max", _ => "9223372036854775807");
        _table.Add("fs/nr_open", _ => "1048576");
        _table.Add("fs/pipe-max-size", _ => "1048576");
        _table.Add("fs/pipe-user-pages-soft", _ => "16384");
        _table.Add("net/core/somaxconn", _ => "4096");
        _table.Add("net/unix/max_dgram_qlen", _ => "512");
    }

    public ProcNode Node => _table.Top;

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
