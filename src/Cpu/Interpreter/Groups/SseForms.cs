using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Iced.Intel;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>How vector handlers reach their operands: register slots are byte offsets into their register file.</summary>
/// <remarks>
/// A vector register is always read and written as a whole, even by scalar instructions: a 16-byte load behind a narrower
/// store would wait for the host's store buffer.
///
/// No vector is passed by value to a method that is not inlined: such methods cannot be compiled ahead of time. Operands are
/// passed by pointer instead, to the register file or to where memory's bytes are.
/// </remarks>
internal static unsafe class Xmm
{
    /// <summary>The XMM register whose slot an op holds.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte>* At(CpuState* s, byte slot) => (Vector128<byte>*)((byte*)s->Xmm + slot);

    /// <summary>The same, as lanes of <typeparamref name="T"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T>* At<T>(CpuState* s, byte slot) => (Vector128<T>*)((byte*)s->Xmm + slot);

    /// <summary>
    /// The 16-byte memory operand of an instruction that wants it aligned, to be read before anything else is done; null after
    /// setting up a fault.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte>* Aligned(CpuState* s, Op* op)
    {
        ulong address = Memory.Address(s, op);
        TlbEntry* e = s->Tlb + ((address >> 12) & (TranslationCache.Entries - 1));
        // An aligned operand never straddles pages, and a misaligned address never equals a tag.
        if ((address & ~0xff0UL) == e->ReadTag) return (Vector128<byte>*)(address + (ulong)e->Delta);
        return AlignedSlow(s, address);
    }

    /// <summary>
    /// A memory operand of that many bytes (at most 512), which may lie anywhere; null after setting up a fault.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* Source(CpuState* s, Op* op, int size)
    {
        ulong address = Memory.Address(s, op);
        return Memory.TryRead(s, address, size, out byte* host) ? host : SourceSlow(s, address, size);
    }

    /// <summary>Whether the memory operand is aligned to 16 bytes; #GP is set up otherwise.</summary>
    public static bool CheckAligned(CpuState* s, ulong address)
    {
        if ((address & 15) == 0) return true;
        s->Stop = StopReason.GeneralProtection;
        return false;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector128<byte>* AlignedSlow(CpuState* s, ulong address) =>
        CheckAligned(s, address) ? (Vector128<byte>*)SourceSlow(s, address, 16) : null;

    // What lies in two pages is put together where there is room for it.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static byte* SourceSlow(CpuState* s, ulong address, int size)
    {
        var room = (byte*)s->Straddle;
        return MemorySlow.Load(s, address, room, size) ? room : null;
    }
}

/// <summary>Makes ops out of instructions with vector operands.</summary>
internal static unsafe class Operands
{
    /// <summary>
    /// Appends the op of an instruction of which at most one operand is memory: <see cref="Op.A"/> and <see cref="Op.B"/> are
    /// the slots of its first and second operand where those are registers, <see cref="Op.Imm"/> is its immediate byte.
    /// </summary>
    /// <param name="i">The instruction.</param>
    /// <param name="b">Where to append.</param>
    /// <param name="register">Handler of the form without memory.</param>
    /// <param name="memory">Handler of the form with a memory operand.</param>
    public static bool Emit(
        in Instruction i, ref OpBuilder b, delegate*<CpuState*, Op*, Op*> register, delegate*<CpuState*, Op*, Op*> memory)
    {
        Append(i, ref b, register, memory);
        return true;
    }

    /// <summary>The same as <see cref="Emit"/>, for who has to add something to the op.</summary>
    public static ref Op Append(
        in Instruction i, ref OpBuilder b, delegate*<CpuState*, Op*, Op*> register, delegate*<CpuState*, Op*, Op*> memory)
    {
        bool inMemory = i.Op0Kind == OpKind.Memory || i.Op1Kind == OpKind.Memory;
        ref Op op = ref inMemory ? ref b.AddMemory(i, memory) : ref b.Add(i, register);
        if (i.Op0Kind == OpKind.Register) op.A = Slot(i.Op0Register);
        if (i.Op1Kind == OpKind.Register) op.B = Slot(i.Op1Register);
        if (i.Op1Kind == OpKind.Immediate8 || (i.OpCount > 2 && i.Op2Kind == OpKind.Immediate8)) op.Imm = i.Immediate8;
        return ref op;
    }

    /// <summary>Slot of a register of any kind: a byte offset for XMM and MMX registers, a number for general ones.</summary>
    public static byte Slot(Register register)
    {
        if (register is >= Register.XMM0 and <= Register.XMM15) return (byte)((register - Register.XMM0) * 16);
        if (register is >= Register.MM0 and <= Register.MM7) return (byte)((register - Register.MM0) * 8);
        return OpBuilder.Slot(register);
    }

    /// <summary>Whether the instruction's first operand is an MMX register.</summary>
    public static bool IsMmx(in Instruction i) =>
        i.Op0Kind == OpKind.Register && i.Op0Register is >= Register.MM0 and <= Register.MM7;
}

/// <summary>What an instruction of the shape <c>destination = f(destination, source)</c> computes.</summary>
internal interface IVectorOp
{
    static abstract Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b);
}

/// <summary>The forms <c>op xmm, xmm</c> and <c>op xmm, m128</c> (aligned).</summary>
internal static unsafe class Binary<TOp> where TOp : struct, IVectorOp
{
    /// <summary>Called once per decoded instruction, so that handlers nobody uses are never loaded.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static bool Emit(in Instruction i, ref OpBuilder b) => Operands.Emit(i, ref b, &Register, &Memory);

    private static Op* Register(CpuState* s, Op* op)
    {
        Vector128<byte>* a = Xmm.At(s, op->A);
        *a = TOp.Apply(*a, *Xmm.At(s, op->B));
        return Transfer.Next(s, op);
    }

    private static Op* Memory(CpuState* s, Op* op)
    {
        Vector128<byte>* source = Xmm.Aligned(s, op);
        if (source == null) return Interpreter.Memory.Fault(s, op);
        Vector128<byte>* a = Xmm.At(s, op->A);
        *a = TOp.Apply(*a, *source);
        return Transfer.Next(s, op);
    }
}

/// <summary>The same with an immediate byte.</summary>
internal interface IVectorImmediateOp
{
    /// <summary>Whether a memory operand must be aligned.</summary>
    static virtual bool IsAligned => true;

    static abstract Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b, byte control);
}

/// <summary>The forms <c>op xmm, xmm, imm8</c> and <c>op xmm, m128, imm8</c>.</summary>
internal static unsafe class BinaryImmediate<TOp> where TOp : struct, IVectorImmediateOp
{
    /// <inheritdoc cref="Binary{TOp}.Emit"/>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static bool Emit(in Instruction i, ref OpBuilder b) => Operands.Emit(i, ref b, &Register, &Memory);

    private static Op* Register(CpuState* s, Op* op)
    {
        Vector128<byte>* a = Xmm.At(s, op->A);
        *a = TOp.Apply(*a, *Xmm.At(s, op->B), (byte)op->Imm);
        return Transfer.Next(s, op);
    }

    private static Op* Memory(CpuState* s, Op* op)
    {
        Vector128<byte>* source = TOp.IsAligned ? Xmm.Aligned(s, op) : (Vector128<byte>*)Xmm.Source(s, op, 16);
        if (source == null) return Interpreter.Memory.Fault(s, op);
        Vector128<byte>* a = Xmm.At(s, op->A);
        *a = TOp.Apply(*a, *source, (byte)op->Imm);
        return Transfer.Next(s, op);
    }
}
