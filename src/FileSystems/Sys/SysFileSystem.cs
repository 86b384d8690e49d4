using Kennel.Files;
using Kennel.FileSystems.Proc;
using Kennel.Tasks;

namespace Kennel.FileSystems.Sys;

/// <summary>sysfs (man 5 sysfs): processors and memory nodes, as lscpu, nproc, hwloc and language runtimes look for them.</summary>
/// <remarks>Linux: drivers/base/cpu.c, drivers/base/topology.c, drivers/base/node.c. There are no devices and no control groups.</remarks>
public sealed class SysFileSystem : PseudoFileSystem
{
    /// <param name="kernel">The machine that it shows.</param>
    public SysFileSystem(Kernel kernel)
        : base("sysfs", kernel)
    {
        var table = new PathTable(this, "");
        int count = kernel.Machine.Count;
        AddProcessors(table, count);
        AddNode(table, kernel, count);
        table.Add("kernel/mm/transparent_hugepage/enabled", _ => "always madvise [never]");
        table.Add("kernel/mm/transparent_hugepage/hpage_pmd_size", _ => "2097152");
        Root = table.Top;
    }

    /// <inheritdoc/>
    public override Inode Root { get; }

    /// <inheritdoc/>
    public override long Magic => 0x62656572;

    private static void AddProcessors(PathTable table, int count)
    {
        const string top = "devices/system/cpu";
        string all = Range(count);
        table.Add($"{top}/possible", _ => all);
        table.Add($"{top}/present", _ => all);
        table.Add($"{top}/online", _ => all);
        table.Add($"{top}/offline", _ => "");
        table.Add($"{top}/isolated", _ => "");
        table.Add($"{top}/kernel_max", _ => "8191");
        for (int i = 0; i < count; i++)
        {
            string cpu = $"{top}/cpu{i}", number = i.ToString(), mask = Mask(i, i + 1, count);
            table.Add($"{cpu}/online", _ => "1");
            table.Add($"{cpu}/topology/physical_package_id", _ => "0");
            table.Add($"{cpu}/topology/die_id", _ => "0");
            table.Add($"{cpu}/topology/core_id", _ => number);
            table.Add($"{cpu}/topology/thread_siblings", _ => mask);
            table.Add($"{cpu}/topology/thread_siblings_list", _ => number);
            table.Add($"{cpu}/topology/core_cpus", _ => mask);
            table.Add($"{cpu}/topology/core_cpus_list", _ => number);
            table.Add($"{cpu}/topology/core_siblings", _ => Mask(0, count, count));
            table.Add($"{cpu}/topology/core_siblings_list", _ => all);
            table.Add($"{cpu}/topology/package_cpus", _ => Mask(0, count, count));
            table.Add($"{cpu}/topology/package_cpus_list", _ => all);
        }
    }

    private static void AddNode(PathTable table, Kernel kernel, int count)
    {
        const string top = "devices/system/node";
        foreach (string name in (string[])["possible", "online", "has_cpu", "has_memory", "has_normal_memory"]) table.Add($"{top}/{name}", _ => "0");
        table.Add($"{top}/node0/cpulist", _ => Range(count));
        table.Add($"{top}/node0/cpumap", _ => Mask(0, count, count));
        table.Add($"{top}/node0/distance", _ => "10");
        table.Add($"{top}/node0/meminfo", _ => MemoryOf(kernel));
    }

    private static string MemoryOf(Kernel kernel)
    {
        long total = (long)kernel.Frames.Limit * 4, used = (long)kernel.Frames.InUse * 4;
        return $"Node 0 MemTotal:       {total,8} kB\nNode 0 MemFree:        {total - used,8} kB\nNode 0 MemUsed:        {used,8} kB";
    }

    private static string Range(int count) => count == 1 ? "0" : $"0-{count - 1}";

    // Groups of 32 bits, the highest first, as wide as the machine (lib/bitmap.c).
    private static string Mask(int from, int end, int count)
    {
        var groups = new uint[(count + 31) / 32];
        for (int i = from; i < end; i++) groups[i / 32] |= 1u << (i % 32);
        int width = Math.Min(8, (count + 3) / 4);
        string text = groups[^1].ToString(groups.Length == 1 ? $"x{width}" : "x8");
        for (int i = groups.Length - 2; i >= 0; i--) text += "," + groups[i].ToString("x8");
        return text;
    }
}
