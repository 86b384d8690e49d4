using System.Runtime.Intrinsics;
using Iced.Intel;
using Kennel.Cpu.Floating;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>Floating-point addition, subtraction, multiplication, division and square root.</summary>
internal static class SseFloatArithmetic
{
    public static bool Lower(in Instruction i, ref OpBuilder b) => i.Mnemonic switch
    {
        Mnemonic.Addsd => ScalarDouble<Add>.Emit(i, ref b),
        Mnemonic.Addss => ScalarSingle<Add>.Emit(i, ref b),
        Mnemonic.Addpd => PackedDouble<Add>.Emit(i, ref b),
        Mnemonic.Addps => PackedSingle<Add>.Emit(i, ref b),
        Mnemonic.Subsd => ScalarDouble<Subtract>.Emit(i, ref b),
        Mnemonic.Subss => ScalarSingle<Subtract>.Emit(i, ref b),
        Mnemonic.Subpd => PackedDouble<Subtract>.Emit(i, ref b),
        Mnemonic.Subps => PackedSingle<Subtract>.Emit(i, ref b),
        Mnemonic.Mulsd => ScalarDouble<Multiply>.Emit(i, ref b),
        Mnemonic.Mulss => ScalarSingle<Multiply>.Emit(i, ref b),
        Mnemonic.Mulpd => PackedDouble<Multiply>.Emit(i, ref b),
        Mnemonic.Mulps => PackedSingle<Multiply>.Emit(i, ref b),
        Mnemonic.Divsd => ScalarDouble<Divide>.Emit(i, ref b),
        Mnemonic.Divss => ScalarSingle<Divide>.Emit(i, ref b),
        Mnemonic.Divpd => PackedDouble<Divide>.Emit(i, ref b),
        Mnemonic.Divps => PackedSingle<Divide>.Emit(i, ref b),
        Mnemonic.Sqrtsd => ScalarDouble<SquareRoot>.Emit(i, ref b),
        Mnemonic.Sqrtss => ScalarSingle<SquareRoot>.Emit(i, ref b),
        Mnemonic.Sqrtpd => PackedDouble<SquareRoot>.Emit(i, ref b),
        Mnemonic.Sqrtps => PackedSingle<SquareRoot>.Emit(i, ref b),
        _ => false,
    };

    internal struct Add : IFloatOp
    {
        public static FloatOperation Operation => FloatOperation.Add;

        public static double Apply(double x, double y) => x + y;

        public static float Apply(float x, float y) => x + y;

        public static Vector128<double> Apply(Vector128<double> x, Vector128<double> y) => x + y;

        public static Vector128<float> Apply(Vector128<float> x, Vector128<float> y) => x + y;
    }

    internal struct Subtract : IFloatOp
    {
        public static FloatOperation Operation => FloatOperation.Subtract;

        public static double Apply(double x, double y) => x - y;

        public static float Apply(float x, float y) => x - y;

        public static Vector128<double> Apply(Vector128<double> x, Vector128<double> y) => x - y;

        public static Vector128<float> Apply(Vector128<float> x, Vector128<float> y) => x - y;
    }

    private struct Multiply : IFloatOp
    {
        public static FloatOperation Operation => FloatOperation.Multiply;

        public static double Apply(double x, double y) => x * y;

        public static float Apply(float x, float y) => x * y;

        public static Vector128<double> Apply(Vector128<double> x, Vector128<double> y) => x * y;

        public static Vector128<float> Apply(Vector128<float> x, Vector128<float> y) => x * y;
    }

    private struct Divide : IFloatOp
    {
        public static FloatOperation Operation => FloatOperation.Divide;

        public static double Apply(double x, double y) => x / y;

        public static float Apply(float x, float y) => x / y;

        public static Vector128<double> Apply(Vector128<double> x, Vector128<double> y) => x / y;

        public static Vector128<float> Apply(Vector128<float> x, Vector128<float> y) => x / y;
    }

    private struct SquareRoot : IFloatOp
    {
        public static FloatOperation Operation => FloatOperation.SquareRoot;

        public static double Apply(double x, double y) => Math.Sqrt(y);

        public static float Apply(float x, float y) => MathF.Sqrt(y);

        public static Vector128<double> Apply(Vector128<double> x, Vector128<double> y) => Vector128.Sqrt(y);

        public static Vector128<float> Apply(Vector128<float> x, Vector128<float> y) => Vector128.Sqrt(y);
    }
}
