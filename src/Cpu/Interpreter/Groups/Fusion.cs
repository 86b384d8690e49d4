using Iced.Intel;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>Pairs of instructions that become one op.</summary>
internal static class Fusion
{
    public static bool Lower(in Instruction first, in Instruction second, ref OpBuilder b) => false;
}
