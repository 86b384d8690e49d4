using System.Runtime.InteropServices;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter;

/// <summary>
/// One decoded guest instruction (or part of one). Ops of a run lie one behind the other in native memory; a handler
/// does its work and answers the op to run next: <c>op + 1</c>, a jump target, or null to leave to the engine's loop.
/// </summary>
/// <remarks>
/// Ops hold no guest address, so that all processes share the ops of a frame wherever they map it: <see cref="Offset"/> is
/// relative to the page, whose address is in the register slot <see cref="CpuState.CodeBase"/>.
/// The operand address is always <c>R[Base] + (R[Index] &lt;&lt; Scale) + Disp</c>; absent parts name the slot that holds zero.
/// </remarks>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Op
{
    /// <summary>What runs it.</summary>
    public delegate*<CpuState*, Op*, Op*> Run;

    /// <summary>The op that a direct jump within the page goes to, once it is known.</summary>
    public Op* Target;

    /// <summary>The immediate operand, or whatever the handler wants.</summary>
    public ulong Imm;

    /// <summary>Displacement of the memory operand.</summary>
    public long Disp;

    /// <summary>Register slots of the memory operand.</summary>
    public byte Base, Index, Scale;

    /// <summary>Register operands: A is the destination; a slot number of R, or of XMM, as the handler takes it.</summary>
    public byte A, B, C;

    /// <summary>Bytes of the guest instruction (of all instructions fused into this op).</summary>
    public byte Length;

    /// <summary>Flags for the handlers' own use, such as "8-bit high register".</summary>
    public byte Modifier;

    /// <summary>Offset of the guest instruction in its page.</summary>
    public ushort Offset;

    /// <summary>
    /// Guest instructions that the run holds up to and with this op (its first one, if several are fused). Whoever leaves the
    /// run here has used that many; whoever enters it here must not be charged for the <c>Count - 1</c> before.
    /// </summary>
    public ushort Count;

    /// <summary>Direct jumps: where to, relative to the end of the instruction (of the last one fused).</summary>
    public int Jump;

    /// <summary>Whether the memory operand's address is a register and a displacement.</summary>
    public readonly bool IsBased => Index == CpuState.Zero;

    /// <summary>On jumps: <see cref="Target"/> must stay empty, for the op does not live as long as its page's.</summary>
    public bool NoLink
    {
        readonly get => (Modifier & 0x80) != 0;
        set => Modifier = (byte)(value ? Modifier | 0x80 : Modifier & ~0x80);
    }

    /// <summary>Whether the handler runs this op alone, whatever follows, and answers the next.</summary>
    public bool IsAlone
    {
        readonly get => (Modifier & 0x40) != 0;
        set => Modifier = (byte)(value ? Modifier | 0x40 : Modifier & ~0x40);
    }
}
