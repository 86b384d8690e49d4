using Kennel.Machine;

namespace Kennel.Memory;

/// <summary>Page faults: demand zero, file pages, copy on write, stack growth.</summary>
public sealed partial class AddressSpace
{
    /// <summary>Makes an access possible if the areas allow it. Linux: mm/memory.c, handle_mm_fault.</summary>
    public FaultResult HandleFault(ulong address, PageAccess access) => FaultResult.NotMapped;
}
