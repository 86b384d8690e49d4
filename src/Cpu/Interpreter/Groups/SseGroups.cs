using Iced.Intel;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>
/// All MMX and SSE instructions, up to SSE4.2, with AES, PCLMULQDQ and SHA: one class per group, tried in the order of how often they occur.
/// </summary>
internal static class SseGroups
{
    /// <summary>Appends the ops of an MMX or SSE instruction; false if it is none (or one that has no ops here).</summary>
    public static bool Lower(in Instruction i, ref OpBuilder b) =>
        IsVector(i.Op0Register) || IsVector(i.Op1Register)
            ? LowerVector(i, ref b)
            : SseConvertScalar.Lower(i, ref b)
                || SseState.Lower(i, ref b)
                || SseScalarMoves.LowerWithoutVector(i, ref b)
                || MmxMoves.LowerWithoutVector(i, ref b);

    private static bool IsVector(Register register) =>
        register is >= Register.XMM0 and <= Register.XMM15 or >= Register.MM0 and <= Register.MM7;

    private static bool LowerVector(in Instruction i, ref OpBuilder b) =>
        SseMoves.Lower(i, ref b)
        || SseScalarMoves.Lower(i, ref b)
        || SseLogic.Lower(i, ref b)
        || SseFloatArithmetic.Lower(i, ref b)
        || SseFloatCompare.Lower(i, ref b)
        || SseFloatMinMax.Lower(i, ref b)
        || SseConvertScalar.Lower(i, ref b)
        || SseConvertPacked.Lower(i, ref b)
        || SseRound.Lower(i, ref b)
        || SseFloatHorizontal.Lower(i, ref b)
        || SseCompare.Lower(i, ref b)
        || SseMasks.Lower(i, ref b)
        || SseAdd.Lower(i, ref b)
        || SsePack.Lower(i, ref b)
        || SseShuffle.Lower(i, ref b)
        || SseShift.Lower(i, ref b)
        || SseMinMax.Lower(i, ref b)
        || SseMultiply.Lower(i, ref b)
        || SseInsert.Lower(i, ref b)
        || SseExtend.Lower(i, ref b)
        || SseBlend.Lower(i, ref b)
        || SseHorizontal.Lower(i, ref b)
        || SseStrings.Lower(i, ref b)
        || SseCipher.Lower(i, ref b)
        || SseHash.Lower(i, ref b)
        || MmxMoves.Lower(i, ref b)
        || MmxConvert.Lower(i, ref b);
}
