namespace Kennel.Memory;

/// <summary>What came of a page fault (Linux: handle_mm_fault and its callers in arch/x86/mm/fault.c).</summary>
public enum FaultResult
{
    /// <summary>The access will succeed now.</summary>
    Handled,

    /// <summary>SIGSEGV, SEGV_MAPERR: no area there.</summary>
    NotMapped,

    /// <summary>SIGSEGV, SEGV_ACCERR: an area that does not allow it.</summary>
    NotAllowed,

    /// <summary>SIGBUS, BUS_ADRERR: behind the end of the file.</summary>
    BehindFile,

    /// <summary>No frame is to be had: the out-of-memory killer's case.</summary>
    OutOfMemory,
}
