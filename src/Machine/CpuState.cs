using System.Runtime.InteropServices;

namespace Kennel.Machine;

/// <summary>
/// The user-visible state of one x86-64 processor as one task has it, and the engine's working fields behind it.
/// Lives in native memory, one per task, so that engines and generated code reach it by pointer.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct CpuState
{
    /// <summary>Indexes into <see cref="R"/>: RAX to R15 in encoding order, then slots that make addressing uniform.</summary>
    public const int Rax = 0, Rcx = 1, Rdx = 2, Rbx = 3, Rsp = 4, Rbp = 5, Rsi = 6, Rdi = 7,
        R8 = 8, R9 = 9, R10 = 10, R11 = 11, R12 = 12, R13 = 13, R14 = 14, R15 = 15,
        Zero = 16, FsBase = 17, GsBase = 18, Scratch = 19, CodeBase = 20, Scratch2 = 21, Selectors = 22, RegisterSlots = 24;

    public fixed ulong R[RegisterSlots];

    /// <summary>The next instruction, exact whenever the engine is not running.</summary>
    public ulong Rip;

    // Lazy flags: while FlagKind is not 0 (Materialized), the six status flags follow from these (Cpu, Flags.cs).
    public ulong FlagResult, FlagLeft, FlagRight;
    public int FlagKind;

    /// <summary>Status and control flags; the status bits are valid when <see cref="FlagKind"/> is 0.</summary>
    public uint Eflags;

    /// <summary>Guest instructions run so far. (Here, so that what follows lies on a multiple of 16.)</summary>
    public ulong Retired;

    /// <summary>XMM0 to XMM15.</summary>
    public fixed ulong Xmm[32];

    /// <summary>Physical x87 registers 0 to 7 (not stack-relative): significands; MMX registers alias them.</summary>
    public fixed ulong FpSignificand[8];

    /// <summary>Sign and exponent of the physical x87 registers.</summary>
    public fixed ushort FpSignExponent[8];

    public ushort FpControl;

    /// <summary>Status word; its TOP field is kept in place.</summary>
    public ushort FpStatus;

    /// <summary>Abridged tag word as FXSAVE keeps it: bit n set when physical register n is not empty.</summary>
    public byte FpTag;
    public ushort FpOpcode;
    public ulong FpInstruction, FpData;
    public uint Mxcsr;

    /// <summary>For <see cref="StopReason.PageFault"/>.</summary>
    public ulong FaultAddress;

    /// <summary>For <see cref="StopReason.PageFault"/>: what was tried.</summary>
    public PageAccess FaultAccess;

    // What follows belongs to the engine while it runs.
    public StopReason Stop;
    public long Budget;
    public TlbEntry* Tlb;
    public JumpEntry* Jumps;
    public ulong JumpKey;

    /// <summary>A GCHandle to the <see cref="Processor"/> that runs this state now; 0 outside <see cref="IExecutionEngine.Run"/>.</summary>
    public nint ProcessorHandle;

    /// <summary>Room for operands that straddle two pages.</summary>
    public fixed ulong Straddle[64];

    /// <summary>Upper halves of YMM0 to YMM15: all zero while <see cref="YmmInUse"/> is 0.</summary>
    public fixed ulong YmmHigh[32];

    /// <summary>Whether an upper half may be other than zero.</summary>
    public int YmmInUse;

    /// <summary>The state that exec gives: registers zero, x87 and MXCSR at their defaults (System V ABI, 3.4.1).</summary>
    public void Reset()
    {
        this = default;
        Eflags = 0x202;
        FpControl = 0x37f;
        Mxcsr = 0x1f80;
    }

    /// <summary>Zeroes the upper halves of the YMM registers.</summary>
    public void ClearYmmHigh()
    {
        if (YmmInUse == 0) return;
        for (int i = 0; i < 32; i++) YmmHigh[i] = 0;
        YmmInUse = 0;
    }
}
