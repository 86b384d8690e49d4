using Iced.Intel;
using Kennel.Cpu.Floating;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>Floating-point addition, subtraction, multiplication, division and square root.</summary>
internal static class SseFloatArithmetic
{
    public static bool Lower(in Instruction i, ref OpBuilder b) => i.Mnemonic switch
    {
        Mnemonic.Addsd => ScalarDouble<FloatAdd>.Emit(i, ref b),
        Mnemonic.Addss => ScalarSingle<FloatAdd>.Emit(i, ref b),
        Mnemonic.Addpd => PackedDouble<FloatAdd>.Emit(i, ref b),
        Mnemonic.Addps => PackedSingle<FloatAdd>.Emit(i, ref b),
        Mnemonic.Subsd => ScalarDouble<FloatSubtract>.Emit(i, ref b),
        Mnemonic.Subss => ScalarSingle<FloatSubtract>.Emit(i, ref b),
        Mnemonic.Subpd => PackedDouble<FloatSubtract>.Emit(i, ref b),
        Mnemonic.Subps => PackedSingle<FloatSubtract>.Emit(i, ref b),
        Mnemonic.Mulsd => ScalarDouble<FloatMultiply>.Emit(i, ref b),
        Mnemonic.Mulss => ScalarSingle<FloatMultiply>.Emit(i, ref b),
        Mnemonic.Mulpd => PackedDouble<FloatMultiply>.Emit(i, ref b),
        Mnemonic.Mulps => PackedSingle<FloatMultiply>.Emit(i, ref b),
        Mnemonic.Divsd => ScalarDouble<FloatDivide>.Emit(i, ref b),
        Mnemonic.Divss => ScalarSingle<FloatDivide>.Emit(i, ref b),
        Mnemonic.Divpd => PackedDouble<FloatDivide>.Emit(i, ref b),
        Mnemonic.Divps => PackedSingle<FloatDivide>.Emit(i, ref b),
        Mnemonic.Sqrtsd => ScalarDouble<FloatSquareRoot>.Emit(i, ref b),
        Mnemonic.Sqrtss => ScalarSingle<FloatSquareRoot>.Emit(i, ref b),
        Mnemonic.Sqrtpd => PackedDouble<FloatSquareRoot>.Emit(i, ref b),
        Mnemonic.Sqrtps => PackedSingle<FloatSquareRoot>.Emit(i, ref b),
        _ => false,
    };
}
