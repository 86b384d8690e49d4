using Iced.Intel;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>What is no instruction, or none that user code may run.</summary>
internal static unsafe class Invalid
{
    public static void Lower(in Instruction i, ref OpBuilder b, bool tooLong) =>
        b.Add(i, tooLong ? &GeneralProtection : &InvalidOpcode);

    public static Op* InvalidOpcode(CpuState* s, Op* op) => Memory.Raise(s, op, StopReason.InvalidOpcode);

    public static Op* GeneralProtection(CpuState* s, Op* op) => Memory.Raise(s, op, StopReason.GeneralProtection);
}
