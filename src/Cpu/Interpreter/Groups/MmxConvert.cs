using System.Runtime.Intrinsics;
using Iced.Intel;
using Kennel.Cpu.Floating;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>Conversions between MMX and XMM registers: CVTPI2PS, CVTPI2PD, CVT(T)PS2PI, CVT(T)PD2PI.</summary>
internal static unsafe class MmxConvert
{
    private const byte Truncate = 1;

    public static bool Lower(in Instruction i, ref OpBuilder b)
    {
        switch (i.Mnemonic)
        {
            case Mnemonic.Cvtpi2ps: return Operands.Emit(i, ref b, &ToSingles, &ToSinglesMemory);
            case Mnemonic.Cvtpi2pd: return Operands.Emit(i, ref b, &ToDoubles, &ToDoublesMemory);
            case Mnemonic.Cvtps2pi: return Operands.Emit(i, ref b, &FromSingles, &FromSinglesMemory);
            case Mnemonic.Cvtpd2pi: return Operands.Emit(i, ref b, &FromDoubles, &FromDoublesMemory);
            case Mnemonic.Cvttps2pi: Operands.Append(i, ref b, &FromSingles, &FromSinglesMemory).Modifier = Truncate; return true;
            case Mnemonic.Cvttpd2pi: Operands.Append(i, ref b, &FromDoubles, &FromDoublesMemory).Modifier = Truncate; return true;
            default: return false;
        }
    }

    private static Op* ToSingles(CpuState* s, Op* op)
    {
        if (Mmx.HasPendingException(s)) return Mmx.RaisePending(s, op);
        Mmx.Enter(s);
        return PutSingles(s, op, *Mmx.At(s, op->B));
    }

    // With a memory operand no MMX register takes part, and the x87 state stays what it is. (AMD; Intel's manual has it so for
    // CVTPI2PD alone.)
    private static Op* ToSinglesMemory(CpuState* s, Op* op)
    {
        byte* source = Xmm.Source(s, op, 8);
        return source != null ? PutSingles(s, op, *(ulong*)source) : Memory.Fault(s, op);
    }

    private static Op* PutSingles(CpuState* s, Op* op, ulong value)
    {
        var status = new FloatStatus(s->Mxcsr);
        float low = FloatConversion.ToSingle((int)value, ref status);
        float high = FloatConversion.ToSingle((int)(value >> 32), ref status);
        if (FloatSlow.Raises(s, status)) return Memory.Raise(s, op, StopReason.FloatingPoint);
        Vector128<float>* a = Xmm.At<float>(s, op->A);
        *a = a->WithElement(0, low).WithElement(1, high);
        return op + 1;
    }

    private static Op* ToDoubles(CpuState* s, Op* op)
    {
        if (Mmx.HasPendingException(s)) return Mmx.RaisePending(s, op);
        ToDoubles(s, op, *Mmx.At(s, op->B));
        Mmx.Enter(s);
        return op + 1;
    }

    private static Op* ToDoublesMemory(CpuState* s, Op* op)
    {
        byte* source = Xmm.Source(s, op, 8);
        if (source == null) return Memory.Fault(s, op);
        ToDoubles(s, op, *(ulong*)source);
        return op + 1;
    }

    private static void ToDoubles(CpuState* s, Op* op, ulong value) =>
        *Xmm.At<double>(s, op->A) = Vector128.Create((double)(int)value, (int)(value >> 32));

    private static Op* FromSingles(CpuState* s, Op* op) => FromSingles(s, op, (float*)Xmm.At(s, op->B));

    private static Op* FromSinglesMemory(CpuState* s, Op* op)
    {
        if (Mmx.HasPendingException(s)) return Mmx.RaisePending(s, op);
        byte* source = Xmm.Source(s, op, 8);
        return source != null ? FromSingles(s, op, (float*)source) : Memory.Fault(s, op);
    }

    private static Op* FromSingles(CpuState* s, Op* op, float* value)
    {
        if (Mmx.HasPendingException(s)) return Mmx.RaisePending(s, op);
        var status = new FloatStatus(s->Mxcsr);
        int low = FloatConversion.ToInt32(value[0], op->Modifier == Truncate, ref status);
        int high = FloatConversion.ToInt32(value[1], op->Modifier == Truncate, ref status);
        return Finish(s, op, status, low, high);
    }

    private static Op* FromDoubles(CpuState* s, Op* op) => FromDoubles(s, op, (double*)Xmm.At(s, op->B));

    private static Op* FromDoublesMemory(CpuState* s, Op* op)
    {
        if (Mmx.HasPendingException(s)) return Mmx.RaisePending(s, op);
        Vector128<byte>* source = Xmm.Aligned(s, op);
        return source != null ? FromDoubles(s, op, (double*)source) : Memory.Fault(s, op);
    }

    private static Op* FromDoubles(CpuState* s, Op* op, double* value)
    {
        if (Mmx.HasPendingException(s)) return Mmx.RaisePending(s, op);
        var status = new FloatStatus(s->Mxcsr);
        int low = FloatConversion.ToInt32(value[0], op->Modifier == Truncate, ref status);
        int high = FloatConversion.ToInt32(value[1], op->Modifier == Truncate, ref status);
        return Finish(s, op, status, low, high);
    }

    // The x87 state changes even if the conversion raises an exception.
    private static Op* Finish(CpuState* s, Op* op, in FloatStatus status, int low, int high)
    {
        Mmx.Enter(s);
        if (FloatSlow.Raises(s, status)) return Memory.Raise(s, op, StopReason.FloatingPoint);
        Mmx.Set(s, op->A, (uint)low | ((ulong)(uint)high << 32));
        return op + 1;
    }
}
