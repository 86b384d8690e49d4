using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Iced.Intel;
using Kennel.Cpu.Floating;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>Floating-point operations across lanes: HADDPx, HSUBPx, ADDSUBPx, DPPS, DPPD.</summary>
internal static unsafe class SseFloatHorizontal
{
    public static bool Lower(in Instruction i, ref OpBuilder b)
    {
        switch (i.Mnemonic)
        {
            case Mnemonic.Haddpd: return Horizontal<FloatAdd>.EmitDouble(i, ref b);
            case Mnemonic.Haddps: return Horizontal<FloatAdd>.EmitSingle(i, ref b);
            case Mnemonic.Hsubpd: return Horizontal<FloatSubtract>.EmitDouble(i, ref b);
            case Mnemonic.Hsubps: return Horizontal<FloatSubtract>.EmitSingle(i, ref b);
            case Mnemonic.Addsubpd: return Operands.Emit(i, ref b, &AddSubtractDouble, &AddSubtractDoubleMemory);
            case Mnemonic.Addsubps: return Operands.Emit(i, ref b, &AddSubtractSingle, &AddSubtractSingleMemory);
            case Mnemonic.Dpps: return Operands.Emit(i, ref b, &DotSingle, &DotSingleMemory);
            case Mnemonic.Dppd: return Operands.Emit(i, ref b, &DotDouble, &DotDoubleMemory);
            default: return false;
        }
    }

    private static class Horizontal<TOp> where TOp : struct, IFloatOp
    {
        [MethodImpl(MethodImplOptions.NoInlining)]
        public static bool EmitDouble(in Instruction i, ref OpBuilder b) => Operands.Emit(i, ref b, &Double, &DoubleMemory);

        [MethodImpl(MethodImplOptions.NoInlining)]
        public static bool EmitSingle(in Instruction i, ref OpBuilder b) => Operands.Emit(i, ref b, &Single, &SingleMemory);

        private static Op* Double(CpuState* s, Op* op) => Run(s, op, Xmm.At<double>(s, op->B));

        private static Op* DoubleMemory(CpuState* s, Op* op)
        {
            Vector128<byte>* y = Xmm.Aligned(s, op);
            return y != null ? Run(s, op, (Vector128<double>*)y) : Memory.Fault(s, op);
        }

        private static Op* Single(CpuState* s, Op* op) => Run(s, op, Xmm.At<float>(s, op->B));

        private static Op* SingleMemory(CpuState* s, Op* op)
        {
            Vector128<byte>* y = Xmm.Aligned(s, op);
            return y != null ? Run(s, op, (Vector128<float>*)y) : Memory.Fault(s, op);
        }

        private static Op* Run(CpuState* s, Op* op, Vector128<double>* y)
        {
            Vector128<double>* a = Xmm.At<double>(s, op->A);
            Vector128<double> left = Vectors.LowLow(*a, *y), right = Vectors.HighHigh(*a, *y), r = TOp.Apply(left, right);
            if (!NativeFloat.FlagsAreSettled(s) || !NativeFloat.Holds(left, right, r))
            {
                return FloatSlow<TOp>.Packed(s, op, (double*)&left, (double*)&right);
            }
            *a = r;
            return op + 1;
        }

        private static Op* Run(CpuState* s, Op* op, Vector128<float>* y)
        {
            Vector128<float>* a = Xmm.At<float>(s, op->A);
            Vector128<ulong> low = a->AsUInt64(), high = y->AsUInt64();
            Vector128<float> left = Vector128.Narrow(low, high).AsSingle();
            Vector128<float> right = Vector128.Narrow(low >>> 32, high >>> 32).AsSingle();
            Vector128<float> r = TOp.Apply(left, right);
            if (!NativeFloat.FlagsAreSettled(s) || !NativeFloat.Holds(left, right, r))
            {
                return FloatSlow<TOp>.Packed(s, op, (float*)&left, (float*)&right);
            }
            *a = r;
            return op + 1;
        }
    }

    private static Op* AddSubtractDouble(CpuState* s, Op* op) => AddSubtract(s, op, Xmm.At<double>(s, op->B));

    private static Op* AddSubtractDoubleMemory(CpuState* s, Op* op)
    {
        Vector128<byte>* y = Xmm.Aligned(s, op);
        return y != null ? AddSubtract(s, op, (Vector128<double>*)y) : Memory.Fault(s, op);
    }

    private static Op* AddSubtractSingle(CpuState* s, Op* op) => AddSubtract(s, op, Xmm.At<float>(s, op->B));

    private static Op* AddSubtractSingleMemory(CpuState* s, Op* op)
    {
        Vector128<byte>* y = Xmm.Aligned(s, op);
        return y != null ? AddSubtract(s, op, (Vector128<float>*)y) : Memory.Fault(s, op);
    }

    private static Op* AddSubtract(CpuState* s, Op* op, Vector128<double>* y)
    {
        Vector128<double>* a = Xmm.At<double>(s, op->A);
        Vector128<double> r = *a + (*y ^ Vector128.Create(-0.0, 0.0));
        if (NativeFloat.FlagsAreSettled(s) && NativeFloat.Holds(*a, *y, r))
        {
            *a = r;
            return op + 1;
        }
        var status = new FloatStatus(s->Mxcsr);
        double low = FloatArithmetic<FloatSubtract>.Compute(a->GetElement(0), y->GetElement(0), ref status);
        double high = FloatArithmetic<FloatAdd>.Compute(a->GetElement(1), y->GetElement(1), ref status);
        r = Vector128.Create(low, high);
        return FloatSlow.Finish(s, op, status, &r);
    }

    private static Op* AddSubtract(CpuState* s, Op* op, Vector128<float>* y)
    {
        Vector128<float>* a = Xmm.At<float>(s, op->A);
        Vector128<float> r = *a + (*y ^ Vector128.Create(-0f, 0f, -0f, 0f));
        if (NativeFloat.FlagsAreSettled(s) && NativeFloat.Holds(*a, *y, r))
        {
            *a = r;
            return op + 1;
        }
        var status = new FloatStatus(s->Mxcsr);
        float* left = (float*)a;
        float* right = (float*)y;
        float* lanes = stackalloc float[4];
        for (int i = 0; i < 4; i++)
        {
            lanes[i] = (i & 1) == 0
                ? FloatArithmetic<FloatSubtract>.Compute(left[i], right[i], ref status)
                : FloatArithmetic<FloatAdd>.Compute(left[i], right[i], ref status);
        }
        return FloatSlow.Finish(s, op, status, lanes);
    }

    private static Op* DotSingle(CpuState* s, Op* op) => Dot(s, op, Xmm.At<float>(s, op->B));

    private static Op* DotSingleMemory(CpuState* s, Op* op)
    {
        Vector128<byte>* y = Xmm.Aligned(s, op);
        return y != null ? Dot(s, op, (Vector128<float>*)y) : Memory.Fault(s, op);
    }

    private static Op* DotDouble(CpuState* s, Op* op) => Dot(s, op, Xmm.At<double>(s, op->B));

    private static Op* DotDoubleMemory(CpuState* s, Op* op)
    {
        Vector128<byte>* y = Xmm.Aligned(s, op);
        return y != null ? Dot(s, op, (Vector128<double>*)y) : Memory.Fault(s, op);
    }

    // Products by the upper half of the immediate, the sum to the lanes of its lower half. Each step rounds and sets flags; an
    // unmasked exception of one keeps the next from happening.
    private static Op* Dot(CpuState* s, Op* op, Vector128<float>* y)
    {
        var status = new FloatStatus(s->Mxcsr);
        float* left = (float*)Xmm.At(s, op->A);
        float* right = (float*)y;
        float* lanes = stackalloc float[4];
        for (int i = 0; i < 4; i++)
        {
            bool taken = (op->Imm >> (4 + i) & 1) != 0;
            lanes[i] = taken ? FloatArithmetic<FloatMultiply>.Compute(left[i], right[i], ref status) : 0;
        }
        if (status.Raises) return FloatSlow.Finish(s, op, status, null);
        float low = FloatArithmetic<FloatAdd>.Compute(lanes[0], lanes[1], ref status);
        float high = FloatArithmetic<FloatAdd>.Compute(lanes[2], lanes[3], ref status);
        if (status.Raises) return FloatSlow.Finish(s, op, status, null);
        float sum = FloatArithmetic<FloatAdd>.Compute(low, high, ref status);
        for (int i = 0; i < 4; i++) lanes[i] = (op->Imm >> i & 1) != 0 ? sum : 0;
        return FloatSlow.Finish(s, op, status, lanes);
    }

    private static Op* Dot(CpuState* s, Op* op, Vector128<double>* y)
    {
        var status = new FloatStatus(s->Mxcsr);
        Vector128<double>* x = Xmm.At<double>(s, op->A);
        double low = 0, high = 0;
        if ((op->Imm & 0x10) != 0) low = FloatArithmetic<FloatMultiply>.Compute(x->GetElement(0), y->GetElement(0), ref status);
        if ((op->Imm & 0x20) != 0) high = FloatArithmetic<FloatMultiply>.Compute(x->GetElement(1), y->GetElement(1), ref status);
        if (status.Raises) return FloatSlow.Finish(s, op, status, null);
        double sum = FloatArithmetic<FloatAdd>.Compute(low, high, ref status);
        Vector128<double> result = Vector128.Create((op->Imm & 1) != 0 ? sum : 0, (op->Imm & 2) != 0 ? sum : 0);
        return FloatSlow.Finish(s, op, status, &result);
    }
}
