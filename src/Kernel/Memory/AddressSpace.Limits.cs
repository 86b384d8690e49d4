using Kennel.Abi;
using Kennel.Credentials;
using Kennel.Machine;
using Kennel.Tasks;

namespace Kennel.Memory;

/// <summary>What an address space may not exceed: resource limits (man 2 getrlimit), overcommit, the number of areas.</summary>
public sealed partial class AddressSpace
{
    /// <summary>mlockall(MCL_FUTURE): new areas are locked.</summary>
    internal bool LockFuture { get; set; }

    /// <summary>MCL_ONFAULT: locked pages come when they are touched.</summary>
    internal bool LockOnFault { get; set; }

    private bool MayUseLowMemory => Kernel.Current?.Credential.Has(Capability.SysRawIo) ?? true;

    private bool MayLockFreely => Kernel.Current?.Credential.Has(Capability.IpcLock) ?? true;

    // The calling task's limits, whosever memory it is, as in Linux.
    private ulong StackLimit => StackLimitOf(Kernel.Current);

    private ulong SizeLimit => LimitOf(Kernel.Current, Resource.AddressSpace);

    private ulong DataLimit => LimitOf(Kernel.Current, Resource.Data);

    private ulong LockedLimit => LimitOf(Kernel.Current, Resource.LockedMemory);

    internal static ulong StackLimitOf(LinuxTask? task) => task == null ? 8 << 20 : LimitOf(task, Resource.Stack);

    private static ulong LimitOf(LinuxTask? task, Resource resource) => task?.Group.Limits.Soft(resource) ?? ResourceLimit.Infinity;

    /// <summary>Whether <paramref name="more"/> further areas are too many, here or for the machine.</summary>
    private bool IsFull(int more) => _areas.Count + more > MaxAreas || Kernel.AreaCount + more > Kernel.AreaLimit;

    /// <summary>ENOMEM when RLIMIT_AS or RLIMIT_DATA would be exceeded. Linux: mm/mmap.c, may_expand_vm.</summary>
    private Errno CheckGrowth(Vma area, long replacedPages)
    {
        long pages = area.PageCount - replacedPages;
        if (_areas.TotalPages + pages > ToPages(SizeLimit)) return Errno.ENOMEM;
        if (!area.IsData || pages <= 0 || _areas.DataPages + pages <= ToPages(DataLimit)) return Errno.None;
        return Errno.ENOMEM;
    }

    // mmap with MAP_LOCKED or after mlockall(MCL_FUTURE). Linux: mm/mmap.c, mlock_future_ok.
    private Errno CheckLock(ref Vma area, MapFlags flags)
    {
        bool wanted = (flags & MapFlags.MAP_LOCKED) != 0;
        if (wanted && !MayLockFreely && LockedLimit == 0) return Errno.EPERM;
        if (!wanted && !LockFuture) return Errno.None;
        if (!MayLock(_areas.LockedPages + area.PageCount)) return Errno.EAGAIN;
        area = area with { Flags = area.Flags | VmaFlags.Locked };
        return Errno.None;
    }

    private bool MayLock(long pages) => MayLockFreely || pages <= ToPages(LockedLimit);

    /// <summary>Whether its pages may all need frames one day. Linux: accountable_mapping.</summary>
    private static bool IsAccountable(Vma area) =>
        (area.Flags & VmaFlags.NoReserve) == 0
        && (area.IsShared ? area.IsAnonymous : (area.Access & PageAccess.Write) != 0);

    // ENOMEM when the pages could never all be there.
    private Errno Account(ref Vma area)
    {
        if (!IsAccountable(area) || (area.Flags & VmaFlags.Accounted) != 0) return Errno.None;
        if (IsOvercommit(area.PageCount)) return Errno.ENOMEM;
        if (!area.IsShared) area = area with { Flags = area.Flags | VmaFlags.Accounted };
        return Errno.None;
    }

    /// <summary>Heuristic overcommit: only what could never be there is refused. Linux: mm/util.c, __vm_enough_memory.</summary>
    private bool IsOvercommit(long pages) => pages > Kernel.Frames.Limit;

    private static long ToPages(ulong bytes) => (long)(bytes >> FramePool.FrameShift);
}
