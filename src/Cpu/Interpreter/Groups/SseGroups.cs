using Iced.Intel;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>All MMX and SSE instructions, up to SSE4.2: one class per group, tried in the order of how often they occur.</summary>
internal static class SseGroups
{
    /// <summary>Appends the ops of an MMX or SSE instruction; false if it is none (or one that has no ops here).</summary>
    public static bool Lower(in Instruction i, ref OpBuilder b) =>
        SseMoves.Lower(i, ref b)
        || SseScalarMoves.Lower(i, ref b)
        || SseLogic.Lower(i, ref b);
}
