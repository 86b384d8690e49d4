using System.Runtime.InteropServices;
using Kennel.Cpu.Interpreter;
using Kennel.Cpu.Translator;
using Kennel.Machine;
using Xunit;

namespace Kennel.Hosting.Tests.Lockstep;

/// <summary>
/// The translator, with the interpreter beside it: each stretch of guest code is first run by both of them, on copies of the address
/// space, up to the next stop; then registers, stops and all pages that were written must be equal.
/// </summary>
/// <remarks>
/// The copies are forks whose write faults are served here, so that the kernel sees nothing of it. Not compared: flags by themselves (those
/// that the manual leaves undefined differ), only what code makes of them; nor programs that share memory which they can write. For one processor and virtual time.
/// </remarks>
internal sealed unsafe class LockstepEngine : IExecutionEngine
{
    private const int MostDifferences = 3;
    private const ulong StatusFlags = 0x8d5;

    private readonly FramePool _frames;
    private readonly InterpreterEngine _interpreter;
    private readonly TranslatorEngine _translator;
    private readonly CpuState* _translated = NewState(), _interpreted = NewState();
    private readonly double _part;
    private readonly bool _counts;
    private bool _needsPage;
    private readonly Random _random = new(17);

    /// <param name="frames">The machine's memory.</param>
    /// <param name="processors">Its only processor.</param>
    /// <param name="part">The part of all stretches that is compared.</param>
    /// <param name="counts">Whether the translator is to count instructions; without, stretches that end by chance are not compared.</param>
    public LockstepEngine(FramePool frames, ProcessorSet processors, double part, bool counts)
    {
        _frames = frames;
        _part = part;
        _counts = counts;
        _translator = TranslatorEngine.TryCreate(frames, processors, counts) ?? throw new InvalidOperationException("no translator here");
        _interpreter = new InterpreterEngine(frames, processors);
    }

    /// <inheritdoc/>
    public string Name => "lockstep";

    /// <summary>What was not equal.</summary>
    public List<string> Differences { get; } = [];

    /// <summary>Stretches and instructions compared.</summary>
    public (long Stretches, long Instructions) Compared { get; private set; }

    /// <inheritdoc/>
    public StopReason Run(Processor processor, CpuState* state, PageTable memory, long budget)
    {
        memory.SetCodeLayout(0); // with what others know of the same code, one engine may not need a page that the other has not yet
        bool isChosen = Compared.Stretches == 0 || _random.NextDouble() < _part;
        if (isChosen && budget > 1 && Differences.Count < MostDifferences && !processor.PreemptRequested && !SharesMemory(memory))
        {
            string? difference = Compare(processor, state, memory, budget);
            if (_needsPage) return _interpreter.Run(processor, state, memory, budget);
            if (difference != null) Differences.Add(Locate(processor, state, memory, budget) ?? difference);
        }
        return _translator.Run(processor, state, memory, budget);
    }

    /// <inheritdoc/>
    public void MaterializeFlags(CpuState* state) => _translator.MaterializeFlags(state);

    /// <inheritdoc/>
    public void Dispose()
    {
        _translator.Dispose();
        _interpreter.Dispose();
        NativeMemory.AlignedFree(_translated);
        NativeMemory.AlignedFree(_interpreted);
    }

    private static CpuState* NewState() => (CpuState*)NativeMemory.AlignedAlloc((nuint)sizeof(CpuState), 64);

    // The first stretch that shows it, as short as can be.
    private string? Locate(Processor processor, CpuState* state, PageTable memory, long budget)
    {
        for (long shorter = 2; _counts && shorter < budget; shorter += Math.Max(1, shorter / 64))
        {
            if (Compare(processor, state, memory, shorter) is { } difference) return difference;
        }
        return null;
    }

    private string? Compare(Processor processor, CpuState* state, PageTable memory, long budget)
    {
        *_translated = *state;
        *_interpreted = *state;
        _needsPage = false;
        using Copy translated = new(_frames, memory), interpreted = new(_frames, memory);
        StopReason expected = translated.Run(_translator, processor, _translated, budget);
        if (expected == StopReason.Preempted && !_counts) return null;
        ulong end = _translated->Retired, farthest = _counts ? end + RunLength : ulong.MaxValue;
        StopReason actual;
        do
        {
            if (processor.PreemptRequested) return null; // neither of them gets anywhere
            // The last ones are stepped, as a run ends at jumps only.
            long left = (long)(end - _interpreted->Retired);
            bool steps = expected == StopReason.Preempted && left <= 2 * RunLength;
            actual = interpreted.Run(_interpreter, processor, _interpreted, steps ? 1 : expected == StopReason.Preempted ? left - RunLength : budget);
            if (expected != StopReason.Preempted && actual == StopReason.Preempted && _interpreted->Retired > farthest) break;
        }
        while (actual is StopReason.Preempted or StopReason.SingleStep && (expected == StopReason.Preempted ? _interpreted->Retired < end : expected != StopReason.SingleStep));
        if (expected == StopReason.Preempted && actual == StopReason.SingleStep) actual = StopReason.Preempted;
        if (processor.PreemptRequested) return null;
        bool ranBeyond = expected == StopReason.Preempted && _interpreted->Retired > end; // long stretches without a jump
        if (ranBeyond) return null;
        // A translated call that cannot go to its target, which is no address, has written below the stack pointer.
        ulong stack = expected == StopReason.GeneralProtection ? _translated->R[CpuState.Rsp] : 0;
        string? difference = DifferenceOf(expected, actual) ?? translated.DifferenceTo(interpreted, stack);
        // Links of translated code lead to pages of a file's mapping that are not in the page table yet. The interpreter fetches them.
        _needsPage = difference != null && actual == StopReason.PageFault && _interpreted->FaultAccess == PageAccess.Execute;
        if (_needsPage) return null;
        Compared = (Compared.Stretches + 1, Compared.Instructions + (long)(_interpreted->Retired - state->Retired));
        return difference == null ? null : $"{difference}; {end - state->Retired} instructions from {state->Rip:x} to {_translated->Rip:x}: {BytesAt(memory, state->Rip)}";
    }

    // What one engine writes there the other one would find.
    private static bool SharesMemory(PageTable memory)
    {
        for (ulong at = 0; memory.NextPresent(ref at, PageTable.AddressLimit, out Pte pte); at += FramePool.FrameSize)
        {
            if (pte.IsShared && pte.CanWrite) return true;
        }
        return false;
    }

    // As long as the interpreter may run beyond its budget.
    private const long RunLength = 64;

    private string? DifferenceOf(StopReason expected, StopReason actual)
    {
        CpuState* t = _translated, i = _interpreted;
        if (expected != actual) return $"stop {expected} at {t->Rip:x}, interpreted {actual} at {i->Rip:x}";
        if (t->Rip != i->Rip) return $"rip {t->Rip:x}, interpreted {i->Rip:x}";
        if (_counts && t->Retired != i->Retired) return $"retired {t->Retired}, interpreted {i->Retired}";
        for (int n = 0; n < 16; n++)
        {
            ulong left = t->R[n], right = i->R[n];
            if (n == CpuState.R11 && expected == StopReason.SystemCall) (left, right) = (left & ~StatusFlags, right & ~StatusFlags);
            if (left != right) return $"register {n} {left:x}, interpreted {right:x}";
        }
        if (t->R[CpuState.FsBase] != i->R[CpuState.FsBase] || t->R[CpuState.GsBase] != i->R[CpuState.GsBase]) return "segment bases";
        for (int n = 0; n < 32; n++)
        {
            if (t->Xmm[n] != i->Xmm[n]) return $"xmm{n / 2}[{n % 2}] {t->Xmm[n]:x}, interpreted {i->Xmm[n]:x}";
        }
        if (t->Mxcsr != i->Mxcsr) return $"mxcsr {t->Mxcsr:x}, interpreted {i->Mxcsr:x}";
        for (int n = 0; n < 8; n++)
        {
            if (t->FpSignificand[n] != i->FpSignificand[n] || t->FpSignExponent[n] != i->FpSignExponent[n])
                return $"x87 register {n} {t->FpSignExponent[n]:x} {t->FpSignificand[n]:x}, interpreted {i->FpSignExponent[n]:x} {i->FpSignificand[n]:x}";
        }
        if ((t->FpControl, t->FpStatus, t->FpTag) != (i->FpControl, i->FpStatus, i->FpTag)) return $"x87 {t->FpControl:x} {t->FpStatus:x} {t->FpTag:x}, interpreted {i->FpControl:x} {i->FpStatus:x} {i->FpTag:x}";
        if (expected != StopReason.PageFault || (t->FaultAddress, t->FaultAccess) == (i->FaultAddress, i->FaultAccess)) return null;
        return $"fault {t->FaultAccess} {t->FaultAddress:x}, interpreted {i->FaultAccess} {i->FaultAddress:x}";
    }

    private string BytesAt(PageTable memory, ulong rip)
    {
        Pte pte = memory.Walk(rip, out _);
        int offset = (int)(rip & 0xfff);
        return pte.IsPresent ? Convert.ToHexString(new ReadOnlySpan<byte>(_frames.Pointer(pte.Frame) + offset, Math.Min(64, FramePool.FrameSize - offset))) : "";
    }

    /// <summary>A fork of an address space in which private pages are copied when they are written.</summary>
    private sealed class Copy(FramePool frames, PageTable of) : IDisposable
    {
        private readonly PageTable _table = of.Fork();
        private readonly HashSet<ulong> _written = [];

        public StopReason Run(IExecutionEngine engine, Processor processor, CpuState* state, long budget)
        {
            ulong end = state->Retired + (ulong)budget;
            while (true)
            {
                long left = (long)(end - state->Retired);
                if (left <= 0) return StopReason.Preempted;
                StopReason stop = engine.Run(processor, state, _table, budget == 1 ? 1 : Math.Max(2, left));
                if (stop != StopReason.PageFault || (state->FaultAccess & PageAccess.Write) == 0 || !TryCopy(state->FaultAddress & ~0xfffUL)) return stop;
            }
        }

        /// <summary>Where memory differs, but for the eight bytes below an address.</summary>
        public string? DifferenceTo(Copy other, ulong above)
        {
            foreach (ulong page in _written.Union(other._written))
            {
                int at = Page(page).CommonPrefixLength(other.Page(page));
                if (at != FramePool.FrameSize && above - (page + (ulong)at) is > 0 and <= sizeof(ulong))
                {
                    int rest = (int)Math.Min(above - page, FramePool.FrameSize);
                    at = rest + Page(page)[rest..].CommonPrefixLength(other.Page(page)[rest..]);
                }
                if (at != FramePool.FrameSize) return $"memory {page + (ulong)at:x}: {Page(page)[at]:x}, interpreted {other.Page(page)[at]:x}";
            }
            return null;
        }

        public void Dispose() => _table.Dispose();

        private ReadOnlySpan<byte> Page(ulong page) => new(frames.Pointer(_table.Walk(page, out _).Frame), FramePool.FrameSize);

        private bool TryCopy(ulong page)
        {
            Pte pte = page < PageTable.AddressLimit ? _table.Walk(page, out _) : default;
            if (!pte.IsPresent || !pte.CanWrite || pte.IsShared || !_written.Add(page)) return false;
            int frame = frames.Allocate(zeroed: false);
            Assert.True(frame != FramePool.None);
            new ReadOnlySpan<byte>(frames.Pointer(pte.Frame), FramePool.FrameSize).CopyTo(new Span<byte>(frames.Pointer(frame), FramePool.FrameSize));
            _table.Set(page, Pte.For(frame, pte.Access, shared: false));
            return true;
        }
    }
}
