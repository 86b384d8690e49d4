using System.Runtime.InteropServices;

namespace Kennel.Cpu.Hosted;

/// <summary>What a single instruction that the host's processor runs gets and leaves: its operands by the fields that name them.</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal unsafe struct HostFrame
{
    public const int Size = 256, VectorSize = 32;

    /// <summary>Vectors: of the reg field (host register ymm0), VEX.vvvv (1), the rm field (2), an immediate (3).</summary>
    [FieldOffset(0)]
    public fixed ulong Vectors[16];

    /// <summary>General registers: those that are implied, and of the reg field (r8), VEX.vvvv (r9), the rm field (r10).</summary>
    [FieldOffset(RaxAt)]
    public ulong Rax;

    [FieldOffset(RcxAt)]
    public ulong Rcx;

    [FieldOffset(RdxAt)]
    public ulong Rdx;

    [FieldOffset(RegAt)]
    public ulong Reg;

    [FieldOffset(VvvvAt)]
    public ulong Vvvv;

    [FieldOffset(RmAt)]
    public ulong Rm;

    /// <summary>Host address of the memory operand (r11).</summary>
    [FieldOffset(OperandAt)]
    public byte* Operand;

    [FieldOffset(FlagsAt)]
    public ulong Flags;

    [FieldOffset(MxcsrAt)]
    public uint Mxcsr;

    [FieldOffset(HostMxcsrAt)]
    public uint HostMxcsr;

    /// <summary>A copy of the memory operand, on a multiple of 32.</summary>
    [FieldOffset(BufferAt)]
    public fixed ulong Buffer[4];

    public const int RaxAt = 128, RcxAt = 136, RdxAt = 144, RegAt = 152, VvvvAt = 160, RmAt = 168, OperandAt = 176, FlagsAt = 184,
        MxcsrAt = 192, HostMxcsrAt = 196, BufferAt = 224;
}

/// <summary>An instruction in host code memory, in native memory: ops point to it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct HostCode
{
    /// <summary>What runs it: void (frame, instruction).</summary>
    public nint Run;

    /// <summary>The instruction, with registers as <see cref="HostFrame"/> has them, and a return.</summary>
    public nint Instruction;

    /// <summary>Bytes of the memory operand; 0 for none.</summary>
    public int Size;

    public int AlignmentMask;

    /// <summary>The status flags that it changes.</summary>
    public uint Flags;

    public HostOperands Operands;
}

/// <summary>Where the operands of such an instruction are, and what becomes of them.</summary>
[Flags]
internal enum HostOperands
{
    None = 0,
    LoadsMemory = 1,
    StoresMemory = 2,
    RegIsVector = 4,
    RegIsGeneral = 8,
    RegIsWritten = 0x10,
    VvvvIsVector = 0x20,
    VvvvIsGeneral = 0x40,
    VvvvIsWritten = 0x80,
    RmIsVector = 0x100,
    RmIsGeneral = 0x200,
    RmIsWritten = 0x400,
    HasFourth = 0x800,
    WritesUpper = 0x1000,
    WritesRcx = 0x2000,
    WritesXmm0 = 0x4000,
}
