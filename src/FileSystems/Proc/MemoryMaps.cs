using System.Text;
using Kennel.Abi;
using Kennel.Files;
using Kennel.Machine;
using Kennel.Memory;

namespace Kennel.FileSystems.Proc;

/// <summary>/proc/PID/maps and its longer forms (man 5 proc_pid_maps). Linux: fs/proc/task_mmu.c.</summary>
internal static class MemoryMaps
{
    private const int NameColumn = 73;

    public static string Write(TaskView v)
    {
        var text = new StringBuilder();
        if (v.Task.Memory is not { } memory) return "";
        foreach (Vma area in memory.Areas) AppendLine(text, v, memory, area);
        return text.ToString();
    }

    public static string WriteDetailed(TaskView v)
    {
        var text = new StringBuilder();
        if (v.Task.Memory is not { } memory) return "";
        foreach (Vma area in memory.Areas)
        {
            AppendLine(text, v, memory, area);
            AppendSizes(text, memory, [area], withSize: true);
            text.Append("VmFlags: ").Append((area.Access & PageAccess.Read) != 0 ? "rd " : "").Append((area.Access & PageAccess.Write) != 0 ? "wr " : "")
                .Append((area.Access & PageAccess.Execute) != 0 ? "ex " : "").Append(area.IsShared ? "sh " : "").Append("mr mw me ").Append(area.GrowsDown ? "gd " : "").Append('\n');
        }
        return text.ToString();
    }

    public static string WriteRollup(TaskView v)
    {
        var text = new StringBuilder();
        if (v.Task.Memory is not { } memory) return "";
        Vma[] areas = [.. memory.Areas];
        if (areas.Length == 0) return "";
        text.Append($"{areas[0].Start:x8}-{areas[^1].End:x8} ---p 00000000 00:00 0 ".PadRight(NameColumn)).Append("[rollup]\n");
        AppendSizes(text, memory, areas, withSize: false);
        return text.ToString();
    }

    private static void AppendLine(StringBuilder text, TaskView v, AddressSpace memory, Vma area)
    {
        char r = (area.Access & PageAccess.Read) != 0 ? 'r' : '-', w = (area.Access & PageAccess.Write) != 0 ? 'w' : '-';
        char x = (area.Access & PageAccess.Execute) != 0 ? 'x' : '-', s = area.IsShared ? 's' : 'p';
        InodeAttributes a = default;
        if (area.File != null) area.File.GetAttributes(out a);
        long offset = area.File == null ? 0 : area.PageOffset << FramePool.FrameShift;
        string line = $"{area.Start:x8}-{area.End:x8} {r}{w}{x}{s} {offset:x8} {a.Device.Major:x2}:{a.Device.Minor:x2} {a.Number} ";
        string name = memory.NameOf(area) ?? PathName.Of(area.File!.Path!.Value, v.Reader.Fs!.Root);
        text.Append(name.Length == 0 ? line : line.PadRight(NameColumn) + name).Append('\n');
    }

    private static void AppendSizes(StringBuilder text, AddressSpace memory, Vma[] areas, bool withSize)
    {
        long size = 0, present = 0, own = 0;
        foreach (Vma area in areas)
        {
            (long p, long o) = memory.CountResident(area);
            (size, present, own) = (size + area.PageCount, present + p, own + o);
        }
        if (withSize)
        {
            Line("Size", size);
            Line("KernelPageSize", 1);
            Line("MMUPageSize", 1);
        }
        Line("Rss", present);
        Line("Pss", present);
        Line("Shared_Clean", present - own);
        Line("Shared_Dirty", 0);
        Line("Private_Clean", 0);
        Line("Private_Dirty", own);
        Line("Referenced", present);
        Line("Anonymous", own);
        Line("AnonHugePages", 0);
        Line("Swap", 0);
        Line("SwapPss", 0);
        Line("Locked", 0);

        void Line(string name, long pages) => text.Append((name + ":").PadRight(16)).Append((pages * 4).ToString().PadLeft(8)).Append(" kB\n");
    }
}
