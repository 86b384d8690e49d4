using System.Runtime.CompilerServices;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter;

/// <summary>
/// How control goes from one run of ops to another.
/// </summary>
/// <remarks>
/// Inside a run, <c>s->Budget</c> is what the instructions left would be had the run been entered at its first op. So leaving at
/// an op takes <see cref="Op.Count"/> off, and entering at one gives <c>Count - 1</c> back; what lies between is the true
/// rest, and only taken jumps and page ends look at it, so that where a task is preempted does not depend on how code
/// happened to be cut into runs.
///
/// Handlers go on to the next op by calling it in tail position, which the optimising compiler makes a jump. Code that is not
/// optimised makes it a call, and the stack grows: but never beyond a slice's worth of frames. A handler may as well answer
/// the next op, and the engine's loop will run it.
/// </remarks>
internal static unsafe class Transfer
{
    /// <summary>Engine-internal: go on at Rip.</summary>
    public const StopReason Dispatch = (StopReason)100;

    /// <summary>Engine-internal: go on at Rip, and let the jump op in slot Scratch2 know where that is.</summary>
    public const StopReason Link = (StopReason)101;

    /// <summary>Engine-internal: go on at Rip, but the jump table's entry for it may be stale.</summary>
    public const StopReason Resync = (StopReason)102;

    /// <summary>Engine-internal: end the slice, look at what others want, and go on at Rip.</summary>
    public const StopReason Attention = (StopReason)103;

    /// <summary>Runs the next op of the run, in tail position (the compiler makes a jump of it).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Op* Next(CpuState* s, Op* op) => op[1].Run(s, op + 1);

    /// <summary>Takes the direct jump of <paramref name="op"/>.</summary>
    /// <param name="s">The state.</param>
    /// <param name="op">The jump.</param>
    /// <param name="fused">Instructions fused into the op besides the first.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Op* Taken(CpuState* s, Op* op, int fused = 0)
    {
        Op* target = op->Target;
        if (target == null) return TakenSlow(s, op, fused);
        long left = s->Budget - op->Count - fused;
        if (left <= 0) return Preempt(s, target, left);
        s->Budget = left + target->Count - 1;
        return target->Run(s, target);
    }

    /// <summary>Goes to an address that is known only now.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Op* Indirect(CpuState* s, Op* op, ulong rip)
    {
        long left = s->Budget - op->Count;
        ulong tag = rip ^ s->JumpKey;
        JumpEntry* entry = s->Jumps + JumpTable.SlotOf(tag);
        if (entry->Tag == tag && left > 0)
        {
            var target = (Op*)entry->Code;
            s->R[CpuState.CodeBase] = rip & ~0xfffUL;
            s->Budget = left + target->Count - 1;
            return target->Run(s, target);
        }
        return Leave(s, rip, left);
    }

    /// <summary>Handler of the op behind the last one of a run whose code goes on in the same page.</summary>
    public static Op* Continue(CpuState* s, Op* op)
    {
        Op* target = op->Target;
        if (target == null) return ContinueSlow(s, op);
        s->Budget += target->Count - op->Count;
        return target;
    }

    /// <summary>Handler of the op behind the last instruction of a page.</summary>
    public static Op* PageEnd(CpuState* s, Op* op)
    {
        s->Budget++; // no instruction is counted for this op
        return Indirect(s, op, s->R[CpuState.CodeBase] + op->Offset);
    }

    /// <summary>Handler that stands for an instruction which lies in two pages: goes to the run made for that pair of frames.</summary>
    public static Op* Straddle(CpuState* s, Op* op)
    {
        ulong rip = s->R[CpuState.CodeBase] + op->Offset, tag = rip ^ s->JumpKey;
        JumpEntry* entry = s->Jumps + JumpTable.SlotOf(tag);
        s->Budget -= op->Count - 1;
        if (entry->Tag == tag) return (Op*)entry->Code; // the first op of its run
        s->Rip = rip;
        s->Stop = Dispatch;
        return null;
    }

    /// <summary>Handler at the front of a run made for a straddling instruction.</summary>
    public static Op* StraddleHead(CpuState* s, Op* op) => op + 1;

    /// <summary>Handler behind a single-stepped instruction.</summary>
    public static Op* StepEnd(CpuState* s, Op* op)
    {
        s->Rip = s->R[CpuState.CodeBase] + op->Offset;
        s->Budget -= op->Count - 1;
        s->Stop = StopReason.Preempted;
        return null;
    }

    /// <summary>Handler that replaces all others of a page whose bytes have changed.</summary>
    public static Op* Stale(CpuState* s, Op* op)
    {
        s->Rip = s->R[CpuState.CodeBase] + op->Offset;
        s->Budget -= op->Count - 1;
        s->Stop = Resync;
        return null;
    }

    /// <summary>Handler in front of a watched instruction.</summary>
    public static Op* Watch(CpuState* s, Op* op)
    {
        s->Rip = s->R[CpuState.CodeBase] + op->Offset;
        s->Budget -= op->Count - 1;
        s->Stop = StopReason.Watch;
        return null;
    }

    /// <summary>Ends the run behind instruction <paramref name="op"/>; the engine decides how to go on at its successor.</summary>
    public static Op* LeaveBehind(CpuState* s, Op* op, StopReason reason)
    {
        s->Rip = s->R[CpuState.CodeBase] + op->Offset + op->Length;
        s->Budget -= op->Count;
        s->Stop = reason;
        return null;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Op* Leave(CpuState* s, ulong rip, long left)
    {
        s->Budget = left;
        s->Rip = rip;
        s->Stop = left > 0 ? Dispatch : StopReason.Preempted;
        return null;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Op* Preempt(CpuState* s, Op* target, long left) => Leave(s, s->R[CpuState.CodeBase] + target->Offset, left);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Op* TakenSlow(CpuState* s, Op* op, int fused)
    {
        long place = op->Offset + op->Length + (long)op->Jump;
        ulong rip = s->R[CpuState.CodeBase] + (ulong)place;
        if ((ulong)place >= FramePool.FrameSize || op->NoLink)
        {
            s->Budget -= fused;
            return Indirect(s, op, rip);
        }
        Leave(s, rip, s->Budget - op->Count - fused);
        if (s->Stop == Dispatch) AskForLink(s, op);
        return null;
    }

    private static Op* ContinueSlow(CpuState* s, Op* op)
    {
        s->Rip = s->R[CpuState.CodeBase] + op->Offset;
        s->Budget -= op->Count - 1;
        s->Stop = Dispatch;
        AskForLink(s, op);
        return null;
    }

    private static void AskForLink(CpuState* s, Op* op)
    {
        s->Stop = Link;
        s->R[CpuState.Scratch2] = (ulong)op;
    }
}
