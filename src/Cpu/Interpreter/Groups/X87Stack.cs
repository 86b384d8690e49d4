using System.Runtime.CompilerServices;
using Kennel.Cpu.X87;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter.Groups;

/// <summary>
/// The x87's register stack, its exceptions and its last-instruction fields, as handlers use them.
/// </summary>
/// <remarks>
/// An unmasked exception does not stop the instruction that finds it from ending: it sets ES and B, and the next waiting
/// instruction raises it (Intel SDM, volume 1, 8.7). So while a waiting instruction runs, no unmasked flag was set before it.
/// ES and B always follow from the flags and masks; whoever sets those otherwise calls
/// <see cref="FxState.SetControlAndStatus"/>.
/// </remarks>
internal static unsafe class X87Stack
{
    private const int ErrorSummary = 0x80, StackFault = 0x40, C1 = 0x200;
    private const int TopShift = 11, Top = 7 << TopShift;

    /// <summary>Control and status word, in place: operations set flags and condition codes where they belong.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref X87Context Context(CpuState* s) => ref *(X87Context*)&s->FpControl;

    /// <summary>Whether an unmasked exception waits: what every waiting instruction raises before it does anything.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsPending(CpuState* s) => (s->FpStatus & ErrorSummary) != 0;

    /// <summary>Ends the run with the waiting exception.</summary>
    public static Op* RaisePending(CpuState* s, Op* op) => Memory.Raise(s, op, StopReason.FloatingPoint);

    /// <summary>Notes the instruction as the last one, for FNSTENV, FNSAVE and FXSAVE.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Note(CpuState* s, Op* op)
    {
        s->FpInstruction = s->R[CpuState.CodeBase] + op->Offset;
        s->FpOpcode = (ushort)op->Imm;
    }

    /// <summary>The same for an instruction with a memory operand.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Note(CpuState* s, Op* op, ulong address)
    {
        Note(s, op);
        s->FpData = address - s->R[op->C];
    }

    /// <summary>The number of the physical register that is ST(<paramref name="index"/>); -1 is the one to be pushed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Physical(CpuState* s, int index) => ((s->FpStatus >> TopShift) + index) & 7;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsEmpty(CpuState* s, int physical) => (s->FpTag & (1 << physical)) == 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float80 Read(CpuState* s, int physical) => new(s->FpSignificand[physical], s->FpSignExponent[physical]);

    /// <summary>Writes a register, which is no longer empty then.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(CpuState* s, int physical, Float80 value)
    {
        Replace(s, physical, value);
        s->FpTag |= (byte)(1 << physical);
    }

    /// <summary>Writes a register that is known not to be empty.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Replace(CpuState* s, int physical, Float80 value)
    {
        s->FpSignificand[physical] = value.Significand;
        s->FpSignExponent[physical] = value.SignExponent;
    }

    /// <summary>Makes the register the top of the stack, and writes it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Push(CpuState* s, int physical, Float80 value)
    {
        SetTop(s, physical);
        Write(s, physical, value);
    }

    /// <summary>Empties ST(0), which is the physical register given, and makes ST(1) the top.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pop(CpuState* s, int physical)
    {
        s->FpTag &= (byte)~(1 << physical);
        SetTop(s, physical + 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SetTop(CpuState* s, int physical) =>
        s->FpStatus = (ushort)((s->FpStatus & ~Top) | ((physical & 7) << TopShift));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ClearC1(CpuState* s) => s->FpStatus &= unchecked((ushort)~C1);

    /// <summary>
    /// After an operation: whether one of the given exceptions is unmasked and keeps it from writing its result.
    /// Other unmasked exceptions only wait for the next instruction.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsStopped(CpuState* s, X87Exceptions stopping = X87Exceptions.BeforeComputation) =>
        Context(s).Unmasked != 0 && StopsFor(s, stopping);

    /// <summary>A register that should hold something is empty. True if the exception is masked, and the answer is an indefinite.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static bool Underflow(CpuState* s)
    {
        FlagUnderflow(s);
        return !IsStopped(s);
    }

    /// <summary>Flags that a register is empty.</summary>
    public static void FlagUnderflow(CpuState* s) =>
        s->FpStatus = (ushort)((s->FpStatus & ~C1) | StackFault | (int)X87Exceptions.Invalid);

    /// <summary>A register that should be empty is not. True if the exception is masked, and the answer is an indefinite.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static bool Overflow(CpuState* s)
    {
        s->FpStatus = (ushort)(s->FpStatus | C1 | StackFault | (int)X87Exceptions.Invalid);
        return !IsStopped(s);
    }

    /// <summary>Makes ES and B follow from the flags and the masks.</summary>
    public static void SummarizeErrors(CpuState* s) => FxState.SetControlAndStatus(s, s->FpControl, s->FpStatus);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool StopsFor(CpuState* s, X87Exceptions stopping)
    {
        SummarizeErrors(s);
        return (Context(s).Unmasked & stopping) != 0;
    }
}
