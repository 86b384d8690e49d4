using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Iced.Intel;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>
/// The MMX registers, which are the significands of the physical x87 registers. An MMX instruction makes all of them valid,
/// sets TOP to 0 and the exponent of what it writes to all ones (Intel SDM, volume 1, 9.6).
/// </summary>
internal static unsafe class Mmx
{
    private const ushort ErrorSummary = 0x80, Top = 0x3800;

    /// <summary>The MMX register whose slot (8 times its number) an op holds.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong* At(CpuState* s, byte slot) => (ulong*)((byte*)s->FpSignificand + slot);

    /// <summary>The register in the low half of a vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Get(CpuState* s, byte slot) => Vector128.CreateScalar(*At(s, slot)).AsByte();

    /// <summary>Whether an unmasked x87 exception waits: every MMX instruction raises it before it does anything.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool HasPendingException(CpuState* s) => (s->FpStatus & ErrorSummary) != 0;

    /// <summary>Ends the run with the waiting x87 exception.</summary>
    public static Op* RaisePending(CpuState* s, Op* op) => Memory.Raise(s, op, StopReason.FloatingPoint);

    /// <summary>What every MMX instruction but EMMS does to the x87 state.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Enter(CpuState* s)
    {
        s->FpStatus &= unchecked((ushort)~Top);
        s->FpTag = 0xff;
    }

    /// <summary>Writes a register.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Set(CpuState* s, byte slot, ulong value)
    {
        Enter(s);
        *At(s, slot) = value;
        s->FpSignExponent[slot >> 3] = 0xffff;
    }

    /// <summary>Writes the low half of a vector to a register.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Set(CpuState* s, byte slot, Vector128<byte> value) => Set(s, slot, value.AsUInt64().ToScalar());
}

/// <summary>
/// The forms of an instruction that exists for both register files and whose lanes do not mix: MMX registers are computed
/// in the low half of a vector.
/// </summary>
internal static unsafe class Lanewise<TOp> where TOp : struct, IVectorOp
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static bool Emit(in Instruction i, ref OpBuilder b) =>
        Operands.IsMmx(i) ? MmxBinary<TOp>.Emit(i, ref b) : Binary<TOp>.Emit(i, ref b);
}

/// <summary>
/// The forms of an instruction for both register files that makes the low half of its result out of its first operand and the
/// high half out of its second (packing, horizontal): MMX operands are joined to one vector that serves as both.
/// </summary>
internal static unsafe class Halfwise<TOp> where TOp : struct, IVectorOp
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static bool Emit(in Instruction i, ref OpBuilder b) =>
        Operands.IsMmx(i) ? MmxBinary<Joined>.Emit(i, ref b) : Binary<TOp>.Emit(i, ref b);

    private struct Joined : IVectorOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b)
        {
            Vector128<byte> both = Vectors.LowLow(a, b);
            return TOp.Apply(both, both);
        }
    }
}

/// <summary>The forms <c>op mm, mm</c> and <c>op mm, m64</c>, computed in the low halves of vectors.</summary>
internal static unsafe class MmxBinary<TOp> where TOp : struct, IVectorOp
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static bool Emit(in Instruction i, ref OpBuilder b) =>
        Operands.Emit(i, ref b, &Register, i.MemorySize.GetSize() == 4 ? &NarrowMemory : &Memory);

    private static Op* Register(CpuState* s, Op* op)
    {
        if (Mmx.HasPendingException(s)) return Mmx.RaisePending(s, op);
        Mmx.Set(s, op->A, TOp.Apply(Mmx.Get(s, op->A), Mmx.Get(s, op->B)));
        return Transfer.Next(s, op);
    }

    private static Op* Memory(CpuState* s, Op* op)
    {
        if (Mmx.HasPendingException(s)) return Mmx.RaisePending(s, op);
        byte* source = Xmm.Source(s, op, 8);
        if (source == null) return Interpreter.Memory.Fault(s, op);
        Mmx.Set(s, op->A, TOp.Apply(Mmx.Get(s, op->A), Vector128.CreateScalar(*(ulong*)source).AsByte()));
        return Transfer.Next(s, op);
    }

    // PUNPCKL* reads only the four bytes that it wants.
    private static Op* NarrowMemory(CpuState* s, Op* op)
    {
        if (Mmx.HasPendingException(s)) return Mmx.RaisePending(s, op);
        byte* source = Xmm.Source(s, op, 4);
        if (source == null) return Interpreter.Memory.Fault(s, op);
        Mmx.Set(s, op->A, TOp.Apply(Mmx.Get(s, op->A), Vector128.CreateScalar(*(uint*)source).AsByte()));
        return Transfer.Next(s, op);
    }
}
