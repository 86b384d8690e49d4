using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Kennel.Cpu.Floating;

/// <summary>The operations that SSE has for scalars and vectors alike.</summary>
internal enum FloatOperation
{
    Add,
    Subtract,
    Multiply,
    Divide,

    /// <summary>Of the second operand; the first is not looked at.</summary>
    SquareRoot,
    Minimum,
    Maximum,
}

/// <summary>An arithmetic operation as the host computes it: rounded to nearest, without flags.</summary>
internal interface IFloatOp
{
    static abstract FloatOperation Operation { get; }

    static abstract double Apply(double x, double y);

    static abstract float Apply(float x, float y);

    static abstract Vector128<double> Apply(Vector128<double> x, Vector128<double> y);

    static abstract Vector128<float> Apply(Vector128<float> x, Vector128<float> y);
}

internal struct FloatAdd : IFloatOp
{
    public static FloatOperation Operation => FloatOperation.Add;

    public static double Apply(double x, double y) => x + y;

    public static float Apply(float x, float y) => x + y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<double> Apply(Vector128<double> x, Vector128<double> y) => x + y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Apply(Vector128<float> x, Vector128<float> y) => x + y;
}

internal struct FloatSubtract : IFloatOp
{
    public static FloatOperation Operation => FloatOperation.Subtract;

    public static double Apply(double x, double y) => x - y;

    public static float Apply(float x, float y) => x - y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<double> Apply(Vector128<double> x, Vector128<double> y) => x - y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Apply(Vector128<float> x, Vector128<float> y) => x - y;
}

internal struct FloatMultiply : IFloatOp
{
    public static FloatOperation Operation => FloatOperation.Multiply;

    public static double Apply(double x, double y) => x * y;

    public static float Apply(float x, float y) => x * y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<double> Apply(Vector128<double> x, Vector128<double> y) => x * y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Apply(Vector128<float> x, Vector128<float> y) => x * y;
}

internal struct FloatDivide : IFloatOp
{
    public static FloatOperation Operation => FloatOperation.Divide;

    public static double Apply(double x, double y) => x / y;

    public static float Apply(float x, float y) => x / y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<double> Apply(Vector128<double> x, Vector128<double> y) => x / y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Apply(Vector128<float> x, Vector128<float> y) => x / y;
}

internal struct FloatSquareRoot : IFloatOp
{
    public static FloatOperation Operation => FloatOperation.SquareRoot;

    public static double Apply(double x, double y) => Math.Sqrt(y);

    public static float Apply(float x, float y) => MathF.Sqrt(y);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<double> Apply(Vector128<double> x, Vector128<double> y) => Vector128.Sqrt(y);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Apply(Vector128<float> x, Vector128<float> y) => Vector128.Sqrt(y);
}

internal struct FloatMinimum : IFloatOp
{
    public static FloatOperation Operation => FloatOperation.Minimum;

    public static double Apply(double x, double y) => x < y ? x : y;

    public static float Apply(float x, float y) => x < y ? x : y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<double> Apply(Vector128<double> x, Vector128<double> y) =>
        Vector128.ConditionalSelect(Vector128.LessThan(x, y), x, y);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Apply(Vector128<float> x, Vector128<float> y) =>
        Vector128.ConditionalSelect(Vector128.LessThan(x, y), x, y);
}

internal struct FloatMaximum : IFloatOp
{
    public static FloatOperation Operation => FloatOperation.Maximum;

    public static double Apply(double x, double y) => x > y ? x : y;

    public static float Apply(float x, float y) => x > y ? x : y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<double> Apply(Vector128<double> x, Vector128<double> y) =>
        Vector128.ConditionalSelect(Vector128.GreaterThan(x, y), x, y);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Apply(Vector128<float> x, Vector128<float> y) =>
        Vector128.ConditionalSelect(Vector128.GreaterThan(x, y), x, y);
}
