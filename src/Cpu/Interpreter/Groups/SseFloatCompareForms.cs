using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Iced.Intel;
using Kennel.Cpu.Floating;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>A predicate of CMPxx.</summary>
internal interface IPredicate
{
    /// <summary>Whether quiet NaNs are invalid operands.</summary>
    static abstract bool Signalling { get; }

    static abstract bool Holds(FloatRelation relation);

    static abstract Vector128<double> Apply(Vector128<double> x, Vector128<double> y);

    static abstract Vector128<float> Apply(Vector128<float> x, Vector128<float> y);
}

/// <summary>The forms of CMPSD, CMPSS, CMPPD and CMPPS with one predicate or its opposite.</summary>
/// <remarks>
/// The eight predicates are four and their opposites: <see cref="Op.Imm"/> is all ones where the mask is to be inverted.
/// </remarks>
internal static unsafe class FloatCompare<TPredicate> where TPredicate : struct, IPredicate
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static bool Emit(in Instruction i, ref OpBuilder b)
    {
        ref Op op = ref Append(i, ref b);
        op.Imm = (i.Immediate8 & 4) != 0 ? ulong.MaxValue : 0;
        return true;
    }

    private static ref Op Append(in Instruction i, ref OpBuilder b)
    {
        switch (i.Mnemonic)
        {
            case Mnemonic.Cmpsd: return ref Operands.Append(i, ref b, &ScalarDouble, &ScalarDoubleMemory);
            case Mnemonic.Cmpss: return ref Operands.Append(i, ref b, &ScalarSingle, &ScalarSingleMemory);
            case Mnemonic.Cmppd: return ref Operands.Append(i, ref b, &PackedDouble, &PackedDoubleMemory);
            default: return ref Operands.Append(i, ref b, &PackedSingle, &PackedSingleMemory);
        }
    }

    private static Op* ScalarDouble(CpuState* s, Op* op) => RunScalar(s, op, (double*)Xmm.At(s, op->B));

    private static Op* ScalarDoubleMemory(CpuState* s, Op* op)
    {
        var y = (double*)Xmm.Source(s, op, 8);
        return y != null ? RunScalar(s, op, y) : Memory.Fault(s, op);
    }

    private static Op* ScalarSingle(CpuState* s, Op* op) => RunScalar(s, op, (float*)Xmm.At(s, op->B));

    private static Op* ScalarSingleMemory(CpuState* s, Op* op)
    {
        var y = (float*)Xmm.Source(s, op, 4);
        return y != null ? RunScalar(s, op, y) : Memory.Fault(s, op);
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Op* RunScalar(CpuState* s, Op* op, double* source)
    {
        Vector128<double>* a = Xmm.At<double>(s, op->A);
        double x = a->ToScalar(), y = *source;
        if (!NativeFloat.IsComparable(x) || !NativeFloat.IsComparable(y)) return Slow<Binary64>(s, op, source, 1);
        ulong mask = TPredicate.Apply(*a, Vector128.CreateScalar(y)).AsUInt64().ToScalar() ^ (ulong)op->Imm;
        *a = a->AsUInt64().WithElement(0, mask).AsDouble();
        return Transfer.Next(s, op);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Op* RunScalar(CpuState* s, Op* op, float* source)
    {
        Vector128<float>* a = Xmm.At<float>(s, op->A);
        float x = a->ToScalar(), y = *source;
        if (!NativeFloat.IsComparable(x) || !NativeFloat.IsComparable(y)) return Slow<Binary32>(s, op, source, 1);
        uint mask = TPredicate.Apply(*a, Vector128.CreateScalar(y)).AsUInt32().ToScalar() ^ (uint)op->Imm;
        *a = a->AsUInt32().WithElement(0, mask).AsSingle();
        return Transfer.Next(s, op);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Op* Run(CpuState* s, Op* op, Vector128<double>* y)
    {
        Vector128<double>* a = Xmm.At<double>(s, op->A);
        if (!NativeFloat.AreComparable(*a, *y)) return Slow<Binary64>(s, op, y, 2);
        *a = (TPredicate.Apply(*a, *y).AsUInt64() ^ Vector128.Create(op->Imm)).AsDouble();
        return Transfer.Next(s, op);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Op* Run(CpuState* s, Op* op, Vector128<float>* y)
    {
        Vector128<float>* a = Xmm.At<float>(s, op->A);
        if (!NativeFloat.AreComparable(*a, *y)) return Slow<Binary32>(s, op, y, 4);
        *a = (TPredicate.Apply(*a, *y).AsUInt64() ^ Vector128.Create(op->Imm)).AsSingle();
        return Transfer.Next(s, op);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Op* Slow<TFormat>(CpuState* s, Op* op, void* y, int lanes) where TFormat : struct, IFloatFormat
    {
        var status = new FloatStatus(s->Mxcsr);
        Vector128<byte> r = *Xmm.At(s, op->A);
        for (int i = 0; i < lanes; i++)
        {
            if (TFormat.Precision == 53)
            {
                ulong* left = (ulong*)&r, right = (ulong*)y;
                left[i] = Mask(SoftFloat<TFormat>.Compare(left[i], right[i], TPredicate.Signalling, ref status)) ^ op->Imm;
            }
            else
            {
                uint* left = (uint*)&r, right = (uint*)y;
                FloatRelation relation = SoftFloat<TFormat>.Compare(left[i], right[i], TPredicate.Signalling, ref status);
                left[i] = (uint)(Mask(relation) ^ op->Imm);
            }
        }
        return FloatSlow.Finish(s, op, status, &r);
    }

    private static ulong Mask(FloatRelation relation) => TPredicate.Holds(relation) ? ulong.MaxValue : 0;
}
