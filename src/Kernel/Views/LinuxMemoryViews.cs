using Kennel.Machine;
using Kennel.Memory;

namespace Kennel.Views;

/// <summary>Linux' view of memory (include/linux/mm_types.h).</summary>
internal sealed class LinuxMemoryViews(Kernel kernel, Parts parts)
{
    public IEnumerable<IView> All() => [Memory(), Area()];

    private static View<AddressSpace> Memory() => new("mm_struct")
    {
        { "mmap", "struct vm_area_struct *", m => m.Areas.FirstOrDefault() },
        { "mmap_base", "unsigned long", m => m.Layout.MapBase },
        { "task_size", "unsigned long", _ => AddressSpace.Top },
        { "highest_vm_end", "unsigned long", m => m.Areas.LastOrDefault()?.End ?? 0 },
        { "pgd", "void *", m => m.Pages },
        { "mm_users", "int", m => m.Users },
        { "mm_count", "int", _ => 1 },
        { "map_count", "int", m => m.Areas.Count() },
        { "hiwater_rss", "unsigned long", m => m.PeakResidentPages },
        { "hiwater_vm", "unsigned long", m => m.PeakPages },
        { "total_vm", "unsigned long", m => m.TotalPages },
        { "locked_vm", "unsigned long", m => m.LockedPages },
        { "data_vm", "unsigned long", m => m.DataPages },
        { "exec_vm", "unsigned long", m => m.CodePages },
        { "stack_vm", "unsigned long", m => m.StackPages },
        { "_file_rss", "unsigned long", m => m.CountResident().File },
        { "_anon_rss", "unsigned long", m => m.CountResident().Anonymous },
        { "start_code", "unsigned long", m => m.Layout.CodeStart },
        { "end_code", "unsigned long", m => m.Layout.CodeEnd },
        { "start_data", "unsigned long", m => m.Layout.DataStart },
        { "end_data", "unsigned long", m => m.Layout.DataEnd },
        { "start_brk", "unsigned long", m => m.Layout.BreakStart },
        { "brk", "unsigned long", m => m.Break },
        { "start_stack", "unsigned long", m => m.Layout.StackStart },
        { "arg_start", "unsigned long", m => m.Layout.ArgumentsStart },
        { "arg_end", "unsigned long", m => m.Layout.ArgumentsEnd },
        { "env_start", "unsigned long", m => m.Layout.EnvironmentStart },
        { "env_end", "unsigned long", m => m.Layout.EnvironmentEnd },
        { "exe_file", "struct file *", m => m.Executable },
    };

    private View<Vma> Area() => new("vm_area_struct")
    {
        { "vm_start", "unsigned long", a => a.Start },
        { "vm_end", "unsigned long", a => a.End },
        { "vm_next", "struct vm_area_struct *", a => SpaceOf(a)?.Areas.FirstOrDefault(b => b.Start >= a.End) },
        { "vm_prev", "struct vm_area_struct *", a => SpaceOf(a)?.Areas.LastOrDefault(b => b.End <= a.Start) },
        { "vm_mm", "struct mm_struct *", a => SpaceOf(a) },
        { "vm_flags", "unsigned long", a => Flags(a) },
        { "anon_vma", "struct anon_vma *", a => HasOwnPages(a) ? parts.Of(a, "anon_vma", static a => new NamedPart("anon_vma", a)) : null },
        { "vm_pgoff", "unsigned long", a => a.PageOffset },
        { "vm_file", "struct file *", a => a.File },
        { "vm_private_data", "void *", _ => null },
    };

    /// <summary>Whose area it is: areas are shared after a fork, so the running task's space comes first.</summary>
    internal AddressSpace? SpaceOf(Vma area)
    {
        AddressSpace? current = kernel.Current?.Memory;
        return current != null && Holds(current, area) ? current : kernel.AddressSpaces.FirstOrDefault(s => Holds(s, area));
    }

    /// <summary>Whether pages of it may be private to the process.</summary>
    internal static bool HasOwnPages(Vma area) => !area.IsShared && (area.IsAnonymous || (area.Access & PageAccess.Write) != 0);

    private static bool Holds(AddressSpace space, Vma area) => ReferenceEquals(space.Find(area.Start), area);

    // Linux: include/linux/mm.h, VM_*.
    private static long Flags(Vma a)
    {
        long flags = Rights(a.Access) | (Rights(a.MaxAccess) << 4);
        if (a.IsShared) flags |= 0x88;
        if (a.GrowsDown) flags |= 0x100;
        if (a.IsLocked) flags |= 0x2000;
        if (Has(VmaFlags.SequentialRead)) flags |= 0x8000;
        if (Has(VmaFlags.RandomRead)) flags |= 0x10000;
        if (Has(VmaFlags.DontFork)) flags |= 0x20000;
        if (Has(VmaFlags.Special)) flags |= 0x40000;
        if (Has(VmaFlags.Accounted)) flags |= 0x100000;
        if (Has(VmaFlags.NoReserve)) flags |= 0x200000;
        if (Has(VmaFlags.WipeOnFork)) flags |= 0x2000000;
        if (Has(VmaFlags.DontDump)) flags |= 0x4000000;
        if (Has(VmaFlags.HugePage)) flags |= 0x20000000;
        if (Has(VmaFlags.NoHugePage)) flags |= 0x40000000;
        if (Has(VmaFlags.Mergeable)) flags |= 0x80000000;
        return flags;

        bool Has(VmaFlags flag) => (a.Flags & flag) != 0;
    }

    private static long Rights(PageAccess access) =>
        ((access & PageAccess.Read) != 0 ? 1 : 0) | ((access & PageAccess.Write) != 0 ? 2 : 0) | ((access & PageAccess.Execute) != 0 ? 4 : 0);
}
