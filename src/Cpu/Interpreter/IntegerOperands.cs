using Iced.Intel;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter;

/// <summary>Questions about an instruction's operands that all integer groups ask.</summary>
internal static class IntegerOperands
{
    /// <summary>Bytes of an operand: 1, 2, 4, 8 or 16.</summary>
    public static int Size(in Instruction i, int operand) => i.GetOpKind(operand) switch
    {
        OpKind.Register => Registers.SizeOf(i.GetOpRegister(operand)),
        OpKind.Memory => i.MemorySize.GetSize(),
        _ => 0,
    };

    public static bool IsMemory(in Instruction i, int operand) => i.GetOpKind(operand) == OpKind.Memory;

    public static bool IsRegister(in Instruction i, int operand) => i.GetOpKind(operand) == OpKind.Register;

    /// <summary>What the register operand is to an <see cref="IWidth"/>: a slot, or for bytes an offset.</summary>
    public static byte Register(in Instruction i, int operand) => Register(i.GetOpRegister(operand));

    public static byte Register(Register register)
    {
        if (Registers.SizeOf(register) != 1) return OpBuilder.Slot(register);
        int high = register is Iced.Intel.Register.AH or Iced.Intel.Register.BH or Iced.Intel.Register.CH or Iced.Intel.Register.DH ? 1 : 0;
        return (byte)((OpBuilder.Slot(register) * sizeof(ulong)) + high);
    }
}
