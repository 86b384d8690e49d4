using static Kennel.Cpu.Translator.CodeEmitter;

namespace Kennel.Cpu.Translator;

/// <summary>The upper halves of the YMM registers on the way in and out, and accesses of 32 bytes.</summary>
internal sealed unsafe partial class SharedRoutines
{
    private const int Insert = 0x18, Extract = 0x19;

    // Without upper halves in use, those of the processor are zero. The context is at rdi, the state at rax.
    private void EmitEnterAvx(CodeEmitter e)
    {
        EmitZeroUpper(e);
        e.Memory(0x83, 7, Rdi, TranslatorContext.YmmInUseAt, wide: false); // cmp
        e.Byte(0);
        int none = e.Jump(Equal);
        for (int i = 0; i < 16; i++) EmitUpper(e, Insert, i, Rax, _ymmHigh + (i * 16));
        e.Bind(none);
    }

    // .NET code wants them zero. The state is at U.
    private void EmitLeaveAvx(CodeEmitter e)
    {
        e.Context(0x83, 7, TranslatorContext.YmmInUseAt, wide: false);
        e.Byte(0);
        int none = e.Jump(Equal);
        for (int i = 0; i < 16; i++) EmitUpper(e, Extract, i, U, _ymmHigh + (i * 16));
        EmitZeroUpper(e);
        e.Bind(none);
    }

    public static void EmitZeroUpper(CodeEmitter e)
    {
        e.Byte(0xc5); // vzeroupper
        e.Byte(0xf8);
        e.Byte(0x77);
    }

    // vinsertf128 ymm, ymm, [base + displacement], 1, or vextractf128 [base + displacement], ymm, 1.
    private static void EmitUpper(CodeEmitter e, int opcode, int register, int start, int displacement)
    {
        e.Byte(0xc4);
        e.Byte((register < 8 ? 0x80 : 0) | 0x40 | (start < 8 ? 0x20 : 0) | 3);
        e.Byte(((opcode == Insert ? ~register & 15 : 15) << 3) | 5);
        e.Byte(opcode);
        e.Byte(0x80 | ((register & 7) << 3) | (start & 7));
        e.Int32(displacement);
        e.Byte(1);
    }

    // A range's limit is that of accesses of 16 bytes: the second half of a longer one has to lie below it as well. T is the offset in the
    // range of the slot in U. Answers the jump that is taken if it does not, when T is that of the second half; -1 for short accesses.
    private static int EmitKnownEnd(CodeEmitter e, int size)
    {
        if (size <= TranslatorContext.LargestAccess) return -1;
        e.Memory(Lea, T, T, size - TranslatorContext.LargestAccess);
        e.Memory(Cmp, T, U, TranslatorContext.LimitAt);
        int ends = e.Jump(AboveOrEqual);
        e.Memory(Lea, T, T, TranslatorContext.LargestAccess - size);
        return ends;
    }
}
