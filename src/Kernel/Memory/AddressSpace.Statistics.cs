using Kennel.Machine;

namespace Kennel.Memory;

/// <summary>What procfs and getrusage tell about an address space. Counts are pages of 4 KiB.</summary>
public sealed partial class AddressSpace
{
    /// <summary>VmSize: all areas (Linux: total_vm).</summary>
    public long TotalPages => _areas.TotalPages;

    /// <summary>VmData (Linux: data_vm).</summary>
    public long DataPages => _areas.DataPages;

    /// <summary>VmStk (Linux: stack_vm).</summary>
    public long StackPages => _areas.StackPages;

    /// <summary>Executable areas: VmExe and VmLib together (Linux: exec_vm).</summary>
    public long CodePages => _areas.CodePages;

    /// <summary>VmLck.</summary>
    public long LockedPages => _areas.LockedPages;

    /// <summary>VmRSS.</summary>
    public long ResidentPages => Pages.Resident;

    /// <summary>VmHWM: the most that was ever resident (Linux: hiwater_rss).</summary>
    public long PeakResidentPages
    {
        get
        {
            NotePeakResident();
            return PeakResident;
        }
    }

    /// <summary>VmPeak (Linux: hiwater_vm).</summary>
    public long PeakPages { get; private set; }

    /// <summary>Faults served without and with reading a file.</summary>
    public long MinorFaults { get; private set; }

    public long MajorFaults { get; private set; }

    private long PeakResident { get; set; }

    /// <summary>Resident pages by kind: anonymous, of files, of shared memory (RssAnon, RssFile, RssShmem).</summary>
    public (long Anonymous, long File, long Shared) CountResident()
    {
        long anonymous = 0, file = 0, shared = 0;
        foreach (Vma area in Areas)
        {
            (long pages, long own) = CountResident(area);
            anonymous += own;
            if (area.File is SharedMemoryFile) shared += pages - own;
            else file += pages - own;
        }
        return (anonymous, file, shared);
    }

    /// <summary>Present pages of an area, and how many of them are its own, not the file's.</summary>
    public (long Present, long Anonymous) CountResident(Vma area)
    {
        long present = 0, own = 0;
        for (ulong page = area.Start; Pages.NextPresent(ref page, area.End, out Pte pte); page += PageSize)
        {
            if (pte.Frame == FramePool.Zero) continue;
            present++;
            if (area.Pages == null) own++;
            else if (!area.IsShared && !(area.Pages!.TryPeek(area.PageAt(page), out int cached) && cached == pte.Frame)) own++;
        }
        return (present, own);
    }

    /// <summary>
    /// The last column of /proc/PID/maps, without a file's path: "[heap]", "[stack]", "[vdso]", or what a nameless file is called;
    /// null where the column is the file's path, empty where there is none. Linux: fs/proc/task_mmu.c, get_vma_name.
    /// </summary>
    public string? NameOf(Vma area)
    {
        if (area.File != null) return area.File.Path != null ? null : area.File.Description;
        if ((area.Flags & VmaFlags.Special) != 0) return "[vdso]";
        if (area.Start < _break && area.End > Layout.BreakStart) return "[heap]";
        return area.Start <= Layout.StackStart && area.End >= Layout.StackStart && Layout.StackStart != 0 ? "[stack]" : "";
    }

    private void NotePeakResident()
    {
        if (Pages.Resident > PeakResident) PeakResident = Pages.Resident;
    }
}
