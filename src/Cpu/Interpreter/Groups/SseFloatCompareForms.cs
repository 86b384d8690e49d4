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

    private static Op* ScalarDouble(CpuState* s, Op* op) => RunScalar(s, op, *Xmm.At<double>(s, op->B));

    private static Op* ScalarDoubleMemory(CpuState* s, Op* op) =>
        Memory.Load(s, Memory.Address(s, op), out double y) ? RunScalar(s, op, Vector128.CreateScalar(y)) : Memory.Fault(s, op);

    private static Op* ScalarSingle(CpuState* s, Op* op) => RunScalar(s, op, *Xmm.At<float>(s, op->B));

    private static Op* ScalarSingleMemory(CpuState* s, Op* op) =>
        Memory.Load(s, Memory.Address(s, op), out float y) ? RunScalar(s, op, Vector128.CreateScalar(y)) : Memory.Fault(s, op);

    private static Op* PackedDouble(CpuState* s, Op* op) => Run(s, op, Xmm.At<double>(s, op->B));

    private static Op* PackedDoubleMemory(CpuState* s, Op* op) =>
        Xmm.LoadAligned(s, op, out Vector128<byte> y) ? Run(s, op, (Vector128<double>*)&y) : Memory.Fault(s, op);

    private static Op* PackedSingle(CpuState* s, Op* op) => Run(s, op, Xmm.At<float>(s, op->B));

    private static Op* PackedSingleMemory(CpuState* s, Op* op) =>
        Xmm.LoadAligned(s, op, out Vector128<byte> y) ? Run(s, op, (Vector128<float>*)&y) : Memory.Fault(s, op);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Op* RunScalar(CpuState* s, Op* op, Vector128<double> y)
    {
        Vector128<double>* a = Xmm.At<double>(s, op->A);
        if (!NativeFloat.IsComparable(a->ToScalar()) || !NativeFloat.IsComparable(y.ToScalar()))
        {
            Vector128<double> right = y; // a copy, so that y stays in a register
            return Slow<Binary64, ulong>(s, op, &right, 1);
        }
        Vector128<ulong> mask = TPredicate.Apply(*a, y).AsUInt64() ^ Vector128.Create(op->Imm);
        *a = a->AsUInt64().WithElement(0, mask.ToScalar()).AsDouble();
        return op + 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Op* RunScalar(CpuState* s, Op* op, Vector128<float> y)
    {
        Vector128<float>* a = Xmm.At<float>(s, op->A);
        if (!NativeFloat.IsComparable(a->ToScalar()) || !NativeFloat.IsComparable(y.ToScalar()))
        {
            Vector128<float> right = y; // a copy, so that y stays in a register
            return Slow<Binary32, uint>(s, op, &right, 1);
        }
        Vector128<uint> mask = TPredicate.Apply(*a, y).AsUInt32() ^ Vector128.Create((uint)op->Imm);
        *a = a->AsUInt32().WithElement(0, mask.ToScalar()).AsSingle();
        return op + 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Op* Run(CpuState* s, Op* op, Vector128<double>* y)
    {
        Vector128<double>* a = Xmm.At<double>(s, op->A);
        if (!NativeFloat.AreComparable(*a, *y)) return Slow<Binary64, ulong>(s, op, y, 2);
        *a = (TPredicate.Apply(*a, *y).AsUInt64() ^ Vector128.Create(op->Imm)).AsDouble();
        return op + 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Op* Run(CpuState* s, Op* op, Vector128<float>* y)
    {
        Vector128<float>* a = Xmm.At<float>(s, op->A);
        if (!NativeFloat.AreComparable(*a, *y)) return Slow<Binary32, uint>(s, op, y, 4);
        *a = (TPredicate.Apply(*a, *y).AsUInt64() ^ Vector128.Create(op->Imm)).AsSingle();
        return op + 1;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Op* Slow<TFormat, TLane>(CpuState* s, Op* op, void* y, int lanes)
        where TFormat : struct, IFloatFormat
        where TLane : unmanaged
    {
        var status = new FloatStatus(s->Mxcsr);
        Vector128<byte> r = *Xmm.At(s, op->A);
        for (int i = 0; i < lanes; i++)
        {
            if (sizeof(TLane) == 8)
            {
                ulong* left = (ulong*)&r, right = (ulong*)y;
                left[i] = Mask(SoftFloat<TFormat>.Compare(left[i], right[i], TPredicate.Signalling, ref status)) ^ op->Imm;
            }
            else
            {
                uint* left = (uint*)&r, right = (uint*)y;
                left[i] = (uint)(Mask(SoftFloat<TFormat>.Compare(left[i], right[i], TPredicate.Signalling, ref status)) ^ op->Imm);
            }
        }
        return FloatSlow.Finish(s, op, status, &r);
    }

    private static ulong Mask(FloatRelation relation) => TPredicate.Holds(relation) ? ulong.MaxValue : 0;
}
