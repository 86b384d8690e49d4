using Kennel.Cpu.Decoding;
using Kennel.Cpu.Hosted;
using Kennel.Machine;

namespace Kennel.Cpu.Interpreter;

/// <summary>
/// The interpreter: runs pre-decoded guest code, op by op. Portable, complete, exact.
/// </summary>
/// <remarks>
/// Guest code runs in slices, between which the processor lets others change what it may have cached. Within a slice, a run of
/// ops is left only by a jump; where the jump's target is not at hand, the handler leaves it in Rip and this loop finds it.
/// </remarks>
public sealed unsafe class InterpreterEngine : IExecutionEngine
{
    /// <summary>Instructions between two looks at what others want of this processor.</summary>
    private const long Slice = 2000;

    private readonly CodeCache _code;
    private readonly HostInstructions? _host;

    /// <summary>An engine for a machine; there may be one per frame pool.</summary>
    public InterpreterEngine(FramePool frames, ProcessorSet processors)
        : this(frames, processors, null)
    {
    }

    /// <summary>The same, for a guest's processor of level x86-64-v3: what that adds, the host's processor runs.</summary>
    internal InterpreterEngine(FramePool frames, ProcessorSet processors, HostInstructions? host)
    {
        _host = host;
        _code = new CodeCache(frames, processors, host);
    }

    /// <inheritdoc/>
    public string Name => "interpreter";

    /// <inheritdoc/>
    public StopReason Run(Processor processor, CpuState* state, PageTable memory, long budget)
    {
        TranslationCache cache = processor.EnterGuest(memory);
        state->ProcessorHandle = processor.Handle;
        state->Tlb = cache.Tlb;
        state->Jumps = processor.Jumps.First;
        state->JumpKey = cache.JumpKey;
        try
        {
            return budget == 1 ? Step(processor, state) : RunSlices(processor, state, budget);
        }
        finally
        {
            processor.LeaveGuest();
            state->ProcessorHandle = 0;
        }
    }

    /// <summary>
    /// Runs the instruction at Rip, if it is one that the host's processor has part in, and nothing more; Preempted if it is done. For a processor
    /// that is in guest mode. What follows, translated code does much faster.
    /// </summary>
    internal bool TryRunAlone(Processor processor, CpuState* s, out StopReason stop)
    {
        s->ProcessorHandle = processor.Handle;
        s->Tlb = processor.Cache!.Tlb;
        s->Jumps = processor.Jumps.First;
        s->JumpKey = processor.Cache.JumpKey;
        ulong tag = s->Rip ^ s->JumpKey;
        JumpEntry* entry = s->Jumps + JumpTable.SlotOf(tag);
        Op* op = entry->Tag == tag ? (Op*)entry->Code : null;
        bool isAlone;
        do
        {
            if (op == null) op = _code.Find(processor, s, s->Rip, out _);
            isAlone = op != null && op->Length != 0 && op->IsAlone;
            stop = StopReason.Preempted;
            if (!isAlone) break;
            s->R[CpuState.CodeBase] = s->Rip & ~0xfffUL;
            int length = op->Length;
            op = op->Run(s, op);
            if (op != null) s->Rip += (ulong)length;
            else stop = s->Stop;
        }
        while (stop == Transfer.Resync); // the jump table knew ops that had been thrown away
        s->ProcessorHandle = 0;
        return isAlone;
    }

    /// <inheritdoc/>
    public bool CanWatch => true;

    /// <inheritdoc/>
    public void Watch(int frame, IReadOnlyList<int> offsets) => _code.Watch(frame, offsets);

    /// <inheritdoc/>
    public void MaterializeFlags(CpuState* state) => Flags.Materialize(state);

    /// <inheritdoc/>
    public void Dispose()
    {
        _code.Dispose();
        _host?.Dispose();
    }

    private StopReason RunSlices(Processor processor, CpuState* s, long budget)
    {
        while (true)
        {
            if (processor.PreemptRequested || budget <= 0) return StopReason.Preempted;
            if (processor.PauseRequested)
            {
                processor.Pause();
                s->JumpKey = processor.Cache!.JumpKey;
            }
            if ((s->Eflags & Flags.Trap) != 0) return Step(processor, s);
            long slice = Math.Min(budget, Slice);
            s->Budget = slice;
            StopReason stop = RunSlice(processor, s);
            long used = slice - s->Budget;
            s->Retired += (ulong)used;
            budget -= used;
            if (stop is not (StopReason.Preempted or Transfer.Attention)) return stop;
        }
    }

    private StopReason RunSlice(Processor processor, CpuState* s)
    {
        Op* jump = null;
        bool stale = false;
        while (true)
        {
            ulong rip = s->Rip, tag = rip ^ s->JumpKey;
            JumpEntry* entry = s->Jumps + JumpTable.SlotOf(tag);
            bool stayed = true;
            // The table may know ops that have been thrown away. They tell when they are run; a jump must not be tied to them.
            bool known = entry->Tag == tag && jump == null && !stale;
            Op* op = known ? (Op*)entry->Code : _code.Find(processor, s, rip, out stayed);
            if (op == null) return s->Stop;
            if (jump != null && stayed) CodeCache.Link(jump, op);
            s->R[CpuState.CodeBase] = rip & ~0xfffUL;
            s->Budget += op->Count - 1;
            Execute(s, op);
            if (s->Stop is not (Transfer.Dispatch or Transfer.Link or Transfer.Resync)) return s->Stop;
            jump = s->Stop == Transfer.Link ? (Op*)s->R[CpuState.Scratch2] : null;
            stale = s->Stop == Transfer.Resync;
        }
    }

    private StopReason Step(Processor processor, CpuState* s)
    {
        Op* op = stackalloc Op[RunDecoder.OpsPerInstruction + 1];
        if (!_code.DecodeSingle(processor, s, s->Rip, op)) return s->Stop;
        s->Budget = 1;
        s->R[CpuState.CodeBase] = s->Rip & ~0xfffUL;
        Execute(s, op);
        s->Retired += (ulong)(1 - s->Budget);
        return s->Stop is StopReason.Preempted or Transfer.Dispatch or Transfer.Attention ? StopReason.SingleStep : s->Stop;
    }

    private static void Execute(CpuState* s, Op* op)
    {
        while ((op = op->Run(s, op)) != null)
        {
            // Each handler names its successor.
        }
    }
}
