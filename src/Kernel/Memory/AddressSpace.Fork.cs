using Kennel.Machine;
using Kennel.Views;

namespace Kennel.Memory;

/// <summary>
/// Fork: the child gets the same page table root and the same list of areas, each with one more reference. Nothing is copied until
/// somebody changes something, so that fork costs the same whatever the parent's size. Linux: kernel/fork.c, dup_mmap.
/// </summary>
public sealed partial class AddressSpace
{
    /// <summary>A copy for a child without CLONE_VM.</summary>
    [KernelFunction("kernel/fork.c", "struct mm_struct *dup_mm(struct task_struct *tsk = this.Kernel.Current, struct mm_struct *oldmm = this)")]
    public AddressSpace Fork()
    {
        SettleCode();
        var child = new AddressSpace(Kernel, Pages.Fork(), _areas.Share())
        {
            Layout = Layout,
            _break = _break,
            PeakPages = _areas.TotalPages,
            _fillsHolesAt = _fillsHolesAt,
            _closesGapsAt = _closesGapsAt,
        };
        child.SetExecutable(Executable?.AddReference());
        if (_areas.ForkExceptions > 0) child.DropWhatForkDoesNotInherit();
        child.PeakResident = child.Pages.Resident;
        return child;
    }

    // MADV_DONTFORK areas go, MADV_WIPEONFORK areas become empty, memory locks are not inherited.
    private void DropWhatForkDoesNotInherit()
    {
        AreaList areas = OwnAreas();
        for (int i = areas.Count - 1; i >= 0; i--)
        {
            Vma area = areas[i];
            if ((area.Flags & (VmaFlags.DontFork | VmaFlags.WipeOnFork)) != 0) Pages.Clear(area.Start, area.End);
            if ((area.Flags & VmaFlags.DontFork) != 0) areas.Remove(i);
            else if (area.IsLocked) areas.Replace(i, area with { Flags = area.Flags & ~VmaFlags.Locked });
        }
    }
}
