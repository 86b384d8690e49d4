using System.Runtime.CompilerServices;
using Iced.Intel;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter;

/// <summary>Facts about Iced's register numbers by arithmetic: each size of the general registers is a range of them.</summary>
internal static class Registers
{
    /// <summary>Bytes of a general register; 0 for others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SizeOf(Register register) => register switch
    {
        >= Register.RAX and <= Register.R15 => 8,
        >= Register.EAX and <= Register.R15D => 4,
        >= Register.AX and <= Register.R15W => 2,
        >= Register.AL and <= Register.R15L => 1,
        _ => 0,
    };

    /// <summary>Slot of a general register, whatever its width; the slots of zero and of the code's page for none and RIP.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte SlotOf(Register register) => register switch
    {
        >= Register.RAX and <= Register.R15 => (byte)(register - Register.RAX),
        >= Register.EAX and <= Register.R15D => (byte)(register - Register.EAX),
        >= Register.AX and <= Register.R15W => (byte)(register - Register.AX),
        >= Register.SPL and <= Register.R15L => (byte)(register - Register.SPL + CpuState.Rsp),
        >= Register.AH and <= Register.BH => (byte)(register - Register.AH),
        >= Register.AL and <= Register.BL => (byte)(register - Register.AL),
        Register.RIP or Register.EIP => CpuState.CodeBase,
        _ => CpuState.Zero,
    };

    /// <summary>Whether an address made with the register is cut to 32 bits.</summary>
    public static bool IsNarrow(Register register) => register is (>= Register.EAX and <= Register.R15D) or Register.EIP;
}
