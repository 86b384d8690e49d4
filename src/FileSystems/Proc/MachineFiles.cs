using System.Text;
using Kennel.Machine;
using Kennel.Syscalls;
using Kennel.Tasks;

namespace Kennel.FileSystems.Proc;

/// <summary>The files of /proc that are about the whole machine (man 5 proc).</summary>
internal static class MachineFiles
{
    public static Dictionary<string, Func<LinuxTask, string>> Table(Kernel kernel) => new(StringComparer.Ordinal)
    {
        ["cmdline"] = _ => "kennel\n",
        ["cpuinfo"] = _ => CpuInfo(kernel),
        ["devices"] = _ => "Character devices:\n  1 mem\n  5 /dev/tty\n  5 /dev/console\n  5 /dev/ptmx\n136 pts\n\nBlock devices:\n",
        ["filesystems"] = _ => "nodev\tsysfs\nnodev\tproc\nnodev\ttmpfs\nnodev\tdevtmpfs\nnodev\tdevpts\nnodev\toverlay\nnodev\thostfs\nnodev\tpipefs\nnodev\tsockfs\n",
        ["interrupts"] = _ => "    " + string.Concat(kernel.Processors.Select(c => $"       CPU{c.Id}")) + "\n",
        ["loadavg"] = t => $"0.00 0.00 0.00 {1 + kernel.Scheduler.Runnable}/{kernel.Tasks.Count} {t.Numbers.Owner.Last}\n",
        ["meminfo"] = _ => MemInfo(kernel),
        ["partitions"] = _ => "major minor  #blocks  name\n\n",
        ["stat"] = _ => Stat(kernel),
        ["swaps"] = _ => "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n",
        ["uptime"] = _ => Uptime(kernel),
        ["version"] = _ => $"Linux version {SystemSyscalls.Release} (kennel) {SystemSyscalls.Version}\n",
        ["vmstat"] = _ => $"nr_free_pages {kernel.Frames.Limit - kernel.Frames.InUse}\npgpgin 0\npgpgout 0\npswpin 0\npswpout 0\n",
    };

    private static string Uptime(Kernel kernel)
    {
        long now = kernel.Time.Monotonic, busy = kernel.Tasks.TotalUsage.CpuTime;
        return $"{Seconds(now)} {Seconds(Math.Max(0, (now * kernel.Machine.Count) - busy))}\n";
    }

    private static string Seconds(long nanoseconds) => $"{nanoseconds / 1_000_000_000}.{nanoseconds / 10_000_000 % 100:D2}";

    private static string Stat(Kernel kernel)
    {
        UsageCounters usage = kernel.Tasks.TotalUsage;
        long user = usage.UserTime / 10_000_000, system = usage.SystemTime / 10_000_000;
        int count = kernel.Machine.Count;
        long idle = Math.Max(0, (kernel.Time.Monotonic / 10_000_000 * count) - user - system);
        var text = new StringBuilder($"cpu  {user} 0 {system} {idle} 0 0 0 0 0 0\n");
        for (int i = 0; i < count; i++) text.Append($"cpu{i} {user / count} 0 {system / count} {idle / count} 0 0 0 0 0 0\n");
        long boot = (kernel.Time.Realtime - kernel.Time.Monotonic) / 1_000_000_000;
        text.Append($"intr 0\nctxt {usage.VoluntarySwitches + usage.InvoluntarySwitches}\nbtime {boot}\nprocesses {kernel.Tasks.Created}\n");
        text.Append($"procs_running {1 + kernel.Scheduler.Runnable}\nprocs_blocked 0\nsoftirq 0 0 0 0 0 0 0 0 0 0 0\n");
        return text.ToString();
    }

    private static string MemInfo(Kernel kernel)
    {
        long total = (long)kernel.Frames.Limit * 4, free = total - ((long)kernel.Frames.InUse * 4);
        var text = new StringBuilder();
        (string Name, long Kilobytes)[] rows =
        [
            ("MemTotal", total), ("MemFree", free), ("MemAvailable", free), ("Buffers", 0), ("Cached", 0), ("SwapCached", 0), ("Active", total - free),
            ("Inactive", 0), ("Active(anon)", total - free), ("Inactive(anon)", 0), ("Active(file)", 0), ("Inactive(file)", 0), ("Unevictable", 0),
            ("Mlocked", 0), ("SwapTotal", 0), ("SwapFree", 0), ("Dirty", 0), ("Writeback", 0), ("AnonPages", total - free), ("Mapped", 0), ("Shmem", 0),
            ("KReclaimable", 0), ("Slab", 0), ("SReclaimable", 0), ("SUnreclaim", 0), ("PageTables", kernel.Nodes.InUse / 2), ("CommitLimit", total / 2),
            ("Committed_AS", total - free), ("VmallocTotal", 34359738367), ("VmallocUsed", 0), ("VmallocChunk", 0),
        ];
        foreach ((string name, long kilobytes) in rows) text.Append((name + ":").PadRight(16)).Append(kilobytes.ToString().PadLeft(8)).Append(" kB\n");
        text.Append("HugePages_Total:       0\nHugePages_Free:        0\nHugepagesize:       2048 kB\n");
        return text.ToString();
    }

    // Agrees with what CPUID says.
    private static string CpuInfo(Kernel kernel)
    {
        var text = new StringBuilder();
        int count = kernel.Machine.Count;
        bool v3 = kernel.Engine.CpuLevel >= CpuLevel.V3;
        (int model, int stepping, int highest) = v3 ? (60, 3, 13) : (26, 5, 11);
        for (int i = 0; i < count; i++)
        {
            text.Append($"processor\t: {i}\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: {model}\nmodel name\t: Kennel virtual CPU (x86-64-{(v3 ? "v3" : "v2")})\nstepping\t: {stepping}\n");
            text.Append($"cpu MHz\t\t: 1000.000\ncache size\t: 8192 KB\nphysical id\t: 0\nsiblings\t: {count}\ncore id\t\t: {i}\ncpu cores\t: {count}\napicid\t\t: {i}\n");
            text.Append($"fpu\t\t: yes\nfpu_exception\t: yes\ncpuid level\t: {highest}\nwp\t\t: yes\nflags\t\t: fpu tsc cx8 cmov clflush mmx fxsr sse sse2 ht syscall nx rdtscp lm ");
            text.Append(v3
                ? "pni pclmulqdq ssse3 fma cx16 sse4_1 sse4_2 movbe popcnt aes xsave avx f16c hypervisor lahf_lm abm 3dnowprefetch bmi1 avx2 bmi2 erms sha_ni xsaveopt xsavec xgetbv1"
                : "pni pclmulqdq ssse3 cx16 sse4_1 sse4_2 popcnt aes hypervisor lahf_lm 3dnowprefetch erms sha_ni");
            text.Append("\nbugs\t\t:\nbogomips\t: 2000.00\nclflush size\t: 64\n");
            text.Append("cache_alignment\t: 64\naddress sizes\t: 48 bits physical, 48 bits virtual\npower management:\n\n");
        }
        return text.ToString();
    }
}
