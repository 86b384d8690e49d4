using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Iced.Intel;
using Kennel.Cpu.Floating;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>Conversions of vectors: CVTDQ2PS, CVTDQ2PD, CVT(T)PS2DQ, CVT(T)PD2DQ, CVTPS2PD, CVTPD2PS.</summary>
internal static unsafe class SseConvertPacked
{
    private const byte Truncate = 1;

    public static bool Lower(in Instruction i, ref OpBuilder b)
    {
        switch (i.Mnemonic)
        {
            case Mnemonic.Cvtdq2ps: return Operands.Emit(i, ref b, &IntegersToSingles, &IntegersToSinglesMemory);
            case Mnemonic.Cvtdq2pd: return Operands.Emit(i, ref b, &IntegersToDoubles, &IntegersToDoublesMemory);
            case Mnemonic.Cvtps2dq: return Operands.Emit(i, ref b, &SinglesToIntegers, &SinglesToIntegersMemory);
            case Mnemonic.Cvttps2dq:
                Operands.Append(i, ref b, &SinglesToIntegers, &SinglesToIntegersMemory).Modifier = Truncate;
                return true;
            case Mnemonic.Cvtpd2dq: return Operands.Emit(i, ref b, &DoublesToIntegers, &DoublesToIntegersMemory);
            case Mnemonic.Cvttpd2dq:
                Operands.Append(i, ref b, &DoublesToIntegers, &DoublesToIntegersMemory).Modifier = Truncate;
                return true;
            case Mnemonic.Cvtps2pd: return Operands.Emit(i, ref b, &SinglesToDoubles, &SinglesToDoublesMemory);
            case Mnemonic.Cvtpd2ps: return Operands.Emit(i, ref b, &DoublesToSingles, &DoublesToSinglesMemory);
            default: return false;
        }
    }

    private static Op* IntegersToSingles(CpuState* s, Op* op) => ToSingles(s, op, Xmm.At<int>(s, op->B));

    private static Op* IntegersToSinglesMemory(CpuState* s, Op* op)
    {
        Vector128<byte>* value = Xmm.Aligned(s, op);
        return value != null ? ToSingles(s, op, (Vector128<int>*)value) : Memory.Fault(s, op);
    }

    private static Op* IntegersToDoubles(CpuState* s, Op* op) => ToDoubles(s, op, Xmm.At<ulong>(s, op->B)->ToScalar());

    private static Op* IntegersToDoublesMemory(CpuState* s, Op* op)
    {
        byte* value = Xmm.Source(s, op, 8);
        return value != null ? ToDoubles(s, op, *(ulong*)value) : Memory.Fault(s, op);
    }

    private static Op* SinglesToIntegers(CpuState* s, Op* op) => ToIntegers(s, op, Xmm.At<float>(s, op->B));

    private static Op* SinglesToIntegersMemory(CpuState* s, Op* op)
    {
        Vector128<byte>* value = Xmm.Aligned(s, op);
        return value != null ? ToIntegers(s, op, (Vector128<float>*)value) : Memory.Fault(s, op);
    }

    private static Op* DoublesToIntegers(CpuState* s, Op* op) => ToIntegers(s, op, Xmm.At<double>(s, op->B));

    private static Op* DoublesToIntegersMemory(CpuState* s, Op* op)
    {
        Vector128<byte>* value = Xmm.Aligned(s, op);
        return value != null ? ToIntegers(s, op, (Vector128<double>*)value) : Memory.Fault(s, op);
    }

    private static Op* SinglesToDoubles(CpuState* s, Op* op) => Widen(s, op, (float*)Xmm.At(s, op->B));

    private static Op* SinglesToDoublesMemory(CpuState* s, Op* op)
    {
        byte* value = Xmm.Source(s, op, 8);
        return value != null ? Widen(s, op, (float*)value) : Memory.Fault(s, op);
    }

    private static Op* DoublesToSingles(CpuState* s, Op* op) => Narrow(s, op, Xmm.At<double>(s, op->B));

    private static Op* DoublesToSinglesMemory(CpuState* s, Op* op)
    {
        Vector128<byte>* value = Xmm.Aligned(s, op);
        return value != null ? Narrow(s, op, (Vector128<double>*)value) : Memory.Fault(s, op);
    }

    private static Op* ToDoubles(CpuState* s, Op* op, ulong value)
    {
        *Xmm.At<double>(s, op->A) = Vector128.Create((double)(int)value, (int)(value >> 32));
        return op + 1;
    }

    private static Op* ToSingles(CpuState* s, Op* op, Vector128<int>* value)
    {
        // Up to 2^24 nothing is lost (nor with the least integer, whose absolute value is itself).
        Vector128<int> beyond = Vector128.GreaterThan(Vector128.Abs(*value), Vector128.Create(1 << 24));
        if (NativeFloat.FlagsAreSettled(s) || beyond == Vector128<int>.Zero)
        {
            *Xmm.At<float>(s, op->A) = Vector128.ConvertToSingle(*value);
            return op + 1;
        }
        var status = new FloatStatus(s->Mxcsr);
        float* r = stackalloc float[4];
        for (int i = 0; i < 4; i++) r[i] = FloatConversion.ToSingle(((int*)value)[i], ref status);
        return FloatSlow.Finish(s, op, status, r);
    }

    private static Op* ToIntegers(CpuState* s, Op* op, Vector128<float>* value)
    {
        if (Sse2.IsSupported)
        {
            Vector128<int> r = op->Modifier == Truncate
                ? Sse2.ConvertToVector128Int32WithTruncation(*value)
                : Sse2.ConvertToVector128Int32(*value);
            Vector128<int> inexact = ~Vector128.Equals(Vector128.ConvertToSingle(r), *value).AsInt32();
            if (NativeFloat.FlagsAreSettled(s)) inexact = Vector128<int>.Zero;
            if ((inexact | Vector128.Equals(r, Vector128.Create(int.MinValue))) == Vector128<int>.Zero)
            {
                *Xmm.At<int>(s, op->A) = r;
                return op + 1;
            }
        }
        var status = new FloatStatus(s->Mxcsr);
        int* lanes = stackalloc int[4];
        for (int i = 0; i < 4; i++) lanes[i] = FloatConversion.ToInt32(((float*)value)[i], op->Modifier == Truncate, ref status);
        return FloatSlow.Finish(s, op, status, lanes);
    }

    private static Op* ToIntegers(CpuState* s, Op* op, Vector128<double>* value)
    {
        var status = new FloatStatus(s->Mxcsr);
        int low = FloatConversion.ToInt32(value->GetElement(0), op->Modifier == Truncate, ref status);
        int high = FloatConversion.ToInt32(value->GetElement(1), op->Modifier == Truncate, ref status);
        Vector128<int> r = Vector128.Create(low, high, 0, 0);
        return FloatSlow.Finish(s, op, status, &r);
    }

    private static Op* Widen(CpuState* s, Op* op, float* value)
    {
        var status = new FloatStatus(s->Mxcsr);
        double low = FloatConversion.ToDouble(value[0], ref status), high = FloatConversion.ToDouble(value[1], ref status);
        Vector128<double> r = Vector128.Create(low, high);
        return FloatSlow.Finish(s, op, status, &r);
    }

    private static Op* Narrow(CpuState* s, Op* op, Vector128<double>* value)
    {
        var status = new FloatStatus(s->Mxcsr);
        float low = FloatConversion.ToSingle(value->GetElement(0), ref status);
        float high = FloatConversion.ToSingle(value->GetElement(1), ref status);
        Vector128<float> r = Vector128.Create(low, high, 0, 0);
        return FloatSlow.Finish(s, op, status, &r);
    }
}
