namespace Kennel.Machine;

/// <summary>Why an engine came back from guest code: each is something that the kernel must see to.</summary>
public enum StopReason
{
    /// <summary>A <c>syscall</c> instruction; Rip is behind it, RCX and R11 are set as the processor sets them.</summary>
    SystemCall,

    /// <summary>A translation failed: <see cref="CpuState.FaultAddress"/>, <see cref="CpuState.FaultAccess"/>; Rip is at the instruction.</summary>
    PageFault,

    /// <summary>#DE; Rip is at the instruction.</summary>
    DivideError,

    /// <summary>#UD; Rip is at the instruction.</summary>
    InvalidOpcode,

    /// <summary>#GP: privileged instruction, non-canonical address, misaligned SSE operand; Rip is at the instruction.</summary>
    GeneralProtection,

    /// <summary>#SS: an access through the stack pointer or rbp to a non-canonical address (SIGBUS); Rip is at the instruction.</summary>
    StackFault,

    /// <summary>#MF or #XM: an unmasked floating-point exception; Rip is at the instruction.</summary>
    FloatingPoint,

    /// <summary><c>int3</c>; Rip is behind it.</summary>
    Breakpoint,

    /// <summary>One instruction has run with the trap flag (or a budget of one step) set.</summary>
    SingleStep,

    /// <summary>An instruction that <see cref="IExecutionEngine.Watch"/> was asked to watch is about to run; Rip is at it. A single step goes over it.</summary>
    Watch,

    /// <summary>Never by an engine: the kernel has had one instruction run for its own purposes.</summary>
    Stepped,

    /// <summary>The budget is used up or attention was asked for; Rip is at the next instruction.</summary>
    Preempted,
}
