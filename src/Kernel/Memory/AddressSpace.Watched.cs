using Kennel.Machine;
using Kennel.Probes;

namespace Kennel.Memory;

/// <summary>Page faults that somebody watches.</summary>
public sealed partial class AddressSpace
{
    // Linux: enum fault_flag and enum vm_fault_reason (include/linux/mm_types.h).
    private const ulong FaultWrite = 1, FaultMayRetry = 4, FaultKillable = 0x10, FaultUser = 0x40, FaultInstruction = 0x100;
    private const long FaultNoMemory = 1, FaultBus = 2, FaultMajor = 4, FaultSegment = 64;
    private const int WasCopied = 1, WasProtected = 2;

    /// <summary>FAULT_FLAG_* of an access.</summary>
    internal static ulong FaultFlags(PageAccess access, bool fromUser)
    {
        ulong flags = FaultMayRetry | FaultKillable;
        if ((access & PageAccess.Write) != 0) flags |= FaultWrite;
        if ((access & PageAccess.Execute) != 0) flags |= FaultInstruction;
        return fromUser ? flags | FaultUser : flags;
    }

    private FaultResult RepairWatched(ulong address, PageAccess access, bool fromUser)
    {
        ulong flags = FaultFlags(access, fromUser);
        int index = _areas.IndexOf(address);
        Vma? area = index < _areas.Count && (_areas[index].Start <= address || _areas[index].GrowsDown) ? _areas[index] : null;
        if (Kernel.Probes.PageFault.IsEnabled) Kernel.Probes.PageFault.Fire(FaultRecord(EventKind.PageFault, address, flags, area));
        Pte before = Pages.Walk(address, out _);
        long majors = MajorFaults;
        FaultResult result = Repair(address, access, fromUser);
        if (!Kernel.Probes.PageFaultReturned.IsEnabled) return result;
        KernelEvent record = FaultRecord(EventKind.PageFaultReturned, address, flags, area);
        record.Result = result switch
        {
            FaultResult.Handled => MajorFaults != majors ? FaultMajor : 0,
            FaultResult.OutOfMemory => FaultNoMemory,
            FaultResult.BehindFile => FaultBus,
            _ => FaultSegment,
        };
        if (result == FaultResult.Handled) record.Number = WhatWasDone(area!, address, access, before);
        Kernel.Probes.PageFaultReturned.Fire(record);
        return result;
    }

    // The first write to a private file page copies it as well, whether it was mapped before or not (do_cow_fault, do_wp_page).
    private int WhatWasDone(Vma area, ulong address, PageAccess access, Pte before)
    {
        bool isWrite = (access & PageAccess.Write) != 0;
        if (!before.IsPresent) return isWrite && !area.IsShared && area.Pages != null ? WasCopied : 0;
        bool moved = Pages.Walk(address, out _).Frame != before.Frame;
        if (!moved) return WasProtected;
        return before.Frame == FramePool.Zero ? 0 : WasCopied;
    }

    private KernelEvent FaultRecord(EventKind kind, ulong address, ulong flags, Vma? area)
    {
        KernelEvent record = Kernel.NewRecord(kind);
        record.A0 = address;
        record.A1 = flags;
        record.Data = area;
        return record;
    }
}
