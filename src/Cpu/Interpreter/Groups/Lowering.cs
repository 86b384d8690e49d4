using Iced.Intel;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>Asks the groups, one after the other, whose instruction this is.</summary>
internal static class Lowering
{
    public static bool Lower(in Instruction i, ref OpBuilder b) =>
        Moves.Lower(i, ref b) ||
        Alu.Lower(i, ref b) ||
        Branches.Lower(i, ref b) ||
        Stack.Lower(i, ref b) ||
        Unary.Lower(i, ref b) ||
        Shifts.Lower(i, ref b) ||
        SseGroups.Lower(i, ref b) ||
        Multiply.Lower(i, ref b) ||
        Bits.Lower(i, ref b) ||
        Exchange.Lower(i, ref b) ||
        Strings.Lower(i, ref b) ||
        X87Groups.Lower(i, ref b) ||
        FlagInstructions.Lower(i, ref b) ||
        Segments.Lower(i, ref b) ||
        SystemGroup.Lower(i, ref b);
}
