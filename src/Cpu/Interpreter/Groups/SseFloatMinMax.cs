using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Iced.Intel;
using Kennel.Cpu.Floating;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>Floating-point minimum and maximum: the second operand unless the first is strictly less (greater).</summary>
internal static unsafe class SseFloatMinMax
{
    public static bool Lower(in Instruction i, ref OpBuilder b) => i.Mnemonic switch
    {
        Mnemonic.Minsd => MinMax<FloatMinimum>.EmitScalarDouble(i, ref b),
        Mnemonic.Minss => MinMax<FloatMinimum>.EmitScalarSingle(i, ref b),
        Mnemonic.Minpd => MinMax<FloatMinimum>.EmitPackedDouble(i, ref b),
        Mnemonic.Minps => MinMax<FloatMinimum>.EmitPackedSingle(i, ref b),
        Mnemonic.Maxsd => MinMax<FloatMaximum>.EmitScalarDouble(i, ref b),
        Mnemonic.Maxss => MinMax<FloatMaximum>.EmitScalarSingle(i, ref b),
        Mnemonic.Maxpd => MinMax<FloatMaximum>.EmitPackedDouble(i, ref b),
        Mnemonic.Maxps => MinMax<FloatMaximum>.EmitPackedSingle(i, ref b),
        _ => false,
    };

    // No result is rounded, so all that matters is whether an operand sets a flag.
    private static class MinMax<TOp> where TOp : struct, IFloatOp
    {
        [MethodImpl(MethodImplOptions.NoInlining)]
        public static bool EmitScalarDouble(in Instruction i, ref OpBuilder b) =>
            Operands.Emit(i, ref b, &ScalarDouble, &ScalarDoubleMemory);

        [MethodImpl(MethodImplOptions.NoInlining)]
        public static bool EmitScalarSingle(in Instruction i, ref OpBuilder b) =>
            Operands.Emit(i, ref b, &ScalarSingle, &ScalarSingleMemory);

        [MethodImpl(MethodImplOptions.NoInlining)]
        public static bool EmitPackedDouble(in Instruction i, ref OpBuilder b) =>
            Operands.Emit(i, ref b, &PackedDouble, &PackedDoubleMemory);

        [MethodImpl(MethodImplOptions.NoInlining)]
        public static bool EmitPackedSingle(in Instruction i, ref OpBuilder b) =>
            Operands.Emit(i, ref b, &PackedSingle, &PackedSingleMemory);

        private static Op* ScalarDouble(CpuState* s, Op* op) => Run(s, op, Xmm.At<double>(s, op->B)->ToScalar());

        private static Op* ScalarDoubleMemory(CpuState* s, Op* op)
        {
            byte* y = Xmm.Source(s, op, 8);
            return y != null ? Run(s, op, *(double*)y) : Memory.Fault(s, op);
        }

        private static Op* ScalarSingle(CpuState* s, Op* op) => Run(s, op, Xmm.At<float>(s, op->B)->ToScalar());

        private static Op* ScalarSingleMemory(CpuState* s, Op* op)
        {
            byte* y = Xmm.Source(s, op, 4);
            return y != null ? Run(s, op, *(float*)y) : Memory.Fault(s, op);
        }

        private static Op* PackedDouble(CpuState* s, Op* op) => Run(s, op, Xmm.At<double>(s, op->B));

        private static Op* PackedDoubleMemory(CpuState* s, Op* op)
        {
            Vector128<byte>* y = Xmm.Aligned(s, op);
            return y != null ? Run(s, op, (Vector128<double>*)y) : Memory.Fault(s, op);
        }

        private static Op* PackedSingle(CpuState* s, Op* op) => Run(s, op, Xmm.At<float>(s, op->B));

        private static Op* PackedSingleMemory(CpuState* s, Op* op)
        {
            Vector128<byte>* y = Xmm.Aligned(s, op);
            return y != null ? Run(s, op, (Vector128<float>*)y) : Memory.Fault(s, op);
        }

        private static Op* Run(CpuState* s, Op* op, double y)
        {
            Vector128<double>* a = Xmm.At<double>(s, op->A);
            double x = a->ToScalar();
            if (!NativeFloat.IsComparable(x) || !NativeFloat.IsComparable(y)) return FloatSlow<TOp>.Scalar(s, op, y);
            *a = a->WithElement(0, TOp.Apply(x, y));
            return Transfer.Next(s, op);
        }

        private static Op* Run(CpuState* s, Op* op, float y)
        {
            Vector128<float>* a = Xmm.At<float>(s, op->A);
            float x = a->ToScalar();
            if (!NativeFloat.IsComparable(x) || !NativeFloat.IsComparable(y)) return FloatSlow<TOp>.Scalar(s, op, y);
            *a = a->WithElement(0, TOp.Apply(x, y));
            return Transfer.Next(s, op);
        }

        private static Op* Run(CpuState* s, Op* op, Vector128<double>* y)
        {
            Vector128<double>* a = Xmm.At<double>(s, op->A);
            if (!NativeFloat.AreComparable(*a, *y)) return FloatSlow<TOp>.Packed(s, op, (double*)a, (double*)y);
            *a = TOp.Apply(*a, *y);
            return Transfer.Next(s, op);
        }

        private static Op* Run(CpuState* s, Op* op, Vector128<float>* y)
        {
            Vector128<float>* a = Xmm.At<float>(s, op->A);
            if (!NativeFloat.AreComparable(*a, *y)) return FloatSlow<TOp>.Packed(s, op, (float*)a, (float*)y);
            *a = TOp.Apply(*a, *y);
            return Transfer.Next(s, op);
        }
    }
}
