using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Iced.Intel;
using Kennel.Cpu.Floating;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>The forms <c>opSD xmm, xmm</c> and <c>opSD xmm, m64</c>.</summary>
internal static unsafe class ScalarDouble<TOp> where TOp : struct, IFloatOp
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static bool Emit(in Instruction i, ref OpBuilder b) => Operands.Emit(i, ref b, &Register, &Memory);

    private static Op* Register(CpuState* s, Op* op) => Run(s, op, *(double*)Xmm.At(s, op->B));

    private static Op* Memory(CpuState* s, Op* op)
    {
        byte* y = Xmm.Source(s, op, 8);
        return y != null ? Run(s, op, *(double*)y) : Interpreter.Memory.Fault(s, op);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Op* Run(CpuState* s, Op* op, double y)
    {
        Vector128<double>* a = Xmm.At<double>(s, op->A);
        Vector128<double> old = *a;
        double x = TOp.Operation == FloatOperation.SquareRoot ? y : old.ToScalar();
        double r = TOp.Apply(x, y);
        if (!NativeFloat.FlagsAreSettled(s) || !NativeFloat.Holds(x, y, r)) return FloatSlow<TOp>.Scalar(s, op, y);
        *a = old.WithElement(0, r);
        return Transfer.Next(s, op);
    }
}

/// <summary>The forms <c>opSS xmm, xmm</c> and <c>opSS xmm, m32</c>.</summary>
internal static unsafe class ScalarSingle<TOp> where TOp : struct, IFloatOp
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static bool Emit(in Instruction i, ref OpBuilder b) => Operands.Emit(i, ref b, &Register, &Memory);

    private static Op* Register(CpuState* s, Op* op) => Run(s, op, *(float*)Xmm.At(s, op->B));

    private static Op* Memory(CpuState* s, Op* op)
    {
        byte* y = Xmm.Source(s, op, 4);
        return y != null ? Run(s, op, *(float*)y) : Interpreter.Memory.Fault(s, op);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Op* Run(CpuState* s, Op* op, float y)
    {
        Vector128<float>* a = Xmm.At<float>(s, op->A);
        Vector128<float> old = *a;
        float x = TOp.Operation == FloatOperation.SquareRoot ? y : old.ToScalar();
        float r = TOp.Apply(x, y);
        if (!NativeFloat.FlagsAreSettled(s) || !NativeFloat.Holds(x, y, r)) return FloatSlow<TOp>.Scalar(s, op, y);
        *a = old.WithElement(0, r);
        return Transfer.Next(s, op);
    }
}

/// <summary>The forms <c>opPD xmm, xmm</c> and <c>opPD xmm, m128</c>.</summary>
internal static unsafe class PackedDouble<TOp> where TOp : struct, IFloatOp
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static bool Emit(in Instruction i, ref OpBuilder b) => Operands.Emit(i, ref b, &Register, &Memory);

    private static Op* Register(CpuState* s, Op* op) => Run(s, op, Xmm.At<double>(s, op->B));

    private static Op* Memory(CpuState* s, Op* op)
    {
        var y = (Vector128<double>*)Xmm.Aligned(s, op);
        return y != null ? Run(s, op, y) : Interpreter.Memory.Fault(s, op);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Op* Run(CpuState* s, Op* op, Vector128<double>* source)
    {
        Vector128<double>* a = Xmm.At<double>(s, op->A);
        Vector128<double> y = *source, x = TOp.Operation == FloatOperation.SquareRoot ? y : *a;
        Vector128<double> r = TOp.Apply(x, y);
        if (!NativeFloat.FlagsAreSettled(s) || !NativeFloat.Holds(x, y, r))
        {
            return FloatSlow<TOp>.Packed(s, op, (double*)a, (double*)source);
        }
        *a = r;
        return Transfer.Next(s, op);
    }
}

/// <summary>The forms <c>opPS xmm, xmm</c> and <c>opPS xmm, m128</c>.</summary>
internal static unsafe class PackedSingle<TOp> where TOp : struct, IFloatOp
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static bool Emit(in Instruction i, ref OpBuilder b) => Operands.Emit(i, ref b, &Register, &Memory);

    private static Op* Register(CpuState* s, Op* op) => Run(s, op, Xmm.At<float>(s, op->B));

    private static Op* Memory(CpuState* s, Op* op)
    {
        var y = (Vector128<float>*)Xmm.Aligned(s, op);
        return y != null ? Run(s, op, y) : Interpreter.Memory.Fault(s, op);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Op* Run(CpuState* s, Op* op, Vector128<float>* source)
    {
        Vector128<float>* a = Xmm.At<float>(s, op->A);
        Vector128<float> y = *source, x = TOp.Operation == FloatOperation.SquareRoot ? y : *a;
        Vector128<float> r = TOp.Apply(x, y);
        if (!NativeFloat.FlagsAreSettled(s) || !NativeFloat.Holds(x, y, r))
        {
            return FloatSlow<TOp>.Packed(s, op, (float*)a, (float*)source);
        }
        *a = r;
        return Transfer.Next(s, op);
    }
}
